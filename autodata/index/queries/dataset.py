"""Accepted or decided tasks with all that an exported item needs: texts, scores, answers, models, decision."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby, islice
from typing import Any

import orjson

from autodata.index.database import Index
from autodata.index.queries.dataset_gate import TaskFacts, stream_facts
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
    is what the reviewer saw; `content_sha` what the record holds. `models`: role to model, of roles that were asked
    anything in the run, of a given task about that task. `second_opinions`: (reviewer, verdict). `imported`: where a
    task of another system comes from; `origin`: the row a given task was in; both empty for all others."""

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


def stream_export_rows(
    index: Index, run_ids: tuple[str, ...] = (), decisions: tuple[str, ...] = (), batch: int = 500
) -> Iterator[list[ExportRow]]:
    """Accepted or decided tasks in batches, in the order of `stream_facts`; empty tuples mean every run and decision.

    Each batch is its own query, so a long export does not hold the index.
    """
    facts = stream_facts(index, decisions)
    if run_ids:
        facts = (one for one in facts if one.run_id in run_ids)
    for chosen in cut_batches(facts, batch):
        yield load_export_rows(index, chosen)


def load_export_rows(index: Index, facts: Sequence[TaskFacts], *, answers: bool = True) -> list[ExportRow]:
    """The tasks of these facts, in their order; `answers` loads what weak and strong wrote, too."""
    found: dict[tuple[int, int], ExportRow] = {}
    roles = index.remember(("asked roles",), lambda: _load_roles(index))
    for run, own in groupby(facts, lambda one: one.run):
        by_key = {one.key: one for one in own}
        where = _find_place(run, by_key.values())
        said = _load_answers(index, where) if answers else {}
        opinions: dict[int, list[tuple[str, str]]] = defaultdict(list)
        for key, reviewer, verdict in index.query(_OPINIONS, {"keys": where["keys"]}):
            opinions[key].append((reviewer, verdict))
        asked = _load_own_roles(index, run, by_key.values())
        for row in index.records(_ROWS, where):
            one = by_key[row["key"]]
            seats = asked.get(one.source_id, roles.get(run))
            found[run, one.key] = _build_row(one, row, said.get(one.key, ()), opinions[one.key], seats)
    return [found[one.run, one.key] for one in facts if (one.run, one.key) in found]


def cut_batches(facts: Iterable[TaskFacts], size: int) -> Iterator[list[TaskFacts]]:
    """The same facts, `size` at a time."""
    rest = iter(facts)
    while chosen := list(islice(rest, size)):
        yield chosen


def _find_place(run: int, facts: Iterable[TaskFacts]) -> dict[str, Any]:
    """Where the tasks lie: the record numbers bound what has to be read of the index's columns."""
    known = list(facts)
    return {
        "run": run,
        "keys": [one.key for one in known],
        "since": min(one.since for one in known),
        "first": min(one.at for one in known),
        "last": max(one.at for one in known),
    }


def _load_answers(index: Index, where: dict[str, Any]) -> dict[int, list[AnswerRow]]:
    wanted = {name: where[name] for name in ("run", "keys", "since")}
    answers: dict[int, list[AnswerRow]] = defaultdict(list)
    for key, *rest in index.query(_ANSWERS, wanted):
        answers[key].append(AnswerRow(*rest))
    return answers


def _load_roles(index: Index) -> dict[int, frozenset[str]]:
    """Roles that were asked something, by run. A run of another system has no calls, and no entry."""
    rows = index.query("SELECT run, list(DISTINCT role) FROM uses WHERE calls > 0 GROUP BY run")
    return {run: frozenset(roles) for run, roles in rows}


def _load_own_roles(index: Index, run: int, facts: Iterable[TaskFacts]) -> dict[str, frozenset[str]]:
    """Roles that were asked something about a given task, by its source: one that came with its rubric has no
    challenger, while its neighbour's rubric had to be written."""
    sources = [one.source_id for one in facts if one.given]
    if not sources:
        return {}
    rows = index.query(
        """SELECT source_id, list(DISTINCT role) FROM calls
        WHERE run = $run AND source_id IN (SELECT unnest($sources)) GROUP BY source_id""",
        {"run": run, "sources": sources},
    )
    return {source_id: frozenset(roles) for source_id, roles in rows}


def _build_row(
    facts: TaskFacts,
    row: dict[str, Any],
    answers: Sequence[AnswerRow],
    opinions: Sequence[tuple[str, str]],
    roles: frozenset[str] | None,
) -> ExportRow:
    scores = orjson.loads(row["scores"])
    models = orjson.loads(row["models"])
    return ExportRow(
        task_id=facts.task_id,
        run_id=facts.run_id,
        round=row["round"],
        content_sha=row["content_sha"],
        question_type=row["question_type"],
        context=row["context"],
        question=row["question"],
        reference_answer=row["reference_answer"],
        rubric=read_rubric(row["rubric"]),
        tags=tuple(orjson.loads(row["tags"])),
        source_id=facts.source_id,
        source_title=row["title"],
        source_document=facts.document,
        source_passage=row["passage"],
        outcome=facts.outcome,
        band=row["band"],
        weak=row["weak"],
        strong=row["strong"],
        gap=facts.gap,
        weak_scores=tuple(scores["weak_scores"]),
        strong_scores=tuple(scores["strong_scores"]),
        answers=tuple(answers),
        policy=_read_policy(row["policy"]),
        policy_name=row["policy_name"],
        policy_sha=row["policy_sha"],
        models={role: model for role, model in models.items() if roles is None or role in roles},
        domain=row["domain"],
        recipe_name=row["recipe_name"],
        recipe_sha=row["recipe_sha"],
        software=row["software"],
        simulated=row["simulated"],
        parity=facts.parity,
        risk=row["risk"],
        risk_reason=row["risk_reason"],
        damaged=facts.damaged,
        decision=facts.decision,
        decision_id=row["decision_id"],
        reviewer=row["reviewer"],
        decision_reason=row["reason"],
        decided=row["decided"],
        decided_content_sha=row["decided_content_sha"],
        second_opinions=tuple(opinions),
        canary=facts.canary,
        imported=orjson.loads(row["imported"]) if row["imported"] else {},
        origin=orjson.loads(row["metadata"]).get("origin") or {},
    )


@lru_cache(maxsize=64)
def _read_policy(text: str) -> dict[str, Any]:
    """The policy of a run, which all of its tasks share; nobody changes it."""
    policy: dict[str, Any] = orjson.loads(text)
    return policy


_ROWS = """
SELECT k.key, r.round, k.content_sha, k.question_type, k.context, k.question, k.reference_answer, k.rubric, k.tags,
    coalesce(s.title, '') AS title, coalesce(s.passage, 1) AS passage, r.band, r.weak, r.strong, r.scores, u.policy,
    r.policy_name, r.policy_sha, u.models, u.domain, u.recipe_name, u.recipe_sha, u.software, u.simulated, u.imported,
    coalesce(s.metadata, '{}') AS metadata, r.risk, r.risk_reason, coalesce(d.decision_id, '') AS decision_id,
    coalesce(d.reviewer, '') AS reviewer, coalesce(d.reason, '') AS reason, d.t AS decided,
    coalesce(d.content_sha, '') AS decided_content_sha
FROM (SELECT * FROM tasks WHERE run = $run AND seq BETWEEN $since AND $last
    AND key IN (SELECT unnest($keys::UBIGINT[]))) k
JOIN (SELECT * FROM rounds WHERE run = $run AND seq BETWEEN $first AND $last) r ON r.key = k.key
JOIN runs u ON u.run = k.run
LEFT JOIN sources s ON s.run = k.run AND s.source_id = k.source_id
LEFT JOIN verdicts d ON d.key = k.key
"""

_ANSWERS = """
SELECT k.key, r.solver, r.idx, r.status, r.finish_reason, coalesce(x.text, ''), r.score, r.purpose
FROM (SELECT * FROM rollouts WHERE run = $run AND seq >= $since) r
JOIN (SELECT key, task_id FROM tasks WHERE run = $run AND key IN (SELECT unnest($keys::UBIGINT[]))) k
    ON k.task_id = r.task_id
LEFT JOIN texts x ON x.no = r.text_no
ORDER BY k.key, r.solver DESC, r.purpose, r.idx
"""

_OPINIONS = """
SELECT key, reviewer, verdict FROM decisions
WHERE second_opinion AND verdict <> 'undo' AND key IN (SELECT unnest($keys::UBIGINT[]))
    AND decision_id NOT IN (SELECT undoes FROM decisions WHERE verdict = 'undo' AND undoes IS NOT NULL)
ORDER BY seq
"""
