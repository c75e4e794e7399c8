"""What recorded decisions on a task come to, by autodata.votes: the one definition, applied to rows of the index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autodata.votes import SETTLED, Settlement, Vote, settle_votes

Decided = Mapping[str, Any]
"""A row of `decisions`, as column to value."""


@dataclass(frozen=True, slots=True)
class StandingVote:
    """What one person says of a task: their latest decision that is no skip, with a lead's last word apart from votes.

    `own` is the verdict they gave before they could know what others had said; "" where there is none. Only these say
    something about agreement.
    """

    row: Decided
    own: str


@dataclass(frozen=True, slots=True)
class SettledTask:
    """A task's decisions, settled. `deciding` is the row that stands for it, None while nothing is settled."""

    settlement: Settlement
    deciding: Decided | None
    votes: tuple[StandingVote, ...]


def settle_rows(rows: Sequence[Decided]) -> SettledTask:
    """Settle every recorded decision on one task, undone ones and undo records included, in the journal's order."""
    undone = find_undone(rows)
    standing = [row for row in rows if row["verdict"] != "undo" and row["decision_id"] not in undone]
    settlement = settle_votes([_make_vote(row) for row in standing])
    deciding = next((row for row in standing if row["decision_id"] == settlement.deciding), None)
    return SettledTask(settlement, deciding, _list_votes(rows, undone))


def find_undone(rows: Sequence[Decided]) -> frozenset[str]:
    """Ids of the decisions that a later record took back."""
    return frozenset(str(row["undoes"]) for row in rows if row["verdict"] == "undo" and row["undoes"])


def _make_vote(row: Decided) -> Vote:
    return Vote(
        decision_id=row["decision_id"],
        reviewer=row["reviewer"],
        verdict=row["verdict"],
        quorum=row["quorum"],
        second_opinion=row["second_opinion"],
        adjudicates=row["adjudicates"],
    )


def _list_votes(rows: Sequence[Decided], undone: frozenset[str]) -> tuple[StandingVote, ...]:
    latest: dict[tuple[str, bool], Decided] = {}
    own: dict[str, str] = {}
    spoke: list[str] = []
    for row in rows:
        if row["verdict"] not in SETTLED:
            continue
        name = row["reviewer"]
        if row["decision_id"] not in undone:
            latest[name, row["adjudicates"]] = row
            if _is_own(row, spoke):
                own[name] = row["verdict"]
        spoke.append(name)
    return tuple(StandingVote(row, "" if last else own.get(name, "")) for (name, last), row in latest.items())


def _is_own(row: Decided, spoke: Sequence[str]) -> bool:
    """Whether a vote was given without sight of anybody else's. `spoke`: who voted before, undone votes included.

    Under a blind quorum one sees the others from one's own first vote on, undone or not; without one from the start. A
    second opinion met a decision that its screen had not shown.
    """
    if row["adjudicates"]:
        return False
    if row["second_opinion"] or all(name == row["reviewer"] for name in spoke):
        return True
    return row["quorum"] > 1 and row["blind"] and row["reviewer"] not in spoke
