"""All rounds of one source in one run, and the source itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from autodata.index.database import Index
from autodata.index.risk import RiskReason
from autodata.index.rollup import read_rubric
from autodata.model import Source, Task


@dataclass(frozen=True, slots=True)
class ClauseDetail:
    """One condition of the policy as it was measured then; `holds` None where it was not."""

    name: str
    text: str
    measured: float | None
    holds: bool | None


@dataclass(frozen=True, slots=True)
class RoundDetail:
    """One round of the trajectory. `task` is None where the challenger wrote none that could be read; `outcome` is ""
    while the round is under way. Scores in [0, 1], None where an answer was not graded."""

    round: int
    task: Task | None
    outcome: str
    reason: str
    weak: float | None
    strong: float | None
    gap: float | None
    band: str | None
    weak_scores: tuple[float | None, ...]
    strong_scores: tuple[float | None, ...]
    weak_statuses: tuple[str, ...]
    strong_statuses: tuple[str, ...]
    rollouts: dict[str, dict[str, int]]
    weak_spread: float | None
    clauses: tuple[ClauseDetail, ...]
    presets: dict[str, str]
    outcome_without_flagged: str
    policy: str
    policy_sha: str
    calls: int
    feedback: str
    parity: str
    risk: float
    reasons: tuple[RiskReason, ...]
    quality_passed: bool | None
    quality_checks: dict[str, str]
    quality_feedback: str
    quality_by: str
    t: float


def load_rounds(index: Index, run: int, source_id: str) -> tuple[RoundDetail, ...]:
    """The trajectory of a source, a round that is still under way included."""
    mine = [run, source_id]
    rounds = index.records(f"SELECT {_ROUND} FROM rounds WHERE run = ? AND source_id = ?", mine)
    tasks = index.records("SELECT * FROM tasks WHERE run = ? AND source_id = ?", mine)
    reviews = index.records(f"SELECT {_REVIEW} FROM qualities WHERE run = ? AND source_id = ?", mine)
    tasks.sort(key=lambda row: row["seq"])
    by_number = [{row["round"]: row for row in rows} for rows in (rounds, tasks, reviews)]
    numbers = sorted(by_number[0].keys() | by_number[1].keys())
    return tuple(_build_round(number, *(rows.get(number, {}) for rows in by_number)) for number in numbers)


def find_source(index: Index, run: int, source_id: str) -> tuple[Source, int | None]:
    """The source without its text, and that text's number; an unknown one is empty."""
    rows = index.query(
        "SELECT title, document, passage, passages, metadata, text_no FROM sources WHERE run = ? AND source_id = ?",
        [run, source_id],
    )
    if not rows:
        return Source(source_id, "", ""), None
    title, document, passage, passages, metadata, number = rows[0]
    return Source(source_id, title, "", document, passage, passages, orjson.loads(metadata)), number


def _build_round(number: int, r: dict[str, Any], task: dict[str, Any], quality: dict[str, Any]) -> RoundDetail:
    scores = orjson.loads(r.get("scores") or "{}")
    return RoundDetail(
        round=number,
        task=_build_task(task) if task else None,
        outcome=r.get("outcome") or "",
        reason=r.get("reason") or "",
        weak=r.get("weak"),
        strong=r.get("strong"),
        gap=r.get("gap"),
        band=r.get("band"),
        weak_scores=tuple(scores.get("weak_scores", ())),
        strong_scores=tuple(scores.get("strong_scores", ())),
        weak_statuses=tuple(scores.get("weak_statuses", ())),
        strong_statuses=tuple(scores.get("strong_statuses", ())),
        rollouts=scores.get("rollouts") or {},
        weak_spread=scores.get("weak_spread"),
        clauses=tuple(
            ClauseDetail(str(c["name"]), str(c["text"]), c.get("measured"), c.get("holds"))
            for c in orjson.loads(r.get("clauses") or "[]")
        ),
        presets=orjson.loads(r.get("presets") or "{}"),
        outcome_without_flagged=r.get("without_flagged") or "",
        policy=r.get("policy_name") or "",
        policy_sha=r.get("policy_sha") or "",
        calls=r.get("calls") or 0,
        feedback=r.get("feedback") or "",
        parity=r.get("parity") or "one side",
        risk=r.get("risk") or 0.0,
        reasons=tuple(RiskReason(**item) for item in orjson.loads(r.get("risks") or "[]")),
        quality_passed=quality.get("passed"),
        quality_checks=orjson.loads(quality.get("checks") or "{}"),
        quality_feedback=quality.get("feedback") or "",
        quality_by=quality.get("reviewed_by") or "",
        t=r.get("t") or task.get("t") or 0.0,
    )


def _build_task(row: dict[str, Any]) -> Task:
    return Task(
        id=row["task_id"],
        source_id=row["source_id"],
        round=row["round"],
        question_type=row["question_type"],
        context=row["context"],
        question=row["question"],
        reference_answer=row["reference_answer"],
        rubric=read_rubric(row["rubric"]),
        tags=tuple(orjson.loads(row["tags"])),
    )


_ROUND = """round, outcome, reason, weak, strong, gap, band, scores, clauses, presets, without_flagged, policy_name,
policy_sha, calls, feedback, parity, risk, risks, t"""
_REVIEW = "round, passed, checks, feedback, reviewed_by"
