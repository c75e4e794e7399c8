"""Does a round's task pass the policy in force? Pure: scores in, outcome and reasons out.

Every comparison rounds to 1e-9 first, so that 0.70 - 0.50 counts as 0.20.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autodata.model import AnswerStatus, Band, Outcome
from autodata.policy import PRESETS, Policy
from autodata.scoring import mean_score, measure_gap


@dataclass(frozen=True, slots=True)
class Graded:
    """One answer as acceptance sees it: how it ended and its score in [0, 1], None when it was not graded."""

    status: AnswerStatus
    score: float | None


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition of the policy: what was measured, what was asked, and whether it holds (None: not measured)."""

    name: str
    text: str
    measured: float | None
    holds: bool | None


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
    Order of reasons: undecided, too_easy, weak_zero, inverted, failed_on_strong, saturated, narrow_gap, accepted.
    """
    weak_scores, weak_reason = select_scores(policy, weak, "weak", policy.weak_rollouts)
    strong_scores, strong_reason = (
        select_scores(policy, strong, "strong", policy.strong_rollouts) if strong is not None else ([], "")
    )
    clauses = build_clauses(policy, weak_scores, strong_scores)
    outcome, reason = _choose_outcome(clauses, weak_reason, strong_reason, strong is not None)
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
    scores, reason = select_scores(policy, weak, "weak", policy.weak_rollouts)
    return not reason and all(
        clause.holds for clause in build_clauses(policy, scores, []) if clause.name.startswith("weak")
    )


def select_scores(policy: Policy, answers: Sequence[Graded], side: str, planned: int) -> tuple[list[float], str]:
    """Scores that count under the policy's answer rules, and why they cannot decide ("" when they can)."""
    scores: list[float] = []
    for answer in answers:
        rule = _rule_for(policy, answer.status)
        if rule == "undecided":
            return [], f"a {side} answer was {answer.status}, which this policy does not grade"
        if rule == "graded" and answer.score is not None:
            scores.append(answer.score)
    failed = sum(1 for answer in answers if answer.status == "failed")
    if failed:
        return scores, f"{failed} of {len(answers)} {side} answers failed for infrastructure reasons"
    needed = min(policy.min_graded, planned)
    if len(scores) < needed:
        return scores, f"only {len(scores)} of {planned} {side} answers could be graded, {needed} are needed"
    return scores, ""


def build_clauses(policy: Policy, weak: Sequence[float], strong: Sequence[float]) -> tuple[Clause, ...]:
    """The policy's conditions with what was measured, in the order they are shown."""
    weak_mean, strong_mean, gap = mean_score(weak), mean_score(strong), measure_gap(weak, strong)
    sign = "≤" if policy.weak_mean_inclusive else "<"
    clauses = [
        _at_most(
            "weak_mean",
            f"weak {sign} {policy.weak_mean_max:.2f}",
            weak_mean,
            policy.weak_mean_max,
            policy.weak_mean_inclusive,
        )
    ]
    if policy.weak_best_max is not None:
        best = max(weak, default=None)
        clauses.append(
            _at_most("weak_best", f"best weak ≤ {policy.weak_best_max:.2f}", best, policy.weak_best_max, inclusive=True)
        )
    if policy.zero_rule != "ignore":
        clauses.append(_zero_clause(policy, weak))
    strong_sign = "≥" if policy.strong_mean_min_inclusive else ">"
    clauses.append(
        _at_least(
            "strong_mean",
            f"strong {strong_sign} {policy.strong_mean_min:.2f}",
            strong_mean,
            policy.strong_mean_min,
            policy.strong_mean_min_inclusive,
        )
    )
    if policy.strong_mean_max is not None:
        clauses.append(
            _at_most(
                "strong_ceiling",
                f"strong < {policy.strong_mean_max:.2f}",
                strong_mean,
                policy.strong_mean_max,
                inclusive=False,
            )
        )
    clauses.append(_at_least("gap", f"gap ≥ {policy.gap_min:.2f}", gap, policy.gap_min, inclusive=True))
    return tuple(clauses)


def decide_under_presets(weak: Sequence[Graded], strong: Sequence[Graded] | None) -> dict[str, Outcome]:
    """Every preset's verdict on the same answers, by preset name."""
    return {name: decide_acceptance(preset, weak, strong).outcome for name, preset in PRESETS.items()}


def decide_without_flagged(policy: Policy, weak: Sequence[Graded], strong: Sequence[Graded] | None) -> Outcome:
    """What acceptance would be if truncated, refused and empty answers were left out."""
    strictest = policy.model_copy(update={"truncated": "excluded", "refused": "excluded", "empty": "excluded"})
    return decide_acceptance(strictest, weak, strong).outcome


def find_band(policy: Policy, weak_mean: float | None, strong_mean: float | None) -> Band | None:
    """Easy, right, hard or inverted, from the means alone and the policy in force; None without a weak mean.

    A weak side above its bound is easy even when the strong side was not run.
    """
    if weak_mean is None:
        return None
    if strong_mean is not None and _round(strong_mean) < _round(weak_mean):
        return "inverted"
    clauses = {
        clause.name: clause.holds
        for clause in build_clauses(policy, [weak_mean], [] if strong_mean is None else [strong_mean])
    }
    if not clauses["weak_mean"] or clauses.get("strong_ceiling") is False:
        return "easy"
    if strong_mean is None:
        return None
    if not clauses["strong_mean"]:
        return "hard"
    return "right" if clauses["gap"] else "easy"


def _choose_outcome(
    clauses: Sequence[Clause], weak_reason: str, strong_reason: str, strong_run: bool
) -> tuple[Outcome, str]:
    by_name = {clause.name: clause for clause in clauses}
    if weak_reason:
        return "undecided", weak_reason
    for name, outcome in (("weak_mean", "too_easy"), ("weak_best", "too_easy"), ("weak_zero", "weak_zero")):
        if name in by_name and not by_name[name].holds:
            return outcome, _describe_failure(by_name[name])  # type: ignore[return-value]
    if not strong_run:
        return "undecided", "the strong side was not run"
    if strong_reason:
        return "undecided", strong_reason
    gap = by_name["gap"].measured
    if gap is not None and _round(gap) < 0:
        return "inverted", f"the weak mean is above the strong mean (gap {gap:+.2f})"
    for name, outcome in (("strong_mean", "failed_on_strong"), ("strong_ceiling", "saturated"), ("gap", "narrow_gap")):
        if name in by_name and not by_name[name].holds:
            return outcome, _describe_failure(by_name[name])  # type: ignore[return-value]
    return "accepted", "every clause of the policy holds"


def _describe_failure(clause: Clause) -> str:
    measured = "not measured" if clause.measured is None else f"{clause.measured:.2f}"
    return f"{clause.text} fails: {measured}"


def _rule_for(policy: Policy, status: AnswerStatus) -> str:
    return {"ok": "graded", "failed": "excluded"}.get(status) or getattr(policy, status)


def _at_most(name: str, text: str, measured: float | None, bound: float, inclusive: bool) -> Clause:
    if measured is None:
        return Clause(name, text, None, None)
    holds = _round(measured) <= _round(bound) if inclusive else _round(measured) < _round(bound)
    return Clause(name, text, measured, holds)


def _at_least(name: str, text: str, measured: float | None, bound: float, inclusive: bool) -> Clause:
    if measured is None:
        return Clause(name, text, None, None)
    holds = _round(measured) >= _round(bound) if inclusive else _round(measured) > _round(bound)
    return Clause(name, text, measured, holds)


def _zero_clause(policy: Policy, weak: Sequence[float]) -> Clause:
    zeros = sum(1 for score in weak if _round(score) <= 0)
    text = "not every weak score 0" if policy.zero_rule == "not_all_zero" else "no weak score 0"
    if not weak:
        return Clause("weak_zero", text, None, None)
    holds = zeros < len(weak) if policy.zero_rule == "not_all_zero" else zeros == 0
    return Clause("weak_zero", text, zeros / len(weak), holds)


def _round(value: float) -> float:
    return round(value, 9)
