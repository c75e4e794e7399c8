"""K1, the certified gap of one task: neutral requests, new answers, a blind judge, more of them while undecided.

Nothing recorded takes part but the spread of the run's scores. What other tasks of the run showed enters as the prior,
fitted on a random sample of its accepted tasks; when that changes, the same answers are weighed again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import isfinite
from typing import Any

from autodata.audit.arm import Arm, gather_arm
from autodata.audit.certified import (
    SIZES,
    CertifiedGap,
    certify_gap,
    fit_certified_prior,
    measure_fresh_gap,
)
from autodata.audit.difference import Difference
from autodata.audit.fresh.arms import explain_ungraded, list_scores, roll_fresh, roll_graded, tell_left_out
from autodata.audit.fresh.context import AuditContext
from autodata.audit.fresh.noise import find_noise
from autodata.audit.fresh.requests import NEUTRAL_SHA, build_neutral_body, derive_fresh_seed, list_declared
from autodata.audit.fresh.result import Result, Subject
from autodata.audit.gap_prior import NO_PRIOR, GapPrior
from autodata.audit.run_luck import RunNoise
from autodata.audit.verdict import Finding
from autodata.model import SOLVERS, Rollout, Solver

FEWEST = SIZES[0]
"""Graded answers a side below which no gap is certified."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The neutral answers of both solvers to one task, by index."""

    weak: tuple[Rollout, ...]
    strong: tuple[Rollout, ...]

    def gather(self, solver: Solver) -> Arm | None:
        return gather_arm(self.weak if solver == "weak" else self.strong, solver, "neutral")

    def explain_failure(self) -> tuple[str, ...]:
        """Why no gap can be certified, as sentences; empty where both sides have enough graded answers."""
        sides = (self.weak, self.strong)
        return tuple(explain_ungraded(side) for side in sides if len(list_scores(side)) < FEWEST)


async def check_certified(
    subject: Subject,
    context: AuditContext,
    *,
    prior: GapPrior = NO_PRIOR,
    fewest: int = FEWEST,
    most: int = SIZES[-1],
) -> Result:
    """K1 with `fewest` graded answers a side, and one more of each while undecided, up to `most`.

    The verdict is a posterior chance, so it may be looked at after every answer. An answer without a score is replaced
    by the next one, twice a side at most. `numbers` holds every field of `CertifiedGap`, the scores behind it, how many
    answers were left out, the blind judge's model, and why the task was taken. Coverage is `failed` when a side has
    fewer than three graded answers.
    """
    lacking = explain_ungradable(subject)
    if lacking:
        return Result("K1", "not_recorded", missing=lacking)
    measured = Measured((), ())
    result = Result("K1", "not_run")
    for size in range(fewest, max(fewest, most) + 1):
        measured = await measure_neutral(subject, context, size, measured)
        missing = measured.explain_failure()
        if missing:
            return Result("K1", "failed", missing=missing)
        result = _describe(subject, context, measured, prior, size)
        if result.numbers["verdict"] != "undecided":
            break
    return result


async def measure_neutral(
    subject: Subject, context: AuditContext, size: int, known: Measured | None = None
) -> Measured:
    """Neutral answers of both solvers until `size` a side have a score; those of `known` are not asked for again."""
    known = known or Measured((), ())
    weak, strong = await asyncio.gather(
        roll_graded_neutral(subject, context, "weak", size, known.weak),
        roll_graded_neutral(subject, context, "strong", size, known.strong),
    )
    return Measured(weak, strong)


async def roll_graded_neutral(
    subject: Subject, context: AuditContext, solver: Solver, count: int, known: Sequence[Rollout] = ()
) -> tuple[Rollout, ...]:
    """The first answers of one solver to the neutral request until `count` of them have a score (`roll_graded`)."""
    return await roll_graded(
        lambda number, first: roll_neutral(subject, context, solver, number, first=first), count, known
    )


async def roll_neutral(
    subject: Subject, context: AuditContext, solver: Solver, count: int, *, first: int = 0
) -> tuple[Rollout, ...]:
    """Answers of one solver to the neutral request, from index `first` on."""
    settings, task = context.loop.settings, subject.records.task

    def build(index: int) -> dict[str, Any]:
        seed = derive_fresh_seed(settings.seed, task.id, "neutral", index)
        return build_neutral_body(settings.seats.seat(solver), task, index=index, seed=seed)

    return await roll_fresh(
        subject,
        context,
        solver,
        "neutral",
        body_of=build,
        count=max(0, count),
        first=first,
        template_sha=NEUTRAL_SHA,
    )


def explain_ungradable(subject: Subject) -> tuple[str, ...]:
    """What the record lacks, so that no fresh answer could be graded; empty where it lacks nothing."""
    task = subject.records.task
    return () if task.rubric or task.reference_answer.strip() else ("a rubric or a reference answer",)


def fit_prior(results: Iterable[Result], noise: RunNoise | None) -> GapPrior:
    """The prior from K1 results of tasks that were drawn at random or all taken; none below two of them.

    Each task's first three answers a side count: whether more were asked for depended on them.
    """
    measured = [_measure_first(result.numbers, noise) for result in results if _is_random(result)]
    return fit_certified_prior(measured) if len(measured) > 1 else NO_PRIOR


def weigh_again(result: Result, prior: GapPrior, noise: RunNoise | None) -> Result:
    """A K1 result from the same answers in the light of another prior; one that is not done stays as it is."""
    if result.coverage != "done":
        return result
    numbers, scores = result.numbers, result.numbers["scores"]
    left_out = str(numbers.get("left_out") or "")
    certified = _certify(scores["weak"], scores["strong"], prior, noise, numbers["bar"])
    return replace(
        result,
        findings=_list_findings(certified, left_out),
        numbers={**numbers, **_list_numbers(certified, prior, left_out)},
    )


def _describe(subject: Subject, context: AuditContext, measured: Measured, prior: GapPrior, size: int) -> Result:
    scores = {"weak": list(list_scores(measured.weak)), "strong": list(list_scores(measured.strong))}
    certified = _certify(scores["weak"], scores["strong"], prior, context.run_noise, context.bar)
    seats = context.loop.settings.seats
    ungraded = [explain_ungraded(side) for side in (measured.weak, measured.strong)]
    left_out = tell_left_out(measured.weak, measured.strong)
    return Result(
        "K1",
        "done",
        findings=_list_findings(certified, left_out),
        numbers={
            **_list_numbers(certified, prior, left_out),
            "scores": scores,
            "asked": size,
            "left_out": left_out,
            "cut": {r.solver: _count_cut(side) for side in (measured.weak, measured.strong) for r in side[:1]},
            "judge": seats.seat("auditor_judge").model,
            "models": {solver: seats.seat(solver).model for solver in SOLVERS},
            "declared": list(list_declared(seats)),
            "ungraded": [words for words in ungraded if words],
            "why": subject.why,
            "inclusion": subject.inclusion,
        },
    )


def _certify(
    weak: Sequence[float], strong: Sequence[float], prior: GapPrior, noise: RunNoise | None, bar: float
) -> CertifiedGap:
    return certify_gap(
        Arm("weak", "neutral", tuple(weak)),
        Arm("strong", "neutral", tuple(strong)),
        find_noise(noise, "weak", weak),
        prior,
        strong_noise=find_noise(noise, "strong", strong),
        bar=bar,
    )


def _count_cut(side: Sequence[Rollout]) -> int:
    return sum(rollout.finish_reason == "length" for rollout in side)


def _list_numbers(certified: CertifiedGap, prior: GapPrior, left_out: str) -> dict[str, Any]:
    own = {"mean": prior.mean, "variance": prior.variance if isfinite(prior.variance) else None, "tasks": prior.tasks}
    note = "; ".join(filter(None, (certified.note, left_out.removeprefix("; "))))
    return {**asdict(certified), "note": note, "prior": own}


def _list_findings(certified: CertifiedGap, left_out: str = "") -> tuple[Finding, ...]:
    if certified.verdict == "real":
        return ()
    words = (
        f"{certified.weak}+{certified.strong} fresh answers to neutral requests give a gap of {certified.gap:.2f} "
        f"(90 % interval {certified.low:.2f} to {certified.high:.2f}), P(gap ≥ {certified.bar:.2f}) = "
        f"{certified.chance:.2f}{left_out}"
    ).replace("-", "−")
    if certified.verdict == "not_real":
        return (Finding("K1", "flag", f"the gap is not real: {words}"),)
    return (Finding("K1", "note", f"whether the gap is real is undecided: {words}"),)


def _is_random(result: Result) -> bool:
    numbers = result.numbers
    return result.coverage == "done" and numbers.get("why") in ("all", "random")


def _measure_first(numbers: Mapping[str, Any], noise: RunNoise | None) -> Difference:
    sides = {solver: tuple(numbers["scores"][solver][:FEWEST]) for solver in SOLVERS}
    return measure_fresh_gap(
        Arm("weak", "neutral", sides["weak"]),
        Arm("strong", "neutral", sides["strong"]),
        find_noise(noise, "weak", sides["weak"]),
        find_noise(noise, "strong", sides["strong"]),
    )
