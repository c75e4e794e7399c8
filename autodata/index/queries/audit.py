"""What the Audit page shows of tasks: how many have what, gaps claimed and certified, detectors, the list.

Counts are of audited tasks, each by its worst finding. All is plain scans of `audits` and `findings`; what is JSON is
read once per distinct value, never once per task.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import orjson
import pandas as pd

from autodata.audit.catalogue import DETECTORS
from autodata.index.database import Index
from autodata.index.staging import task_key

POINTS = 5000
"""Above so many certified tasks a map shows how many lie where, not each of them."""

CELL = 1 / 32
Kind = Literal["request", "cluster"]
KINDS: tuple[Kind, ...] = ("request", "cluster")

_VERDICTS = {
    "alarm": "a.severity IN ('violation', 'flag')",
    "violation": "a.severity = 'violation'",
    "flag": "a.severity = 'flag'",
    "clear": "a.severity NOT IN ('violation', 'flag')",
    "real": "a.difficulty = 'real'",
    "undecided": "a.difficulty = 'undecided'",
    "not_real": "a.difficulty = 'not_real'",
    "not_certified": "a.certified IS NULL",
    "incomplete": "a.integrity = 'incomplete'",
}
VERDICTS = tuple(_VERDICTS)


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which audited tasks a view is about; every field has a neutral default.

    `kind` and `group`: tasks that share a weak request or a text, by the number that stands for it; `group` is text
    because such numbers have more digits than a browser keeps.
    """

    run_id: str = ""
    detector: str = ""
    verdict: str = ""
    kind: Kind = "request"
    group: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the audit is and what it came to. `tasks` can be audited, `audited` were.

    `violated` and `flagged` tasks have that as their worst finding; `incomplete` ones lack records that a check needs.
    """

    tasks: int
    audited: int
    violated: int
    flagged: int
    certified: int
    incomplete: int

    @property
    def clear(self) -> int:
        """Audited tasks with neither violation nor flag. Not checked is not clear: see `DetectorCount`."""
        return self.audited - self.violated - self.flagged

    @property
    def uncertified(self) -> int:
        return self.audited - self.certified

    @property
    def working(self) -> bool:
        """Whether the record of some task has not been read yet."""
        return self.audited < self.tasks


@dataclass(frozen=True, slots=True)
class GapMap:
    """Claimed against certified gaps, in [-1, 1]. `points`: task_id, claimed, certified, low, high, difficulty; or,
    above POINTS tasks, `density`: claimed, certified (lower corners of cells of width CELL), n. `total` of the view's
    tasks are certified, `uncertified` are not; the means are of the certified ones."""

    total: int
    real: int
    undecided: int
    not_real: int
    uncertified: int
    claimed: float | None
    certified: float | None
    points: pd.DataFrame | None
    density: pd.DataFrame | None


@dataclass(frozen=True, slots=True)
class DetectorCount:
    """One detector over the tasks of a view: with a violation, with a flag as the worst, and what was not looked at.

    `not_recorded`: the record lacks what it needs; `not_run`: nobody ran it; `failed`: its calls failed.
    """

    detector: str
    violations: int
    flags: int
    done: int
    not_recorded: int
    not_run: int
    failed: int

    @property
    def found(self) -> int:
        return self.violations + self.flags

    @property
    def unchecked(self) -> int:
        return self.not_recorded + self.not_run + self.failed


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One task in a list; `lead` and `finding` are its worst finding's detector and sentence, "" for none."""

    task_id: str
    run_id: str
    question: str
    severity: str
    difficulty: str
    integrity: str
    validity: str
    claimed: float | None
    certified: float | None
    low: float | None
    high: float | None
    suspicion: float | None
    lead: str
    finding: str
    decision: str


def load_standing(index: Index, run_id: str = "") -> Standing:
    """Counts over one run, or over all."""
    return index.remember(("audit standing", run_id), lambda: _count_standing(index, run_id))


def load_gap_map(index: Index, view: AuditFilter) -> GapMap:
    """Certified tasks of a view."""
    where, params = _build_where(view)
    counts = index.query(
        f"""SELECT count(a.certified), count(*) FILTER (a.difficulty = 'real'),
            count(*) FILTER (a.difficulty = 'undecided'), count(*) FILTER (a.difficulty = 'not_real'),
            count(*) - count(a.certified), avg(a.claimed) FILTER (a.certified IS NOT NULL), avg(a.certified)
        FROM audits a WHERE {where}""",
        params,
    )[0]
    total, real, undecided, not_real, uncertified, claimed, certified = counts
    drawn = f"{where} AND a.certified IS NOT NULL AND a.claimed IS NOT NULL"
    if total <= POINTS:
        points = index.frame(
            f"""SELECT a.task_id, a.claimed, a.certified, a.certified_low AS low, a.certified_high AS high, a.difficulty
            FROM audits a WHERE {drawn} ORDER BY a.key""",
            params,
        )
        return GapMap(total, real, undecided, not_real, uncertified, claimed, certified, points, None)
    density = index.frame(
        f"""SELECT floor(a.claimed / $cell) * $cell AS claimed, floor(a.certified / $cell) * $cell AS certified,
            count(*) AS n
        FROM audits a WHERE {drawn} GROUP BY 1, 2 ORDER BY 1, 2""",
        {**params, "cell": CELL},
    )
    return GapMap(total, real, undecided, not_real, uncertified, claimed, certified, None, density)


def list_detectors(index: Index, view: AuditFilter) -> list[DetectorCount]:
    """Every detector that found something or was not run somewhere, by what it found, largest first.

    The view's own detector is not applied: the list is what one chooses it from.
    """
    view = replace(view, detector="")
    return index.remember(("audit detectors", view), lambda: _count_detectors(index, view))


def count_tasks(index: Index, view: AuditFilter) -> int:
    """How many audited tasks a view holds."""
    where, params = _build_where(view)
    return int(index.query(f"SELECT count(*) FROM audits a WHERE {where}", params)[0][0])


def list_tasks(index: Index, view: AuditFilter, limit: int = 50, offset: int = 0) -> list[TaskLine]:
    """A page of a view, the worst first: violations, then flags, then by suspicion."""
    where, params = _build_where(view)
    rows = index.records(_TASKS.format(where=where), {**params, "limit": limit, "offset": offset})
    keys = {"keys": [row["key"] for row in rows]}
    questions = {(run, key): text for run, key, text in index.query(_QUESTIONS, keys)}
    found = {(run, key): (detector, words) for run, key, detector, words in index.query(_WORST, keys)}
    decided = dict(index.query("SELECT key, state FROM verdicts WHERE key IN (SELECT unnest($keys::UBIGINT[]))", keys))
    lines = []
    for row in rows:
        place = row.pop("run"), row.pop("key")
        detector, words = found.get(place, (row.pop("lead"), ""))
        row.pop("lead", None)
        lines.append(
            TaskLine(
                **row,
                question=questions.get(place, ""),
                lead=detector or "",
                finding=words,
                decision=decided.get(place[1], "open"),
            )
        )
    return lines


def list_uncertified(index: Index, view: AuditFilter, limit: int) -> list[str]:
    """Tasks of a view without a certified gap. A view of a whole run is drawn as by lot, so that what they show can be
    said of the run; a narrower one gives its most suspicious first."""
    where, params = _build_where(view)
    lot = not (view.detector or view.verdict or view.group)
    rows = index.query(
        f"""SELECT a.task_id FROM audits a WHERE {where} AND a.certified IS NULL
        ORDER BY {"a.key" if lot else _ORDER} LIMIT $limit""",
        {**params, "limit": limit},
    )
    return [row[0] for row in rows]


def find_run_of(index: Index, task_id: str) -> str:
    """The id of the run in which a task was audited, "" where it was in none."""
    rows = index.query(
        "SELECT u.run_id FROM audits a JOIN runs u ON u.run = a.run WHERE a.key = ? AND a.task_id = ?",
        [task_key(task_id), task_id],
    )
    return str(rows[0][0]) if rows else ""


def _count_standing(index: Index, run_id: str) -> Standing:
    where, params = _build_where(AuditFilter(run_id))
    planned = index.query(
        f"SELECT coalesce(sum(tasks), 0)::BIGINT FROM run_audits a WHERE {where}", params
    )[0][0]  # fmt: skip
    row = index.records(
        f"""SELECT count(*) AS audited, count(*) FILTER (severity = 'violation') AS violated,
            count(*) FILTER (severity = 'flag') AS flagged, count(certified) AS certified,
            count(*) FILTER (integrity = 'incomplete') AS incomplete
        FROM audits a WHERE {where}""",
        params,
    )[0]
    return Standing(tasks=max(int(planned), row["audited"]), **row)


def _count_detectors(index: Index, view: AuditFilter) -> list[DetectorCount]:
    where, params = _build_where(view)
    counts: dict[str, dict[str, int]] = {}
    states = index.query(f"SELECT a.coverage, count(*) FROM audits a WHERE {where} GROUP BY 1", params)
    for text, n in states:
        for detector, state in _read_object(text).items():
            own = counts.setdefault(detector, {})
            own[str(state)] = own.get(str(state), 0) + n
    found = index.query(_FOUND.format(tasks=f"SELECT a.run, a.key FROM audits a WHERE {where}",
                                      some="TRUE" if view == AuditFilter() else "FALSE"), params)  # fmt: skip
    for detector, violations, flags in found:
        counts.setdefault(detector, {}).update(violations=violations, flags=flags)
    names = ("violations", "flags", "done", "not_recorded", "not_run", "failed")
    total = sum(n for _, n in states)
    for name, known in DETECTORS.items():
        # What a task's record does not name was not run on it; what speaks of runs alone is no task's.
        if known.axis != "run" or name in counts:
            own = counts.setdefault(name, {})
            seen = sum(own.get(state, 0) for state in ("done", "not_recorded", "not_run", "failed"))
            own["not_run"] = own.get("not_run", 0) + max(0, total - seen)
    rows = [DetectorCount(name, *(own.get(part, 0) for part in names)) for name, own in counts.items()]
    return sorted(rows, key=lambda row: (-row.violations, -row.flags, -row.unchecked, row.detector))


def _build_where(view: AuditFilter) -> tuple[str, dict[str, Any]]:
    parts, params = ["TRUE"], dict[str, Any]()
    if view.run_id:
        parts.append("a.run = (SELECT run FROM runs WHERE run_id = $run_id)")
        params["run_id"] = view.run_id
    if view.verdict in _VERDICTS:
        parts.append(_VERDICTS[view.verdict])
    if view.detector:
        parts.append(
            """(a.run, a.key) IN (
                SELECT run, key FROM findings WHERE detector = $detector AND severity IN ('violation', 'flag'))"""
        )
        params["detector"] = view.detector
    if view.group.isdecimal():
        parts.append(f"a.{'cluster' if view.kind == 'cluster' else 'request'} = $group::UBIGINT")
        params["group"] = view.group
    return " AND ".join(parts), params


def _read_object(text: str | None) -> dict[str, Any]:
    value = orjson.loads(text) if text else {}
    return value if isinstance(value, dict) else {}


_RANK = "CASE {column} WHEN 'violation' THEN 0 WHEN 'flag' THEN 1 WHEN 'note' THEN 2 ELSE 3 END"
_ORDER = f"{_RANK.format(column='a.severity')}, a.suspicion DESC NULLS LAST, a.key, a.run"

_FOUND = """
SELECT detector, count(*) FILTER (worst = 'violation'), count(*) FILTER (worst = 'flag') FROM (
    SELECT detector, max(severity) AS worst FROM findings f
    WHERE severity IN ('violation', 'flag') AND ({some} OR (f.run, f.key) IN ({tasks}))
    GROUP BY f.run, f.key, detector
) GROUP BY detector
"""
"""'violation' comes after 'flag' in the alphabet, so the largest word is the worst."""

_TASKS = f"""
SELECT a.run, a.key, a.task_id, u.run_id, a.severity, a.difficulty, a.integrity, a.validity, a.claimed, a.certified,
    a.certified_low AS low, a.certified_high AS high, a.suspicion, a.lead
FROM (SELECT * FROM audits a WHERE {{where}} ORDER BY {_ORDER} LIMIT $limit OFFSET $offset) a
JOIN runs u ON u.run = a.run ORDER BY {_ORDER}
"""
_QUESTIONS = "SELECT run, key, question FROM tasks WHERE key IN (SELECT unnest($keys::UBIGINT[]))"
_WORST = f"""
SELECT run, key, arg_min(detector, rank), arg_min(sentence, rank) FROM (
    SELECT *, {_RANK.format(column="severity")} AS rank FROM findings WHERE key IN (SELECT unnest($keys::UBIGINT[]))
) GROUP BY run, key
"""
