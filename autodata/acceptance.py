"""Does a round's task pass the policy in force? Pure: scores in, outcome and reasons out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autodata.clauses import Clause, build_clauses, round_score
from autodata.model import AnswerStatus, Band, Outcome, Solver
from autodata.policy import PRESETS, Policy
from autodata.scoring import mean_score, measure_gap


@dataclass(frozen=True, slots=True)
class Graded:
    """One answer as acceptance sees it: how it ended and its score in [0, 1], None when it was not graded."""

    status: AnswerStatus
    score: float | None


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A policy's word on one round. Means in [0, 1], gap in [-1, 1]; None where a side was not measured."""

    outcome: Outcome
    reason: str
    weak_mean: float | None
    strong_mean: float | None
    gap: float | None
    clauses: tuple[Clause, ...]
    weak_graded: int
    strong_graded: int

    @property
    def accepted(self) -> bool:
        return self.outcome == "accepted"


def decide_acceptance(policy: Policy, weak: Sequence[Graded], strong: Sequence[Graded] | None) -> Acceptance:
    """Apply `policy` to one round.

    `strong` is None when the strong side was not run (weak-first, and the weak side did not pass).
    Order of reasons: undecided, too_easy, weak_zero, no_spread, inverted, failed_on_strong, saturated, narrow_gap,
    accepted. Under the loop judge `accepted` means that no number objects: its word is asked for afterwards.
    """
    weak_scores, weak_reason = select_scores(policy, weak, "weak")
    strong_scores, strong_reason = select_scores(policy, strong, "strong") if strong is not None else ([], "")
    clauses = build_clauses(policy, weak_scores, strong_scores)
    gap = measure_gap(weak_scores, strong_scores) if policy.rule != "loop_judge" else None
    outcome, reason = _choose_outcome(clauses, weak_reason, strong_reason, strong is not None, gap)
    return Acceptance(
        outcome=outcome,
        reason=reason,
        weak_mean=mean_score(weak_scores),
        strong_mean=mean_score(strong_scores),
        gap=measure_gap(weak_scores, strong_scores),
        clauses=clauses,
        weak_graded=len(weak_scores),
        strong_graded=len(strong_scores),
    )


def passes_weak_side(policy: Policy, weak: Sequence[Graded]) -> bool:
    """Whether the strong side is worth running: enough weak answers graded and every weak clause holds."""
    scores, reason = select_scores(policy, weak, "weak")
    return not reason and all(
        clause.holds for clause in build_clauses(policy, scores, []) if clause.name.startswith("weak")
    )


def select_scores(policy: Policy, answers: Sequence[Graded], side: Solver) -> tuple[list[float], str]:
    """Scores that count under the policy's answer rules, and why they cannot decide ("" when they can)."""
    scores: list[float] = []
    for answer in answers:
        rule = policy.rule_for(answer.status)
        if rule == "undecided":
            return [], f"a {side} answer was {answer.status}, which this policy does not grade"
        if rule == "graded" and answer.score is not None:
            scores.append(answer.score)
    failed = sum(1 for answer in answers if answer.status == "failed")
    if failed:
        return scores, f"{failed} of {len(answers)} {side} answers failed for infrastructure reasons"
    planned, needed = policy.rollouts(side), policy.needed(side)
    if len(scores) < needed:
        return scores, f"only {len(scores)} of {planned} {side} answers could be graded, {needed} are needed"
    return scores, ""


def decide_under_presets(weak: Sequence[Graded], strong: Sequence[Graded] | None) -> dict[str, Outcome]:
    """The verdicts of all presets that can read these answers, by preset name.

    A rule of counts speaks only where every score is 0 or 1 and its own number of answers was asked for; the loop
    judge's word is not in the scores.
    """
    return {
        name: decide_acceptance(preset, weak, strong).outcome
        for name, preset in PRESETS.items()
        if _can_read(preset, weak, strong)
    }


def exclude_flagged(policy: Policy) -> Policy:
    """The policy with truncated, refused and empty answers left out."""
    return policy.model_copy(update={"truncated": "excluded", "refused": "excluded", "empty": "excluded"})


def find_band(policy: Policy, weak_mean: float | None, strong_mean: float | None) -> Band | None:
    """Easy, right, hard or inverted, from the means alone and the policy in force; None without a weak mean.

    A weak side above its bound is easy even when the strong side was not run. Exact counts are read as shares of the
    planned answers; the loop judge has no numbers, so the loosest preset (blog_v2) names its bands.
    """
    if weak_mean is None:
        return None
    if strong_mean is not None and round_score(strong_mean) < round_score(weak_mean):
        return "inverted"
    clauses = {
        clause.name: clause.holds
        for clause in build_clauses(bound_means(policy), [weak_mean], [] if strong_mean is None else [strong_mean])
    }
    if not clauses["weak_mean"] or clauses.get("strong_ceiling") is False:
        return "easy"
    if strong_mean is None:
        return None
    if not clauses["strong_mean"]:
        return "hard"
    return "right" if clauses["gap"] else "easy"


def bound_means(policy: Policy) -> Policy:
    """The policy as bounds on means, which is all that a band and a map can show."""
    if policy.rule == "loop_judge":
        return PRESETS["blog_v2"]
    if policy.rule == "counts":
        weak_max = (policy.weak_correct_max or 0) / policy.weak_rollouts
        strong_min = (policy.strong_correct_min or 0) / policy.strong_rollouts
        return Policy(weak_mean_max=weak_max, strong_mean_min=strong_min, gap_min=0.0)
    return policy


def _can_read(preset: Policy, weak: Sequence[Graded], strong: Sequence[Graded] | None) -> bool:
    if preset.rule != "counts":
        return preset.rule == "thresholds"
    counted = len(weak) == preset.weak_rollouts and (strong is None or len(strong) == preset.strong_rollouts)
    return counted and can_count((*weak, *(strong or ())))


def can_count(answers: Sequence[Graded]) -> bool:
    """Whether every scored answer is right or wrong, so that right ones can be counted."""
    return all(answer.score in (None, 0.0, 1.0) for answer in answers)


WEAK_OUTCOMES: tuple[tuple[str, Outcome], ...] = (
    ("weak_mean", "too_easy"),
    ("weak_best", "too_easy"),
    ("weak_correct", "too_easy"),
    ("weak_zero", "weak_zero"),
    ("weak_spread", "no_spread"),
)
STRONG_OUTCOMES: tuple[tuple[str, Outcome], ...] = (
    ("strong_mean", "failed_on_strong"),
    ("strong_correct", "failed_on_strong"),
    ("strong_ceiling", "saturated"),
    ("gap", "narrow_gap"),
)


def _choose_outcome(
    clauses: Sequence[Clause], weak_reason: str, strong_reason: str, strong_run: bool, gap: float | None
) -> tuple[Outcome, str]:
    by_name = {clause.name: clause for clause in clauses}
    if weak_reason:
        return "undecided", weak_reason
    for name, outcome in WEAK_OUTCOMES:
        if name in by_name and not by_name[name].holds:
            return outcome, describe_clause(by_name[name])
    if not strong_run:
        return "undecided", "the strong side was not run"
    if strong_reason:
        return "undecided", strong_reason
    if gap is not None and round_score(gap) < 0:
        return "inverted", f"the weak mean is above the strong mean (gap {gap:+.2f})"
    for name, outcome in STRONG_OUTCOMES:
        if name in by_name and not by_name[name].holds:
            return outcome, describe_clause(by_name[name])
    return "accepted", "every clause of the policy holds"


def describe_clause(clause: Clause) -> str:
    """The failing condition with what was measured, as a sentence."""
    if clause.measured is None:
        return f"{clause.text} fails: not measured"
    digits = 0 if clause.name.endswith("correct") else 2
    return f"{clause.text} fails: {clause.measured:.{digits}f}"
