"""What the Audit page shows of runs: alarm rates, clusters, audits with model calls, anchors, labels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

from autodata.audit.labelled import Label
from autodata.index.database import Index
from autodata.index.queries.audit_filter import Kind

STEPS = 10
"""Points of a series over time, each of as many tasks as the others."""

FEWEST_SHARING = 3
"""Tasks from which a shared request or text makes a cluster."""

By = Literal["round", "time"]


@dataclass(frozen=True, slots=True)
class AlarmRate:
    """The share of a run's audited tasks with a violation or a flag, in [0, 1]; `series` by round or over time, oldest
    first, and `counts` the tasks behind each of its points."""

    run_id: str
    tasks: int
    alarms: int
    violations: int
    series: tuple[float, ...]
    counts: tuple[int, ...]

    @property
    def rate(self) -> float:
        return self.alarms / self.tasks if self.tasks else 0.0


@dataclass(frozen=True, slots=True)
class Cluster:
    """Tasks of one run that share a weak request or nearly a text. Means of gaps in [-1, 1], None where none is known;
    `group` is the number that stands for what they share, as text."""

    kind: Kind
    group: str
    run_id: str
    tasks: int
    alarms: int
    claimed: float | None
    certified: float | None
    measured: int


@dataclass(frozen=True, slots=True)
class AuditSession:
    """One audit with model calls. `state`: running (as recorded: nobody wrote its end), done, paused, stopped, failed.
    `planned`: expected calls. Times in epoch seconds."""

    audit_id: str
    run_id: str
    plan: str
    tasks: int
    simulated: bool
    started: float
    last: float
    state: str
    reason: str
    calls: int
    solver_calls: int
    judge_calls: int
    planned: float | None


@dataclass(frozen=True, slots=True)
class RunCheck:
    """What one detector says of a run's tasks together, or (K4) of an anchor set asked under a request of the run."""

    run_id: str
    detector: str
    severity: str
    coverage: str
    sentence: str
    numbers: dict[str, Any] = field(default_factory=dict)


def list_rates(index: Index, by: By = "round", limit: int = 40) -> list[AlarmRate]:
    """Runs with audited tasks, the highest share of alarms first."""
    return index.remember(("alarm rates", by, limit), lambda: _measure_rates(index, by)[:limit])


def list_clusters(index: Index, run_id: str = "", limit: int = 12) -> list[Cluster]:
    """Requests and texts that `FEWEST_SHARING` tasks of a run or more share: those with alarms first, then by size."""
    return index.remember(("audit clusters", run_id, limit), lambda: _find_clusters(index, run_id, limit))


def list_sessions(index: Index, run_id: str = "", limit: int = 5) -> list[AuditSession]:
    """Audits with model calls, the latest first."""
    rows = index.records(
        f"""SELECT s.audit_id, u.run_id, s.plan, json_array_length(nullif(s.tasks, '')) AS tasks, s.simulated,
            s.started, s.last, s.state, coalesce(s.reason, '') AS reason, coalesce(s.calls, 0) AS calls,
            coalesce(s.solver_calls, 0) AS solver_calls, coalesce(s.judge_calls, 0) AS judge_calls, s.planned
        FROM audit_sessions s JOIN runs u ON u.run = s.run WHERE {_OF_RUN} ORDER BY s.started DESC, s.seq DESC
        LIMIT $limit""",
        {"run_id": run_id, "limit": limit},
    )
    return [AuditSession(**{**row, "tasks": int(row["tasks"] or 0)}) for row in rows]


def list_run_checks(index: Index, run_id: str = "") -> list[RunCheck]:
    """What detectors say of runs, those that found something first."""
    rows = index.query(
        f"""SELECT u.run_id, f.detector, coalesce(f.severity, ''), f.coverage, f.sentence, f.numbers
        FROM run_findings f JOIN runs u ON u.run = f.run WHERE {_OF_RUN}
        ORDER BY f.severity NOT IN ('violation', 'flag'), u.started DESC, f.detector""",
        {"run_id": run_id},
    )
    return [_build_check(row) for row in rows]


def list_anchor_checks(index: Index, run_id: str = "", limit: int = 8) -> list[RunCheck]:
    """K4: the latest results of anchors, one per request asked, newest first."""
    rows = index.query(
        f"""SELECT u.run_id, 'K4', coalesce(json_extract_string(c.findings, '$[0].severity'), ''), c.coverage,
            coalesce(json_extract_string(c.findings, '$[0].sentence'), json_extract_string(c.missing, '$[0]'), ''),
            c.numbers
        FROM checks c JOIN runs u ON u.run = c.run WHERE c.detector = 'K4' AND {_OF_RUN}
        QUALIFY row_number() OVER (PARTITION BY c.run, c.key ORDER BY c.seq DESC) = 1
        ORDER BY c.t DESC LIMIT $limit""",
        {"run_id": run_id, "limit": limit},
    )
    return [_build_check(row) for row in rows]


def count_p_values(index: Index, run_id: str = "", bins: int = 10) -> tuple[int, ...]:
    """How many tasks without violation or flag have a p against clean tasks in each of `bins` equal parts of (0, 1]."""
    rows = index.query(
        f"""SELECT least(greatest(ceil(a.p * $bins)::INTEGER, 1), $bins) AS part, count(*)
        FROM audits a JOIN runs u ON u.run = a.run
        WHERE a.p IS NOT NULL AND NOT starts_with(a.basis, 'rank') AND a.severity NOT IN ('violation', 'flag')
            AND {_OF_RUN}
        GROUP BY 1""",
        {"run_id": run_id, "bins": bins},
    )
    counts = dict(rows)
    return tuple(int(counts.get(part, 0)) for part in range(1, bins + 1))


def list_labels(index: Index, run_id: str = "") -> list[Label]:
    """Labels in force: of each reviewer and task the latest, those taken back left out."""
    rows = index.query(
        """SELECT task_id, reviewer, label, detectors, inclusion, coalesce(blind, FALSE) FROM labels
        WHERE label_id NOT IN (SELECT undoes FROM labels WHERE undoes <> '') AND ($run_id = '' OR run_id = $run_id)
        QUALIFY row_number() OVER (PARTITION BY key, reviewer ORDER BY seq DESC) = 1 ORDER BY seq""",
        {"run_id": run_id},
    )
    return [
        Label(task_id, reviewer, label, tuple(_read_list(detectors)), inclusion, blind)
        for task_id, reviewer, label, detectors, inclusion, blind in rows
        if label
    ]


def find_bar(index: Index, run_id: str = "") -> float | None:
    """The gap that the latest certified gap was held against; None where none was measured."""
    rows = index.query(
        f"""SELECT json_extract(c.numbers, '$.bar')::DOUBLE FROM (
            SELECT * FROM checks c JOIN runs u ON u.run = c.run
            WHERE c.detector = 'K1' AND c.coverage = 'done' AND {_OF_RUN} ORDER BY c.t DESC LIMIT 1
        ) c""",
        {"run_id": run_id},
    )
    return float(rows[0][0]) if rows and rows[0][0] is not None else None


def _measure_rates(index: Index, by: By) -> list[AlarmRate]:
    place = "round" if by == "round" else f"ntile({STEPS}) OVER (PARTITION BY run ORDER BY t, key)"
    rows = index.query(
        f"""SELECT u.run_id, list([p.n, p.alarms, p.violations] ORDER BY p.place) FROM (
            SELECT run, place, count(*) AS n, count(*) FILTER (severity IN ('violation', 'flag')) AS alarms,
                count(*) FILTER (severity = 'violation') AS violations
            FROM (SELECT run, severity, {place} AS place FROM audits) GROUP BY run, place
        ) p JOIN runs u ON u.run = p.run GROUP BY u.run_id, u.started"""
    )
    rates = []
    for run_id, parts in rows:
        tasks, alarms, violations = (sum(part[at] for part in parts) for at in range(3))
        series = tuple(part[1] / part[0] for part in parts)
        rates.append(AlarmRate(run_id, tasks, alarms, violations, series, tuple(part[0] for part in parts)))
    return sorted(rates, key=lambda rate: (-rate.rate, -rate.tasks, rate.run_id))


def _find_clusters(index: Index, run_id: str, limit: int) -> list[Cluster]:
    params = {"run_id": run_id, "fewest": FEWEST_SHARING, "limit": limit}
    rows = index.query(
        " UNION ALL ".join(_CLUSTERS.format(kind=kind) for kind in ("request", "cluster")) + _FIRST, params
    )
    return [Cluster(kind, str(group), run, int(n), int(alarms), claimed, certified, int(measured))
            for kind, group, run, n, alarms, claimed, certified, measured in rows]  # fmt: skip


def _build_check(row: tuple[Any, ...]) -> RunCheck:
    run_id, detector, severity, coverage, sentence, numbers = row
    return RunCheck(run_id, detector, severity, coverage, sentence, _read_object(numbers))


def _read_object(text: str | None) -> dict[str, Any]:
    value = orjson.loads(text) if text else {}
    return value if isinstance(value, dict) else {}


def _read_list(text: str | None) -> list[str]:
    value = orjson.loads(text) if text else []
    return [str(part) for part in value] if isinstance(value, list) else []


_OF_RUN = "($run_id = '' OR u.run_id = $run_id)"
_CLUSTERS = """
SELECT '{kind}', {kind}::VARCHAR, u.run_id, n, alarms, claimed, certified, measured FROM (
    SELECT run, {kind}, count(*) AS n, count(*) FILTER (severity IN ('violation', 'flag')) AS alarms,
        avg(claimed) AS claimed, avg(certified) AS certified, count(certified) AS measured
    FROM audits WHERE {kind} IS NOT NULL GROUP BY run, {kind} HAVING count(*) >= $fewest
) c JOIN runs u ON u.run = c.run WHERE ($run_id = '' OR u.run_id = $run_id)
"""
_FIRST = " ORDER BY alarms / n > 0.5 DESC, n DESC, alarms DESC LIMIT $limit"
