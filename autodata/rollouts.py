"""Rollouts: answers of one solver to one task, each graded blind."""

from __future__ import annotations

import asyncio

from autodata.agents.solver import SOLVER_TEMPLATE_SHA, build_solver_body
from autodata.canon import derive_seed, hash_text
from autodata.context import LoopContext
from autodata.errors import MalformedReply, ProviderFailure
from autodata.grading import Grade, grade_answer, grade_silence
from autodata.llm.reply import classify_answer
from autodata.model import AnswerStatus, Rollout, Solver, Task
from autodata.recorder import CallKey, RecordedCall

_ASKS = 3
"""How often a verifiable task is put to a solver whose endpoint is down when it answers nothing."""


async def roll_out(
    task: Task, solver: Solver, context: LoopContext, nonce: str, *, first: int = 0, count: int | None = None
) -> tuple[Rollout, ...]:
    """Rollouts of one solver at once, in order of their index.

    `count` of them from index `first` on, or all that are left. Called again for a round, it replays what is recorded
    and asks only for what failed.
    """
    end = context.settings.policy.rollouts(solver) if count is None else first + count
    indices = range(first, end)
    return tuple(await asyncio.gather(*(_roll_out_once(task, solver, index, context, nonce) for index in indices)))


async def _roll_out_once(task: Task, solver: Solver, index: int, context: LoopContext, nonce: str) -> Rollout:
    """One rollout; a verifiable task's empty answer is discarded and asked for again where its endpoint was down."""
    verifiable = not task.rubric
    for ask in range(_ASKS if verifiable else 1):
        try:
            answer = await _ask_solver(task, solver, index, ask, context)
        except ProviderFailure as failure:
            return _fail(solver, index, failure, None)
        status = classify_answer(answer.reply)
        if answer.reply.content.strip():
            break
        status = "refused" if status == "refused" else "empty"
        silence = await grade_silence(task, solver, index, ask, context) if verifiable else None
        if silence or not verifiable:
            return _describe(solver, index, answer, status, silence)
    else:
        silent = MalformedReply(f"{_ASKS} empty answers, and the endpoint did not answer 2+2")
        return _fail(solver, index, silent, None)
    try:
        grade = await grade_answer(task, solver, index, answer, context, nonce)
    except (ProviderFailure, MalformedReply) as failure:
        return _fail(solver, index, failure, answer)
    return _describe(solver, index, answer, status, grade)


async def _ask_solver(task: Task, solver: Solver, index: int, ask: int, context: LoopContext) -> RecordedCall:
    settings = context.settings
    again = (ask,) if ask else ()
    return await context.recorder.call(
        CallKey(task.source_id, task.round, solver, index, ask=ask),
        build_solver_body(
            settings.seats.seat(solver),
            task,
            seed=derive_seed(settings.seed, task.source_id, task.round, solver, index, *again),
        ),
        template_sha=SOLVER_TEMPLATE_SHA,
        extra={"task_sha": task.content_sha},
    )


def _describe(solver: Solver, index: int, answer: RecordedCall, status: AnswerStatus, grade: Grade | None) -> Rollout:
    return Rollout(
        solver=solver,
        index=index,
        purpose="select",
        status=status,
        answer=answer.reply.content,
        answer_sha=answer.response_sha,
        finish_reason=answer.reply.finish_reason,
        score=grade.score if grade else None,
        verdicts=grade.verdicts if grade else (),
        answer_call=answer.seq,
        judge_call=grade.call if grade else None,
        note=grade.note if grade else "",
        graded_by=grade.by if grade else "judge",
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
