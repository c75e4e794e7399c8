"""Dataset versions as the reviews journal has them: what was exported, what was withdrawn, what changed since, what a
lead let pass, and how far every journal had been read."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import orjson

from autodata.index.database import Index
from autodata.index.known import AUDITS, REVIEWS, RUNS


@dataclass(frozen=True, slots=True)
class ExportRecord:
    """One dataset version as recorded in the reviews journal; `excluded`: reason to count."""

    name: str
    version: str
    path: str
    hash: str
    items: int
    excluded: dict[str, int]
    formats: tuple[str, ...]
    t: float


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A version that a lead withdrew: it stays readable and says why. `t` is Unix seconds."""

    name: str
    version: str
    reason: str
    reviewer: str
    t: float


@dataclass(frozen=True, slots=True)
class Override:
    """A lead let one task pass although `code` holds it back. `t` is Unix seconds."""

    override_id: str
    task_id: str
    code: str
    reason: str
    reviewer: str
    t: float


@dataclass(frozen=True, slots=True)
class Head:
    """How far one journal is in the index: `records` of it, the last of them with the hash `sha`."""

    journal: str
    records: int
    sha: str


def list_exports(index: Index) -> list[ExportRecord]:
    """Dataset versions, newest first."""
    rows = index.query("SELECT name, version, path, hash, items, excluded, formats, t FROM exports ORDER BY seq DESC")
    return [
        ExportRecord(name, version, path, sha, items, orjson.loads(excluded), tuple(orjson.loads(formats)), t)
        for name, version, path, sha, items, excluded, formats, t in rows
    ]


def list_withdrawals(index: Index) -> dict[tuple[str, str], Withdrawal]:
    """Withdrawn versions by name and version; the first withdrawal of a version counts."""
    rows = index.query("SELECT name, version, reason, reviewer, t FROM withdrawals ORDER BY seq DESC")
    return {(row[0], row[1]): Withdrawal(*row) for row in rows}


def count_outdated(index: Index) -> dict[tuple[str, str], int]:
    """Per version, how many of its tasks are not approved any more, or were approved with other words since."""
    return {(name, version): n for name, version, n in index.query(_COUNT_OUTDATED)}


def list_outdated(index: Index, name: str, version: str, limit: int = 500) -> list[tuple[str, str]]:
    """(task, what people say of it now) of a version's tasks that would not leave with it again."""
    rows = index.query(_OUTDATED, {"name": name, "version": version, "most": limit})
    return [(task_id, state) for task_id, state in rows]


def list_members(index: Index, name: str, version: str) -> list[str]:
    """Ids of the tasks in a version, as its record has them."""
    rows = index.query("SELECT task_id FROM members WHERE name = ? AND version = ? ORDER BY task_id", [name, version])
    return [row[0] for row in rows]


def load_overrides(index: Index) -> list[Override]:
    """Overrides in force, in the order given: what was not taken back and is about the words that the record holds."""
    return [Override(*row) for row in index.query(_OVERRIDES)]


def index_overrides(overrides: list[Override]) -> dict[str, frozenset[str]]:
    """Task to the reasons that were set aside for it."""
    found: dict[str, set[str]] = defaultdict(set)
    for one in overrides:
        found[one.task_id].add(one.code)
    return {task_id: frozenset(codes) for task_id, codes in found.items()}


def list_approved_runs(index: Index) -> list[str]:
    """Ids of the runs that approved tasks are of, as the approving decisions name them, in order: also of tasks that
    are not in the index, because their journal does not hold any more."""
    return [row[0] for row in index.query(_APPROVED_RUNS)]


def load_heads(index: Index, run_ids: list[str]) -> list[Head]:
    """How far the journals of these runs, their audits and the reviews are in the index; none that has no record."""
    names = [REVIEWS, *(f"{kind}{run_id}" for run_id in run_ids for kind in (RUNS, AUDITS))]
    rows = index.query(
        """SELECT name, records, head FROM journals WHERE records > 0 AND name IN (SELECT unnest($names))
        ORDER BY name""",
        {"names": names},
    )
    return [Head(*row) for row in rows]


_APPROVED_RUNS = """
SELECT DISTINCT x.run_id FROM verdicts d JOIN decisions x ON x.decision_id = d.decision_id
WHERE d.state = 'approved' AND x.run_id <> '' ORDER BY x.run_id
"""
_STATES = """
SELECT m.name, m.version, m.task_id, CASE WHEN coalesce(d.state, 'open') <> 'approved' THEN coalesce(d.state, 'open')
    WHEN d.t > e.t AND NOT EXISTS (FROM tasks k WHERE k.key = m.key AND k.content_sha = d.content_sha)
        THEN 'other words' ELSE '' END AS state
FROM members m
JOIN exports e ON e.name = m.name AND e.version = m.version
LEFT JOIN verdicts d ON d.key = m.key
"""
_COUNT_OUTDATED = f"""
SELECT name, version, count(*) FROM ({_STATES}) WHERE state <> '' GROUP BY ALL
"""
_OUTDATED = f"""
SELECT task_id, state FROM ({_STATES}) WHERE name = $name AND version = $version AND state <> ''
ORDER BY task_id LIMIT $most
"""
_OVERRIDES = """
SELECT o.override_id, o.task_id, o.code, o.reason, o.reviewer, o.t FROM overrides o
WHERE o.undoes IS NULL AND o.override_id NOT IN (SELECT undoes FROM overrides WHERE undoes IS NOT NULL)
    AND EXISTS (FROM tasks k WHERE k.key = o.key AND k.content_sha = o.content_sha)
QUALIFY row_number() OVER (PARTITION BY o.key, o.code ORDER BY o.seq DESC) = 1
ORDER BY o.seq
"""
