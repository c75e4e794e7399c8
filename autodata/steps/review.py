"""Review: the checks in code, then the verifier; and once more, afresh, for a task that passed."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from autodata.agents import verifier
from autodata.agents.checks import check_task
from autodata.asking import ask_until_read
from autodata.canon import derive_seed
from autodata.errors import MalformedReply, ProviderFailure
from autodata.model import Outcome, QualityReview, Task
from autodata.recorder import CallKey
from autodata.steps.work import RoundResult, SourceWork, is_passing


async def review_task(work: SourceWork, task: Task, *, purpose: str) -> QualityReview:
    """Deterministic checks, then the verifier where the recipe has one; its malformed replies are asked again.

    Raises MalformedReply when the verifier never gave a readable verdict.
    """
    context = work.context
    review = check_task(task, context.recipe)
    if review.passed and context.recipe.limits.flow.verify:
        review = await _ask_verifier(work, task, purpose)
    identity = (work.source.id, task.round, purpose)
    data = {"source": work.source.id, "round": task.round, "task_id": task.id, "purpose": purpose, **asdict(review)}
    context.recorder.commit("quality", identity, data)
    return review


async def review_finally(work: SourceWork, task: Task, result: RoundResult) -> RoundResult:
    """The end-of-loop filter (paper Sec 3.1): a task that passed is read once more, by the same checks and a fresh call
    of the verifier."""
    try:
        review = await review_task(work, task, purpose="final")
    except ProviderFailure as failure:
        if not is_passing(failure):
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


async def _ask_verifier(work: SourceWork, task: Task, purpose: str) -> QualityReview:
    context, source = work.context, work.source
    settings, nonce = context.settings, work.nonce(task.round, "verifier")

    def build(ask: int) -> dict[str, Any]:
        return verifier.build_verifier_body(
            settings.seats.seat("verifier"),
            context.recipe,
            source,
            task,
            seed=derive_seed(settings.seed, source.id, task.round, "verifier", purpose, ask),
            nonce=nonce,
        )

    key = CallKey(source.id, task.round, "verifier", purpose=purpose)
    extra = {"task_sha": task.content_sha}
    review, _ = await ask_until_read(context, "verifier", key, build, verifier.parse_review, extra)
    return review
