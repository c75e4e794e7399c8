"""Arms: fresh answers of one solver under one request, each graded blind and written down as a `fresh` record."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, replace
from typing import Any

from autodata.agents.prober import PROBE_SHA, build_probe_body, is_alive
from autodata.audit.fresh.blind import UNASKED, grade_blind
from autodata.audit.fresh.context import AuditContext
from autodata.audit.fresh.result import Subject
from autodata.canon import derive_seed, hash_text
from autodata.errors import MalformedReply, ProviderFailure
from autodata.grading import score_right
from autodata.llm.reply import classify_answer
from autodata.model import AnswerStatus, Grader, Role, Rollout, Score, Solver, Task, Verdict
from autodata.recorder import CallKey, RecordedCall

FIRST_JUDGE: Role = "auditor_judge"

SPARE = 2
"""Further answers an arm is asked for in place of those without a score, at most: an empty or failed answer says
nothing about the task, and a model that gives nothing else is not asked for ever."""

Roll = Callable[[int, int], Awaitable[tuple[Rollout, ...]]]
"""Asks for so many answers of an arm, from an index on."""


async def roll_fresh(
    subject: Subject,
    context: AuditContext,
    solver: Solver,
    arm: str,
    *,
    body_of: Callable[[int], dict[str, Any]],
    count: int,
    first: int = 0,
    judges: Sequence[Role] = (FIRST_JUDGE,),
    role: Role | None = None,
    task: Task | None = None,
    template_sha: str = "",
) -> tuple[Rollout, ...]:
    """Answers `first` to `first + count - 1` of an arm, in that order, graded by the first of the judges.

    `body_of` makes the request of one index, seed included. `role` is whose seat answers, the solver's unless named;
    `task` is what the answers are graded as, the audited task unless given. Further judges grade the same answers;
    their scores are recorded as those of the arm `ARM@ROLE`. Answers that are in the journal are not asked for again.

    A failed call or an unreadable verdict makes a rollout of status `failed` without a score, an empty or refused
    answer one without a score. Raises ProviderFailure for a key or a model that the endpoint does not know.
    """
    asked = role or solver
    own = task or subject.records.task

    async def roll(index: int) -> Rollout:
        rollout = await _answer_once(subject, context, solver, asked, arm, index, body_of(index), own, template_sha)
        rollout = await _grade(subject, context, rollout, own, judges[0], asked)
        _record(subject, context, rollout, judges[0])
        for other in judges[1:]:
            await _grade_once_more(subject, context, rollout, own, other, asked)
        return rollout

    return tuple(await asyncio.gather(*(roll(index) for index in range(first, first + count))))


async def roll_graded(roll: Roll, count: int, known: Sequence[Rollout] = ()) -> tuple[Rollout, ...]:
    """The first answers of an arm until `count` of them have a score, `count` + 2 at most; `known` are its first ones.

    The same answers whatever was known, so a check that comes later finds them in the journal.
    """
    rollouts = tuple(known)
    while (missing := min(count - len(list_scores(rollouts)), count + SPARE - len(rollouts))) > 0:
        rollouts += await roll(missing, len(rollouts))
    return rollouts


async def grade_again(
    subject: Subject, context: AuditContext, rollouts: Sequence[Rollout], role: Role, *, task: Task | None = None
) -> tuple[Rollout, ...]:
    """The same fresh answers graded by another judge, recorded as the arm `ARM@ROLE`; failed answers stay failed."""
    own = task or subject.records.task
    graded = (_grade_once_more(subject, context, rollout, own, role, rollout.solver) for rollout in rollouts)
    return tuple(await asyncio.gather(*graded))


def list_scores(rollouts: Sequence[Rollout]) -> tuple[float, ...]:
    """The graded answers' scores, by index; what could not be graded is left out, never a zero."""
    return tuple(r.score.value for r in sorted(rollouts, key=lambda r: r.index) if r.score is not None)


def count_failed(rollouts: Sequence[Rollout]) -> int:
    """Answers that an endpoint or a judge did not give."""
    return sum(rollout.status == "failed" for rollout in rollouts)


def explain_ungraded(rollouts: Sequence[Rollout]) -> str:
    """Why answers have no score, in words; "" where all have one."""
    without = [rollout for rollout in rollouts if rollout.score is None]
    if not without:
        return ""
    first, arm = without[0], without[0].purpose.replace("_", "-")
    why = first.note or f"the answer was {first.status}"
    have = "has" if len(without) == 1 else "have"
    return f"{len(without)} of {len(rollouts)} {first.solver} {arm} answers {have} no score: {why[:300]}"


def tell_left_out(*arms: Sequence[Rollout]) -> str:
    """What answers without a score add to a check's sentence: "; 1 of 4 weak neutral answers is left out (empty)". ""
    where every answer has one."""
    parts = []
    for arm in arms:
        without = [rollout.status for rollout in arm if rollout.score is None]
        if without:
            name, are = f"{arm[0].solver} {arm[0].purpose.replace('_', '-')}", "is" if len(without) == 1 else "are"
            parts.append(
                f"; {len(without)} of {len(arm)} {name} answers {are} left out ({', '.join(dict.fromkeys(without))})"
            )
    return "".join(parts)


async def _answer_once(
    subject: Subject,
    context: AuditContext,
    solver: Solver,
    role: Role,
    arm: str,
    index: int,
    body: dict[str, Any],
    task: Task,
    template_sha: str,
) -> Rollout:
    key = CallKey(subject.task_id, 0, role, index, purpose=arm)
    try:
        call = await context.loop.recorder.call(
            key, body, template_sha=template_sha, extra={"task_sha": task.content_sha}
        )
    except ProviderFailure as failure:
        if failure.kind in ("auth", "not_found") and body.get("model") == context.loop.settings.seats.seat(role).model:
            raise
        return _describe(solver, arm, index, None, "failed", f"{failure.kind}: {failure}")
    return _describe(solver, arm, index, call, classify_answer(call.reply))


async def _grade(
    subject: Subject, context: AuditContext, rollout: Rollout, task: Task, judge: Role, role: Role
) -> Rollout:
    """The rollout with its score; without one where nothing was answered or nobody could grade it."""
    if rollout.status == "failed":
        return rollout
    if not rollout.answer.strip():
        if not task.rubric and await _is_alive(subject, context, rollout, role):
            return replace(rollout, score=score_right(False), graded_by="probe", note="the endpoint answered 2+2")
        return rollout
    try:
        score, verdicts, call = await grade_blind(
            task,
            rollout.answer,
            context,
            role=judge,
            purpose=rollout.purpose,
            subject=role,
            attempt=rollout.index,
        )
    except (ProviderFailure, MalformedReply) as failure:
        if isinstance(failure, ProviderFailure) and failure.kind in ("auth", "not_found"):
            raise
        kind = f"{failure.kind}: " if isinstance(failure, ProviderFailure) else ""
        return replace(rollout, status="failed", note=f"{kind}{failure}")
    return _add_score(rollout, score, verdicts, call)


def _add_score(rollout: Rollout, score: Score, verdicts: tuple[Verdict, ...], call: int) -> Rollout:
    by: Grader = "judge" if verdicts else "verifier" if call != UNASKED else "symbolic"
    return replace(rollout, score=score, verdicts=verdicts, judge_call=call or None, graded_by=by)


async def _grade_once_more(
    subject: Subject, context: AuditContext, rollout: Rollout, task: Task, judge: Role, role: Role
) -> Rollout:
    bare = replace(rollout, score=None, verdicts=(), judge_call=None, note="")
    if rollout.answer.strip() and rollout.answer_call is not None:
        # A failure of the first judge is none of the answer.
        bare = replace(bare, status="ok" if rollout.status == "failed" else rollout.status)
    graded = await _grade(subject, context, bare, task, judge, role)
    _record(subject, context, graded, judge, other=True)
    return graded


async def _is_alive(subject: Subject, context: AuditContext, rollout: Rollout, role: Role) -> bool:
    """A verifiable task got an empty answer: whether the endpoint answers 2+2, as in a run (paper Fig 15)."""
    loop = context.loop
    key = CallKey(subject.task_id, 0, role, rollout.index, purpose=f"{rollout.purpose}_probe")
    seed = derive_seed(loop.settings.seed, subject.task_id, rollout.purpose, rollout.index, "probe")
    body = build_probe_body(loop.settings.seats.seat(role), seed)
    try:
        return is_alive((await loop.recorder.call(key, body, template_sha=PROBE_SHA)).reply.content)
    except ProviderFailure as failure:
        if failure.kind in ("auth", "not_found"):
            raise
        return False


def _describe(
    solver: Solver, arm: str, index: int, call: RecordedCall | None, status: AnswerStatus, note: str = ""
) -> Rollout:
    return Rollout(
        solver=solver,
        index=index,
        purpose=arm,
        status=status,
        answer=call.reply.content if call else "",
        answer_sha=call.response_sha if call else hash_text(""),
        finish_reason=call.reply.finish_reason if call else "",
        score=None,
        verdicts=(),
        answer_call=call.seq if call else None,
        judge_call=None,
        note=note,
    )


def _record(subject: Subject, context: AuditContext, rollout: Rollout, judge: Role, *, other: bool = False) -> None:
    arm = f"{rollout.purpose}@{judge}" if other else rollout.purpose
    context.loop.recorder.commit(
        "fresh",
        (subject.task_id, arm, rollout.solver, rollout.index),
        {
            "source": subject.task_id,
            "arm": arm,
            "solver": rollout.solver,
            "index": rollout.index,
            "status": rollout.status,
            "finish_reason": rollout.finish_reason,
            "answer_sha": rollout.answer_sha,
            "answer_call": rollout.answer_call,
            "judge": judge,
            "judge_call": rollout.judge_call,
            "graded_by": rollout.graded_by,
            "score": asdict(rollout.score) if rollout.score else None,
            "verdicts": {v.criterion_id: {"met": v.met, "quote": v.quote} for v in rollout.verdicts},
            "note": rollout.note,
        },
    )
