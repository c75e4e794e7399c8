"""Who voted how, as far as the person who asks may know: pages draw others' votes from these functions only."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import orjson

from autodata.index.database import Index
from autodata.index.staging import task_key
from autodata.team import ALONE, Team, make_team


@dataclass(frozen=True, slots=True)
class VoteDetail:
    """A person's vote on a task as it stands. `seconds_on_item` is None where it was not measured."""

    decision_id: str
    reviewer: str
    verdict: str
    reason: str
    note: str
    t: float
    seconds_on_item: float | None
    adjudicates: bool


@dataclass(frozen=True, slots=True)
class TaskVotes:
    """What a task's votes come to, and those that the person who asked may see; their own is always among them.

    `given` people voted, `needed` must agree. `hidden` counts the votes that are kept from them.
    """

    standing: str = "open"
    given: int = 0
    needed: int = 1
    votes: tuple[VoteDetail, ...] = ()
    hidden: int = 0

    def find(self, reviewer: str) -> VoteDetail | None:
        """This person's own vote."""
        return next((vote for vote in self.votes if vote.reviewer == reviewer and not vote.adjudicates), None)


def find_team(index: Index) -> Team:
    """The team's rules in force; ALONE without any."""
    return index.remember(("team",), lambda: _read_team(index))


def load_votes(index: Index, task_id: str, reviewer: str) -> TaskVotes:
    """The votes on a task, oldest first, as far as `reviewer` may see them."""
    key = task_key(task_id)
    found = index.query("SELECT state, given, needed FROM verdicts WHERE key = ?", [key])
    rows = index.records("SELECT * FROM votes WHERE key = ? AND task_id = ?", [key, task_id])
    return show_votes(find_team(index), found[0] if found else None, [make_vote(row) for row in rows], reviewer)[0]


def make_vote(row: Mapping[str, Any]) -> VoteDetail:
    """A row of `votes`, or of `decisions` where it is one."""
    return VoteDetail(**{field.name: row[field.name] for field in fields(VoteDetail)})


def show_votes(
    team: Team, standing: tuple[str, int, int] | None, votes: Sequence[VoteDetail], reviewer: str
) -> tuple[TaskVotes, bool]:
    """The votes on a task as far as `reviewer` may see them, oldest first, and whether they may see all. `standing` is
    how the task stands, how many voted and how many must agree; None while it is open."""
    word, given, needed = standing or ("open", 0, team.quorum)
    cast = sorted(votes, key=lambda vote: (vote.t, vote.decision_id))
    own = tuple(vote for vote in cast if vote.reviewer == reviewer)
    if team.may_see_votes(reviewer, word, needed, voted=bool(own)):
        return TaskVotes(word, given, needed, tuple(cast)), True
    return TaskVotes(word, given, needed, own, len(cast) - len(own)), False


def name_reviewers(index: Index, keys: Collection[int], reviewer: str) -> dict[int, str]:
    """Who decided each of the tasks with these keys, or voted on it so far; left out where `reviewer` may not know."""
    params = {"keys": list(keys)}
    verdicts = index.query(f"SELECT key, reviewer, state, needed FROM verdicts WHERE {_MINE}", params)
    if not verdicts:
        return {}
    team, people = find_team(index), dict[int, dict[str, None]]()
    # Where one decision is enough it names its reviewer and everybody may see it, whoever else voted.
    if team.quorum != 1 or any(needed != 1 or not name for _, name, _, needed in verdicts):
        for key, name in index.query(f"SELECT key, reviewer FROM votes WHERE {_MINE} ORDER BY t", params):
            people.setdefault(key, {})[name] = None
    return {
        key: name if needed == 1 and name else ", ".join(people.get(key, ()))
        for key, name, state, needed in verdicts
        if team.may_see_votes(reviewer, state, needed, voted=reviewer in people.get(key, ()))
    }


def list_planted(index: Index) -> frozenset[str]:
    """Ids of runs that hold canaries only. For leads, and for counts that leave them out."""
    return index.remember(
        ("planted",), lambda: frozenset(row[0] for row in index.query("SELECT DISTINCT run_id FROM canaries"))
    )


def _read_team(index: Index) -> Team:
    rules = index.query("SELECT max_by(rules, seq) FROM teams")[0][0]
    return make_team(orjson.loads(rules)) if rules else ALONE


_MINE = "key IN (SELECT unnest($keys::UBIGINT[]))"
