"""The view "Blind sample": a random audit of a version, one task at a time, and the bound that follows from it.

Who judges sees the task and its answers: no decision, no alarm, no gap and nobody else's verdict.
"""

from __future__ import annotations

import streamlit as st

from autodata.dataset.sample_fold import Sample, summarise_sample
from autodata.dataset.sampling import DEFAULT_SIZE, current_samples, draw_sample, next_item, record_verdict
from autodata.dataset.standing import VersionState
from autodata.errors import AutodataError
from autodata.index.queries.dataset_card import SampleTask
from autodata.ui.dataset.sampled import build_bound, build_sampled
from autodata.ui.dataset.target import choose_target, list_tasks
from autodata.ui.parts import build_sentences
from autodata.ui.piece import draw
from autodata.ui.reviewer import can_type_name, get_reviewer, refuse, require, set_reviewer
from autodata.ui.shell import draw_section_head
from autodata.ui.state import Workbench
from autodata.ui.text import count_of
from autodata.ui.tree import node

SIZE_MAX = 2_000
NOTE = "dataset.samplenote"


def draw_sample_view(bench: Workbench, states: list[VersionState]) -> None:
    """Choose what to sample, draw, judge; the bound as soon as every drawn task was judged."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="dataset.samplehead"):
        draw(node("span", "muted", "Sample of"), key="dataset.samplelabel", width="content")
        name, version = choose_target(states, key="dataset.target")
        known = current_samples(bench.home).find(name, version)
        sample = known[-1] if known else None
        _draw_drawing(bench, name, version, sample)
    if sample is None:
        words = f"{DEFAULT_SIZE} clean of {DEFAULT_SIZE} bound the share of defective tasks below 5 %, 299 below 1 %."
        draw(node("div", "note", f"Nothing drawn yet. {words}"), key="dataset.nosample")
        return
    summary = summarise_sample(sample)
    draw(build_bound(summary), key="dataset.bound")
    _draw_next(bench, sample)


def _draw_drawing(bench: Workbench, name: str, version: str, sample: Sample | None) -> None:
    size = st.number_input(
        "Tasks", 1, SIZE_MAX, DEFAULT_SIZE, key="dataset.samplesize", width=120, label_visibility="collapsed"
    )
    refusal = refuse(bench.home, "label")
    if not st.button(
        f"Draw {count_of(int(size), 'task')}", key="dataset.draw", type="secondary" if sample else "primary",
        disabled=bool(refusal), help=refusal or "The draw hangs on the version's content: nobody chooses the tasks.",
    ):  # fmt: skip
        return
    try:
        require(bench.home, "label")
        draw_sample(
            bench.home, bench.index, list_tasks(bench, name, version), name=name, version=version, size=int(size),
            by=get_reviewer(bench.home),
        )  # fmt: skip
    except AutodataError as error:
        draw(build_sentences([str(error)], "flag"), key="dataset.drawerror")
        return
    st.rerun()


def _draw_next(bench: Workbench, sample: Sample) -> None:
    reviewer = get_reviewer(bench.home)
    if not reviewer:
        _ask_name(bench)
        return
    try:
        item = next_item(bench.home, bench.index, sample.sample_id, reviewer)
    except AutodataError as error:
        draw(build_sentences([str(error)], "flag"), key="dataset.nexterror")
        return
    if item is None:
        draw(node("div", "note", f"{reviewer} has judged every task of this sample."), key="dataset.allsampled")
        return
    refusal = refuse(bench.home, "label")
    draw_section_head(f"{item.place} of {item.size}", item.task.task_id, key="dataset.itemhead")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="dataset.judging"):
        for verdict, words, key in (("clean", "Clean", "y"), ("defect", "Defective", "x")):
            st.button(
                words, key=f"dataset.{verdict}.{item.task.task_id}", shortcut=key, disabled=bool(refusal),
                help=refusal or None, on_click=_judge, args=(bench, sample, item.task, verdict, reviewer),
            )  # fmt: skip
        st.text_input(
            "Note", key=f"{NOTE}.{item.task.task_id}", placeholder="What is wrong with it", label_visibility="collapsed"
        )
    if said := st.session_state.pop("dataset.judgeerror", None):
        draw(build_sentences([said], "flag"), key="dataset.judgeerror.shown")
    draw(build_sampled(item.task), key="dataset.sampled")


def _ask_name(bench: Workbench) -> None:
    """Who judges is recorded, so nobody judges without a name."""
    draw(build_sentences(["Who judges is recorded."], "unchecked"), key="dataset.nobody")
    if not can_type_name():
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="dataset.namerow"):
        typed = st.text_input("Your name", key="dataset.reviewer", placeholder="Your name", width=220,
            label_visibility="collapsed")  # fmt: skip
        if st.button("Judge under this name", key="dataset.reviewername", disabled=not (typed or "").strip()):
            try:
                set_reviewer(bench.home, typed or "")
            except AutodataError as error:
                draw(build_sentences([str(error)], "flag"), key="dataset.nameerror")
                return
            st.rerun()


def _judge(bench: Workbench, sample: Sample, task: SampleTask, verdict: str, reviewer: str) -> None:
    """Write the verdict before the page is drawn again: what was judged is never lost."""
    note = str(st.session_state.get(f"{NOTE}.{task.task_id}", "") or "")
    try:
        record_verdict(bench.home, bench.index, sample.sample_id, task.task_id, verdict, reviewer=reviewer, note=note)
    except AutodataError as error:
        st.session_state["dataset.judgeerror"] = str(error)
