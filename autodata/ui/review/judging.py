"""Checking the judge: a reviewer's own word on single criteria of one answer, beside the judge's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from autodata.errors import AutodataError
from autodata.index.ingest import ingest_reviews_now
from autodata.index.queries.evidence import RolloutDetail
from autodata.index.queries.reviewers import find_criterion_checks
from autodata.index.queries.task import TaskDetail
from autodata.review.criteria import record_criteria
from autodata.ui.parts import build_sentences
from autodata.ui.piece import draw
from autodata.ui.review import actions
from autodata.ui.reviewer import get_reviewer, refuse
from autodata.ui.state import Workbench
from autodata.ui.text import count_of, format_number
from autodata.ui.tree import node

WORDS = {"met": 1.0, "not met": 0.0}
LINE = 58
"""Pixels of a row: more than 4 rem, from which on Streamlit wraps a text instead of cutting it."""


@st.dialog("Is the judge right?", width="large", on_dismiss=actions.close_dialog)
def draw_judging(bench: Workbench, detail: TaskDetail) -> None:
    """Draw the criteria of one answer; only those on which something is said are kept."""
    answers = {name_answer(one): one for one in detail.rollouts if one.purpose == "select" and one.verdicts}
    if not answers:
        draw(node("div", "note", "No answer of this task was judged by criteria."), key="judging.none")
        return
    name, refusal = get_reviewer(bench.home), refuse(bench.home, "decide")
    chosen = st.segmented_control("Answer", list(answers), default=next(iter(answers)), required=True,
                                  key=f"judging.answer.{detail.task.id}", label_visibility="collapsed")  # fmt: skip
    one = answers[str(chosen)]
    said = find_criterion_checks(bench.index, detail.task.id, name)
    left, right = st.columns([1, 1.35], gap="medium")
    with left:
        paper = {"class": "paper serif pre", "dir": "auto", "tabindex": "0", "style": "height:420px;overflow-y:auto"}
        draw(node("div", paper, one.answer[:20_000]), key="judging.text")
    with right:
        key = f"judging.table.{detail.task.id}.{one.solver}.{one.index}"
        frame = frame_criteria(detail, one, said)
        st.data_editor(
            frame, key=key, hide_index=True, num_rows="fixed", placeholder="–", row_height=LINE,
            height=min(420, LINE * (len(frame) + 1) + 2),
            disabled=("criterion", "weight", "judge") if not refusal else True,
            column_config={
                "criterion": st.column_config.TextColumn("Criterion", width="large"),
                "weight": st.column_config.TextColumn("Weight", width=60),
                "judge": st.column_config.TextColumn("Judge", width=84),
                "you": st.column_config.SelectboxColumn("You", options=["", *WORDS], width=96),
            },
        )  # fmt: skip
    note = "Leave empty what you have not looked at. Your words change no score; they measure the judge."
    draw(node("div", "note small", note), key="judging.note")
    if refusal:
        draw(build_sentences([refusal], "unchecked"), key="judging.refusal")
    if st.button("Keep what I said", key="judging.save", disabled=bool(refusal)):
        severity, words = keep_words(bench, detail, one, st.session_state[key]["edited_rows"], name)
        draw(build_sentences([words], severity), key="judging.said")


def name_answer(one: RolloutDetail) -> str:
    """`Weak 1`, counted as on the page."""
    return f"{one.solver.capitalize()} {one.index + 1}"


def frame_criteria(detail: TaskDetail, one: RolloutDetail, said: Mapping[tuple[str, int, str], float]) -> pd.DataFrame:
    """One row per criterion that the judge gave a verdict on, with what this person has said of it before."""
    judged = {verdict.criterion_id: verdict.met for verdict in one.verdicts}
    rows = [criterion for criterion in detail.task.rubric if criterion.id in judged]
    return pd.DataFrame(
        {
            "criterion": [criterion.criterion for criterion in rows],
            "weight": [format_number(criterion.weight) for criterion in rows],
            "judge": [spell_met(judged[criterion.id]) for criterion in rows],
            "you": [_spell_said(said.get((one.solver, one.index, criterion.id))) for criterion in rows],
        },
        dtype="string",
    )


def keep_words(
    bench: Workbench, detail: TaskDetail, one: RolloutDetail, edits: Mapping[Any, Mapping[str, Any]], reviewer: str
) -> tuple[str, str]:
    """Record what was said; `edits` maps a row's number to its changed columns. Returns a severity and a sentence."""
    judged = {verdict.criterion_id: verdict.met for verdict in one.verdicts}
    rows = [criterion.id for criterion in detail.task.rubric if criterion.id in judged]
    words = {rows[int(row)]: str(changes.get("you") or "") for row, changes in edits.items()}
    verdicts = {name: (judged[name], WORDS[word]) for name, word in words.items() if word in WORDS}
    try:
        record_criteria(
            bench.home, task_id=detail.task.id, run_id=detail.run_id, solver=one.solver, index=one.index,
            verdicts=verdicts, reviewer=reviewer,
        )  # fmt: skip
        ingest_reviews_now(bench.index, bench.home)
    except AutodataError as error:
        return "flag", f"Not kept: {error}."
    wrong = sum(said != judge for judge, said in verdicts.values())
    return "clear", f"Kept {count_of(len(verdicts), 'verdict')}; the judge was wrong in {wrong} of them."


def spell_met(met: float) -> str:
    """A verdict in a word; a part of a criterion as its number."""
    return "met" if met >= 1 else "not met" if met <= 0 else f"met {met:g}"


def _spell_said(met: float | None) -> str:
    return "" if met is None else spell_met(met)
