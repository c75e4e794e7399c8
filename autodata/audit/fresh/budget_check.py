"""K10, the larger budget: the weak solver answers the same neutral request with twice the tokens.

A weak score that rises with the budget was lost to truncation: the gap is partly one of budgets.
"""

from __future__ import annotations

from typing import Any

from autodata.audit.difference import Difference
from autodata.audit.fresh.arms import count_failed, list_scores, roll_fresh
from autodata.audit.fresh.certify import explain_ungradable, roll_neutral
from autodata.audit.fresh.context import AuditContext
from autodata.audit.fresh.noise import choose_noise
from autodata.audit.fresh.requests import (
    LIMITS,
    NEUTRAL_SHA,
    build_neutral_body,
    derive_fresh_seed,
    enlarge_budget,
)
from autodata.audit.fresh.result import Result, Subject
from autodata.audit.fresh.stepwise import FEWEST_GRADED, Compared, compare_step_by_step
from autodata.audit.verdict import Finding
from autodata.model import Rollout

ALPHA = 0.01
RISE = 0.10
"""A rise of the weak score from which the budget counts, on the score scale."""


async def check_budget(subject: Subject, context: AuditContext) -> Result:
    """K10 with three answers an arm, five where twice the tokens help; `numbers`: rise, t, p, the limits, how many
    answers were cut, and the scores.

    Answers that are empty because the tokens ran out have no score; where that leaves too few on the usual side and
    not on the larger one, this is the finding. Not recorded where the weak seat sets no limit.
    """
    limits = find_limits(subject, context)
    lacking = explain_ungradable(subject) + (() if limits else ("a token limit of the weak seat",))
    if lacking:
        return Result("K10", "not_recorded", missing=lacking)
    found = await compare_step_by_step(
        lambda count, first: _roll_larger(subject, context, count, first),
        lambda count, first: roll_neutral(subject, context, "weak", count, first=first),
        lambda scores: choose_noise(context, "weak", scores),
    )
    if found.difference is not None:
        return _describe(found, found.difference, limits)
    if len(found.scores[0]) < FEWEST_GRADED or count_failed(found.lower):
        return Result("K10", "failed", missing=found.missing)
    return _describe_empty(found, limits)


def find_limits(subject: Subject, context: AuditContext) -> dict[str, int]:
    """The token limit of the neutral weak request by the name of its field; empty where it sets none."""
    seat = context.loop.settings.seats.seat("weak")
    body = build_neutral_body(seat, subject.records.task, index=0, seed=0)
    return {key: body[key] for key in LIMITS if isinstance(body.get(key), int)}


async def _roll_larger(subject: Subject, context: AuditContext, count: int, first: int) -> tuple[Rollout, ...]:
    settings, task = context.loop.settings, subject.records.task

    def build(index: int) -> dict[str, Any]:
        seed = derive_fresh_seed(settings.seed, task.id, "larger_budget", index)
        return enlarge_budget(build_neutral_body(settings.seats.seat("weak"), task, index=index, seed=seed))

    return await roll_fresh(
        subject,
        context,
        "weak",
        "larger_budget",
        body_of=build,
        count=count,
        first=first,
        template_sha=NEUTRAL_SHA,
    )


def _describe(found: Compared, rise: Difference, limits: dict[str, int]) -> Result:
    low, high = rise.find_interval()
    p = rise.find_p()
    numbers = {
        **_list_numbers(found, limits),
        "rise": rise.value,
        "low": low,
        "high": high,
        "t": rise.find_t(),
        "p": p,
    }
    if rise.value < RISE or p >= ALPHA:
        return Result("K10", "done", numbers=numbers)
    words = (
        f"with twice the {max(limits.values()):,} tokens weak scores {rise.value:.2f} more (p = {p:.3f}; "
        f"{numbers['cut'][0]} of {len(found.lower)} usual answers were cut{found.left_out})"
    )
    return Result("K10", "done", (Finding("K10", "flag", words),), numbers)


def _describe_empty(found: Compared, limits: dict[str, int]) -> Result:
    larger, usual = found.higher, found.lower
    empty = sum(rollout.score is None for rollout in usual)
    words = (
        f"{empty} of {len(usual)} weak answers within {max(limits.values()):,} tokens are empty, "
        f"{len(larger) - len(list_scores(larger))} of {len(larger)} with twice as many"
    )
    return Result("K10", "done", (Finding("K10", "flag", words),), _list_numbers(found, limits))


def _list_numbers(found: Compared, limits: dict[str, int]) -> dict[str, Any]:
    larger, usual = found.scores
    return {
        "limits": limits,
        "cut": [sum(rollout.finish_reason == "length" for rollout in arm) for arm in (found.lower, found.higher)],
        "usual": list(usual),
        "larger": list(larger),
        "left_out": found.left_out,
    }
