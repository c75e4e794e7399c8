"""What a lead should look at next: runs where reviewing pays most, and runs whose alarm rate jumped."""

from __future__ import annotations

from dataclasses import dataclass

from autodata.audit.jump import measure_rise
from autodata.index.database import Index
from autodata.index.queries.filters import OPEN

LEVEL = 0.01
"""Largest p of a jump that is told, after Bonferroni's correction for all the pairs of runs that were compared."""

FEWEST = 5
"""Audited tasks that both runs of a pair have at the least."""

COMPARED = 200
"""Runs that are looked at, the newest first."""


@dataclass(frozen=True, slots=True)
class OpenAlarms:
    """Accepted tasks of a run that wait for a decision: `violations` with a violation, `flags` with a flag and none;
    `open` in all."""

    run_id: str
    violations: int
    flags: int
    open: int


@dataclass(frozen=True, slots=True)
class AlarmJump:
    """A run with more alarms (violations or flags) than the run of the same recipe before it: `alarms` of `tasks`
    audited ones. `p` is of Fisher's exact test, one-sided, times the number of `pairs` that were compared."""

    run_id: str
    alarms: int
    tasks: int
    before: str
    alarms_before: int
    tasks_before: int
    p: float
    pairs: int


def list_open_alarms(index: Index, limit: int = 3) -> list[OpenAlarms]:
    """Runs by how many alarms wait for a decision, violations first; runs without any are left out."""
    rows = index.remember(("open alarms", limit), lambda: index.query(_OPEN_ALARMS, {"limit": limit}))
    return [OpenAlarms(*row) for row in rows]


def list_jumps(index: Index, limit: int = 3) -> list[AlarmJump]:
    """Runs whose alarm rate rose against the run of the same recipe before it, the newest first."""
    pairs = index.remember(("alarm pairs",), lambda: index.query(_PAIRS, {"fewest": FEWEST, "compared": COMPARED}))
    found = []
    for run_id, alarms, tasks, before, alarms_before, tasks_before in pairs:
        p = min(1.0, len(pairs) * measure_rise(alarms, tasks, alarms_before, tasks_before))
        if p <= LEVEL:
            found.append(AlarmJump(run_id, alarms, tasks, before, alarms_before, tasks_before, p, len(pairs)))
    return found[:limit]


_OPEN_ALARMS = f"""
SELECT u.run_id, v.violations, v.flags, v.open
FROM (
    SELECT run, coalesce(sum(n) FILTER (audit = 'violated'), 0)::BIGINT AS violations,
        coalesce(sum(n) FILTER (audit = 'flagged'), 0)::BIGINT AS flags, sum(n)::BIGINT AS open
    FROM piles WHERE scope = 'last' AND outcome = 'accepted' AND decision IN {OPEN} AND run NOT IN (FROM planted)
    GROUP BY run
    HAVING violations + flags > 0
) v
JOIN runs u ON u.run = v.run
ORDER BY v.violations DESC, v.flags DESC, u.started DESC LIMIT $limit
"""
_PAIRS = """
WITH counted AS (
    SELECT run, count(*) FILTER (violations > 0 OR flags > 0 OR flagged) AS alarms, count(*) AS tasks FROM audits
    WHERE run NOT IN (FROM planted) GROUP BY run HAVING count(*) >= $fewest
), recent AS (
    SELECT u.run_id, u.recipe_name, u.domain, u.started, c.alarms, c.tasks FROM counted c JOIN runs u USING (run)
    WHERE NOT u.baseline ORDER BY u.started DESC LIMIT $compared
), paired AS (
    SELECT run_id, alarms, tasks, lag(run_id) OVER w AS before, lag(alarms) OVER w AS alarms_before,
        lag(tasks) OVER w AS tasks_before, started
    FROM recent WINDOW w AS (PARTITION BY recipe_name, domain ORDER BY started, run_id)
)
SELECT run_id, alarms, tasks, before, alarms_before, tasks_before FROM paired WHERE before IS NOT NULL
ORDER BY started DESC, run_id
"""
