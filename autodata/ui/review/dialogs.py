"""The two dialogs of the Review page: the last decisions, editable, and the key card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from autodata.errors import AutodataError
from autodata.index.ingest import ingest_reviews_now
from autodata.index.queries.review import list_last_decisions
from autodata.index.queries.task import DecisionDetail
from autodata.review.decisions import change_decision
from autodata.review.entry import REASONS
from autodata.ui.piece import draw
from autodata.ui.review import actions
from autodata.ui.review.view import show_task
from autodata.ui.reviewer import get_reviewer
from autodata.ui.state import Workbench
from autodata.ui.text import format_moment
from autodata.ui.tree import node

KEYS = (
    ("A", "approve"),
    ("X", "reject: then 1–9 for the reason, X or Enter without one"),
    ("F", "flag: then 1–9 for the reason"),
    ("S", "skip, the task stays open"),
    ("U", "undo the last decision"),
    ("→  J", "next waiting task"),
    ("←  K", "previous task"),
    ("L", "say what a task was: then 1–6; the one just decided, else this one"),
    ("1–9", "show that rollout of both sides, fresh ones after the recorded"),
    ("E", "fix: edit the task into a new version"),
    ("C", "comments"),
    ("V", "say whether the judge is right, criterion by criterion"),
    ("P", "where the task comes from: every record behind it"),
    ("T", "next tab: criteria, reference, requests, source, audit, comments"),
    ("[  ]", "earlier, later round"),
    ("Q", "show or hide the context"),
    ("D", "the last decisions"),
    ("H  ?", "this card"),
    ("Esc", "leave the reason bar, close a dialog"),
)


def draw_dialogs(bench: Workbench) -> None:
    """Draw whichever dialog is open."""
    name = st.session_state.get("review.dialog")
    if name == "keys":
        _draw_keys()
    elif name == "decisions":
        _draw_decisions(bench)


@st.dialog("Keys", width="medium", on_dismiss=actions.close_dialog)
def _draw_keys() -> None:
    rows = [node("tr", None, node("td", "mono", key), node("td", None, words)) for key, words in KEYS]
    draw(node("table", None, node("tbody", None, *rows)), key="review.keycard")


@st.dialog("Your last decisions", width="large", on_dismiss=actions.close_dialog)
def _draw_decisions(bench: Workbench) -> None:
    reviewer = get_reviewer(bench.home)
    decisions = [d for d in list_last_decisions(bench.index, reviewer, 40) if not d.undone][:20]
    if not decisions:
        draw(node("div", "note", "Nothing decided yet. Decisions appear here and can be changed."), key="review.nolist")
        return
    st.data_editor(
        frame_decisions(decisions),
        key="review.edited",
        hide_index=True,
        num_rows="fixed",
        placeholder="–",
        disabled=("task", "when"),
        column_config={
            "task": st.column_config.TextColumn("Task"),
            "verdict": st.column_config.SelectboxColumn(
                "Decision", options=["approve", "reject", "flag", "skip"], required=True
            ),
            "reason": st.column_config.SelectboxColumn("Reason", options=["", *REASONS]),
            "note": st.column_config.TextColumn("Note", width="medium"),
            "when": st.column_config.TextColumn("When"),
        },
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Save changes", key="review.save"):
            edits = st.session_state["review.edited"]["edited_rows"]
            messages = apply_edits(bench, decisions, edits, reviewer)
            draw(node("div", {"class": "note", "aria-live": "polite"}, " ".join(messages)), key="review.saved")
        chosen = st.selectbox("Open a task", [d.task_id for d in decisions], key="review.open", width=240,
                              label_visibility="collapsed")  # fmt: skip
        if st.button("Open this task", key="review.goto"):
            show_task(chosen)
            st.rerun()


def frame_decisions(decisions: Sequence[DecisionDetail]) -> pd.DataFrame:
    """One row per decision, newest first."""
    return pd.DataFrame(
        {
            "task": [d.task_id for d in decisions],
            "verdict": [d.verdict for d in decisions],
            "reason": [d.reason for d in decisions],
            "note": [d.note for d in decisions],
            "when": [format_moment(d.t) for d in decisions],
        }
    )


def apply_edits(
    bench: Workbench, decisions: Sequence[DecisionDetail], edits: Mapping[Any, Mapping[str, Any]], reviewer: str
) -> list[str]:
    """Record changed rows as new decisions; `edits` maps a row's number to its changed columns. Returns sentences."""
    messages: list[str] = []
    for row, changes in sorted(edits.items(), key=lambda item: int(item[0])):
        decision = decisions[int(row)]
        values = {"verdict": decision.verdict, "reason": decision.reason, "note": decision.note}
        values |= {name: value or "" for name, value in changes.items() if name in values}
        try:
            result = change_decision(
                bench.home, decision.decision_id, values["verdict"], reviewer=reviewer, reason=values["reason"],
                note=values["note"],
            )  # fmt: skip
        except AutodataError as error:
            messages.append(f"{decision.task_id}: {error}.")
        else:
            messages.append(result.message)
    if messages:
        ingest_reviews_now(bench.index, bench.home)
    return messages or ["No row was changed."]
