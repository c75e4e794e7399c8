"""One task with all its evidence: what the Review page and the task page show."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from autodata.index.database import Index
from autodata.index.queries.decisions import DecisionDetail, list_decisions, load_said
from autodata.index.queries.evidence import CallDetail, RolloutDetail, find_difference, load_rollouts
from autodata.index.queries.trajectory import ClauseDetail, RoundDetail, find_source, load_rounds
from autodata.index.queries.votes import TaskVotes
from autodata.index.risk import Answered, RiskReason, find_shares, find_unchecked
from autodata.index.staging import task_key
from autodata.model import Source, Task

__all__ = [
    "CallDetail",
    "ClauseDetail",
    "DecisionDetail",
    "RiskReason",
    "RolloutDetail",
    "RoundDetail",
    "TaskDetail",
    "list_decisions",
    "load_task",
]


@dataclass(frozen=True, slots=True)
class TaskDetail:
    """A task and everything recorded about it. `parity`: same, differs or not recorded - weak and strong requests
    compared but for model and seed - or declared (they differ as the signed contract allows) or one side (only one was
    asked). `difference` names the fields that differ, from the exact bytes. `decision`: open, waiting, disputed,
    approved, rejected, flagged or skipped. `decisions` and `votes` hold what the person who asked may see. `datasets`:
    (name, version) it was exported in. `models`: role to model name. `this` is the round shown; `rounds` all of them
    in order. `rubric_shares`: criterion id to its share of the unclipped gap.
    `incomplete`: why the record after it cannot be trusted, or "". `imported`: where a run of another system comes from
    and what its file never recorded; empty for one of our own. `unchecked`: facts that the record does not hold, which
    nobody may call clear."""

    task: Task
    content_sha: str
    run_id: str
    domain: str
    source: Source
    this: RoundDetail
    rounds: tuple[RoundDetail, ...]
    rollouts: tuple[RolloutDetail, ...]
    policy: dict[str, Any]
    settings: dict[str, Any]
    models: dict[str, str]
    simulated: bool
    accepted: bool
    parity: str
    difference: tuple[str, ...]
    risk: float
    reasons: tuple[RiskReason, ...]
    rubric_shares: dict[str, float]
    decision: str
    decisions: tuple[DecisionDetail, ...]
    datasets: tuple[tuple[str, str], ...]
    incomplete: str
    imported: dict[str, Any] = field(default_factory=dict)
    unchecked: tuple[str, ...] = ()
    votes: TaskVotes = field(default_factory=TaskVotes)

    def rollouts_of(self, solver: str) -> tuple[RolloutDetail, ...]:
        """The selecting rollouts of one side, by index."""
        return tuple(r for r in self.rollouts if r.solver == solver and r.purpose == "select")


def load_task(index: Index, task_id: str, reviewer: str = "") -> TaskDetail | None:
    """The task as `reviewer` may see it, or None when the index does not know it.

    Requests, reasoning and judges' replies are read back from the journal; they are absent where its file no longer
    holds what was indexed.
    """
    key = task_key(task_id)
    found = index.query("SELECT run, seq, source_id, round, content_sha FROM tasks WHERE key = ?", [key])
    if not found:
        return None
    run, seq, source_id, number, content_sha = found[0]
    about = index.records(_ABOUT, [run])[0]
    rounds = load_rounds(index, run, source_id)
    this = next(r for r in rounds if r.round == number)
    if this.task is None or this.task.id != task_id:
        return None
    source, text_no = find_source(index, run, source_id)
    rollouts, text = load_rollouts(index, run, about["run_id"], task_id, seq, also=text_no)
    votes, decisions = load_said(index, task_id, reviewer)
    policy = orjson.loads(about["policy"])
    return TaskDetail(
        task=this.task,
        content_sha=content_sha,
        run_id=about["run_id"],
        domain=about["domain"] or "",
        source=replace(source, text=text),
        this=this,
        rounds=rounds,
        rollouts=rollouts,
        policy=policy,
        settings=orjson.loads(about["settings"]),
        models=orjson.loads(about["models"]),
        simulated=about["simulated"],
        imported=orjson.loads(about["imported"]) if about["imported"] else {},
        unchecked=_find_unchecked(this, rollouts, policy) if about["imported"] else (),
        accepted=this.outcome == "accepted",
        parity=this.parity,
        difference=find_difference(rollouts),
        risk=this.risk,
        reasons=this.reasons,
        rubric_shares=find_shares(this.task.rubric, [_to_answered(r) for r in rollouts if r.purpose == "select"]),
        decision=votes.standing,
        decisions=decisions,
        votes=votes,
        datasets=tuple(sorted(index.query("SELECT name, version FROM members WHERE key = ?", [key]))),
        incomplete=about["damage"] if about["damage"] and not _has_ended(index, run, source_id) else "",
    )


def _has_ended(index: Index, run: int, source_id: str) -> bool:
    return bool(index.query("SELECT outcome FROM results WHERE run = ? AND source_id = ?", [run, source_id]))


def _find_unchecked(this: RoundDetail, rollouts: tuple[RolloutDetail, ...], policy: dict[str, Any]) -> tuple[str, ...]:
    answers = [_to_answered(rollout) for rollout in rollouts if rollout.purpose == "select"]
    rubric = this.task.rubric if this.task else ()
    return find_unchecked(answers, rubric, policy.get("gap_min"), bool(this.outcome_without_flagged))


def _to_answered(rollout: RolloutDetail) -> Answered:
    score = rollout.score.value if rollout.score else None
    met = {verdict.criterion_id: verdict.met for verdict in rollout.verdicts}
    return Answered(rollout.solver, rollout.status, score, rollout.answer_sha, met, None, None)


_ABOUT = """
SELECT u.run_id, u.imported, u.domain, u.policy, u.settings, u.models, u.simulated, j.damage
FROM runs u LEFT JOIN journals j ON j.run = u.run WHERE u.run = ?
"""
