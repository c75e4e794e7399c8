"""One source, round after round: the heart of the product, readable top to bottom.

    (extract) → write → review → solve → acceptance → (loop judge) → final review → diagnosis ↺

Which of these a round takes, and in what order, its recipe's [flow] and its policy declare; no domain is named here.
Durable by replay: every call goes through the recorder under a deterministic key, and a key that is in the journal
returns its recorded answer. Resuming a source is running this function again; nothing else here knows about it.
"""

from __future__ import annotations

from dataclasses import replace

from autodata.context import LoopContext
from autodata.errors import MalformedReply, ProviderFailure
from autodata.model import Source, SourceOutcome, Task
from autodata.steps.extract import extract_source
from autodata.steps.given import take_given
from autodata.steps.record import commit_end, commit_round
from autodata.steps.review import review_finally, review_task
from autodata.steps.screen import choose_candidate
from autodata.steps.solve import solve_task
from autodata.steps.weigh import weigh_round
from autodata.steps.work import RoundResult, SourceWork, diagnose_round, is_passing
from autodata.steps.write import Written, write_task


async def run_source(source: Source, context: LoopContext) -> SourceOutcome:
    """Rounds for one source until a task is accepted, the rounds are used up, or a round stays undecided.

    Returns how the source ended, after committing it. Raises StopRequested when the run is to end early and
    ProviderFailure (auth, not_found) when no call of a seat can ever succeed.
    """
    work = SourceWork(source, context)
    if context.recipe.limits.flow.extract and (end := await _prepare(work)):
        return end
    for number in range(1, min(context.settings.rounds, context.recipe.limits.rounds_max) + 1):
        result = await run_round(work, number)
        commit_round(work, number, result)
        if result.outcome == "accepted":
            return commit_end(work, "accepted", number, result.task, result.reason)
        if result.outcome == "undecided":
            return commit_end(work, "undecided", number, None, result.reason)
        work.failures.append(diagnose_round(number, result))
    reason = "single-shot baseline" if context.settings.baseline else _say_exhausted(work)
    return commit_end(work, "exhausted", len(work.failures), None, reason)


async def run_round(work: SourceWork, number: int) -> RoundResult:
    """One pass. Infrastructure failures end it as undecided, never as a score."""
    task: Task | None = None
    try:
        written = await _write(work, number)
        task = written.task
        if task is None:
            return RoundResult(None, "failed_quality", written.reason)
        review = await review_task(work, task, purpose="review")
        if not review.passed:
            return RoundResult(task, "failed_quality", review.feedback)
        return await _try(work, task)
    except ProviderFailure as failure:
        if not is_passing(failure):
            raise
        return RoundResult(task, "undecided", f"{failure.kind}: {failure}")
    except MalformedReply as error:
        return RoundResult(task, "undecided", str(error))


def _say_exhausted(work: SourceWork) -> str:
    if work.context.recipe.limits.flow.write == "given":
        return "the given task did not pass"
    rounds = len(work.failures)
    return f"no task passed in {rounds} round{'s' if rounds != 1 else ''}"


async def _prepare(work: SourceWork) -> SourceOutcome | None:
    """Read the source once for all rounds; how the source ended when that settles it."""
    try:
        extract = await extract_source(work)
    except ProviderFailure as failure:
        if not is_passing(failure):
            raise
        return commit_end(work, "undecided", 0, None, f"{failure.kind}: {failure}")
    except MalformedReply as error:
        return commit_end(work, "undecided", 0, None, str(error))
    if not extract.suitable:
        return commit_end(work, "skipped", 0, None, extract.note)
    work.extract = extract
    return None


async def _write(work: SourceWork, number: int) -> Written:
    flow = work.context.recipe.limits.flow
    if flow.write == "given":
        return await take_given(work, number)
    if flow.candidates > 1:
        return await choose_candidate(work, number)
    return await write_task(work, number)


async def _try(work: SourceWork, task: Task) -> RoundResult:
    """Solve, let the loop judge weigh where the policy wants its word, and read a task that passed once more."""
    settings = work.context.settings
    result = await solve_task(work, task)
    if settings.policy.rule == "loop_judge" and result.outcome != "undecided":
        result = await weigh_round(work, task, result)
    if result.outcome != "accepted":
        return result
    if settings.baseline:
        return replace(result, outcome="passed_baseline", reason="meets the policy; a baseline accepts nothing")
    return await review_finally(work, task, result) if settings.final_review else result
