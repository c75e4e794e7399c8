"""What is derived from the rows just written: risk of judged rounds, one row per trajectory."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import duckdb
import orjson

from autodata.acceptance import find_band
from autodata.errors import BadInput
from autodata.index.marks import MARKS, SELECT_MARKS
from autodata.index.risk import NOT_RECORDED, Answered, RiskReason, compare_requests, find_reasons
from autodata.index.staging import AUDIT_TABLES, KEYS, Batch, Row, dump, task_key
from autodata.index.store import replace_rows
from autodata.index.tallies import clear_tallies
from autodata.model import Criterion
from autodata.policy import PRESETS, Policy, parse_policy


def store_rounds(db: duckdb.DuckDBPyConnection, batch: Batch, first: bool) -> None:
    """Write the batch's rounds with parity and risk, then the trajectories they belong to."""
    if batch.rounds:
        policy = _read_policy(batch.state)
        facts = _load_facts(db, batch)
        rows = [
            _build_row(batch.run, data, policy, facts.get(data.get("task_id") or "")) for data in batch.rounds.values()
        ]
        replace_rows(db, "rounds", list(zip(*rows, strict=True)), batch.run, first, _MARKED.format(run=int(batch.run)))
        refresh_trajectories(db, batch.run, sorted({source for source, _ in batch.rounds}))


def refresh_trajectories(db: duckdb.DuckDBPyConnection, run: int, source_ids: list[str]) -> None:
    """Rebuild the roll-up rows of these sources of a run from rounds, tasks and sources."""
    db.execute("DELETE FROM trajectories WHERE run = ? AND source_id IN (SELECT unnest(?))", [run, source_ids])
    db.execute(_TRAJECTORIES, {"run": run, "sources": source_ids})


def read_rubric(text: str) -> tuple[Criterion, ...]:
    """A rubric as stored in the index; criteria that lack a number as weight are left out."""
    return tuple(
        Criterion(str(item["id"]), str(item.get("criterion", "")), float(item["weight"]))
        for item in orjson.loads(text or "[]")
        if isinstance(item.get("weight"), int | float)
    )


def read_verdicts(value: dict[str, Any]) -> dict[str, float]:
    """Criterion id to met, from a rollout's recorded verdicts."""
    return {cid: float(v["met"] if isinstance(v, dict) else v) for cid, v in value.items()}


def _read_policy(state: dict[str, Any]) -> Policy | None:
    try:
        return parse_policy(orjson.loads(state.get("policy") or "{}"))
    except BadInput:
        return None


def _load_facts(db: duckdb.DuckDBPyConnection, batch: Batch) -> dict[str, tuple[tuple[Criterion, ...], list[Answered]]]:
    """Rubric and selecting rollouts of every task whose strong side was run, by task id."""
    wanted = [r["task_id"] for r in batch.rounds.values() if r.get("task_id") and r.get("strong_statuses")]
    if not wanted:
        return {}
    rubrics = db.execute(
        "SELECT task_id, rubric, seq FROM tasks WHERE run = ? AND task_id IN (SELECT unnest(?))", [batch.run, wanted]
    ).fetchall()
    first_seq = min((seq for *_, seq in rubrics), default=0)
    answers: dict[str, list[Answered]] = defaultdict(list)
    rows = db.execute(
        """
        SELECT r.task_id, r.solver, r.status, r.score, r.answer_sha, r.verdicts, c.core, c.bare
        FROM (SELECT * FROM rollouts WHERE run = $run AND seq >= $seq AND purpose = 'select'
              AND task_id IN (SELECT unnest($tasks))) r
        LEFT JOIN (SELECT seq, core, bare FROM calls WHERE run = $run AND seq >= $seq AND core IS NOT NULL) c
        ON c.seq = r.answer_call
        """,
        {"run": batch.run, "seq": first_seq, "tasks": wanted},
    ).fetchall()
    for task_id, solver, status, score, sha, verdicts, core, bare in rows:
        met = read_verdicts(orjson.loads(verdicts))
        answers[task_id].append(Answered(solver, status, score, sha, met, core, bare))
    return {task_id: (read_rubric(rubric), answers[task_id]) for task_id, rubric, _ in rubrics}


def _build_row(
    run: int,
    r: dict[str, Any],
    policy: Policy | None,
    facts: tuple[tuple[Criterion, ...], list[Answered]] | None,
) -> Row:
    name = r.get("policy")
    if isinstance(name, dict):
        name = name.get("name", "custom")
    in_force = policy if policy and policy.name == name else PRESETS.get(str(name), policy)
    rubric, answers = facts or ((), [])
    reasons: list[RiskReason] = []
    if r.get("weak_mean") is not None and r.get("strong_mean") is not None:
        reasons = find_reasons(r, in_force.gap_min if in_force else None, rubric, answers)
    band = r.get("band")
    if band is None and in_force:
        band = find_band(in_force, r.get("weak_mean"), r.get("strong_mean"))
    scores = {key: r.get(key) or [] for key in ("weak_scores", "strong_scores", "weak_statuses", "strong_statuses")}
    scores |= {"rollouts": r.get("rollouts") or {}, "weak_spread": r.get("weak_spread")}
    return (
        run,
        r["seq"],
        r["t"],
        r["source"],
        r["round"],
        r.get("task_id"),
        r["outcome"],
        r.get("reason") or "",
        r.get("weak_mean"),
        r.get("strong_mean"),
        r.get("gap"),
        band,
        str(name or ""),
        r.get("policy_sha") or "",
        dump(scores),
        dump(r.get("clauses") or []),
        dump(r.get("presets") or {}),
        r.get("outcome_without_flagged") or "",
        r.get("calls") or 0,
        r.get("calls_saved") or 0,
        r.get("feedback") or "",
        NOT_RECORDED if r.get("requests_recorded") is False else compare_requests(answers),
        sum(reason.points for reason in reasons),
        reasons[0].sentence if reasons else "",
        dump([{"kind": x.kind, "sentence": x.sentence, "points": x.points} for x in reasons]),
        task_key(r["task_id"]) if r.get("task_id") else None,
    )


def clear_run(db: duckdb.DuckDBPyConnection, run: int) -> None:
    """Take everything of one run out of the index (texts stay: others may share them), but not what models were asked
    about it."""
    derived = ("audits", "findings", "run_findings", "run_audits")
    for table in ("runs", "skipped", "calls", "trajectories", *(KEYS.keys() - set(AUDIT_TABLES)), *derived):
        db.execute(f"DELETE FROM {table} WHERE run = ?", [run])
    clear_tallies(db, run)


def clear_audits(db: duckdb.DuckDBPyConnection, run: int) -> None:
    """Take out what models were asked about a run; the audit then makes its verdicts from the record alone."""
    for table in AUDIT_TABLES:
        db.execute(f"DELETE FROM {table} WHERE run = ?", [run])
    # Whatever comes in their place has numbers of its own, perhaps the same ones.
    db.execute("UPDATE audits SET merged = -1 WHERE run = ? AND merged > 0", [run])


_TRAJECTORIES = f"""
INSERT INTO trajectories
WITH mine AS (SELECT * FROM rounds WHERE run = $run AND source_id IN (SELECT unnest($sources))),
rolled AS (
    SELECT source_id, count(*) AS rounds, max(seq) AS seq, max(t) AS t, sum(calls) AS calls,
        coalesce(list(gap ORDER BY round) FILTER (gap IS NOT NULL), []) AS gaps
    FROM mine GROUP BY source_id
),
shown AS (
    SELECT * FROM mine WHERE task_id IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY source_id ORDER BY (outcome = 'accepted') DESC, round DESC) = 1
)
SELECT $run, rolled.seq, rolled.t, shown.source_id, coalesce(s.title, ''), shown.task_id, coalesce(k.question, ''),
    shown.round, rolled.rounds, rolled.gaps, shown.outcome, shown.outcome = 'accepted', shown.weak, shown.strong,
    shown.gap, shown.band, shown.parity, shown.risk, shown.risk_reason, shown.key, shown.decision,
    rolled.calls, {", ".join(f"shown.{name}" for name in MARKS)}
FROM shown
JOIN rolled USING (source_id)
LEFT JOIN (SELECT source_id, title FROM sources WHERE run = $run) s USING (source_id)
LEFT JOIN (SELECT task_id, question FROM tasks WHERE run = $run AND source_id IN (SELECT unnest($sources))) k
    ON k.task_id = shown.task_id
"""

_MARKED = f"""
SELECT v.*, coalesce(d.state, 'open'), {SELECT_MARKS} FROM staged v
LEFT JOIN verdicts d ON d.key = v.key
LEFT JOIN (SELECT * FROM audits WHERE run = {{run}}) a ON a.key = v.key
ORDER BY v.seq
"""
