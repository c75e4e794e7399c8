"""Acting on everything a view holds: what it would come to, a sample, a confirmation, progress and the way back."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from autodata.errors import AutodataError
from autodata.index.queries.filters import TaskFilter
from autodata.index.queries.whole import SampleTask, draw_sample, list_whole
from autodata.review.bulk import Chosen, LastAct, find_last_act, foresee_all, pick_one_each
from autodata.review.entry import REASONS
from autodata.ui.parts import Column, build_sentences, build_table
from autodata.ui.piece import draw
from autodata.ui.reviewer import can_type_name, get_reviewer, refuse, set_reviewer
from autodata.ui.state import Workbench, get_workbench
from autodata.ui.tasks.memory import DIALOG, close_dialog, open_dialog
from autodata.ui.tasks.table import AUDIT_LABELS
from autodata.ui.tasks.work import Work, describe_left, describe_work, dismiss_work, find_work, start_act, start_undo
from autodata.ui.text import DECISION_WORDS, count_of, format_gap, shorten
from autodata.ui.tree import Tree, node

CONFIRM_ABOVE = 100
"""Tasks from which their number has to be typed before anything happens."""

SAMPLED = 5
VERDICTS = {"approve": "Approve", "reject": "Reject", "flag": "Flag"}
_NOUNS = {"approve": "approval", "reject": "rejection", "flag": "flag"}
LOOK_S = 0.5


def draw_acting(bench: Workbench, view: TaskFilter, total: int) -> None:
    """The button that opens the act, and the one that takes the last act back."""
    reviewer = get_reviewer(bench.home)
    work = find_work(bench.home, reviewer) if reviewer else None
    busy = work is not None and work.running
    act = _find_act(bench, reviewer)
    if act is not None and not busy:
        words = f"Undo: {count_of(act.count, _NOUNS[act.verdict])}"
        if st.button(words, key="tasks.undo", icon=":material/undo:", type="tertiary"):
            start_undo(bench, act, reviewer)
            st.rerun()
    st.button(
        "Act on all", key="tasks.act", disabled=not total or busy, help="Decide on everything in this view",
        on_click=open_dialog, args=("act",),
    )  # fmt: skip
    if st.session_state.get(DIALOG) == "act":
        _draw_dialog(view)


def draw_progress(bench: Workbench) -> None:
    """An act under way, or what the last one did."""
    work = find_work(bench.home, get_reviewer(bench.home))
    if work is None:
        return
    if work.running:
        st.fragment(_draw_moving, run_every=LOOK_S)(work)
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="tasks.acted"):
        sentence = describe_work(work)
        tone = {"role": "alert", "class": "alarm"} if work.error else {"role": "status", "class": "note"}
        draw(node("div", {**tone, "dir": "auto"}, sentence), key="tasks.actedwords")
        if st.button("Dismiss", key="tasks.dismiss", type="tertiary"):
            dismiss_work(bench.home, get_reviewer(bench.home))
            st.rerun()


def _draw_moving(work: Work) -> None:
    if not work.running:
        st.rerun(scope="app")
    st.progress(work.share, f"{work.seen:,} of {work.total:,} looked at, {work.recorded:,} {work.words}")


def _find_act(bench: Workbench, reviewer: str) -> LastAct | None:
    if not reviewer:
        return None
    act: LastAct | None = bench.index.remember(("last act", reviewer), lambda: find_last_act(bench.home, reviewer))
    return act


@st.dialog("Act on everything in this view", width="large", on_dismiss=close_dialog)
def _draw_dialog(view: TaskFilter) -> None:
    bench = get_workbench()
    reviewer = _ask_name(bench)
    if not reviewer:
        return
    if refusal := refuse(bench.home, "decide"):
        draw(build_sentences([refusal], "flag"), key="tasks.act.refused")
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        verdict = st.segmented_control(
            "Decision", list(VERDICTS), format_func=VERDICTS.__getitem__, default="approve", required=True,
            key="tasks.act.verdict",
        ) or "approve"  # fmt: skip
        reason = st.selectbox(
            "Reason", ["", *REASONS], format_func=lambda word: word or "No reason", key="tasks.act.reason", width=180,
            disabled=verdict == "approve",
        )  # fmt: skip
        note = st.text_input("Note", key="tasks.act.note", placeholder="kept with every decision")
    reason = "" if verdict == "approve" else reason or ""
    everything = _choose(bench, view)
    tasks = _offer_one_each(bench, everything, reviewer)
    told = foresee_all(bench.home, tasks, reviewer)
    lines: list[Tree | None] = [
        node("div", None, node("b", None, count_of(told.recorded, "task")), f" of {len(everything):,} in this view"),
        node("div", "muted", describe_left(told.left)) if told.left else None,
        node("div", "muted", _describe_copies(len(everything) - len(tasks))) if len(tasks) < len(everything) else None,
    ]
    draw(node("div", {"class": "col", "role": "status"}, *lines), key="tasks.act.told")
    draw(build_sample(draw_sample(bench.index, view, SAMPLED), len(everything)), key="tasks.act.sample")
    sure = _confirm(told.recorded)
    problem = "A flag needs a reason." if verdict == "flag" and not reason else ""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        words = f"{VERDICTS[verdict]} {count_of(told.recorded, 'task')}"
        pressed = st.button(
            words, key="tasks.act.go", type="primary", disabled=not told.recorded or not sure or bool(problem)
        )
        hint = problem or ("It can be undone as one, also later." if told.recorded else "Nothing is left to decide.")
        draw(node("span", "muted small", hint), key="tasks.act.hint")
    if pressed:
        start_act(bench, tasks, verdict, reviewer, reason=reason, note=note)
        close_dialog()
        st.rerun()


def build_sample(sample: Sequence[SampleTask], total: int) -> Tree:
    """Some of the tasks as a table, so that nobody decides on what they have not seen at all."""
    columns = [
        Column("Task", width="96px"),
        Column("Question"),
        Column("Gap", number=True, width="60px"),
        Column("Audit", width="104px"),
        Column("Decision", width="76px"),
    ]
    rows = [
        [
            task.task_id,
            node("span", {"class": "serif cut", "dir": "auto", "style": "display:block"}, shorten(task.question, 110)),
            format_gap(task.gap),
            AUDIT_LABELS.get(task.audit, task.audit),
            DECISION_WORDS.get(task.decision, task.decision),
        ]
        for task in sample
    ]
    head = f"{len(sample)} of {count_of(total, 'task')}, drawn at random"
    return node("div", {"class": "col"}, node("div", "small muted", head), build_table(columns, rows, head, fixed=True))


def _choose(bench: Workbench, view: TaskFilter) -> list[Chosen]:
    """The view's tasks, as they are now; the same list until something changes."""
    chosen: list[Chosen] = bench.index.remember(
        ("whole view", view),
        lambda: [
            Chosen(task.task_id, task.run_id, task.content_sha, task.violated, task.accepted, task.cluster)
            for task in list_whole(bench.index, view)
        ],
    )
    return chosen


def _offer_one_each(bench: Workbench, tasks: list[Chosen], reviewer: str) -> list[Chosen]:
    """All tasks, or one of every group of near copies where somebody asks for that."""
    clusters = [task.cluster for task in tasks if task.cluster is not None]
    if len(clusters) == len(set(clusters)):
        return tasks
    words = f"One per cluster: {len(clusters):,} of them are near copies, in {count_of(len(set(clusters)), 'cluster')}"
    if not st.checkbox(words, key="tasks.act.single"):
        return tasks
    return pick_one_each(bench.home, tasks, reviewer)


def _describe_copies(n: int) -> str:
    return f"{count_of(n, 'task')} left out: another of the cluster stands for {'it' if n == 1 else 'them'}."


def _confirm(n: int) -> bool:
    """Whether the person meant it: above a hundred tasks they type how many there are."""
    if n <= CONFIRM_ABOVE:
        return True
    typed = st.text_input(f"Type {n} to confirm", key="tasks.act.confirm", width=220)
    return typed.replace(",", "").strip() == str(n)


def _ask_name(bench: Workbench) -> str:
    """The reviewer's name, asked for where nobody has given one yet."""
    name = get_reviewer(bench.home)
    if name or not can_type_name():
        return name
    typed = st.text_input("Your name", key="tasks.act.name", placeholder="Your name")
    if not typed:
        return ""
    try:
        return set_reviewer(bench.home, typed)
    except AutodataError as error:
        draw(build_sentences([str(error)], "flag"), key="tasks.act.noname")
        return ""
