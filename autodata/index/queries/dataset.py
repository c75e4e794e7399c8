"""What the export gate reads: every accepted or decided task with all that an exported item needs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from autodata.index.database import Index
from autodata.index.rollup import read_rubric
from autodata.model import Criterion


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One rollout of an exported task."""

    solver: str
    index: int
    status: str
    finish_reason: str
    answer: str
    score: float | None
    purpose: str


@dataclass(frozen=True, slots=True)
class ExportRow:
    """A task on its way to the gate. `decision`: open, waiting, disputed, approved, rejected, flagged, skipped;
    `canary`: planted, or made out of a planted task. `decided_content_sha`
    is what the reviewer saw; `content_sha` what the record holds. `second_opinions`: (reviewer, verdict). `imported`:
    where a task of another system comes from; `origin`: the row a given task was in; both empty for all others."""

    task_id: str
    run_id: str
    round: int
    content_sha: str
    question_type: str
    context: str
    question: str
    reference_answer: str
    rubric: tuple[Criterion, ...]
    tags: tuple[str, ...]
    source_id: str
    source_title: str
    source_document: str
    source_passage: int
    outcome: str
    band: str | None
    weak: float | None
    strong: float | None
    gap: float | None
    weak_scores: tuple[float | None, ...]
    strong_scores: tuple[float | None, ...]
    answers: tuple[AnswerRow, ...]
    policy: dict[str, Any]
    policy_name: str
    policy_sha: str
    models: dict[str, str]
    domain: str
    recipe_name: str
    recipe_sha: str
    software: str
    simulated: bool
    parity: str
    risk: float
    risk_reason: str
    damaged: bool
    decision: str
    decision_id: str
    reviewer: str
    decision_reason: str
    decided: float | None
    decided_content_sha: str
    second_opinions: tuple[tuple[str, str], ...]
    canary: bool
    imported: dict[str, Any] = field(default_factory=dict)
    origin: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GateCount:
    """Tasks that are alike to the gate. `content_changed`: the decision was about other words than the record's;
    `canary`: planted, or made out of a planted task."""

    decision: str
    outcome: str
    parity: str
    simulated: bool
    damaged: bool
    content_changed: bool
    canary: bool
    n: int


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


def count_gate(index: Index, run_ids: tuple[str, ...] = ()) -> list[GateCount]:
    """Counts of all accepted or decided tasks, by what the gate looks at. Empty `run_ids` means every run."""
    params = {"runs": list(run_ids)}
    counts: Counter[tuple[str, str, str, bool, bool, bool, bool]] = Counter()
    for decision, outcome, parity, simulated, n in index.query(_GATE, params):
        counts[decision, outcome, parity, simulated, False, False, False] += n
    # Few tasks have a torn record, changed words or are planted: they are counted apart and taken out of the rest.
    for decision, outcome, parity, simulated, *exceptions, n in index.query(_GATE_EXCEPTIONS, params):
        counts[decision, outcome, parity, simulated, False, False, False] -= n
        counts[decision, outcome, parity, simulated, *exceptions] += n
    return [GateCount(*facts, n) for facts, n in sorted(counts.items()) if n]


def stream_export_rows(
    index: Index, run_ids: tuple[str, ...] = (), decisions: tuple[str, ...] = (), batch: int = 500
) -> Iterator[list[ExportRow]]:
    """Accepted or decided tasks in the order of their ids, in batches; empty tuples mean every run, every decision.

    Each batch is its own query, so a long export does not hold the index.
    """
    ids = index.query(
        f"{_CANDIDATES} SELECT task_id, run FROM candidates ORDER BY task_id, run",
        {"runs": list(run_ids), "decisions": list(decisions)},
    )
    for start in range(0, len(ids), batch):
        yield _load_rows(index, [row[0] for row in ids[start : start + batch]], list(run_ids))


def list_exports(index: Index) -> list[ExportRecord]:
    """Dataset versions, newest first."""
    rows = index.query("SELECT name, version, path, hash, items, excluded, formats, t FROM exports ORDER BY seq DESC")
    return [
        ExportRecord(name, version, path, sha, items, orjson.loads(excluded), tuple(orjson.loads(formats)), t)
        for name, version, path, sha, items, excluded, formats, t in rows
    ]


def _load_rows(index: Index, task_ids: list[str], run_ids: list[str]) -> list[ExportRow]:
    params = {"tasks": task_ids, "runs": run_ids, "decisions": []}
    rows = index.query(f"{_CANDIDATES} {_ROWS}", params)
    answers: dict[tuple[int, str], list[AnswerRow]] = defaultdict(list)
    for run, task_id, *rest in index.query(_ANSWERS, {"tasks": task_ids}):
        answers[run, task_id].append(AnswerRow(*rest))
    opinions: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for task_id, reviewer, verdict in index.query(_OPINIONS, {"tasks": task_ids}):
        opinions[task_id].append((reviewer, verdict))
    return [_build_row(row, answers, opinions) for row in rows]


def _build_row(
    row: tuple[Any, ...],
    answers: dict[tuple[int, str], list[AnswerRow]],
    opinions: dict[str, list[tuple[str, str]]],
) -> ExportRow:
    (run, task_id, run_id, number, content_sha, question_type, context, question, reference, rubric, tags, *rest) = row
    (source_id, title, document, passage, outcome, band, weak, strong, gap, scores, *rest) = rest
    policy, policy_name, policy_sha, models, domain, recipe_name, recipe_sha, software, *rest = rest
    simulated, imported, metadata, *rest = rest
    parity, risk, risk_reason, damaged, decision, decision_id, reviewer, reason, decided, decided_sha, canary = rest
    lists = orjson.loads(scores)
    return ExportRow(
        task_id=task_id,
        run_id=run_id,
        round=number,
        content_sha=content_sha,
        question_type=question_type,
        context=context,
        question=question,
        reference_answer=reference,
        rubric=read_rubric(rubric),
        tags=tuple(orjson.loads(tags)),
        source_id=source_id,
        source_title=title,
        source_document=document,
        source_passage=passage,
        outcome=outcome,
        band=band,
        weak=weak,
        strong=strong,
        gap=gap,
        weak_scores=tuple(lists["weak_scores"]),
        strong_scores=tuple(lists["strong_scores"]),
        answers=tuple(answers[run, task_id]),
        policy=orjson.loads(policy),
        policy_name=policy_name,
        policy_sha=policy_sha,
        models=orjson.loads(models),
        domain=domain,
        recipe_name=recipe_name,
        recipe_sha=recipe_sha,
        software=software,
        simulated=simulated,
        parity=parity,
        risk=risk,
        risk_reason=risk_reason,
        damaged=damaged,
        decision=decision,
        decision_id=decision_id,
        reviewer=reviewer,
        decision_reason=reason,
        decided=decided,
        decided_content_sha=decided_sha,
        second_opinions=tuple(opinions[task_id]),
        canary=canary,
        imported=orjson.loads(imported) if imported else {},
        origin=orjson.loads(metadata).get("origin") or {},
    )


# What was made out of a planted task by editing it, and out of that again, is planted too.
_PLANTED = """planted_tasks AS (
    SELECT r.run, r.key FROM rounds r WHERE r.key IN (SELECT key FROM canaries)
    UNION
    SELECT r.run, r.key FROM planted_tasks p
    JOIN tasks k ON k.run = p.run AND k.key = p.key
    JOIN (SELECT run, source_id, json_extract_string(metadata, '$.edit.task_id') AS edited FROM sources
        WHERE metadata LIKE '%"edit"%') s ON s.edited = k.task_id
    JOIN rounds r ON r.run = s.run AND r.source_id = s.source_id AND r.key IS NOT NULL
)"""

_CANDIDATES = f"""
WITH RECURSIVE {_PLANTED}, candidates AS (
    SELECT r.*, k.content_sha, u.run_id, u.simulated, u.imported, j.damage <> '' AND e.outcome IS NULL AS damaged,
        r.decision AS state, coalesce(d.content_sha, '') AS decided_sha
    FROM rounds r
    JOIN tasks k ON k.run = r.run AND k.key = r.key
    JOIN runs u ON u.run = r.run
    JOIN journals j ON j.run = r.run
    LEFT JOIN results e ON e.run = r.run AND e.source_id = r.source_id
    LEFT JOIN verdicts d ON d.key = r.key
    WHERE (r.outcome = 'accepted' OR r.decision <> 'open')
        AND (len($runs) = 0 OR u.run_id IN (SELECT unnest($runs)))
        AND (len($decisions) = 0 OR r.decision IN (SELECT unnest($decisions)))
)
"""

_GATE = """
SELECT r.decision, r.outcome, r.parity, u.simulated, sum(r.n)::BIGINT
FROM (SELECT run, decision, outcome, parity, count(*) AS n FROM rounds
    WHERE key IS NOT NULL AND (outcome = 'accepted' OR decision <> 'open') GROUP BY ALL) r
JOIN runs u ON u.run = r.run
WHERE len($runs) = 0 OR list_contains($runs, u.run_id)
GROUP BY ALL
"""

_GATE_EXCEPTIONS = f"""
WITH RECURSIVE {_PLANTED}, changed AS (
    SELECT k.run, k.key FROM tasks k JOIN verdicts d ON d.key = k.key
    WHERE d.content_sha <> '' AND d.content_sha <> k.content_sha
),
torn AS (
    SELECT x.run, x.source_id FROM (SELECT * FROM sources WHERE run IN (SELECT run FROM journals WHERE damage <> '')) x
    WHERE NOT EXISTS (FROM results e WHERE e.run = x.run AND e.source_id = x.source_id)
),
apart AS (
    SELECT r.run, r.key FROM rounds r SEMI JOIN changed USING (run, key)
    UNION
    SELECT r.run, r.key FROM rounds r SEMI JOIN torn USING (run, source_id)
    UNION
    FROM planted_tasks
)
SELECT r.decision, r.outcome, r.parity, u.simulated, torn.run IS NOT NULL, changed.key IS NOT NULL,
    planted_tasks.key IS NOT NULL, count(*)
FROM rounds r
JOIN apart USING (run, key)
JOIN runs u ON u.run = r.run
LEFT JOIN torn ON torn.run = r.run AND torn.source_id = r.source_id
LEFT JOIN changed ON changed.run = r.run AND changed.key = r.key
LEFT JOIN planted_tasks ON planted_tasks.run = r.run AND planted_tasks.key = r.key
WHERE (r.outcome = 'accepted' OR r.decision <> 'open') AND (len($runs) = 0 OR list_contains($runs, u.run_id))
GROUP BY ALL
"""

_ROWS = """
SELECT c.run, c.task_id, c.run_id, c.round, c.content_sha, k.question_type, k.context, k.question,
    k.reference_answer, k.rubric, k.tags, c.source_id, coalesce(s.title, ''), coalesce(s.document, ''),
    coalesce(s.passage, 1), c.outcome, c.band, c.weak, c.strong, c.gap, c.scores, u.policy,
    c.policy_name, c.policy_sha, u.models, u.domain, u.recipe_name, u.recipe_sha, u.software, c.simulated, c.imported,
    coalesce(s.metadata, '{}'),
    c.parity, c.risk, c.risk_reason, c.damaged, c.state, coalesce(d.decision_id, ''), coalesce(d.reviewer, ''),
    coalesce(d.reason, ''), d.t, c.decided_sha,
    EXISTS (FROM planted_tasks p WHERE p.run = c.run AND p.key = c.key)
FROM candidates c
JOIN tasks k ON k.run = c.run AND k.key = c.key
JOIN runs u ON u.run = c.run
LEFT JOIN sources s ON s.run = c.run AND s.source_id = c.source_id
LEFT JOIN verdicts d ON d.key = c.key
WHERE c.task_id IN (SELECT unnest($tasks)) ORDER BY c.task_id, c.run
"""

_ANSWERS = """
SELECT r.run, r.task_id, r.solver, r.idx, r.status, r.finish_reason, coalesce(x.text, ''), r.score, r.purpose
FROM (SELECT * FROM rollouts WHERE task_id IN (SELECT unnest($tasks))) r
LEFT JOIN texts x ON x.no = r.text_no
ORDER BY r.run, r.task_id, r.solver DESC, r.purpose, r.idx
"""

_OPINIONS = """
SELECT task_id, reviewer, verdict FROM decisions
WHERE second_opinion AND verdict <> 'undo' AND task_id IN (SELECT unnest($tasks))
    AND decision_id NOT IN (SELECT undoes FROM decisions WHERE verdict = 'undo' AND undoes IS NOT NULL)
ORDER BY seq
"""
