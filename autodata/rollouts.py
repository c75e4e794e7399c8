"""Rollouts: answers of one solver to one task, each graded by the blind judge."""

from __future__ import annotations

import asyncio

from autodata.agents import judge
from autodata.agents.solver import SOLVER_TEMPLATE_SHA, build_solver_body
from autodata.canon import derive_seed, hash_text, hash_value
from autodata.context import LoopContext
from autodata.errors import MalformedReply, ProviderFailure
from autodata.llm.reply import classify_answer
from autodata.model import AnswerStatus, Rollout, Score, Solver, Task, Verdict
from autodata.recorder import CallKey, RecordedCall
from autodata.scoring import score_verdicts


async def roll_out(task: Task, solver: Solver, context: LoopContext, nonce: str) -> tuple[Rollout, ...]:
    """All rollouts of one solver at once, in order of their index.

    Called again for a round, it replays what is recorded and asks only for what failed.
    """
    policy = context.settings.policy
    count = policy.weak_rollouts if solver == "weak" else policy.strong_rollouts
    return tuple(await asyncio.gather(*(_roll_out_once(task, solver, index, context, nonce) for index in range(count))))


async def _roll_out_once(task: Task, solver: Solver, index: int, context: LoopContext, nonce: str) -> Rollout:
    settings = context.settings
    seed = derive_seed(settings.seed, task.source_id, task.round, solver, index)
    try:
        answer = await context.recorder.call(
            CallKey(task.source_id, task.round, solver, index),
            build_solver_body(settings.seats.seat(solver), task, seed=seed),
            template_sha=SOLVER_TEMPLATE_SHA,
            extra={"task_sha": task.content_sha},
        )
    except ProviderFailure as failure:
        return _fail(solver, index, failure, None)
    status = classify_answer(answer.reply)
    if not answer.reply.content.strip():
        return _describe(solver, index, answer, status="refused" if status == "refused" else "empty")
    try:
        verdicts, judge_call = await _judge_answer(task, solver, index, answer, context, nonce)
    except (ProviderFailure, MalformedReply) as failure:
        return _fail(solver, index, failure, answer)
    score = score_verdicts(task.rubric, {verdict.criterion_id: verdict.met for verdict in verdicts})
    return _describe(solver, index, answer, status=status, score=score, verdicts=verdicts, judge_call=judge_call)


async def _judge_answer(
    task: Task, solver: Solver, index: int, answer: RecordedCall, context: LoopContext, nonce: str
) -> tuple[tuple[Verdict, ...], int]:
    """Verdicts and the judge call's number; malformed verdicts are asked again with a new seed.

    Only fresh asks count, so that a retried round or a resumed run may ask on where the last one gave up. The judge's
    seed comes from the answer's bytes, not from who wrote it.
    """
    settings, asks = context.settings, context.settings.judge_asks
    reason, ask, fresh = "", 0, 0
    while fresh < asks:
        body = judge.build_judge_body(
            settings.seats.seat("judge"),
            context.recipe,
            task,
            answer.reply.content,
            seed=derive_seed(settings.seed, task.id, answer.response_sha, "judge", ask),
            nonce=nonce,
        )
        call = await context.recorder.call(
            CallKey(task.source_id, task.round, "judge", index, subject=solver, ask=ask),
            body,
            template_sha=context.recipe.template_sha(*judge.TEMPLATE_FILES),
            extra={
                "task_sha": task.content_sha,
                "answer_sha_in": answer.response_sha,
                "rubric_sha": hash_value(judge.render_rubric(task.rubric)),
            },
        )
        try:
            return judge.parse_verdicts(call.reply.content, task.rubric), call.seq
        except MalformedReply as error:
            reason = str(error)
        ask, fresh = ask + 1, fresh + (not call.replayed)
    raise MalformedReply(f"the judge gave no readable verdict in {asks} asks: {reason}")


def _describe(
    solver: Solver,
    index: int,
    answer: RecordedCall,
    *,
    status: AnswerStatus,
    score: Score | None = None,
    verdicts: tuple[Verdict, ...] = (),
    judge_call: int | None = None,
) -> Rollout:
    return Rollout(
        solver=solver,
        index=index,
        purpose="select",
        status=status,
        answer=answer.reply.content,
        answer_sha=answer.response_sha,
        finish_reason=answer.reply.finish_reason,
        score=score,
        verdicts=verdicts,
        answer_call=answer.seq,
        judge_call=judge_call,
    )


def _fail(
    solver: Solver, index: int, failure: ProviderFailure | MalformedReply, answer: RecordedCall | None
) -> Rollout:
    """An infrastructure failure: a rollout without a score, which makes its round undecided."""
    if isinstance(failure, ProviderFailure) and failure.kind in ("auth", "not_found"):
        raise failure
    kind = f"{failure.kind}: " if isinstance(failure, ProviderFailure) else ""
    return Rollout(
        solver=solver,
        index=index,
        purpose="select",
        status="failed",
        answer=answer.reply.content if answer else "",
        answer_sha=answer.response_sha if answer else hash_text(""),
        finish_reason=answer.reply.finish_reason if answer else "",
        score=None,
        verdicts=(),
        answer_call=answer.seq if answer else None,
        judge_call=None,
        note=f"{kind}{failure}",
    )
