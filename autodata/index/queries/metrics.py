"""Counts for watching a home from outside: numbers, and as labels only words that this program or its owner chose."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from autodata.errors import FAILURE_KINDS
from autodata.index.database import Index
from autodata.index.queries.filters import OPEN_STATES
from autodata.index.queries.journals import list_journals
from autodata.llm.seat import STANDS_IN
from autodata.model import ROLES

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")

_NEIGHBOURS: dict[str, str] = {str(role): str(other) for role, other in STANDS_IN.items()}

OTHER = "other"
"""Label of what no list of ours names: imported records may hold any words."""


@dataclass(frozen=True, slots=True)
class RoleCounts:
    """Calls of one role over all runs: attempts, those that failed, tokens as the servers counted them."""

    role: str
    simulated: bool
    calls: int
    errors: int
    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Everything, planted runs left out of `tasks`. `running` are ids of runs that were at work when last heard of.

    `failures` are attempts by (kind, endpoint), `tasks` accepted ones by the state of their decision, `read` the bytes
    taken in of each journal.
    """

    runs: dict[str, int]
    running: tuple[str, ...]
    roles: tuple[RoleCounts, ...]
    failures: dict[tuple[str, str], int]
    tasks: dict[str, int]
    open: int
    decisions: dict[str, int]
    rounds: dict[str, int]
    read: dict[str, int]
    damaged: int


def load_metric_counts(index: Index) -> Counts:
    """The counts as of the last write to the index."""
    return index.remember(("metrics",), lambda: _count(index))


def _count(index: Index) -> Counts:
    tasks = _add_up(
        index.query(
            """SELECT coalesce(nullif(decision, ''), 'open'), count(*) FROM trajectories
            WHERE accepted AND task_id NOT IN (SELECT task_id FROM canaries) GROUP BY 1 ORDER BY 1"""
        )
    )
    journals = list_journals(index)
    return Counts(
        runs=_add_up(index.query("SELECT state, count(*) FROM runs GROUP BY 1 ORDER BY 1")),
        running=tuple(row[0] for row in index.query("SELECT run_id FROM runs WHERE state = 'running' ORDER BY 1")),
        roles=_count_roles(index),
        failures=_count_failures(index),
        tasks=tasks,
        open=sum(count for state, count in tasks.items() if state in OPEN_STATES),
        decisions=_add_up(index.query("SELECT verdict, count(*) FROM decisions GROUP BY 1 ORDER BY 1")),
        rounds=_add_up(index.query("SELECT outcome, sum(n)::BIGINT FROM tallies GROUP BY 1 ORDER BY 1")),
        read={journal.name: journal.position for journal in journals},
        damaged=sum(1 for journal in journals if journal.damage),
    )


def _count_roles(index: Index) -> tuple[RoleCounts, ...]:
    rows = index.query(
        """SELECT CASE WHEN role IN (SELECT unnest($roles)) THEN role ELSE $other END, simulated > 0,
            sum(calls)::BIGINT, sum(errors)::BIGINT, coalesce(sum(prompt_tokens), 0)::BIGINT,
            coalesce(sum(completion_tokens), 0)::BIGINT
        FROM uses GROUP BY 1, 2 ORDER BY 1, 2""",
        {"roles": list(ROLES), "other": OTHER},
    )
    return tuple(RoleCounts(*row) for row in rows)


def _count_failures(index: Index) -> dict[tuple[str, str], int]:
    """By kind and by the endpoint that the run's frozen seats give the role; imported runs have none of ours."""
    rows = index.query(
        """SELECT u.settings, u.imported != '', c.role, c.error_kind, count(*) FROM calls c JOIN runs u ON u.run = c.run
        WHERE c.error_kind != '' GROUP BY ALL"""
    )
    found: dict[tuple[str, str], int] = {}
    for settings, imported, role, kind, count in rows:
        endpoint = OTHER if imported else _find_endpoint(settings, role)
        key = (kind if kind in FAILURE_KINDS else OTHER, endpoint)
        found[key] = found.get(key, 0) + count
    return dict(sorted(found.items()))


def _add_up(rows: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Counts by name; whatever is no name counts as OTHER."""
    found: dict[str, int] = {}
    for word, count in rows:
        found[_name(word)] = found.get(_name(word), 0) + count
    return found


def _name(word: str) -> str:
    return word if _WORD.fullmatch(word) else OTHER


def _find_endpoint(settings: str, role: str) -> str:
    try:
        seats = orjson.loads(settings)["seats"]["seats"]
        return _name(str(seats[role if role in seats else _NEIGHBOURS.get(role, role)]["endpoint"]))
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return OTHER
