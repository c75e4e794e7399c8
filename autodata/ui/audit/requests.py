"""The selected task on the Audit page: what the audit says of it, and its two requests side by side."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from autodata.index.queries.audit_pairs import find_contract, list_pairs, load_pair
from autodata.index.queries.cards import RunCard
from autodata.index.queries.findings import AuditDetail, FindingDetail, load_audit
from autodata.ui.audit.comparing import Comparison, compare_pair
from autodata.ui.audit.parity import build_requests, build_verdict, describe_state
from autodata.ui.links import open_page
from autodata.ui.marks import draw_severity
from autodata.ui.piece import draw
from autodata.ui.state import Workbench
from autodata.ui.text import count_of
from autodata.ui.tree import Tree, node

SHOW_WORDS = {"differences": "Differences", "whole": "Whole request"}
ALL = "audit.everything"
"""The task whose requests are shown to their end, however long."""
FOUND_SHOWN = 4


def draw_requests(bench: Workbench, cards: Sequence[RunCard], task_id: str, run_id: str) -> None:
    """The task's findings and the parity of its requests; says so where the task was not audited."""
    detail = load_audit(bench.index, task_id) if run_id else None
    if detail is None:
        words = f"Task {task_id} was not audited." if task_id else "No task is selected."
        draw(node("div", "note", words), key="audit.unaudited")
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="audit.parityhead"):
        title = st.container(key="audit.paritytitle")
        if st.button("Review this task", key=f"audit.review.{task_id}", icon=":material/arrow_forward:"):
            open_page("review", task=task_id, run=run_id, decision="all")
    draw(_build_findings(detail), key="audit.taskfindings")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="audit.paritybar"):
        about = st.container(key="audit.parityabout")
        number = _choose_answer(task_id, list_pairs(bench.index, task_id, run_id))
        show = st.segmented_control(
            "Show", list(SHOW_WORDS), format_func=SHOW_WORDS.__getitem__, default="differences", required=True,
            key="audit.show", bind="query-params", label_visibility="collapsed",
        )  # fmt: skip
    pair = load_pair(bench.index, task_id, run_id, number)
    comparison = compare_pair(pair, find_contract(bench.index, run_id))
    everything = st.session_state.get(ALL) == task_id
    body, differences = build_requests(pair, comparison, whole=show == "whole", everything=everything)
    imported = any(card.run_id == run_id and card.imported for card in cards)
    with title:
        draw(_build_title(task_id, number, comparison, differences), key="audit.parity")
    with about:
        note = describe_state(comparison, imported, pair.weak is not None or pair.strong is not None)
        if detail.siblings:
            others = count_of(detail.siblings, "other task shares", "other tasks share")
            note += f". {others} this weak request: audited as one"
        draw(node("div", "small muted", f"{note[:1].upper()}{note[1:]}."), key="audit.paritynote")
    if body is not None and draw(body, key="audit.requests") == "everything":
        st.session_state[ALL] = task_id
        st.rerun()


def _choose_answer(task_id: str, numbers: Sequence[int]) -> int:
    """The number of the answers whose requests are compared, the first unless another is picked."""
    if len(numbers) < 2:
        return numbers[0] if numbers else 0
    chosen = st.segmented_control(
        "Answer", numbers, format_func=lambda at: str(at + 1), default=numbers[0], required=True,
        key=f"audit.answer.{task_id}", label_visibility="collapsed",
    )  # fmt: skip
    return chosen if chosen in numbers else numbers[0]


def _build_title(task_id: str, number: int, comparison: Comparison, differences: int) -> Tree:
    words = node("span", {"class": "head cut", "title": task_id}, f"Request parity, {task_id}, answer {number + 1}")
    return node("div", {"class": "row", "style": "min-height:30px"}, words, build_verdict(comparison, differences))


def _build_findings(detail: AuditDetail) -> Tree:
    """One line per detector that found something, the worst first. Sentences may quote a task's text."""
    lines: list[Tree] = []
    by_detector: dict[str, list[FindingDetail]] = {}
    for finding in detail.findings:
        by_detector.setdefault(finding.detector, []).append(finding)
    for own in list(by_detector.values())[:FOUND_SHOWN]:
        first, note = own[0], own[0].severity == "note"
        more = node("span", "muted", f"  and {len(own) - 1:,} more") if len(own) > 1 else None
        title = "\n".join(finding.sentence for finding in own[:10])
        words = node("span", {"class": "lines", "dir": "auto", "title": title},
                     node("b", None, f"{first.detector}  "), first.sentence, more)  # fmt: skip
        mark = "–" if note else draw_severity(first.severity)
        lines.append(_build_line(mark, "muted" if note else "alarm", words))
    left_out = len(by_detector) - FOUND_SHOWN
    if left_out > 0:
        lines.append(node("span", "small muted", f"{count_of(left_out, 'more detector')} found something."))
    if not detail.findings:
        clear = draw_severity("clear")
        lines.append(_build_line(clear, "accent", f"{count_of(detail.clear, 'check')} ran and found nothing."))
    return node("div", "col", *lines)


def _build_line(mark: Tree, tone: str, words: Tree) -> Tree:
    style = "display:grid;grid-template-columns:16px 1fr;gap:6px;overflow-wrap:anywhere"
    sign = node("span", {"class": tone, "style": "padding-top:3px;line-height:12px"}, mark)
    return node("div", {"style": style}, sign, words)
