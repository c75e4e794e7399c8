"""Audited tasks as calibration and labels need them: what was measured, and which were cleared."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import orjson

from autodata.index.database import Index
from autodata.index.staging import task_key


@dataclass(frozen=True, slots=True)
class MeasuredTask:
    """An audited task's evidence and the severity of its worst finding ("" for none).

    `auditor` is the blind judge behind its fresh numbers, "" where no model was asked; `flagged` as in the audit.
    """

    task_id: str
    run_id: str
    content_sha: str
    outcome: str
    simulated: bool
    imported: bool
    severity: str
    evidence: Mapping[str, float]
    auditor: str
    suspicion: float | None


def list_measured(index: Index, task_ids: Collection[str] = (), run_ids: Collection[str] = ()) -> list[MeasuredTask]:
    """The named tasks, and all audited tasks of the named runs, in the order of runs and rounds."""
    keys = [task_key(task_id) for task_id in task_ids]
    rows = index.records(_MEASURED, {"keys": keys, "runs": list(run_ids)})
    return [
        MeasuredTask(**{**row, "evidence": orjson.loads(row["evidence"] or "{}")})
        for row in rows
        if row["task_id"] in set(task_ids) or row["run_id"] in set(run_ids)
    ]


def list_cleared(index: Index, run_id: str = "") -> list[str]:
    """Accepted audited tasks with neither violation nor flag, of one run or of all, in the order of runs and rounds;
    none of them planted."""
    rows = index.query(_CLEARED, {"run_id": run_id})
    return [row[0] for row in rows]


_MEASURED = """
SELECT a.task_id, u.run_id, k.content_sha, r.outcome, u.simulated, coalesce(u.imported, '') <> '' AS imported,
    coalesce(a.severity, '') AS severity, a.evidence, coalesce(c.auditor, '') AS auditor, a.suspicion
FROM audits a JOIN runs u ON u.run = a.run
JOIN tasks k ON k.run = a.run AND k.key = a.key
JOIN rounds r ON r.run = a.run AND r.key = a.key
LEFT JOIN (
    SELECT run, key, last(coalesce(json_extract_string(numbers, '$.judge'),
        json_extract_string(numbers, '$.judges.auditor_judge')) ORDER BY seq) AS auditor
    FROM checks WHERE detector IN ('K1', 'K5', 'K8') GROUP BY run, key
) c ON c.run = a.run AND c.key = a.key
WHERE list_contains($keys, a.key) OR list_contains($runs, u.run_id)
ORDER BY a.run, r.seq
"""

_CLEARED = """
SELECT a.task_id FROM audits a JOIN runs u ON u.run = a.run JOIN rounds r ON r.run = a.run AND r.key = a.key
WHERE r.outcome = 'accepted' AND coalesce(a.severity, '') IN ('', 'note') AND NOT coalesce(a.flagged, FALSE)
    AND ($run_id = '' OR u.run_id = $run_id) AND a.run NOT IN (FROM planted)
ORDER BY a.run, r.seq
"""
