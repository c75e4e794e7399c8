"""The Review page: one task per screen, its evidence, and a decision by one key."""

from __future__ import annotations

import streamlit as st

from autodata.index.queries.overview import load_totals
from autodata.index.queries.review import Queue, QueueItem, ReviewProgress, find_item, find_next, load_progress
from autodata.index.queries.task import RoundDetail, TaskDetail, load_task
from autodata.model import Task
from autodata.ui.links import open_page
from autodata.ui.review import actions, panels
from autodata.ui.review.actions import Screen
from autodata.ui.review.bar import draw_bar, suggest
from autodata.ui.review.dialogs import draw_dialogs
from autodata.ui.review.view import load_view, show_task
from autodata.ui.reviewer import get_reviewer
from autodata.ui.shell import draw_empty
from autodata.ui.state import Workbench, get_workbench
from autodata.ui.text import count_of
from autodata.ui.tree import Tree, node


def draw_page() -> None:
    """Draw the task of the URL, else the first waiting one, else what to do instead."""
    actions.catch_up()
    bench, view = get_workbench(), load_view()
    item = find_item(bench.index, view.queue, view.task_id) if view.task_id else find_next(bench.index, view.queue)
    task_id = view.task_id or (item.task_id if item else "")
    progress = load_progress(bench.index, view.queue)
    if not task_id:
        _draw_finished(bench, view.queue, progress)
        return
    detail = load_task(bench.index, task_id)
    if detail is None:
        if draw_empty(f"Task {task_id} is not in the index.", "Its run may have been deleted, or not taken in yet.",
                      key="review.unknown", action="Go to the first waiting task"):  # fmt: skip
            show_task(None)
            st.rerun()
        return
    if st.query_params.get("task") != task_id:
        st.query_params["task"] = task_id
    _draw_task(bench, view.queue, detail, item, progress)


def _draw_task(
    bench: Workbench, queue: Queue, detail: TaskDetail, item: QueueItem | None, progress: ReviewProgress
) -> None:
    shown = _find_shown(detail)
    current = next((d for d in detail.decisions if d.current and d.verdict != "skip"), None)
    screen = actions.remember_screen(
        Screen(
            bench,
            queue,
            get_reviewer(bench.home),
            task_id=detail.task.id,
            run_id=detail.run_id,
            content_sha=detail.content_sha,
            based_on=current.decision_id if current else None,
            seen={
                "weak_mean": detail.this.weak,
                "strong_mean": detail.this.strong,
                "gap": detail.this.gap,
                "outcome": detail.this.outcome,
                "policy": detail.this.policy,
                "parity": detail.parity,
            },
        )
    )
    st.session_state["review.numbers"] = ([entry.round for entry in detail.rounds], shown.round)
    with st.container(gap="xsmall", key="review.page"):
        panels.draw_top(detail, shown, item, progress, queue.order)
        evidence, before = _load_round(bench, detail, shown)
        panels.draw_evidence(detail, shown, evidence, before)
        panels.draw_rounds(detail, shown)
        panels.draw_answers(bench, evidence)
        panels.draw_weighing(bench, shown)
    draw_bar(
        screen,
        _build_sentence(detail),
        named=bool(screen.reviewer),
        quiet="review.dialog" in st.session_state,
    )
    draw_dialogs(bench)


def _find_shown(detail: TaskDetail) -> RoundDetail:
    """The round the reviewer looks at; the task's own unless another was asked for."""
    wanted = st.session_state.get("review.round", detail.this.round)
    return next((entry for entry in detail.rounds if entry.round == wanted), detail.this)


def _load_round(bench: Workbench, detail: TaskDetail, shown: RoundDetail) -> tuple[TaskDetail | None, Task | None]:
    """Evidence of the shown round; with an earlier round also the task before it, to show what changed."""
    if shown.round == detail.this.round:
        return detail, None
    if shown.task is None:
        return None, None
    before = [entry.task for entry in detail.rounds if entry.round < shown.round and entry.task is not None]
    return load_task(bench.index, shown.task.id), before[-1] if before else None


def _build_sentence(detail: TaskDetail) -> Tree:
    """What the last action did, then what the record speaks for. Read aloud when it changes."""
    message, alarm = actions.take_message()
    said = node("b", "alarm" if alarm else None, message + "  ") if message else None
    words = suggest(detail)
    head, found, rest = words.partition(". ")
    told = [node("b", None, head + "."), f" {rest}"] if found and head.startswith("Suggested") else [words]
    return node("div", {"class": "cut", "aria-live": "polite", "title": f"{message} {words}".strip()}, said,
                node("span", "muted", *told))  # fmt: skip


def _draw_finished(bench: Workbench, queue: Queue, progress: ReviewProgress) -> None:
    message, _ = actions.take_message()
    if progress.total == 0:
        if queue.task_filter.run_id or load_totals(bench.index).accepted:
            if draw_empty("No task matches this queue.", "Its filter holds nothing.", key="review.nomatch",
                          action="Review all accepted tasks"):  # fmt: skip
                open_page("review")
        elif draw_empty("Nothing to review yet.", "Tasks come here when a run accepts them.", key="review.none",
                        action="Start a run"):  # fmt: skip
            open_page("runs")
        return
    sentence = f"Queue finished: {progress.decided:,} decided, {progress.skipped:,} skipped."
    note = "Skipped tasks stay open." if progress.skipped else f"All {count_of(progress.total, 'task')} are decided."
    action = "Review skipped" if progress.skipped and not queue.with_skipped else "Export what was approved"
    screen = actions.remember_screen(Screen(bench, queue, get_reviewer(bench.home)))
    pressed = draw_empty(sentence, f"{message} {note}".strip(), key="review.finished", action=action)
    with st.container(horizontal=True):
        st.button(
            "Undo",
            key="review.undo",
            type="tertiary",
            icon=":material/undo:",
            shortcut="u",
            on_click=actions.undo,
            args=(screen,),
        )
        st.button("Decisions", key="review.decisions", type="tertiary", icon=":material/history:", shortcut="d",
                  on_click=actions.open_dialog, args=("decisions",))  # fmt: skip
    draw_dialogs(bench)
    if pressed and action == "Review skipped":
        st.query_params["skipped"] = "1"
        st.rerun()
    elif pressed:
        open_page("dataset")
