"""Frugal rollouts: can the answers that were not asked for still change what is decided? Pure.

A round may stop as soon as no remaining answer can change whether its task is accepted (docs/method.md). A remaining
answer may score anything in [0, 1], and may be empty, truncated or refused, which a policy may leave out or refuse to
decide on. That its call may fail is left aside: nobody would accept or reject a task for that.

Every condition but the spread grows or falls with each score. So it holds, or fails, whatever the remaining answers are
exactly when it does so with all of them 0 and with all of them 1; an answer that is left out moves nothing further.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from statistics import fmean
from typing import Literal

from autodata.acceptance import (
    STRONG_OUTCOMES,
    WEAK_OUTCOMES,
    Acceptance,
    Graded,
    can_count,
    decide_acceptance,
    describe_clause,
    exclude_flagged,
    select_scores,
)
from autodata.clauses import Clause, build_clauses, measure_spread, round_score
from autodata.model import Outcome, Solver
from autodata.policy import PRESETS, Policy
from autodata.scoring import mean_score, measure_gap

Frugality = Literal["off", "one_by_one", "parallel"]
"""How answers are asked for: a whole side at once; the fewest that could settle something; two batches a side."""

_LEVELS = (1.0, 0.0, 0.5, 0.75, 0.25, 0.9, 0.1)
"""Scores that the next answers are supposed to have, in the search for the fewest that could settle something."""


@dataclass(frozen=True, slots=True)
class Side:
    """The answers of one solver so far, in the order of their index, and how many are planned."""

    answers: tuple[Graded, ...]
    planned: int

    @property
    def remaining(self) -> int:
        return self.planned - len(self.answers)

    def add(self, answers: Sequence[Graded]) -> Side:
        """The side with more answers."""
        return replace(self, answers=(*self.answers, *answers))


@dataclass(frozen=True, slots=True)
class Step:
    """What to ask for next: so many answers of one solver, at once."""

    solver: Solver
    count: int


def can_save(policy: Policy) -> bool:
    """Whether any round could be settled early: a loop judge weighs all answers, unless a spread is required first."""
    return policy.rule != "loop_judge" or policy.weak_spread_min is not None


def settle_round(policy: Policy, weak: Side, strong: Side, *, scored: bool) -> Acceptance | None:
    """What is decided whatever the remaining answers are; None while they can still change it.

    `scored`: every answer gets a score, also an empty one (verifiable tasks). With all answers of both sides it is
    `decide_acceptance`. Otherwise `accepted` means that the full round is sure to be accepted, and any other outcome
    that it is sure not to be; the condition that the outcome names then fails in the full round, too.
    """
    if not weak.remaining and not strong.remaining:
        return decide_acceptance(policy, weak.answers, strong.answers)
    if reason := _explain_undecided(policy, weak, "weak"):
        return _describe(policy, weak, strong, (), "undecided", reason)
    clauses = foresee_clauses(policy, weak, strong)
    failing = {clause.name: clause for clause in clauses if clause.holds is False}
    for name, outcome in WEAK_OUTCOMES:
        if name in failing:
            return _describe(policy, weak, strong, clauses, outcome, _explain(failing[name], "weak", weak))
    passes_weak = _passes_weak_side(policy, clauses, weak, scored)
    if reason := _explain_undecided(policy, strong, "strong"):
        return _describe(policy, weak, strong, clauses, "undecided", reason) if passes_weak else None
    inverted = _foresee_inverted(policy, weak, strong)
    if inverted:
        reason = f"the weak mean stays above the strong mean{_count(strong, 'strong')}"
        return _describe(policy, weak, strong, clauses, "inverted", reason)
    for name, outcome in STRONG_OUTCOMES:
        if name in failing:
            return _describe(policy, weak, strong, clauses, outcome, _explain(failing[name], "strong", strong))
    holds = all(clause.holds for clause in clauses) and inverted is False
    if holds and passes_weak and _is_enough(policy, strong, "strong", scored):
        reason = f"every clause of the policy holds{_count(weak, 'weak')}{_count(strong, 'strong')}"
        return _describe(policy, weak, strong, clauses, "accepted", reason)
    return None


def plan_step(policy: Policy, weak: Side, strong: Side, frugality: Frugality, *, scored: bool) -> Step:
    """What to ask for next in a round that is not settled: the weak side until it passes for sure, then the strong one.

    `one_by_one` asks for the fewest answers that could settle something by their scores, `parallel` for at least half
    of a side and then for the rest, so that a side takes two waits at most.
    """
    clauses = foresee_clauses(policy, weak, strong)
    passed = not weak.remaining or _passes_weak_side(policy, clauses, weak, scored)
    solver: Solver = "strong" if passed and strong.remaining else "weak"
    side = strong if solver == "strong" else weak
    if frugality == "off" or (frugality == "parallel" and side.answers):
        return Step(solver, side.remaining)
    fewest = _find_fewest(policy, weak, strong, solver, scored)
    half = (side.remaining + 1) // 2 if frugality == "parallel" else 1
    return Step(solver, max(fewest, half))


def foresee_presets(weak: Side, strong: Side, *, scored: bool) -> dict[str, Outcome]:
    """Every preset's verdict as far as the answers at hand determine it, else undecided.

    Presets that cannot read the answers are absent, as in `decide_under_presets`; while answers are missing, counts are
    read only where every answer is right or wrong (`scored`).
    """
    verdicts: dict[str, Outcome] = {}
    missing = bool(weak.remaining or (strong.answers and strong.remaining))
    for name, preset in PRESETS.items():
        if preset.rule == "loop_judge":
            continue
        if preset.rule == "counts":
            own = (weak.planned, strong.planned) == (preset.weak_rollouts, preset.strong_rollouts)
            if not own or (missing and not scored) or not can_count((*weak.answers, *strong.answers)):
                continue
        settled = settle_round(preset, weak, strong, scored=scored)
        verdicts[name] = settled.outcome if settled else "undecided"
    return verdicts


def foresee_without_flagged(policy: Policy, weak: Side, strong: Side, *, scored: bool) -> Outcome:
    """What acceptance would be without truncated, refused and empty answers, as far as the answers at hand determine
    it; where none of them is such an answer it is the outcome itself."""
    flagged = any(answer.status not in ("ok", "failed") for answer in (*weak.answers, *strong.answers))
    settled = settle_round(exclude_flagged(policy) if flagged else policy, weak, strong, scored=scored)
    return settled.outcome if settled else "undecided"


def count_saved(policy: Policy, weak: Side, strong: Side, *, together: bool, scored: bool) -> dict[Solver, int]:
    """Answers of each side that a decided round did without although the full round would have asked for them.

    Weak first, the full round asks the strong side only after the weak one passed; `together` it always does.
    """
    clauses = foresee_clauses(policy, weak, strong)
    asks_strong = together or bool(strong.answers) or _passes_weak_side(policy, clauses, weak, scored)
    return {"weak": weak.remaining, "strong": strong.remaining if asks_strong else 0}


def foresee_clauses(policy: Policy, weak: Side, strong: Side) -> tuple[Clause, ...]:
    """The policy's conditions as measured on the answers at hand; `holds` is what they come to whatever the remaining
    answers are, and None while these can change it."""
    own = {"weak": _scores(policy, weak, "weak"), "strong": _scores(policy, strong, "strong")}
    extremes = [
        build_clauses(policy, own["weak"] + [low] * weak.remaining, own["strong"] + [high] * strong.remaining)
        for low, high in product((0.0, 1.0), repeat=2)
    ]
    foreseen = []
    for clause, *cases in zip(build_clauses(policy, own["weak"], own["strong"]), *extremes, strict=True):
        verdicts = {case.holds for case in cases}
        holds = next(iter(verdicts)) if len(verdicts) == 1 else None
        if clause.name == "weak_spread":
            holds = _foresee_spread(policy, weak)
        foreseen.append(replace(clause, holds=holds))
    return tuple(foreseen)


def _foresee_spread(policy: Policy, weak: Side) -> bool | None:
    """The spread is least with every remaining score at the mean and greatest with each at 0 or 1, some left out."""
    bound, scores, remaining = round_score(policy.weak_spread_min or 0.0), _scores(policy, weak, "weak"), weak.remaining
    if not scores and not remaining:
        return None
    least = measure_spread([*scores, *[fmean(scores) if scores else 0.0] * remaining]) or 0.0
    if round_score(least) >= bound:
        return True
    greatest = max(
        measure_spread([*scores, *[1.0] * ones, *[0.0] * zeros]) or 0.0
        for ones in range(remaining + 1)
        for zeros in range(remaining + 1 - ones)
    )
    return None if round_score(greatest) >= bound else False


def _foresee_inverted(policy: Policy, weak: Side, strong: Side) -> bool | None:
    """Whether the weak mean is above the strong one, whatever the remaining answers are."""
    if policy.rule == "loop_judge":
        return False
    own = _scores(policy, weak, "weak"), _scores(policy, strong, "strong")
    least = measure_gap(own[0] + [1.0] * weak.remaining, own[1] + [0.0] * strong.remaining)
    most = measure_gap(own[0] + [0.0] * weak.remaining, own[1] + [1.0] * strong.remaining)
    if least is not None and round_score(least) >= 0:
        return False
    return True if most is not None and round_score(most) < 0 else None


def _passes_weak_side(policy: Policy, clauses: Sequence[Clause], weak: Side, scored: bool) -> bool:
    """Whether the weak side passes whatever its remaining answers are."""
    holds = all(clause.holds for clause in clauses if clause.name.startswith("weak"))
    return holds and not _explain_undecided(policy, weak, "weak") and _is_enough(policy, weak, "weak", scored)


def _is_enough(policy: Policy, side: Side, solver: Solver, scored: bool) -> bool:
    """Whether the side is sure to be decided on although answers are missing: none of them can make it undecided."""
    if not side.remaining:
        return True
    rules = {policy.truncated, policy.refused, policy.empty}
    if policy.rule == "loop_judge" or "undecided" in rules:
        return False
    all_count = scored and rules == {"graded"}
    return all_count or len(_scores(policy, side, solver)) >= policy.needed(solver)


def _explain_undecided(policy: Policy, side: Side, solver: Solver) -> str:
    """Why the side cannot be decided on, whatever its remaining answers are; "" when it can."""
    scores, reason = select_scores(policy, side.answers, solver)
    few = len(scores) + side.remaining < policy.needed(solver)
    spoilt = any(a.status == "failed" or policy.rule_for(a.status) == "undecided" for a in side.answers)
    return reason if few or spoilt else ""


def _find_fewest(policy: Policy, weak: Side, strong: Side, solver: Solver, scored: bool) -> int:
    """The fewest answers of one side whose scores could settle the round or that side."""
    side = strong if solver == "strong" else weak
    for count in range(1, side.remaining):
        mixed = [Graded("ok", float(at % 2)) for at in range(count)]
        for answers in (*([Graded("ok", level)] * count for level in _LEVELS), mixed):
            sides = (weak, strong.add(answers)) if solver == "strong" else (weak.add(answers), strong)
            passes = solver == "weak" and _passes_weak_side(policy, foresee_clauses(policy, *sides), sides[0], scored)
            if passes or settle_round(policy, *sides, scored=scored) is not None:
                return count
    return side.remaining


def _scores(policy: Policy, side: Side, solver: Solver) -> list[float]:
    return select_scores(policy, side.answers, solver)[0]


def _describe(
    policy: Policy, weak: Side, strong: Side, clauses: tuple[Clause, ...], outcome: Outcome, reason: str
) -> Acceptance:
    weak_scores, strong_scores = _scores(policy, weak, "weak"), _scores(policy, strong, "strong")
    return Acceptance(
        outcome=outcome,
        reason=reason,
        weak_mean=mean_score(weak_scores),
        strong_mean=mean_score(strong_scores),
        gap=measure_gap(weak_scores, strong_scores),
        clauses=clauses or foresee_clauses(policy, weak, strong),
        weak_graded=len(weak_scores),
        strong_graded=len(strong_scores),
    )


def _explain(clause: Clause, solver: Solver, side: Side) -> str:
    return f"{describe_clause(clause)}{_count(side, solver)}"


def _count(side: Side, solver: Solver) -> str:
    return f", after {len(side.answers)} of {side.planned} {solver} answers" if side.remaining else ""
