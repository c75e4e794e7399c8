"""What a run's statistics compare it with: earlier runs of the same weak model, domain or recipe."""

from __future__ import annotations

from autodata.audit.divergence import VersionCounts
from autodata.audit.task_values import TaskValues, load_values
from autodata.index.database import Index

HISTORY = 2000
"""Tasks of earlier runs that a run's tasks are compared with, the latest ones."""

_RANDOM = ("all", "random")
"""Reasons for which a task's certified gap speaks for all accepted tasks."""


def load_earlier(index: Index, run: int) -> list[TaskValues]:
    """The latest accepted tasks of runs that started before, of the same weak model and domain."""
    return [load_values(row[0]) for row in index.query(_EARLIER, {"run": run, "limit": HISTORY})][::-1]


def load_gaps(index: Index, run: int) -> list[float]:
    """Accepted gaps of the run's recipe version, in it and in runs that started before."""
    return [row[0] for row in index.query(_GAPS, {"run": run})]


def load_versions(index: Index, run: int) -> list[VersionCounts]:
    """The versions of the run's recipe, with the same weak model, in the order in which they first ran, the run's own
    last. Only gaps certified in tasks that an audit took all of, or drew at random, count.
    """
    rows = index.query(_VERSIONS, {"run": run, "why": list(_RANDOM)})
    found = [VersionCounts(sha[:8] or "unnamed", *counts) for sha, own, *counts in rows if not own]
    return [*found, *(VersionCounts(sha[:8] or "unnamed", *counts) for sha, own, *counts in rows if own)]


_SAME = """
    SELECT u.run FROM runs u, (SELECT * FROM runs WHERE run = $run) own
    WHERE (u.started, u.run_id) < (own.started, own.run_id) AND {same}
"""

_EARLIER = f"""
SELECT recorded FROM audits WHERE run IN ({
    _SAME.format(same=("u.domain = own.domain AND u.models->>'weak' = own.models->>'weak'"))
}) ORDER BY t DESC, key LIMIT $limit
"""

_GAPS = f"""
SELECT gap FROM rounds WHERE outcome = 'accepted' AND gap IS NOT NULL
    AND (run = $run OR run IN ({_SAME.format(same="u.recipe_sha = own.recipe_sha AND own.recipe_sha <> ''")}))
ORDER BY run, seq
"""

_VERSIONS = f"""
WITH mine AS (
    {_SAME.format(same="u.recipe_name = own.recipe_name AND u.models->>'weak' = own.models->>'weak'")}
    UNION ALL SELECT $run
),
drawn AS (
    SELECT DISTINCT s.run, json_extract_string(task, '$.task_id') AS task_id
    FROM (SELECT run, unnest(json_extract(tasks, '$[*]')) AS task FROM audit_sessions WHERE run IN (FROM mine)) s
    WHERE json_extract_string(task, '$.why') IN (SELECT unnest($why))
),
counted AS (
    SELECT run, sum(n) FILTER (outcome = 'accepted') AS accepted, sum(n) AS proposed FROM tallies
    WHERE run IN (FROM mine) AND outcome NOT IN ('undecided', 'passed_baseline') GROUP BY run
),
certified AS (
    SELECT a.run, count(*) FILTER (difficulty = 'real') AS real, count(*) AS certified
    FROM audits a JOIN drawn d ON d.run = a.run AND d.task_id = a.task_id
    WHERE difficulty IN ('real', 'not_real') GROUP BY a.run
)
SELECT u.recipe_sha, u.recipe_sha = (SELECT recipe_sha FROM runs WHERE run = $run) AS own,
    coalesce(sum(c.accepted), 0)::BIGINT, coalesce(sum(c.proposed), 0)::BIGINT,
    coalesce(sum(f.real), 0)::BIGINT, coalesce(sum(f.certified), 0)::BIGINT
FROM runs u LEFT JOIN counted c USING (run) LEFT JOIN certified f USING (run)
WHERE run IN (FROM mine) GROUP BY 1, 2 ORDER BY min(u.started), 1
"""
