"""A search's process: whether one works on it, with pause, stop and resume."""

from __future__ import annotations

import streamlit as st

from autodata.errors import AutodataError
from autodata.index.queries.recipes import SearchRow
from autodata.optimize.processes import is_alive, launch_search, request_search
from autodata.ui.marks import draw_bar
from autodata.ui.parts import build_sentences
from autodata.ui.piece import draw
from autodata.ui.recipes.state import SAID
from autodata.ui.reviewer import refuse, require
from autodata.ui.state import Workbench
from autodata.ui.text import count_of
from autodata.ui.tree import node

LOOK_S = 3.0
"""Seconds between two looks at a search that works."""


def draw_running(bench: Workbench, row: SearchRow) -> None:
    """Progress with Pause and Stop while a process works; Resume while one could."""
    if is_alive(bench.home, row.name):
        _draw_alive(bench, row)
    elif row.state != "done" and (row.mode == "test" or row.ended < row.planned):
        _draw_stopped(bench, row)


@st.fragment(run_every=LOOK_S)
def _draw_alive(bench: Workbench, row: SearchRow) -> None:
    if not is_alive(bench.home, row.name):
        st.rerun(scope="app")
    share = row.ended / row.planned if row.planned else 0.0
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="recipes.running"):
        words = f"Working: {count_of(row.ended, 'iteration')} of {row.planned:,} ended, {row.calls:,} calls"
        bar = node("div", {"class": "col", "style": "gap:4px"}, node("span", None, words), draw_bar(share))
        draw(bar, key="recipes.progress")
        refusal = refuse(bench.home, "run")
        for request in ("pause", "stop"):
            st.button(
                request.capitalize(), key=f"recipes.{request}", disabled=bool(refusal), help=refusal or None,
                on_click=_ask, args=(bench, row.name, request),
            )  # fmt: skip
        if st.button("Refresh", key="recipes.refresh", type="tertiary", icon=":material/refresh:"):
            st.rerun(scope="app")


def _draw_stopped(bench: Workbench, row: SearchRow) -> None:
    refusal = refuse(bench.home, "run")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="recipes.stopped"):
        words = "No process works on it; everything recorded is kept, and Resume repeats no call."
        draw(build_sentences([words], "unchecked"), key="recipes.stoppedwords", width="content")
        st.button(
            "Resume", key="recipes.resume", disabled=bool(refusal), help=refusal or None, on_click=_resume,
            args=(bench, row.name),
        )  # fmt: skip


def _ask(bench: Workbench, name: str, request: str) -> None:
    try:
        require(bench.home, "run")
        request_search(bench.home, name, request)
        st.session_state[SAID] = f"{name} was asked to {request}: the calls in flight are finished first."
    except (AutodataError, OSError) as error:
        st.session_state[SAID] = str(error)


def _resume(bench: Workbench, name: str) -> None:
    try:
        require(bench.home, "run")
        launch_search(bench.home, name)
        st.session_state[SAID] = f"{name} goes on in a process of its own."
    except (AutodataError, OSError) as error:
        st.session_state[SAID] = str(error)
