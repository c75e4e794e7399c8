"""The list of audited tasks on the Audit page: its page of a view, its filters, and the row that selects a task."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from autodata.canon import hash_text
from autodata.index import Index
from autodata.index.queries.audit import TaskLine, count_tasks, list_tasks
from autodata.index.queries.audit_filter import AuditFilter
from autodata.ui.audit import view as state
from autodata.ui.audit.rates import KIND_WORDS, shorten_group
from autodata.ui.audit.table import SHOWN, list_columns, make_rows
from autodata.ui.audit.words import VERDICT_WORDS
from autodata.ui.piece import draw
from autodata.ui.shell import draw_section_head
from autodata.ui.text import count_of
from autodata.ui.tree import node

PAGE_ROWS = 50


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a view's tasks; `page` from 1 of `pages`, `total` tasks in all."""

    lines: list[TaskLine]
    page: int
    pages: int
    total: int


def load_listing(index: Index, view: AuditFilter) -> Listing:
    """The page of the list that the URL asks for, within what there is."""
    total = count_tasks(index, view)
    pages = max(1, -(-total // PAGE_ROWS))
    asked = str(st.session_state.get(state.PAGE) or st.query_params.get(state.PAGE) or 1)
    page = min(max(1, int(asked) if asked.isdecimal() else 1), pages)
    return Listing(list_tasks(index, view, PAGE_ROWS, (page - 1) * PAGE_ROWS), page, pages, total)


def draw_listing(view: AuditFilter, listing: Listing) -> None:
    """The list with its filters; a row that is selected becomes the task of the URL."""
    lines, total = listing.lines, listing.total
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="audit.taskshead"):
        draw_section_head(count_of(total, "task"), "worst first", key="audit.total", height=36)
        for name, words in _list_narrowings(view):
            st.button(words, key=f"audit.clear.{name}", icon=":material/close:", on_click=_drop, args=(name,))
        st.selectbox(
            "Verdict", list(VERDICT_WORDS), format_func=VERDICT_WORDS.__getitem__, key=state.VERDICT,
            bind="query-params", label_visibility="collapsed", width=160,
        )  # fmt: skip
    if not lines:
        words = "No task matches this view." if _is_narrow(view) else "No accepted task was audited yet."
        draw(node("div", {"class": "note", "style": "padding:24px 0"}, words), key="audit.nothing")
        return
    # A selection belongs to these rows: other rows are another table.
    mark = hash_text(repr((view, listing.page, [line.task_id for line in lines])))[:12]
    chosen = st.dataframe(
        make_rows(lines), key=f"audit.table.{mark}", column_config=list_columns(), column_order=SHOWN, hide_index=True,
        row_height=31, height=min(440, 38 + 31 * len(lines)), on_select="rerun", selection_mode="single-row",
        placeholder="–", alt=f"{count_of(total, 'audited task')} in this view",
    )  # fmt: skip
    if listing.pages > 1:
        st.pagination(listing.pages, key=state.PAGE, bind="query-params", max_visible_pages=7)
    rows = chosen.selection.rows
    if rows and rows[0] < len(lines):
        picked = lines[rows[0]].task_id
        if st.session_state.get("audit.picked") != (mark, picked):
            st.session_state["audit.picked"] = (mark, picked)
            state.show_task(picked)
            st.rerun()


def read_verdict(text: str) -> str:
    """The filter's value, given as such or as the words that the widget writes into the URL."""
    return next((name for name, words in VERDICT_WORDS.items() if text in (name, words)), "")


def _list_narrowings(view: AuditFilter) -> list[tuple[str, str]]:
    """Filters without a widget of their own, each with a way to take it off."""
    found = []
    if view.detector:
        found.append((state.DETECTOR, view.detector))
    if view.group:
        found.append((state.GROUP, f"{KIND_WORDS[view.kind]} {shorten_group(view.group)}"))
    return found


def _is_narrow(view: AuditFilter) -> bool:
    return view != AuditFilter(run_id=view.run_id)


def _drop(name: str) -> None:
    state.drop(name)
    st.session_state.pop(state.PAGE, None)
