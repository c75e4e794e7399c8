"""The decision log as recorded, and which of its entries are in force, as far as the person who asks may know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autodata.index.database import Index
from autodata.index.queries.votes import TaskVotes, find_team, make_vote, show_votes
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
    return load_said(index, task_id, reviewer)[1]


def load_said(index: Index, task_id: str, reviewer: str) -> tuple[TaskVotes, tuple[DecisionDetail, ...]]:
    """The votes on a task and the decisions of `list_decisions`, as far as `reviewer` may see them."""
    found = index.records(f"SELECT {_COLUMNS} FROM decisions WHERE key = ?", [task_key(task_id)])
    rows = sorted((row for row in found if row["task_id"] == task_id), key=lambda row: row["seq"])
    settled, decisions = settle_rows(rows), tuple(_mark(rows, rows))
    standing = settled.settlement
    known = (standing.standing, standing.given, standing.needed) if standing.standing != "open" else None
    votes, sees = show_votes(find_team(index), known, [make_vote(vote.row) for vote in settled.votes], reviewer)
    return votes, decisions if sees else tuple(one for one in decisions if one.reviewer == reviewer)


def list_last_decisions(index: Index, reviewer: str | None = None, limit: int = 20) -> list[DecisionDetail]:
    """The latest decisions, newest first, undo records left out and those they took back included."""
    rows = index.records(
        f"""SELECT {_COLUMNS} FROM decisions WHERE rowid IN (
            SELECT rowid FROM decisions WHERE verdict <> 'undo' AND ($reviewer IS NULL OR reviewer = $reviewer)
            ORDER BY seq DESC LIMIT $limit
        )""",
        {"reviewer": reviewer, "limit": limit},
    )
    around = index.records(
        f"SELECT {_COLUMNS} FROM decisions WHERE key IN (SELECT unnest(?::UBIGINT[]))", [[row["key"] for row in rows]]
    )
    rows.sort(key=lambda row: -row["seq"])
    around.sort(key=lambda row: row["seq"])
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
_COLUMNS = ", ".join((*_FIELDS, "seq", "key", "undoes", "quorum", "blind"))
