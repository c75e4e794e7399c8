"""The Tasks page: filters, the map beside the table, what-if. The whole view is in the URL."""

from __future__ import annotations

import hashlib
from typing import Any

import streamlit as st

from autodata.index.queries.overview import list_run_cards
from autodata.index.queries.policies import list_models
from autodata.index.queries.tasks import count_tasks, list_tasks
from autodata.index.queries.votes import find_team
from autodata.index.queries.whole import find_cluster, stream_tasks
from autodata.ui.links import SCOPE_WORDS, open_page
from autodata.ui.piece import draw
from autodata.ui.review_link import open_review
from autodata.ui.reviewer import get_reviewer
from autodata.ui.shell import draw_empty, draw_section_head
from autodata.ui.state import Workbench, get_workbench
from autodata.ui.tasks.acting import draw_acting, draw_progress
from autodata.ui.tasks.filters import draw_filters
from autodata.ui.tasks.left import draw_left
from autodata.ui.tasks.memory import DEFAULTS, remember_view, restore_view
from autodata.ui.tasks.multiples import draw_multiples
from autodata.ui.tasks.saved import find_default
from autodata.ui.tasks.table import SHOWN, list_columns, make_rows, write_csv
from autodata.ui.tasks.view import (
    BOX,
    CLUSTER,
    KEY_MAX,
    ORDERS,
    PARAMS,
    ROUND,
    ROUND_MAX,
    SOURCE,
    TASK,
    Part,
    TaskFilter,
    explain_nothing,
    make_filter,
    read_box,
    read_number,
)
from autodata.ui.text import count_of
from autodata.ui.tree import node

PAGE_ROWS = 50
LOOKS = {"table": "Table", "maps": "Maps"}
CLEARINGS = {BOX: "Clear the brush", SOURCE: "All sources", ROUND: "All round numbers", CLUSTER: "Not only copies"}
"""Filters without an input of their own, and what takes each off."""


def draw_page() -> None:
    """Draw the page for the view in the URL."""
    bench = get_workbench()
    runs = list_run_cards(bench.index, 200)
    if not runs:
        note = "Tasks are written by a run: point it at a folder of documents, or try the samples."
        if draw_empty("No task yet", note, key="tasks.none", action="Start a run"):
            open_page("runs", new="1")
        return
    restore_view(lambda: find_default(bench.home))
    simulated = any(card.simulated for card in runs)
    filters = draw_filters(simulated, list_models(bench.index), find_team(bench.index))
    left, right = st.columns([0.86, 2], gap="medium")
    with right.container(gap="xsmall", key="tasks.right"):
        view = _draw_table(bench, [card.run_id for card in runs], filters)
    with left.container(gap="xsmall", key="tasks.left"):
        draw_left(bench, view, alone=st.session_state.get("tasks.look") != "maps")
    remember_view()


def _draw_table(bench: Workbench, run_ids: list[str], filters: dict[str, Any]) -> TaskFilter:
    """The table's head, its rows and what can be done with them; returns the view of everything chosen."""
    params = {name: st.query_params.get(name, "") for name in PARAMS}
    head = st.container(horizontal=True, vertical_alignment="center", gap="small", key="tasks.tablehead")
    with head:
        title = st.container(key="tasks.count")
        for name, words in CLEARINGS.items():
            if params[name]:
                key = f"tasks.clear{name}"
                st.button(words, key=key, icon=":material/close:", on_click=_drop_param, args=(name,))
        scope = st.segmented_control(
            "Which rounds", list(SCOPE_WORDS), format_func=SCOPE_WORDS.__getitem__, default="last", required=True,
            key="tasks.scope", bind="query-params", label_visibility="collapsed",
        )  # fmt: skip
        run_id = st.selectbox(
            "Run", ["", *run_ids], format_func=lambda name: name or "All runs", key="tasks.run", bind="query-params",
            label_visibility="collapsed", width=130,
        )  # fmt: skip
        order = st.selectbox(
            "Order", list(ORDERS), format_func=ORDERS.__getitem__, key="tasks.order", bind="query-params",
            label_visibility="collapsed", width=180,
        )  # fmt: skip
        look = st.segmented_control(
            "Show as", list(LOOKS), format_func=LOOKS.__getitem__, default="table", required=True, key="tasks.look",
            bind="query-params", label_visibility="collapsed",
        )  # fmt: skip
    view = make_filter(
        **filters, run_id=run_id or "", source_id=params[SOURCE], scope=scope or "last", box=read_box(params[BOX]),
        round_number=read_number(params[ROUND], ROUND_MAX), cluster=read_number(params[CLUSTER], KEY_MAX),
        order=order or "risk",
    )  # fmt: skip
    total = count_tasks(bench.index, view)
    with title:
        draw_section_head(count_of(total, "task"), key="tasks.total")
    draw_progress(bench)
    if not total:
        _draw_nothing(bench, view)
        return view
    if look == "maps":
        draw_multiples(bench, view)
        _draw_whole(bench, view, total)
        return view
    pages = -(-total // PAGE_ROWS)
    asked_page = read_number(st.query_params.get("tasks.page"), ROUND_MAX)
    page = min(max(1, int(st.session_state.get("tasks.page") or asked_page or 1)), pages)
    frame = list_tasks(bench.index, view, PAGE_ROWS, (page - 1) * PAGE_ROWS, get_reviewer(bench.home))
    # A selection belongs to these rows: other rows are another table.
    ids = [str(task_id) for task_id in frame["task_id"]]
    mark = hashlib.sha1(repr((view, page, ids)).encode()).hexdigest()[:12]
    asked = st.query_params.get(TASK, "")
    chosen = st.dataframe(
        make_rows(frame), key=f"tasks.table.{mark}", column_config=list_columns(), column_order=SHOWN,
        hide_index=True, row_height=31,
        height=min(656, 38 + 31 * len(frame)), on_select="rerun", selection_mode="single-row", placeholder="–",
        selection_default={"selection": {"rows": [ids.index(asked)] if asked in ids else []}},
        alt=f"{count_of(total, 'task')} in this view",
    )  # fmt: skip
    rows = chosen.selection.rows
    selected = ids[rows[0]] if rows and rows[0] < len(ids) else ""
    _note_selected(selected, asked if asked not in ids else "")
    copies = int(frame["copies"].iloc[rows[0]]) if selected else 0
    _draw_actions(bench, view, selected, copies, total, page)
    return view


def _note_selected(selected: str, elsewhere: str) -> None:
    """The selected task stands in the URL; one on another page of the table stays there until a row is chosen."""
    if selected:
        if st.query_params.get(TASK) != selected:
            st.query_params[TASK] = selected
    elif not elsewhere:
        _drop_param(TASK)


def _draw_actions(bench: Workbench, view: TaskFilter, selected: str, copies: int, total: int, page: int) -> None:
    first, pages = (page - 1) * PAGE_ROWS + 1, -(-total // PAGE_ROWS)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="tasks.actions"):
        words = f"{first:,} to {min(total, page * PAGE_ROWS):,} of {total:,}"
        draw(node("span", "muted", words), key="tasks.range", width="content")
        if pages > 1:
            st.pagination(pages, key="tasks.page", bind="query-params", max_visible_pages=5, width=200)
        st.space("stretch")
        if copies and view.cluster is None:
            st.button(
                count_of(copies, "near copy", "near copies"), key="tasks.copies", type="tertiary",
                on_click=_show_copies, args=(bench, selected), help=f"Show {selected} and what nearly repeats it",
            )  # fmt: skip
        _draw_for_all(bench, view, total, selected)


def _draw_whole(bench: Workbench, view: TaskFilter, total: int) -> None:
    """What can be done with a view whose rows are not shown."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="tasks.actions"):
        st.space("stretch")
        _draw_for_all(bench, view, total)


def _draw_for_all(bench: Workbench, view: TaskFilter, total: int, selected: str = "") -> None:
    draw_acting(bench, view, total)
    reviewer = get_reviewer(bench.home)
    st.download_button(
        "CSV", lambda: write_csv(stream_tasks(bench.index, view, reviewer=reviewer)), file_name="tasks.csv",
        mime="text/csv", key="tasks.csv", icon=":material/download:", on_click="ignore",
    )  # fmt: skip
    arrow = ":material/arrow_forward:"
    if selected:
        if st.button(f"Open {selected}", key="tasks.open", type="primary", shortcut="Enter", icon=arrow):
            open_review(view, selected)
    elif st.button("Review these", key="tasks.review", type="primary", shortcut="G", icon=arrow):
        open_review(view)


def _show_copies(bench: Workbench, task_id: str) -> None:
    cluster = find_cluster(bench.index, task_id)
    if cluster is not None:
        st.query_params[CLUSTER] = str(cluster)


def _draw_nothing(bench: Workbench, view: TaskFilter) -> None:
    sentence, part = explain_nothing(view, lambda other: count_tasks(bench.index, other))
    draw(node("div", "empty", node("div", {"class": "sentence", "role": "status"}, sentence)), key="tasks.nothing")
    if part is not None:
        st.button("Remove that filter", key="tasks.remove", on_click=_remove_part, args=(part,))
    else:
        st.button("Show all tasks", key="tasks.remove", on_click=_remove_all)
    if view.search and not view.answers:
        st.button("Search answers and sources, too", key="tasks.deeper", on_click=_search_answers)


def _remove_part(part: Part) -> None:
    for name in part.widgets:
        if name in DEFAULTS:
            st.session_state[name] = DEFAULTS[name]
        else:
            _drop_param(name)


def _remove_all() -> None:
    for name, value in DEFAULTS.items():
        st.session_state[name] = value
    for name in PARAMS:
        _drop_param(name)


def _search_answers() -> None:
    st.session_state["tasks.answers"] = True


def _drop_param(name: str) -> None:
    if name in st.query_params:
        del st.query_params[name]
