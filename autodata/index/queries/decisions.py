"""The decision log as recorded, and which of its entries are in force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autodata.index.database import Index


@dataclass(frozen=True, slots=True)
class DecisionDetail:
    """One recorded decision. `undone`: a later undo took it back. `current`: it is the task's decision now."""

    decision_id: str
    task_id: str
    run_id: str
    verdict: str
    reason: str
    note: str
    reviewer: str
    t: float
    seconds_on_item: float | None
    content_sha: str
    second_opinion: bool
    undone: bool
    current: bool


def list_decisions(index: Index, task_id: str) -> tuple[DecisionDetail, ...]:
    """Every decision on a task, undo records included, oldest first."""
    rows = index.records("SELECT * FROM decisions WHERE task_id = ? ORDER BY seq", [task_id])
    return tuple(_mark(rows, rows))


def list_last_decisions(index: Index, reviewer: str | None = None, limit: int = 20) -> list[DecisionDetail]:
    """The latest decisions, newest first, undo records left out and those they took back included."""
    rows = index.records(
        """SELECT * FROM decisions WHERE verdict <> 'undo' AND ($reviewer IS NULL OR reviewer = $reviewer)
        ORDER BY seq DESC LIMIT $limit""",
        {"reviewer": reviewer, "limit": limit},
    )
    around = index.records(
        "SELECT * FROM decisions WHERE task_id IN (SELECT unnest(?)) ORDER BY seq", [[row["task_id"] for row in rows]]
    )
    return _mark(rows, around)


def _mark(rows: list[dict[str, Any]], around: list[dict[str, Any]]) -> list[DecisionDetail]:
    """Rows as decisions, undone or in force; `around` is everything on the same tasks, oldest first."""
    undone = {row["undoes"] for row in around if row["verdict"] == "undo" and row["undoes"]}
    current = {
        row["task_id"]: row["decision_id"]
        for row in around
        if row["verdict"] in STATES and not row["second_opinion"] and row["decision_id"] not in undone
    }
    return [
        DecisionDetail(
            **{name: row[name] for name in _FIELDS},
            undone=row["decision_id"] in undone,
            current=current.get(row["task_id"]) == row["decision_id"],
        )
        for row in rows
    ]


STATES = {"approve": "approved", "reject": "rejected", "flag": "flagged", "skip": "skipped"}
"""A verdict in force to the state of its task."""

_FIELDS = (
    "decision_id",
    "task_id",
    "run_id",
    "verdict",
    "reason",
    "note",
    "reviewer",
    "t",
    "seconds_on_item",
    "content_sha",
    "second_opinion",
)
