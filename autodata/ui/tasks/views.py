"""The dialog of saved views: open one, save this one, rename, delete, open the page with it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from autodata.errors import AutodataError
from autodata.ui.parts import build_sentences
from autodata.ui.piece import draw
from autodata.ui.reviewer import require
from autodata.ui.state import get_workbench
from autodata.ui.tasks.memory import DIALOG, apply_view, close_dialog, open_dialog, take_view
from autodata.ui.tasks.saved import SavedView, delete_view, list_views, rename_view, save_view, set_default
from autodata.ui.tree import node

_PROBLEM = "tasks.views.problem"


def draw_views_button() -> None:
    """The way into the dialog."""
    st.button("", key="tasks.views", icon=":material/bookmark:", help="Saved views", on_click=_open)
    if st.session_state.get(DIALOG) == "views":
        _draw_dialog()


@st.dialog("Saved views", width="medium", on_dismiss=close_dialog)
def _draw_dialog() -> None:
    home = get_workbench().home
    try:
        views = list_views(home)
    except AutodataError as error:
        views = []
        draw(build_sentences([str(error)], "flag"), key="tasks.views.damaged")
    if problem := st.session_state.get(_PROBLEM):
        draw(build_sentences([problem], "flag"), key="tasks.views.wrong")
    for at, view in enumerate(views):
        _draw_row(at, view)
    if not views:
        words = "No view has a name yet. A view is everything this page was told: filters, brush, order, what-if."
        draw(node("div", "note", words), key="tasks.views.none")
    st.divider()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input("Save the view as it is now", key="tasks.views.name", placeholder="Name")
        st.button("Save view", key="tasks.views.save", type="primary", on_click=_save)
    draw(
        node(
            "div",
            "note small",
            "Everybody who uses this folder sees these. The address of the page holds the view too.",
        ),
        key="tasks.views.note",
    )


def _draw_row(at: int, view: SavedView) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"tasks.views.row{at}"):
        key = f"tasks.views.{{}}.{view.name}"
        st.text_input(
            "Name", view.name, key=key.format("rename"), label_visibility="collapsed", on_change=_rename,
            args=(view.name, key.format("rename")),
        )  # fmt: skip
        if st.button("Open", key=key.format("open"), on_click=_show, args=(view,)):
            st.rerun()
        star = ":material/star:" if view.default else ":material/star_border:"
        words = "Opens with the page; press to stop that" if view.default else "Open the page with it"
        st.button(
            "", key=key.format("default"), icon=star, help=words, type="tertiary", on_click=_change,
            args=(set_default, "" if view.default else view.name),
        )  # fmt: skip
        st.button(
            "", key=key.format("delete"), icon=":material/delete:", help=f"Delete {view.name}", type="tertiary",
            on_click=_change, args=(delete_view, view.name),
        )  # fmt: skip


def _open() -> None:
    st.session_state.pop(_PROBLEM, None)
    open_dialog("views")


def _show(view: SavedView) -> None:
    apply_view(view)
    close_dialog()


def _save() -> None:
    name = str(st.session_state.get("tasks.views.name") or "")
    _change(lambda home: save_view(home, take_view(name)))
    if _PROBLEM not in st.session_state:
        st.session_state["tasks.views.name"] = ""


def _rename(name: str, key: str) -> None:
    _change(rename_view, name, str(st.session_state.get(key) or ""))


def _change(change: Callable[..., object], *values: str) -> None:
    """Do it, and keep the sentence for the dialog when it cannot be done."""
    st.session_state.pop(_PROBLEM, None)
    home = get_workbench().home
    try:
        require(home, "arrange")
        change(home, *values)
    except AutodataError as error:
        st.session_state[_PROBLEM] = str(error)
