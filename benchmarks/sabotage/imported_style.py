"""Rounds as a foreign harness recorded them, written by the product's importer: the journal of an imported run."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from autodata.canon import hash_text
from autodata.home import Home
from autodata.importing.records import write_records
from autodata.importing.round_records import make_task
from autodata.importing.values import (
    Claim,
    ForeignCall,
    ForeignReview,
    ForeignRollout,
    ForeignRound,
    ForeignTask,
    ForeignTrajectory,
    Mark,
    ParsedFile,
)
from autodata.journal import JournalWriter
from autodata.llm.reply import Reply
from autodata.model import SOLVERS, Task
from benchmarks.sabotage.family import Made
from benchmarks.sabotage.harness import Harness, MadeRound, Plan, Trajectory, make_sources

_SEATS = ("challenger", "verifier", "weak", "strong", "judge")


def write_imported_run(home: Home, plan: Plan) -> tuple[Path, Harness, list[Trajectory]]:
    """A whole run, complete requests and replies of every call included."""
    letters = "".join(chr(ord("a") + int(digit, 16)) for digit in hash_text(f"file {plan.seed}")[:10])
    run_id = f"imported-generic-{letters}"
    harness = Harness(plan, run_id)
    sources = make_sources(plan.seed, plan.sources)
    trajectories = [t for t in harness.run_all(sources) if t.rounds]
    models = {role: harness.seats.seat(role).model for role in _SEATS}  # type: ignore[arg-type]
    parsed = ParsedFile(
        "generic",
        tuple(_describe(at, t, plan, models) for at, t in enumerate(trajectories)),
        version="autodata-trajectory/1",
        domain="cs",
        simulated=True,
    )
    path = home.journal(run_id)
    with JournalWriter(path) as journal:
        write_records(parsed, run_id, _describe_file(plan), lambda kind, data: journal.append(kind, data).seq)
    return path, harness, trajectories


def _describe_file(plan: Plan) -> dict[str, Any]:
    sha = hash_text(f"file {plan.seed}")
    return {
        "format": "generic",
        "title": "autodata-trajectory/1",
        "version": "autodata-trajectory/1",
        "file": "trajectories.jsonl",
        "sha256": sha,
        "bytes": 1_000_000,
        "importer": "autodata",
        "not_recorded": ["seeds of judges"],
        "demo": False,
        "kept": {},
    }


def _describe(at: int, trajectory: Trajectory, plan: Plan, models: dict[str, str]) -> ForeignTrajectory:
    accepted = trajectory.accepted
    return ForeignTrajectory(
        where=f"trajectories.jsonl line {at + 1}",
        source=trajectory.source,
        rounds=tuple(_describe_round(made) for made in trajectory.rounds),
        models=models,
        policy=plan.family.policy,
        accepted_round=accepted.number if accepted else None,
    )


def _describe_round(made: MadeRound) -> ForeignRound:
    task, acceptance = made.revised or made.task, made.acceptance
    stated = (
        {"weak_avg": acceptance.weak_mean, "strong_avg": acceptance.strong_mean, "gap": acceptance.gap}
        if acceptance
        else {}
    )
    used = [one for solver in SOLVERS for one in made.list_used(solver) if one.recorded]
    left = [one for one in made.made if one.recorded and not one.used]
    asked = [ForeignCall(**_describe_call(a.role, a.purpose, a.body, a.reply)) for a in made.asked]
    retried = [_answer_call(one) for one in left]
    retried += [_judge_call(one, one.judge_body, one.judge_reply) for one in left if one.judge_body and one.judge_reply]
    if made.tamper.keep_first_verdicts:
        retried += [_judge_call(one, body, reply) for one in used for body, reply in one.earlier]
    return ForeignRound(
        number=made.number,
        task=_describe_task(task),
        rollouts=tuple(_describe_rollout(one) for one in used),
        strong_run=any(one.solver == "strong" for one in used),
        reviews=(ForeignReview(made.review.passed, made.review.feedback, made.review.by, made.review.checks),),
        claim=Claim(made.outcome, made.reason, settled=made.outcome == "failed_quality", stated=stated),
        feedback=made.reason,
        calls=(*asked, *retried),
    )


def _describe_task(task: Task) -> ForeignTask:
    return ForeignTask(
        question=task.question,
        context=task.context,
        reference_answer=task.reference_answer,
        rubric=task.rubric,
        tags=task.tags,
        question_type=task.question_type,
    )


def _describe_rollout(one: Made) -> ForeignRollout:
    marks = {v.criterion_id: Mark(v.met, v.quote) for v in one.verdicts}
    return ForeignRollout(
        solver=one.solver,
        index=one.index,
        answer=one.reply.content,
        finish_reason=one.reply.finish_reason,
        marks=marks,
        score=one.score.value if one.score and not marks else None,
        status=one.status if one.status != "ok" else None,
        call=_answer_call(one),
        judge=_judge_call(one, one.judge_body, one.judge_reply) if one.judge_body and one.judge_reply else None,
    )


def _answer_call(one: Made) -> ForeignCall:
    return ForeignCall(**_describe_call(one.solver, "select", one.body, one.reply), attempt=one.index)


def _judge_call(one: Made, body: dict[str, Any], reply: Reply) -> ForeignCall:
    return ForeignCall(**_describe_call("judge", "select", body, reply), attempt=one.index, subject=one.solver)


def _describe_call(role: str, purpose: str, body: dict[str, Any], reply: Reply) -> dict[str, Any]:
    usage = asdict(reply.usage)
    return {
        "role": role,
        "purpose": purpose,
        "model": reply.model,
        "request": body,
        "response": reply.content,
        "reasoning": reply.reasoning,
        "finish_reason": reply.finish_reason,
        "prompt_tokens": usage["prompt_tokens"],
        "completion_tokens": usage["completion_tokens"],
    }


def find_task_id(run_id: str, made: MadeRound) -> str:
    """The id the importer gives the round's task."""
    return make_task(_describe_task(made.revised or made.task), run_id, made.task.source_id, made.number).id
