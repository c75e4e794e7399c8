"""What the audit reads back out of the index: stored values, scores of every round, checks, earlier runs."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from autodata.audit.catalogue import DETECTORS
from autodata.audit.fresh.result import Result
from autodata.audit.fresh.stored import read_result
from autodata.audit.ranking import Rank
from autodata.audit.records import RunFacts
from autodata.audit.run_luck import Scores
from autodata.audit.run_start import read_facts
from autodata.audit.task_values import load_values
from autodata.audit.verdict import Coverage
from autodata.index.audit_rows import AuditedTask
from autodata.index.database import Index

ABANDONED_S = 60.0
"""After so long without a record, whoever wrote a journal is taken to have stopped."""

OF_RUN = ("Z2", "Z3", "Z4", "Z5", "Z8", "Z9")
"""Measures of evidence that a run's statistics give a task."""


@dataclass(frozen=True, slots=True)
class PendingRun:
    """A run and how far its audit is. `tasks` are accepted, `audited` of them have a row, `noted` is how many tasks the
    index says there are.

    `ended` is None while the run has no end, or goes on after one. `checked` is the last check that models were asked
    for, `asking` whether an audit of the run may add more. The `fitted` ones are of the moment in which the run's
    statistics were made.
    """

    run: int
    run_id: str
    path: Path
    position: int
    records: int
    inode: int
    damage: str
    ended: float | None
    tasks: int
    checked: int
    asking: bool
    noted: int
    audited: int
    fitted: int
    fitted_ended: float | None
    fitted_damage: str
    fitted_checked: int

    @property
    def closed(self) -> bool:
        """Whether nothing more is expected: the run has ended, or its journal cannot be read on."""
        return self.ended is not None or bool(self.damage)

    @property
    def fit(self) -> bool:
        """Whether the run's statistics are those of this moment."""
        then = (self.fitted, self.fitted_ended, self.fitted_damage, self.fitted_checked)
        return then == (self.audited, self.ended, self.damage, self.checked)


def list_runs(index: Index) -> list[PendingRun]:
    """Every run whose journal has begun, oldest first."""
    since = {"since": time.time() - ABANDONED_S}
    return [
        PendingRun(run, run_id, index.home.journal(run_id), *rest) for run, run_id, *rest in index.query(_RUNS, since)
    ]


def list_audited(index: Index, run: int) -> set[int]:
    """Keys of the run's tasks that have been audited."""
    return {row[0] for row in index.query("SELECT key FROM audits WHERE run = ?", [run])}


def load_times(index: Index, run: int, keys: Collection[int]) -> dict[int, float]:
    """When the rounds of these tasks were decided, by key."""
    sql = "SELECT key, t FROM rounds WHERE run = ? AND key IN (SELECT unnest(?::UBIGINT[]))"
    return dict(index.query(sql, [run, list(keys)]))


def load_tasks(index: Index, run: int, keys: Collection[int] | None = None) -> list[AuditedTask]:
    """Audited tasks of a run, or those of `keys`, in the order of its journal, with the checks made of them."""
    checks = load_checks(index, run, keys)
    found = []
    for key, t, recorded, cluster, alike, siblings, evidence, suspicion, *rank in index.query(
        _TASKS, {"run": run, "keys": None if keys is None else list(keys)}
    ):
        values = load_values(recorded)
        results, merged = checks.get(key, ({}, 0))
        of_run = {n: v for n, v in orjson.loads(evidence).items() if n in OF_RUN and n not in values.evidence}
        ranked = None if suspicion is None else Rank(suspicion, *rank)
        found.append(AuditedTask(values, t, recorded, results, merged, siblings, cluster, alike, of_run, ranked))
    return sorted(found, key=lambda task: task.values.last)


def load_checks(
    index: Index, run: int, keys: Collection[int] | None = None
) -> dict[int, tuple[dict[str, Result], int]]:
    """By task: the results of checks that asked models, and the number of the last one's record.

    A check that cannot be read, or of a detector that does not exist, is as if nobody had made it.
    """
    rows = index.query(
        """SELECT key, seq, detector, coverage, numbers, findings, missing FROM checks
        WHERE run = $run AND ($keys IS NULL OR key IN (SELECT unnest($keys::UBIGINT[]))) ORDER BY seq""",
        {"run": run, "keys": None if keys is None else list(keys)},
    )
    found: dict[int, tuple[dict[str, Result], int]] = {}
    for key, seq, detector, coverage, numbers, findings, missing in rows:
        data = {"detector": detector, "coverage": coverage}
        data |= {
            name: orjson.loads(text)
            for name, text in (("numbers", numbers), ("findings", findings), ("missing", missing))
        }
        result = read_result(data)
        results, _ = found.setdefault(key, ({}, 0))
        if result is not None and result.detector in DETECTORS:
            results[result.detector] = result
        found[key] = results, seq
    return found


def list_stale(index: Index) -> dict[int, list[int]]:
    """Keys of audited tasks, by run, whose checks are not those that were joined with them."""
    found: dict[int, list[int]] = defaultdict(list)
    for run, key in index.query(_STALE):
        found[run].append(key)
    return dict(found)


def load_measured(index: Index, run: int) -> list[tuple[Scores, Scores]]:
    """Scores of weak and strong in every round that was measured, rejected ones included."""
    return [(tuple(weak), tuple(strong)) for weak, strong in index.query(_MEASURED, [run])]


def load_coverage(index: Index, run: int) -> dict[str, Coverage]:
    """What became of the checks over the run's tasks together, by detector."""
    rows = index.query("SELECT detector, coverage FROM run_findings WHERE run = ? AND detector[1] = 'Z'", [run])
    return dict(sorted(rows, key=lambda row: row[1] == "done"))


def load_facts(index: Index, run: int) -> RunFacts | None:
    """What holds for every task of a run, read from its row."""
    rows = index.records(
        "SELECT run_id, software, settings, policy, recipe, models, simulated, imported FROM runs WHERE run = ?", [run]
    )
    if not rows:
        return None
    row = rows[0]
    parts = {name: orjson.loads(row[name] or "{}") for name in ("settings", "policy", "recipe", "models")}
    return read_facts({**row, **parts})


def count_returned(tasks: Sequence[AuditedTask]) -> dict[str, Mapping[str, int]]:
    """How often each name came back over these tasks, by role."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for task in tasks:
        for role, names in task.values.returned.items():
            counts[role].update(names)
    return dict(counts)


def find_auditor(index: Index, run: int) -> str | None:
    """The model of the blind judge of the run's latest audit."""
    rows = index.query("SELECT seats FROM audit_sessions WHERE run = ? ORDER BY seq DESC LIMIT 1", [run])
    seats: dict[str, Any] = (orjson.loads(rows[0][0] or "{}").get("seats") or {}) if rows else {}
    return (seats.get("auditor_judge") or {}).get("model")


_RUNS = """
SELECT j.run, u.run_id, j.position, j.records, j.inode, j.damage,
    CASE WHEN u.state <> 'running' THEN u.ended END, coalesce(t.n, 0)::BIGINT,
    coalesce(c.seq, 0), coalesce(s.asking, false), coalesce(a.tasks, -1), coalesce(a.audited, 0),
    coalesce(a.fitted, a.audited, 0), coalesce(a.ended, CASE WHEN a.settled THEN u.ended END),
    coalesce(a.damage, ''), coalesce(a.checked, CASE WHEN a.settled THEN c.seq END, 0)
FROM journals j JOIN runs u ON u.run = j.run
LEFT JOIN (SELECT run, sum(n) AS n FROM tallies WHERE outcome = 'accepted' GROUP BY run) t ON t.run = j.run
LEFT JOIN (SELECT run, max(seq) AS seq FROM checks GROUP BY run) c ON c.run = j.run
LEFT JOIN (SELECT run, bool_or(ended IS NULL AND last > $since) AS asking FROM audit_sessions GROUP BY run) s
    ON s.run = j.run
LEFT JOIN run_audits a ON a.run = j.run
WHERE j.name LIKE 'runs/%' ORDER BY u.started, u.run_id
"""

_TASKS = """
SELECT key, t, recorded, cluster, coalesce(alike, 0), coalesce(n.siblings, 1) - 1, evidence, suspicion, p, basis, lead,
    flagged
FROM (SELECT * FROM audits WHERE run = $run AND ($keys IS NULL OR key IN (SELECT unnest($keys::UBIGINT[])))) a
LEFT JOIN (SELECT request, count(*) AS siblings FROM audits WHERE run = $run AND request IS NOT NULL GROUP BY request) n
    ON n.request = a.request
"""

_STALE = """
SELECT a.run, a.key FROM audits a
LEFT JOIN (SELECT run, key, max(seq) AS seq FROM checks GROUP BY run, key) c ON c.run = a.run AND c.key = a.key
WHERE coalesce(c.seq, 0) <> a.merged ORDER BY a.run, a.key
"""

_MEASURED = """
SELECT coalesce(list(score ORDER BY idx) FILTER (solver = 'weak'), []),
    coalesce(list(score ORDER BY idx) FILTER (solver = 'strong'), [])
FROM rollouts WHERE run = ? AND purpose = 'select' AND score BETWEEN 0 AND 1
GROUP BY source_id, round ORDER BY min(seq)
"""
