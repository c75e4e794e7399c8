"""The Review page: one task per screen, its evidence, and a decision by one key."""

from __future__ import annotations

import streamlit as st

from autodata.index.queries.comments import load_comments
from autodata.index.queries.edits import load_passage
from autodata.index.queries.overview import load_totals
from autodata.index.queries.review import Queue, QueueItem, ReviewProgress, find_item, load_progress
from autodata.index.queries.task import RoundDetail, TaskDetail, load_task
from autodata.index.queries.votes import find_team
from autodata.model import Task
from autodata.ui.links import open_page
from autodata.ui.review import actions, labelling, panels
from autodata.ui.review.actions import Screen
from autodata.ui.review.audit_view import AuditView, look_at_audit
from autodata.ui.review.bar import draw_bar, draw_say
from autodata.ui.review.dialogs import draw_dialogs
from autodata.ui.review.drawers import draw_drawers
from autodata.ui.review.ending import ACTIONS, describe_end
from autodata.ui.review.holding import choose_next, give_back, hold, keep_holding
from autodata.ui.review.labelling import Labelled
from autodata.ui.review.provenance import open_provenance
from autodata.ui.review.replacing import draw_offer, find_replaced, tell_replaced
from autodata.ui.review.suggestion import suggest
from autodata.ui.review.versions import draw_versions, find_versions
from autodata.ui.review.view import load_view, show_task
from autodata.ui.review.votes import draw_votes
from autodata.ui.reviewer import can_type_name, get_reviewer, refuse
from autodata.ui.shell import draw_empty
from autodata.ui.state import Workbench, get_workbench
from autodata.ui.tree import Tree, node


def draw_page() -> None:
    """Draw the task of the URL, else the first waiting one, else what to do instead."""
    actions.catch_up()
    bench, view = get_workbench(), load_view()
    item = find_item(bench.index, view.queue, view.task_id) if view.task_id else choose_next(bench, view.queue)
    task_id = view.task_id or (item.task_id if item else "")
    progress = load_progress(bench.index, view.queue)
    if not task_id:
        _draw_finished(bench, view.queue, progress)
        return
    detail = load_task(bench.index, task_id, view.queue.reviewer)
    if detail is None:
        if draw_empty(f"Task {task_id} is not in the index.", "Its run may have been deleted, or not taken in yet.",
                      key="review.unknown", action="Go to the first waiting task"):  # fmt: skip
            show_task(None)
            st.rerun()
        return
    if st.query_params.get("task") != task_id:
        st.query_params["task"] = task_id
    if st.query_params.pop("show", "") == "provenance":
        open_provenance(task_id)
    _draw_task(bench, view.queue, detail, item, progress)


def _draw_task(
    bench: Workbench, queue: Queue, detail: TaskDetail, item: QueueItem | None, progress: ReviewProgress
) -> None:
    name, team = queue.reviewer, find_team(bench.index)
    shown, audit = _find_shown(detail), look_at_audit(bench.index, detail, name)
    refusal = refuse(bench.home, "decide") if name or not can_type_name() else ""
    holders = () if refusal else hold(bench.home, detail.task.id, name)
    settles = detail.decision == "disputed" and team.may(name, "adjudicate")
    current = next((d for d in detail.decisions if d.current and d.verdict != "skip"), None)
    screen = actions.remember_screen(
        Screen(
            bench,
            queue,
            name,
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
                "violations": audit.audit.violations if audit.audit else None,
                "severity": audit.audit.severity if audit.audit else None,
                "blind": audit.blind,
            },
            about=Labelled(
                detail.task.id, detail.run_id, detail.content_sha, audit.blind, audit.inclusion, audit.detectors
            ),
            leased=bool(name) and not refusal and not holders,
            settles=settles,
            replaces=find_replaced(bench.index, detail.task.id),
        )
    )
    versions = find_versions(bench, detail.task.id)
    st.session_state["review.numbers"] = ([entry.round for entry in detail.rounds], shown.round)
    with st.container(gap="xsmall", key="review.page"):
        panels.draw_top(detail, shown, item, progress, queue.order, audit, holders)
        votes = draw_votes(detail.votes, name, settles=settles)
        evidence, before = _load_round(bench, detail, shown)
        above = votes + (panels.VERSIONS_BLOCK if len(versions) > 1 else 0)
        said, passage = load_comments(bench.index, detail.task.id, name), load_passage(bench.index, detail.source)
        panels.draw_evidence(detail, shown, evidence, before, audit, said, above, passage, screen=f"{screen.since:.6f}")
        panels.draw_rounds(detail, shown)
        if len(versions) > 1:
            draw_versions(bench, detail, versions)
        panels.draw_answers(bench, evidence)
        panels.draw_weighing(bench, shown)
    draw_bar(
        screen,
        _build_sentence(detail, audit, tell_replaced(screen.replaces) if screen.replaces else ""),
        named=bool(screen.reviewer) or bool(refusal),
        quiet="review.dialog" in st.session_state,
        refusal=refusal,
        settles=settles,
    )
    draw_dialogs(bench)
    draw_drawers(bench, detail)
    if screen.leased:
        keep_holding(bench.home, detail.task.id, name)


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
    return load_task(bench.index, shown.task.id, get_reviewer(bench.home)), before[-1] if before else None


def _build_sentence(detail: TaskDetail, view: AuditView, version: str) -> Tree:
    """What the last action did, then what the record speaks for. Read aloud when it changes."""
    message, alarm = actions.take_message()
    said = node("b", "alarm" if alarm else None, message + "  ") if message else None
    words = f"{version} {suggest(detail, view)}".strip()
    head, found, rest = words.partition(". ")
    told = [node("b", None, head + "."), f" {rest}"] if found and head.startswith("Suggested") else [words]
    # It fills the room that the buttons leave: as wide as its words it would push them into a second row.
    look = {"class": "cut", "style": "width:0;min-width:100%", "title": f"{message} {words}".strip()}
    return node("div", {**look, "aria-live": "polite"}, said, node("span", "muted", *told))


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
    end = describe_end(queue, progress)
    screen = actions.remember_screen(Screen(bench, queue, queue.reviewer))
    give_back(bench.home, queue.reviewer)
    note = f"{message} {end.note}".strip()
    pressed = draw_empty(end.sentence, note, key="review.finished", action=ACTIONS[end.way])
    with st.container(horizontal=True, vertical_alignment="center"):
        about = labelling.get_labelling()
        if about is not None:
            labelling.draw_labels(about, quiet="review.dialog" in st.session_state, on_label=actions.label)
        else:
            draw_say("l")
            draw_offer(bench)
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
    if pressed and end.way == "skipped":
        st.query_params["skipped"] = "1"
        st.rerun()
    elif pressed and end.way == "open":
        open_page("review")
    elif pressed:
        open_page("dataset")
