"""The table of tasks: what its columns hold, and the same rows as a CSV file that no spreadsheet can run."""

from __future__ import annotations

import csv
import io
from typing import Any

import pandas as pd
import streamlit as st

from autodata.dataset.cells import make_cell
from autodata.ui.text import DECISION_WORDS, OUTCOME_WORDS, shorten

BAND_LABELS = {"right": "◆ Right", "easy": "▽ Too easy", "hard": "▲ Too hard", "inverted": "✕ Inverted"}
NOT_MEASURED = "◌ Not measured"
QUESTION_SHOWN = 160
SHOWN = ("Task", "Question", "Weak", "Strong", "Gap", "By round", "Rounds", "Band", "Decision")
"""Columns that fit beside the map on a 1280 pixel screen. The rest can be shown from the table's own menu."""
CSV_COLUMNS = (
    "task_id", "question", "weak", "strong", "gap", "band", "round", "rounds", "outcome", "decision", "reviewer",
    "run_id", "source_id", "title", "parity", "risk", "risk_reason", "simulated",
)  # fmt: skip


def make_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """A page of `list_tasks` as the canvas table shows it: words for states, one line for a question."""
    questions = [shorten(str(question or ""), QUESTION_SHOWN) for question in frame["question"]]
    return pd.DataFrame(
        {
            "Task": frame["task_id"],
            "Question": questions,
            "Weak": frame["weak"].astype("float64"),
            "Strong": frame["strong"].astype("float64"),
            # Rounded here, so that what rounds to nothing has no minus sign.
            "Gap": frame["gap"].astype("float64").round(2) + 0.0,
            "By round": [[float(gap) for gap in gaps if gap == gap] for gaps in frame["gap_by_round"].map(_to_list)],
            "Rounds": [f"{a} of {b}" for a, b in zip(frame["round"], frame["rounds"], strict=True)],
            "Band": frame["band"].map(lambda band: BAND_LABELS.get(band, NOT_MEASURED)),
            "Decision": frame["decision"].map(lambda word: DECISION_WORDS.get(word, word)),
            "Outcome": frame["outcome"].map(lambda word: OUTCOME_WORDS.get(word, word)),
            "Look first": frame["risk_reason"].map(lambda reason: str(reason or "")),
            "Source": frame["title"].map(lambda title: shorten(str(title or ""), 60)),
            "Run": frame["run_id"],
        }
    )


def list_columns() -> dict[str, Any]:
    """How the columns are drawn. Scores 0 to 1, the gap as a bar of that length."""
    config = st.column_config
    return {
        "Task": config.TextColumn(width=94),
        "Question": config.TextColumn(width=210),
        "Weak": config.NumberColumn("○ Weak", format="%.2f", width=62),
        "Strong": config.NumberColumn("● Strong", format="%.2f", width=68),
        "Gap": config.ProgressColumn("Gap", format="%+.2f", min_value=0.0, max_value=1.0, color="gray", width=98),
        "By round": config.LineChartColumn("By round", y_min=-0.2, y_max=0.8, width=66, color="gray"),
        "Rounds": config.TextColumn(width=64),
        "Band": config.TextColumn(width=82),
        "Decision": config.TextColumn(width=70),
        "Outcome": config.TextColumn(width=100),
        "Look first": config.TextColumn("Look first because", width=170),
        "Source": config.TextColumn(width=150),
        "Run": config.TextColumn(width=84),
    }


def write_csv(frame: pd.DataFrame) -> bytes:
    """Rows of `list_tasks` as CSV, UTF-8 with a byte-order mark; every cell quoted, none a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(CSV_COLUMNS)
    for row in frame[list(CSV_COLUMNS)].itertuples(index=False):
        writer.writerow([make_cell(None if _is_absent(value) else _to_plain(value)) for value in row])
    return out.getvalue().encode("utf-8-sig")


def _to_list(gaps: Any) -> list[float]:
    return [float("nan") if gap is None else float(gap) for gap in gaps] if gaps is not None else []


def _is_absent(value: Any) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and value != value)


def _to_plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value
