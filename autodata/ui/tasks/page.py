"""The Tasks page: filters, the map beside the table, what-if. The whole view is in the URL."""

from __future__ import annotations

import hashlib

import streamlit as st

from autodata.index.queries.overview import list_run_cards
from autodata.index.queries.tasks import count_tasks, list_tasks
from autodata.ui.links import SCOPE_WORDS, open_page
from autodata.ui.marks import draw_simulated
from autodata.ui.piece import draw
from autodata.ui.review_link import open_review
from autodata.ui.shell import draw_empty, draw_section_head
from autodata.ui.state import Workbench, get_workbench
from autodata.ui.tasks.left import BOX, SOURCE, draw_left
from autodata.ui.tasks.memory import DEFAULTS, remember_view, restore_view
from autodata.ui.tasks.table import SHOWN, list_columns, make_rows, write_csv
from autodata.ui.tasks.view import (
    BANDS,
    DECISIONS,
    ORDERS,
    OUTCOMES,
    Part,
    TaskFilter,
    explain_nothing,
    make_filter,
    read_box,
)
from autodata.ui.text import BAND_WORDS, DECISION_WORDS, OUTCOME_WORDS, count_of
from autodata.ui.tree import node

PAGE_ROWS = 50
CSV_ROWS = 100_000


def draw_page() -> None:
    """Draw the page for the view in the URL."""
    bench = get_workbench()
    runs = list_run_cards(bench.index, 200)
    if not runs:
        note = "Tasks are written by a run: point it at a folder of documents, or try the samples."
        if draw_empty("No task yet", note, key="tasks.none", action="Start a run"):
            open_page("runs", new="1")
        return
    restore_view()
    view = _draw_filters([card.run_id for card in runs], any(card.simulated for card in runs))
    left, right = st.columns([0.86, 2], gap="medium")
    with right.container(gap="xsmall", key="tasks.right"):
        view = _draw_table(bench, view)
    with left.container(gap="xsmall", key="tasks.left"):
        draw_left(bench, view)
    remember_view()


def _draw_filters(run_ids: list[str], simulated: bool) -> TaskFilter:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="tasks.filters"):
        draw(node("div", {"class": "sentence", "role": "heading"}, "Tasks"), key="tasks.sentence", width="content")
        search = st.text_input(
            "Search", key="tasks.search", type="search", placeholder="Search questions, sources", bind="query-params",
            label_visibility="collapsed", width=210,
        )  # fmt: skip
        bands = st.pills(
            "Band", BANDS, selection_mode="multi", format_func=BAND_WORDS.__getitem__, key="tasks.band",
            bind="query-params", label_visibility="collapsed",
        )  # fmt: skip
        decision = st.segmented_control(
            "Decision", DECISIONS, format_func=lambda word: DECISION_WORDS.get(word, "All"), default="all",
            required=True, key="tasks.decision", bind="query-params", label_visibility="collapsed",
        )  # fmt: skip
        run_id = st.selectbox(
            "Run", ["", *run_ids], format_func=lambda name: name or "All runs", key="tasks.run", bind="query-params",
            label_visibility="collapsed", width=130,
        )  # fmt: skip
        if simulated:
            st.space("stretch")
            draw(draw_simulated(), key="tasks.simulated", width="content")
    return make_filter(
        search=search or "",
        bands=tuple(bands),
        decision=decision or "all",
        run_id=run_id or "",
        source_id=st.query_params.get(SOURCE, ""),
        box=read_box(st.query_params.get(BOX)),
    )


def _draw_table(bench: Workbench, view: TaskFilter) -> TaskFilter:
    """The table's head, its rows and what can be done with them; returns the view with scope, outcome and order."""
    head = st.container(horizontal=True, vertical_alignment="center", gap="small", key="tasks.tablehead")
    with head:
        title = st.container(key="tasks.count")
        _draw_narrowings(view)
        scope = st.segmented_control(
            "Which rounds", list(SCOPE_WORDS), format_func=SCOPE_WORDS.__getitem__, default="last", required=True,
            key="tasks.scope", bind="query-params", label_visibility="collapsed",
        )  # fmt: skip
        outcome = st.selectbox(
            "Outcome", ["", *OUTCOMES], format_func=lambda word: OUTCOME_WORDS.get(word, "Any outcome").capitalize(),
            key="tasks.outcome", bind="query-params", label_visibility="collapsed", width=140,
        )  # fmt: skip
        order = st.selectbox(
            "Order", list(ORDERS), format_func=ORDERS.__getitem__, key="tasks.order", bind="query-params",
            label_visibility="collapsed", width=190,
        )  # fmt: skip
    view = make_filter(
        search=view.search, bands=view.bands, decision=view.decision, run_id=view.run_id or "",
        source_id=view.source_id or "", scope=scope or "last", box=view.box, outcome=outcome or "",
        order=order or "risk",
    )  # fmt: skip
    total = count_tasks(bench.index, view)
    with title:
        draw_section_head(count_of(total, "task"), ORDERS[order or "risk"].lower(), key="tasks.total")
    if not total:
        _draw_nothing(bench, view)
        return view
    pages = -(-total // PAGE_ROWS)
    page = min(max(1, int(st.session_state.get("tasks.page") or st.query_params.get("tasks.page") or 1)), pages)
    frame = list_tasks(bench.index, view, PAGE_ROWS, (page - 1) * PAGE_ROWS)
    # A selection belongs to these rows: other rows are another table.
    mark = hashlib.sha1(repr((view, page, list(frame["task_id"]))).encode()).hexdigest()[:12]
    chosen = st.dataframe(
        make_rows(frame), key=f"tasks.table.{mark}", column_config=list_columns(), column_order=SHOWN,
        hide_index=True, row_height=31,
        height=min(656, 38 + 31 * len(frame)), on_select="rerun", selection_mode="single-row", placeholder="–",
        alt=f"{count_of(total, 'task')} in this view",
    )  # fmt: skip
    _draw_actions(bench, view, total, page, pages)
    rows = chosen.selection.rows
    if rows and rows[0] < len(frame):
        open_review(view, str(frame["task_id"].iloc[rows[0]]))
    return view


def _draw_actions(bench: Workbench, view: TaskFilter, total: int, page: int, pages: int) -> None:
    first = (page - 1) * PAGE_ROWS + 1
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="tasks.actions"):
        words = f"{first:,} to {min(total, page * PAGE_ROWS):,} of {total:,}"
        draw(node("span", "muted", f"{words}. Select a row to open it."), key="tasks.range", width="content")
        if pages > 1:
            st.pagination(pages, key="tasks.page", bind="query-params", max_visible_pages=7, width=240)
        st.space("stretch")
        st.download_button(
            "CSV", lambda: write_csv(list_tasks(bench.index, view, CSV_ROWS)), file_name="tasks.csv", mime="text/csv",
            key="tasks.csv", icon=":material/download:", on_click="ignore",
        )  # fmt: skip
        if st.button("Review these", key="tasks.review", type="primary", shortcut="G", icon=":material/arrow_forward:"):
            open_review(view)


def _draw_narrowings(view: TaskFilter) -> None:
    """Filters without a widget of their own, each with a way to take it off."""
    if view.box is not None:
        st.button("Clear the brush", key="tasks.clearbox", icon=":material/close:", on_click=_drop_param, args=(BOX,))
    if view.source_id:
        st.button("All sources", key="tasks.clearsource", icon=":material/close:", on_click=_drop_param, args=(SOURCE,))


def _draw_nothing(bench: Workbench, view: TaskFilter) -> None:
    sentence, part = explain_nothing(view, lambda other: count_tasks(bench.index, other))
    draw(node("div", "empty", node("div", {"class": "sentence", "role": "status"}, sentence)), key="tasks.nothing")
    if part is not None:
        st.button("Remove that filter", key="tasks.remove", on_click=_remove_part, args=(part,))
    else:
        st.button("Show all tasks", key="tasks.remove", on_click=_remove_all)


def _remove_part(part: Part) -> None:
    for name in part.widgets:
        if name in DEFAULTS:
            st.session_state[name] = DEFAULTS[name]
        else:
            _drop_param(name)


def _remove_all() -> None:
    for name, value in DEFAULTS.items():
        st.session_state[name] = value
    for name in (BOX, SOURCE):
        _drop_param(name)


def _drop_param(name: str) -> None:
    if name in st.query_params:
        del st.query_params[name]
