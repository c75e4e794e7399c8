"""What the Audit page lists of tasks, and how many have what.

Counts are of audited tasks, each by its worst finding; all is plain scans of `audits` and `findings`.
"""

from __future__ import annotations

from dataclasses import dataclass

from autodata.index.database import Index
from autodata.index.queries.audit_filter import AuditFilter, build_where
from autodata.index.staging import task_key


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


def count_tasks(index: Index, view: AuditFilter) -> int:
    """How many audited tasks a view holds."""
    where, params = build_where(view)
    return int(index.query(f"SELECT count(*) FROM audits a WHERE {where}", params)[0][0])


def list_tasks(index: Index, view: AuditFilter, limit: int = 50, offset: int = 0) -> list[TaskLine]:
    """A page of a view, the worst first: violations, then flags, then by suspicion."""
    where, params = build_where(view)
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
    where, params = build_where(view)
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
    where, params = build_where(AuditFilter(run_id))
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


_RANK = "CASE {column} WHEN 'violation' THEN 0 WHEN 'flag' THEN 1 WHEN 'note' THEN 2 ELSE 3 END"
_ORDER = f"{_RANK.format(column='a.severity')}, a.suspicion DESC NULLS LAST, a.key, a.run"

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
