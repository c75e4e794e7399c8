"""Weighing: the diagnostic packet of a round's rollouts, the loop judge's word on it, code filters above both."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from autodata.agents import loop_judge
from autodata.agents.filters import FilterHit, find_hits
from autodata.agents.packet import Packet, build_packet
from autodata.agents.weighing import Weighing, decide_weighing, describe_weighing, render_detail, summarise
from autodata.asking import ask_until_read
from autodata.canon import derive_seed
from autodata.errors import MalformedReply, ProviderFailure
from autodata.model import Rollout, Task
from autodata.policy import Policy
from autodata.recorder import CallKey
from autodata.steps.work import RoundResult, SourceWork, is_passing


async def weigh_round(work: SourceWork, task: Task, result: RoundResult) -> RoundResult:
    """Decide a round whose answers could be graded; what is to be improved carries its detail for the writer.

    A round that a number of the policy already failed keeps that outcome and is weighed for the writer's sake.
    """
    hits = find_hits(task.question, work.context.recipe.limits.filters)
    packet = _assemble(work, task, result, hits)
    try:
        verdict = await _ask_loop_judge(work, task, packet)
    except ProviderFailure as failure:
        if not is_passing(failure):
            raise
        return replace(result, outcome="undecided", reason=f"loop judge: {failure.kind}: {failure}")
    except MalformedReply as error:
        return replace(result, outcome="undecided", reason=str(error))
    outcome, reason = decide_weighing(hits, verdict)
    if result.outcome != "accepted":
        outcome, reason = result.outcome, result.reason
    weighing = Weighing(task, packet, hits, verdict, outcome, reason)
    work.weighings.append(weighing)
    data = {"source": work.source.id, "round": task.round, "task_id": task.id, **describe_weighing(weighing)}
    work.context.recorder.commit("loop_verdict", (work.source.id, task.round), data)
    detail = "" if outcome == "accepted" else render_detail(weighing)
    return replace(result, outcome=outcome, reason=reason, verdict=verdict, detail=detail)


def _assemble(work: SourceWork, task: Task, result: RoundResult, hits: tuple[FilterHit, ...]) -> Packet:
    """The packet over the rollouts that count, with what earlier rounds of the source came to."""
    policy = work.context.settings.policy
    return build_packet(
        task,
        [rollout for rollout in result.weak if _counts(policy, rollout)],
        [rollout for rollout in result.strong or () if _counts(policy, rollout)],
        target=work.target,
        hits=hits,
        before=work.weighings[-1].task.rubric if work.weighings else (),
        earlier=[summarise(weighing) for weighing in work.weighings],
    )


def _counts(policy: Policy, rollout: Rollout) -> bool:
    """Whether a rollout is valid: scored, and of a status that the policy grades."""
    return rollout.score is not None and (
        rollout.status == "ok" or getattr(policy, rollout.status, "excluded") == "graded"
    )


async def _ask_loop_judge(work: SourceWork, task: Task, packet: Packet) -> loop_judge.LoopVerdict:
    context, source = work.context, work.source
    settings, nonce = context.settings, work.nonce(task.round, "loop_judge")

    def build(ask: int) -> dict[str, Any]:
        return loop_judge.build_loop_judge_body(
            settings.seats.seat("loop_judge"),
            context.recipe,
            task,
            packet,
            seed=derive_seed(settings.seed, source.id, task.round, "loop_judge", ask),
            nonce=nonce,
        )

    key = CallKey(source.id, task.round, "loop_judge", purpose="weigh")
    extra = {"task_sha": task.content_sha}
    verdict, _ = await ask_until_read(context, "loop_judge", key, build, loop_judge.parse_loop_verdict, extra)
    return verdict
