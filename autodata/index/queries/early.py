"""The evidence for early warnings of one run: its newest rounds, and all its calls."""

from __future__ import annotations

from autodata.early import RECENT_ROUNDS, SOLVED_FROM, Evidence
from autodata.index.database import Index


def gather_evidence(index: Index, run_id: str) -> Evidence:
    """Counts of the run; empty where the index does not know it (yet)."""
    return index.remember(("early", run_id), lambda: _gather_evidence(index, run_id))


def _gather_evidence(index: Index, run_id: str) -> Evidence:
    found = index.query("SELECT run, baseline FROM runs WHERE run_id = ?", [run_id])
    if not found:
        return Evidence()
    run, baseline = found[0]
    values: dict[str, int] = {}
    for sql in (_ROUNDS, _VERDICTS, _ANSWERS, _CALLS):
        params = {"run": run}
        if sql is not _CALLS:
            params["limit"] = RECENT_ROUNDS
        if sql is _ROUNDS:
            params["solved"] = SOLVED_FROM
        [row] = index.records(sql, params)
        values |= row
    return Evidence(baseline=bool(baseline), **values)


_RECENT = "recent AS (SELECT * FROM rounds WHERE run = $run ORDER BY seq DESC LIMIT $limit)"

_ROUNDS = f"""WITH {_RECENT}
SELECT count(*) AS rounds, count(weak) AS weak_rounds, count(*) FILTER (weak >= $solved) AS solved,
    count(*) FILTER (weak IS NOT NULL AND strong IS NOT NULL) AS measured, count(*) FILTER (weak > strong) AS inverted
FROM recent"""

_VERDICTS = f"""WITH {_RECENT}
SELECT count(*) AS reviewed, count(*) FILTER (NOT passed) AS rejected
FROM qualities q SEMI JOIN recent r ON q.source_id = r.source_id AND q.round = r.round
WHERE q.run = $run AND q.reviewed_by = 'verifier'"""

_ANSWERS = f"""WITH {_RECENT},
begun AS (SELECT min(k.seq) AS seq FROM tasks k SEMI JOIN recent r ON k.key = r.key WHERE k.run = $run),
answers AS (
    SELECT a.task_id, a.solver, a.answer_sha, a.status IN ('ok', 'truncated') AS has_text,
        a.status = 'truncated' OR (a.status = 'empty' AND a.finish_reason = 'length') AS cut_off
    FROM rollouts a SEMI JOIN recent r ON a.task_id = r.task_id
    WHERE a.run = $run AND a.seq >= (SELECT seq FROM begun) AND a.purpose = 'select' AND a.status <> 'failed'
),
alike AS (
    SELECT count(*) AS answers, count(DISTINCT answer_sha) AS texts FROM answers WHERE has_text
    GROUP BY task_id, solver
)
SELECT answers_weak, truncated_weak, answers_strong, truncated_strong, groups, identical
FROM (
    SELECT count(*) FILTER (solver = 'weak') AS answers_weak,
        count(*) FILTER (solver = 'weak' AND cut_off) AS truncated_weak,
        count(*) FILTER (solver = 'strong') AS answers_strong,
        count(*) FILTER (solver = 'strong' AND cut_off) AS truncated_strong
    FROM answers
), (
    SELECT count(*) FILTER (answers > 1) AS groups, count(*) FILTER (answers > 1 AND texts = 1) AS identical FROM alike
)"""

_CALLS = """SELECT coalesce(sum(calls), 0)::BIGINT AS calls, coalesce(sum(errors), 0)::BIGINT AS failed,
    coalesce(sum(calls - errors) FILTER (role NOT IN ('weak', 'strong')), 0)::BIGINT AS replies,
    coalesce(sum(asked_again) FILTER (role NOT IN ('weak', 'strong')), 0)::BIGINT AS asked_again
FROM uses WHERE run = $run"""
