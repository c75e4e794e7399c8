"""The table of tasks: what its columns hold, and the same rows as a CSV file that no spreadsheet can run."""

from __future__ import annotations

import csv
import io
import tempfile
import time
from collections.abc import Iterable
from typing import Any, TextIO

import pandas as pd
import streamlit as st

from autodata.dataset.cells import make_cell
from autodata.errors import BadInput
from autodata.ui.tasks.view import AXES
from autodata.ui.text import DECISION_WORDS, OUTCOME_WORDS, shorten

BAND_LABELS = {"right": "◆ Right", "easy": "▽ Too easy", "hard": "▲ Too hard", "inverted": "✕ Inverted"}
NOT_MEASURED = "◌ Not measured"
QUESTION_SHOWN = 160
AUDIT_LABELS = {
    "violated": "⬣ Violated",
    "flagged": "△ Flagged",
    "unchecked": "◌ Not checked",
    "clear": "✓ Clean record",
}
SHOWN = (
    "Task", "Question", "Weak", "Strong", "Gap", "By round", "Rounds", "Certified", "Suspicion", "Audit", "Decision",
)  # fmt: skip
"""Columns that fit beside the map on a 1280 pixel screen. The rest can be shown from the table's own menu."""
SUSPICION = "minus log10 of how rare such evidence is among clean tasks; a place in line, not a probability of intent"
CSV_COLUMNS = (
    "task_id", "question", "weak", "strong", "gap", "band", "round", "rounds", "outcome", "decision", "reviewer",
    "run_id", "source_id", "title", "parity", "risk", "risk_reason", "audit", "integrity", "difficulty", "validity",
    "certified", "certified_low", "certified_high", "suspicion", "basis", "lead", "copies", "simulated",
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
            "Certified": frame["certified"].astype("float64").round(2) + 0.0,
            "Suspicion": frame["suspicion"].astype("float64"),
            "Audit": [[AUDIT_LABELS.get(state, state)] for state in frame["audit"]],
            "Copies": frame["copies"].astype("int64").where(frame["copies"] > 0),
            "Band": frame["band"].map(lambda band: BAND_LABELS.get(band, NOT_MEASURED)),
            "Decision": frame["decision"].map(lambda word: DECISION_WORDS.get(word, word)),
            "Integrity": _name_axis(frame, "integrity"),
            "Difficulty": _name_axis(frame, "difficulty"),
            "Validity": _name_axis(frame, "validity"),
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
        "Question": config.TextColumn(width=128),
        "Weak": config.NumberColumn("○ Weak", format="%.2f", width=56),
        "Strong": config.NumberColumn("● Strong", format="%.2f", width=62),
        "Gap": config.ProgressColumn("Gap", format="%+.2f", min_value=0.0, max_value=1.0, color="gray", width=84),
        "By round": config.LineChartColumn("By round", y_min=-0.2, y_max=0.8, width=54, color="gray"),
        "Rounds": config.TextColumn(width=54),
        "Certified": config.NumberColumn("Certified", format="%+.2f", width=66, help="gap on fresh answers"),
        "Suspicion": config.NumberColumn("Susp.", format="%.1f", width=46, help=SUSPICION),
        "Audit": config.MultiselectColumn(
            "Audit", options=list(AUDIT_LABELS.values()), color=["red", "red", "gray", "gray"], width=104
        ),
        "Integrity": config.TextColumn(width=110),
        "Difficulty": config.TextColumn(width=100),
        "Validity": config.TextColumn(width=100),
        "Copies": config.NumberColumn("Copies", format="%d", width=52, help="near copies of it in its run"),
        "Band": config.TextColumn(width=82),
        "Decision": config.TextColumn(width=66),
        "Outcome": config.TextColumn(width=100),
        "Look first": config.TextColumn("Look first because", width=170),
        "Source": config.TextColumn(width=150),
        "Run": config.TextColumn(width=84),
    }


def write_csv(frames: pd.DataFrame | Iterable[pd.DataFrame]) -> io.BufferedReader:
    """Rows of `list_tasks` as CSV, UTF-8 with a byte-order mark; every cell quoted, none a formula. Many frames are
    written one after the other to a file without a name, with a pause for the pages between them: it is read from its
    start and gone once it is closed. Raises BadInput when there is no room for it."""
    try:
        with tempfile.NamedTemporaryFile(suffix=".csv") as place:
            with open(place.name, "w", encoding="utf-8-sig", newline="") as file:
                _write_rows(file, [frames] if isinstance(frames, pd.DataFrame) else frames)
            return open(place.name, "rb")
    except OSError as error:
        raise BadInput(f"the table cannot be written: {error.strerror}; free some space") from error


def _write_rows(file: TextIO, frames: Iterable[pd.DataFrame]) -> None:
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow(CSV_COLUMNS)
    for frame in frames:
        columns = [_list_cells(frame[name]) for name in CSV_COLUMNS]
        writer.writerows(zip(*columns, strict=True))
        time.sleep(0)


def _name_axis(frame: pd.DataFrame, axis: str) -> pd.Series:
    """An axis of the verdict in words; a task without an audit has none."""
    return frame[axis].map(lambda word: AXES[axis].get(word, "Not audited"))


def _to_list(gaps: Any) -> list[float]:
    return [float("nan") if gap is None else float(gap) for gap in gaps] if gaps is not None else []


def _list_cells(column: pd.Series) -> list[str]:
    """A column's values as safe cells, absent ones empty; a value that comes again is made into a cell once."""
    absent, made = column.isna(), dict[Any, str]()
    cells = []
    for value, missing in zip(column.tolist(), absent, strict=True):
        if missing:
            cells.append("")
            continue
        if value not in made:
            made[value] = make_cell(value)
        cells.append(made[value])
    return cells
