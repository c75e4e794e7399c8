"""The decision log as recorded, and which of its entries are in force, as far as the person who asks may know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autodata.index.database import Index
from autodata.index.queries.votes import find_team
from autodata.index.settling import find_undone, settle_rows
from autodata.index.staging import task_key


@dataclass(frozen=True, slots=True)
class DecisionDetail:
    """One recorded decision. `undone`: a later undo took it back. `current`: it is the task's decision now.

    `adjudicates`: a lead's last word.
    """

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
    adjudicates: bool = False


def list_decisions(index: Index, task_id: str, reviewer: str) -> tuple[DecisionDetail, ...]:
    """The decisions on a task, undo records included, oldest first; others' are left out while a vote of `reviewer` has
    to be their own."""
    rows = index.records(
        "SELECT * FROM decisions WHERE key = ? AND task_id = ? ORDER BY seq", [task_key(task_id), task_id]
    )
    settled = settle_rows(rows)
    voted = any(vote.row["reviewer"] == reviewer for vote in settled.votes)
    standing, needed = settled.settlement.standing, settled.settlement.needed
    found = _mark(rows, rows)
    if find_team(index).may_see_votes(reviewer, standing, needed, voted=voted):
        return tuple(found)
    return tuple(decision for decision in found if decision.reviewer == reviewer)


def list_last_decisions(index: Index, reviewer: str | None = None, limit: int = 20) -> list[DecisionDetail]:
    """The latest decisions, newest first, undo records left out and those they took back included."""
    rows = index.records(
        """SELECT * FROM decisions WHERE verdict <> 'undo' AND ($reviewer IS NULL OR reviewer = $reviewer)
        ORDER BY seq DESC LIMIT $limit""",
        {"reviewer": reviewer, "limit": limit},
    )
    around = index.records(
        "SELECT * FROM decisions WHERE key IN (SELECT unnest(?::UBIGINT[])) ORDER BY seq",
        [[row["key"] for row in rows]],
    )
    return _mark(rows, around)


def _mark(rows: list[dict[str, Any]], around: list[dict[str, Any]]) -> list[DecisionDetail]:
    """Rows as decisions, undone or in force; `around` is everything on the same tasks, oldest first."""
    undone = find_undone(around)
    by_task: dict[str, list[dict[str, Any]]] = {}
    for row in around:
        by_task.setdefault(row["task_id"], []).append(row)
    current = {settle_rows(own).settlement.deciding for own in by_task.values()}
    return [
        DecisionDetail(
            **{name: row[name] for name in _FIELDS},
            undone=row["decision_id"] in undone,
            current=row["decision_id"] in current,
        )
        for row in rows
    ]


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
    "adjudicates",
)
