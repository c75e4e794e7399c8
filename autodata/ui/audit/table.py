"""The list of audited tasks: what its columns hold. Task text and finding sentences are cells, never markup."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from autodata.index.queries.audit import TaskLine
from autodata.ui.audit.words import GAP_MARKS, NO_FINDING, NOT_CERTIFIED, SEVERITY_MARKS, name_found
from autodata.ui.text import DECISION_WORDS, shorten

SHOWN = ("Task", "Worst", "Claimed", "Certified", "Gap", "Finding")
"""Columns that fit beside the requests; the rest can be shown from the table's own menu."""
FINDING_SHOWN = 160


def make_rows(lines: Sequence[TaskLine]) -> pd.DataFrame:
    """A page of tasks as the canvas table shows it. What was not measured is empty, and says so in words."""
    return pd.DataFrame(
        {
            "Task": [line.task_id for line in lines],
            "Worst": [SEVERITY_MARKS.get(line.severity, NO_FINDING) for line in lines],
            "Claimed": pd.Series([line.claimed for line in lines], dtype="float64").round(2) + 0.0,
            "Certified": pd.Series([line.certified for line in lines], dtype="float64").round(2) + 0.0,
            "Gap": [GAP_MARKS.get(line.difficulty, NOT_CERTIFIED) for line in lines],
            "Finding": [_write_finding(line) for line in lines],
            "Suspicion": pd.Series([line.suspicion for line in lines], dtype="float64"),
            "Sentence": [shorten(line.finding, FINDING_SHOWN) for line in lines],
            "Question": [shorten(line.question, FINDING_SHOWN) for line in lines],
            "Run": [line.run_id for line in lines],
            "Decision": [DECISION_WORDS.get(line.decision, line.decision) for line in lines],
        }
    )


def list_columns() -> dict[str, Any]:
    """How the columns are drawn; gaps from -1 to 1 with their sign."""
    config = st.column_config
    return {
        "Task": config.TextColumn(width=98),
        "Worst": config.TextColumn("Worst", width=84),
        "Claimed": config.NumberColumn(format="%+.2f", width=58),
        "Certified": config.NumberColumn(format="%+.2f", width=62),
        "Gap": config.TextColumn(width=98),
        "Finding": config.TextColumn(width=220),
        "Suspicion": config.NumberColumn(format="%.1f", width=70, help="A rank, no probability of anything."),
        "Sentence": config.TextColumn(width=260),
        "Question": config.TextColumn(width=220),
        "Run": config.TextColumn(width=84),
        "Decision": config.TextColumn(width=74),
    }


def _write_finding(line: TaskLine) -> str:
    return f"{line.lead}  {name_found(line.lead)}" if line.finding else ""
