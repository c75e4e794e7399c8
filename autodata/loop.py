"""One source, round after round: the heart of the product, readable top to bottom.

    challenger → checks → verifier → weak rollouts → (weak passed) strong rollouts → judge → acceptance → diagnosis ↺

Durable by replay: every call goes through the recorder under a deterministic key, and a key that is in the journal
returns its recorded answer. Resuming a source is running this function again; nothing else here knows about it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from autodata.acceptance import (
    Acceptance,
    Graded,
    decide_acceptance,
    decide_under_presets,
    decide_without_flagged,
    find_band,
    passes_weak_side,
)
from autodata.agents import challenger, verifier
from autodata.agents.checks import check_task
from autodata.agents.feedback import FailedRound, describe_failure
from autodata.agents.request import make_nonce
from autodata.canon import derive_seed
from autodata.context import LoopContext
from autodata.errors import MalformedReply, ProviderFailure
from autodata.model import Outcome, QualityReview, Role, Rollout, Source, Task
from autodata.recorder import CallKey
from autodata.rollouts import roll_out


@dataclass(frozen=True, slots=True)
class RoundResult:
    """One round's end: its task when one was written, its outcome with the reason, and acceptance where measured."""

    task: Task | None
    outcome: Outcome
    reason: str
    weak: tuple[Rollout, ...] = ()
    strong: tuple[Rollout, ...] | None = None
    acceptance: Acceptance | None = None


async def run_source(source: Source, context: LoopContext) -> str:
    """Rounds for one source until a task is accepted, the rounds are used up, or a round stays undecided.

    Returns accepted, exhausted or undecided, after committing it. Raises StopRequested when the run is to end early and
    ProviderFailure (auth, not_found) when no call of a seat can ever succeed.
    """
    failures: list[FailedRound] = []
    for number in range(1, context.settings.rounds + 1):
        result = await run_round(source, number, failures, context)
        commit_round(source, number, result, context)
        if result.outcome == "accepted":
            return _finish(source, context, "accepted", number, result.task, result.reason)
        if result.outcome == "undecided":
            return _finish(source, context, "undecided", number, None, result.reason)
        failures.append(diagnose_round(number, result))
    reason = "single-shot baseline" if context.settings.baseline else f"no task passed in {len(failures)} rounds"
    return _finish(source, context, "exhausted", len(failures), None, reason)


async def run_round(source: Source, number: int, failures: Sequence[FailedRound], context: LoopContext) -> RoundResult:
    """One pass. Infrastructure failures end it as undecided, never as a score."""
    task: Task | None = None
    try:
        task, reason = await write_task(source, number, failures, context)
        if task is None:
            return RoundResult(None, "failed_quality", reason)
        review = await review_task(source, task, context, purpose="review")
    except ProviderFailure as failure:
        if not _is_passing(failure):
            raise
        return RoundResult(task, "undecided", f"{failure.kind}: {failure}")
    except MalformedReply as error:
        return RoundResult(task, "undecided", str(error))
    if not review.passed:
        return RoundResult(task, "failed_quality", review.feedback)
    return await try_task(source, task, context)


async def write_task(
    source: Source, number: int, failures: Sequence[FailedRound], context: LoopContext
) -> tuple[Task | None, str]:
    """Ask the challenger, again with a new seed after a malformed reply; commit the task before anybody tries it.

    (None, reason) when no reply could be read.
    """
    settings, nonce = context.settings, _nonce(source, number, context, "challenger")
    reason = ""
    for ask in range(settings.challenger_asks):
        body = challenger.build_challenger_body(
            settings.seats.seat("challenger"),
            context.recipe,
            source,
            list(failures),
            seed=derive_seed(settings.seed, source.id, number, "challenger", ask),
            nonce=nonce,
        )
        call = await context.recorder.call(
            CallKey(source.id, number, "challenger", purpose="write", ask=ask),
            body,
            template_sha=context.recipe.template_sha(*challenger.TEMPLATE_FILES),
        )
        try:
            draft = challenger.parse_draft(call.reply.content)
        except MalformedReply as error:
            reason = f"the challenger's reply could not be used: {error}"
            continue
        task = challenger.make_task(draft, context.run_id, source.id, number)
        context.recorder.commit(
            "task",
            (source.id, number),
            {"source": source.id, "round": number, "content_sha": task.content_sha, "task": asdict(task)},
        )
        return task, ""
    return None, reason


async def review_task(source: Source, task: Task, context: LoopContext, *, purpose: str) -> QualityReview:
    """Deterministic checks, then the verifier; its malformed replies are asked again.

    Raises MalformedReply when the verifier never gave a readable verdict.
    """
    review = check_task(task, context.recipe)
    if review.passed:
        review = await _ask_verifier(source, task, context, purpose)
    identity = (source.id, task.round, purpose)
    data = {"source": source.id, "round": task.round, "task_id": task.id, "purpose": purpose, **asdict(review)}
    context.recorder.commit("quality", identity, data)
    return review


async def try_task(source: Source, task: Task, context: LoopContext) -> RoundResult:
    """Weak side, then strong side if it is worth it (both at once in a baseline), then acceptance.

    Failed calls of the round are tried again `round_retries` times; what was recorded is not repeated.
    """
    settings, policy = context.settings, context.settings.policy
    nonce = _nonce(source, task.round, context, "judge")
    result, failed = RoundResult(task, "undecided", "not tried"), False
    for _ in range(settings.round_retries + 1):
        strong: tuple[Rollout, ...] | None = None
        if settings.baseline:
            weak, strong = await asyncio.gather(
                roll_out(task, "weak", context, nonce), roll_out(task, "strong", context, nonce)
            )
        else:
            weak = await roll_out(task, "weak", context, nonce)
            if passes_weak_side(policy, grade(weak)):
                strong = await roll_out(task, "strong", context, nonce)
        acceptance = decide_acceptance(policy, grade(weak), None if strong is None else grade(strong))
        result = RoundResult(task, acceptance.outcome, acceptance.reason, weak, strong, acceptance)
        failed = any(rollout.status == "failed" for rollout in (*weak, *(strong or ())))
        if not failed:
            break
    if settings.baseline and failed:
        # The control compares both sides: a weak side that failed the policy does not make up for a missing strong one.
        return replace(result, outcome="undecided", reason="a call of the single-shot round failed: see its rollouts")
    if result.outcome != "accepted":
        return result
    if settings.baseline:
        return replace(result, outcome="passed_baseline", reason="meets the policy; a baseline accepts nothing")
    return await _review_finally(source, task, result, context) if settings.final_review else result


def grade(rollouts: Sequence[Rollout]) -> list[Graded]:
    """Rollouts as acceptance sees them."""
    return [Graded(rollout.status, rollout.score.value if rollout.score else None) for rollout in rollouts]


def diagnose_round(number: int, result: RoundResult) -> FailedRound:
    """What the challenger will be told about a failed round."""
    acceptance = result.acceptance
    return FailedRound(
        round=number,
        outcome=result.outcome,
        question_type=result.task.question_type if result.task else "",
        question=result.task.question if result.task else "",
        weak_mean=acceptance.weak_mean if acceptance else None,
        strong_mean=acceptance.strong_mean if acceptance else None,
        gap=acceptance.gap if acceptance else None,
        reason=result.reason,
    )


def commit_round(source: Source, number: int, result: RoundResult, context: LoopContext) -> None:
    """Write rollouts and the round's outcome to the journal, with what other policies would have said."""
    for rollout in (*result.weak, *(result.strong or ())):
        identity = (source.id, number, rollout.solver, rollout.index)
        context.recorder.commit("rollout", identity, _describe_rollout(source, number, result, rollout))
    policy, acceptance = context.settings.policy, result.acceptance
    weak, strong = grade(result.weak), None if result.strong is None else grade(result.strong)
    measured = bool(result.weak)
    context.recorder.commit(
        "round",
        (source.id, number),
        {
            "source": source.id,
            "round": number,
            "task_id": result.task.id if result.task else None,
            "outcome": result.outcome,
            "reason": result.reason,
            "weak_mean": acceptance.weak_mean if acceptance else None,
            "strong_mean": acceptance.strong_mean if acceptance else None,
            "gap": acceptance.gap if acceptance else None,
            "weak_scores": [answer.score for answer in weak],
            "strong_scores": [answer.score for answer in strong or []],
            "weak_statuses": [answer.status for answer in weak],
            "strong_statuses": [answer.status for answer in strong or []],
            "band": find_band(policy, acceptance.weak_mean, acceptance.strong_mean) if acceptance else None,
            "policy": policy.name,
            "policy_sha": policy.sha,
            "clauses": [asdict(clause) for clause in acceptance.clauses] if acceptance else [],
            "presets": decide_under_presets(weak, strong) if measured else {},
            "outcome_without_flagged": decide_without_flagged(policy, weak, strong) if measured else None,
            "calls": context.recorder.count_calls(source.id, number),
            "feedback": "" if result.outcome == "accepted" else describe_failure(diagnose_round(number, result)),
        },
    )


async def _ask_verifier(source: Source, task: Task, context: LoopContext, purpose: str) -> QualityReview:
    settings, nonce = context.settings, _nonce(source, task.round, context, "verifier")
    reason, ask, fresh = "", 0, 0
    while fresh < settings.judge_asks:
        body = verifier.build_verifier_body(
            settings.seats.seat("verifier"),
            context.recipe,
            source,
            task,
            seed=derive_seed(settings.seed, source.id, task.round, "verifier", purpose, ask),
            nonce=nonce,
        )
        call = await context.recorder.call(
            CallKey(source.id, task.round, "verifier", purpose=purpose, ask=ask),
            body,
            template_sha=context.recipe.template_sha(*verifier.TEMPLATE_FILES),
            extra={"task_sha": task.content_sha},
        )
        try:
            return verifier.parse_review(call.reply.content)
        except MalformedReply as error:
            reason = str(error)
        ask, fresh = ask + 1, fresh + (not call.replayed)
    raise MalformedReply(f"the verifier gave no readable verdict in {settings.judge_asks} asks: {reason}")


async def _review_finally(source: Source, task: Task, result: RoundResult, context: LoopContext) -> RoundResult:
    """The end-of-loop filter: a task that passed is read once more, by the same checks and a fresh verifier call."""
    try:
        review = await review_task(source, task, context, purpose="final")
    except ProviderFailure as failure:
        if not _is_passing(failure):
            raise
        outcome: Outcome = "undecided"
        reason = f"final review: {failure.kind}: {failure}"
    except MalformedReply as error:
        outcome, reason = "undecided", f"final review: {error}"
    else:
        if review.passed:
            return result
        outcome, reason = "failed_quality", f"final review: {review.feedback}"
    return replace(result, outcome=outcome, reason=reason)


def _describe_rollout(source: Source, number: int, result: RoundResult, rollout: Rollout) -> dict[str, object]:
    data = asdict(rollout)
    del data["answer"]
    return {
        "source": source.id,
        "round": number,
        "task_id": result.task.id if result.task else None,
        **data,
        "verdicts": {
            verdict.criterion_id: {"met": verdict.met, "quote": verdict.quote} for verdict in rollout.verdicts
        },
    }


def _finish(source: Source, context: LoopContext, outcome: str, rounds: int, task: Task | None, reason: str) -> str:
    context.recorder.commit(
        "source_done",
        (source.id,),
        {
            "source": source.id,
            "outcome": outcome,
            "accepted_round": rounds if outcome == "accepted" else None,
            "task_id": task.id if task else None,
            "rounds": rounds,
            "reason": reason,
        },
    )
    return outcome


def _is_passing(failure: ProviderFailure) -> bool:
    """Whether the failure may be of this call only: wrong keys and model names would fail every call of the run."""
    return failure.kind not in ("auth", "not_found")


def _nonce(source: Source, number: int, context: LoopContext, reader: Role) -> str:
    return make_nonce(context.run_id, context.settings.seed, source.id, number, reader)
