"""Solving: rollouts of both solvers in the order the recipe declares, and what the policy says of their scores."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from autodata.acceptance import Acceptance, decide_acceptance, passes_weak_side
from autodata.agents.answer_feedback import describe_answers
from autodata.context import LoopContext
from autodata.frugal import Side, can_save, plan_step, settle_round
from autodata.model import SOLVERS, Rollout, Solver, Task
from autodata.policy import Policy
from autodata.rollouts import roll_out
from autodata.steps.work import RoundResult, SourceWork, grade

Answers = tuple[tuple[Rollout, ...], tuple[Rollout, ...] | None, Acceptance]
"""Weak rollouts, strong ones (None: not run), and what the policy says of them."""


async def solve_task(work: SourceWork, task: Task) -> RoundResult:
    """Rollouts, then acceptance.

    Failed calls of the round are tried again `round_retries` times; what was recorded is not repeated.
    """
    context = work.context
    settings, flow = context.settings, context.recipe.limits.flow
    nonce = work.nonce(task.round, "judge")
    frugally = settings.frugal != "off" and not settings.baseline and can_save(settings.policy)
    result, failed = RoundResult(task, "undecided", "not tried"), False
    for _ in range(settings.round_retries + 1):
        solve = _solve_frugally if frugally else _solve_fully
        weak, strong, acceptance = await solve(task, context, nonce)
        detail = describe_answers(task, weak, strong or ()) if flow.feedback == "answers" else ""
        stopped = _describe_stop(settings.policy, weak, strong or ()) if frugally else ""
        result = RoundResult(
            task, acceptance.outcome, acceptance.reason, weak, strong, acceptance, None, stopped, detail
        )
        failed = any(rollout.status == "failed" for rollout in (*weak, *(strong or ())))
        if not failed:
            break
    if settings.baseline and failed:
        # The control compares both sides: a weak side that failed the policy does not make up for a missing strong one.
        return replace(result, outcome="undecided", reason="a call of the single-shot round failed: see its rollouts")
    return result


async def _solve_fully(task: Task, context: LoopContext, nonce: str) -> Answers:
    """Weak side, then strong side if it is worth it (or both at once), every planned rollout of a side at once."""
    settings, strong = context.settings, None
    if settings.baseline or context.recipe.limits.flow.order == "together":
        weak, strong = await asyncio.gather(
            roll_out(task, "weak", context, nonce), roll_out(task, "strong", context, nonce)
        )
    else:
        weak = await roll_out(task, "weak", context, nonce)
        if passes_weak_side(settings.policy, grade(weak)):
            strong = await roll_out(task, "strong", context, nonce)
    return weak, strong, decide_acceptance(settings.policy, grade(weak), None if strong is None else grade(strong))


async def _solve_frugally(task: Task, context: LoopContext, nonce: str) -> Answers:
    """Weak side first, whatever the recipe's order, and no answer once none can change what is decided."""
    policy, frugality, scored = context.settings.policy, context.settings.frugal, not task.rubric
    done: dict[Solver, tuple[Rollout, ...]] = {"weak": (), "strong": ()}
    sides: dict[Solver, Side] = {solver: Side((), policy.rollouts(solver)) for solver in SOLVERS}
    while (acceptance := settle_round(policy, sides["weak"], sides["strong"], scored=scored)) is None:
        step = plan_step(policy, sides["weak"], sides["strong"], frugality, scored=scored)
        first = len(done[step.solver])
        more = await roll_out(task, step.solver, context, nonce, first=first, count=step.count)
        done[step.solver] += more
        sides[step.solver] = sides[step.solver].add(grade(more))
    return done["weak"], done["strong"] or None, acceptance


def _describe_stop(policy: Policy, weak: tuple[Rollout, ...], strong: tuple[Rollout, ...]) -> str:
    """`1 of 3 weak answers`, or both sides; "" where every side that was asked was asked in full."""
    sides: dict[Solver, tuple[Rollout, ...]] = {"weak": weak, "strong": strong}
    early = [
        f"{len(asked)} of {policy.rollouts(solver)} {solver} answers"
        for solver, asked in sides.items()
        if 0 < len(asked) < policy.rollouts(solver)
    ]
    return " and ".join(early)
