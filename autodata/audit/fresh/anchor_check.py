"""K4, the anchors of one weak request: what the run put around its tasks is put around tasks with known scores.

A score that falls there falls because of the words, or because another model answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from autodata.audit.anchors import measure_anchor_drop
from autodata.audit.fresh.anchors import Anchor
from autodata.audit.fresh.arms import explain_ungraded, list_scores, roll_fresh
from autodata.audit.fresh.context import AuditContext
from autodata.audit.fresh.noise import choose_noise
from autodata.audit.fresh.requests import derive_fresh_seed, name_model
from autodata.audit.fresh.result import Result, Subject
from autodata.audit.fresh.wrapper import find_wrappers
from autodata.audit.verdict import Finding
from autodata.model import Rollout

ANSWERS = 2
"""Answers an anchor."""

ALPHA = 0.01

FEWEST_ANCHORS = 4
"""Anchors with graded answers below which nothing is tested."""


async def check_anchors(subject: Subject, context: AuditContext, anchors: Sequence[Anchor]) -> Result:
    """K4 of the weak request around this task, two answers an anchor; it holds for every task with the same around it.

    Not recorded where the question does not stand in the recorded request; not run with fewer than four anchors.
    """
    if len(anchors) < FEWEST_ANCHORS:
        words = f"{len(anchors)} anchors hold for this weak model and judge, {FEWEST_ANCHORS} are needed"
        return Result("K4", "not_run", missing=(words,))
    if not find_wrappers(subject.records, "weak"):
        return Result("K4", "not_recorded", missing=("what stands around the task in the weak requests",))
    sides = await asyncio.gather(*(_ask(subject, context, anchor, at) for at, anchor in enumerate(anchors)))
    asked = [(anchor, scores) for anchor, side in zip(anchors, sides, strict=True) if (scores := list_scores(side))]
    if len(asked) < FEWEST_ANCHORS:
        return Result("K4", "failed", missing=(explain_ungraded([r for side in sides for r in side]),))
    return _describe(context, [anchor for anchor, _ in asked], [scores for _, scores in asked])


async def _ask(subject: Subject, context: AuditContext, anchor: Anchor, at: int) -> tuple[Rollout, ...]:
    settings, wrappers = context.loop.settings, find_wrappers(subject.records, "weak")
    model = name_model(subject.records, settings.seats, "weak")

    def build(index: int) -> dict[str, Any]:
        body = wrappers[index % len(wrappers)].fill(anchor.task)
        body["seed"] = derive_fresh_seed(settings.seed, anchor.task.id, "anchor", index)
        return {**body, "model": model} if model else body

    return await roll_fresh(
        subject,
        context,
        "weak",
        "anchor",
        body_of=build,
        count=ANSWERS,
        first=at * ANSWERS,
        # Every call of an audit goes by the audited task's id.
        task=replace(anchor.task, id=subject.task_id),
        template_sha=wrappers[0].sha,
    )


def _describe(context: AuditContext, anchors: Sequence[Anchor], observed: Sequence[Sequence[float]]) -> Result:
    baselines = [anchor.baseline for anchor in anchors]
    test = measure_anchor_drop(
        baselines,
        observed,
        choose_noise(context, "weak", baselines),
        baseline_rollouts=min(anchor.rollouts for anchor in anchors),
    )
    topics = sorted({anchor.topic for anchor in anchors})
    numbers = {
        **asdict(test),
        "topics": topics,
        "tasks": [anchor.task.id for anchor in anchors],
        "baselines": baselines,
        "observed": [list(scores) for scores in observed],
    }
    if test.p >= ALPHA:
        return Result("K4", "done", numbers=numbers)
    words = (
        f"on {test.anchors} anchors of {len(topics)} topics the weak request lowers known scores by {test.drop:.2f} "
        f"(p {'< 0.001' if test.p < 0.001 else f'= {test.p:.3f}'}); {test.blind_spot}"
    )
    return Result("K4", "done", (Finding("K4", "flag", words),), numbers)
