"""The conditions of a policy with what was measured. Pure: scores in, clauses out.

Every comparison rounds to 1e-9 first, so that 0.70 - 0.50 counts as 0.20.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import pstdev

from autodata.policy import Policy
from autodata.scoring import mean_score, measure_gap


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition of the policy: what was measured, what was asked, and whether it holds (None: not measured)."""

    name: str
    text: str
    measured: float | None
    holds: bool | None


def build_clauses(policy: Policy, weak: Sequence[float], strong: Sequence[float]) -> tuple[Clause, ...]:
    """The policy's conditions in the order they are shown; empty for a loop judge without a spread bound.

    `weak` and `strong` are graded scores in [0, 1]. Names of conditions on the weak side alone begin with `weak`.
    """
    by_rule = {"thresholds": _bound_scores, "counts": _bound_counts, "loop_judge": lambda *_: []}
    clauses = by_rule[policy.rule](policy, weak, strong)
    if policy.weak_spread_min is not None:
        clauses.append(_bound_spread(policy.weak_spread_min, weak))
    return tuple(clauses)


def count_correct(scores: Sequence[float]) -> int:
    """Answers that are right: a score of 1."""
    return sum(1 for score in scores if round_score(score) >= 1)


def measure_spread(scores: Sequence[float]) -> float | None:
    """Population standard deviation of scores in [0, 1], so in [0, 0.5]; None without scores."""
    return pstdev(scores) if scores else None


def round_score(value: float) -> float:
    """To 1e-9, before anything is compared."""
    return round(value, 9)


def _bound_scores(policy: Policy, weak: Sequence[float], strong: Sequence[float]) -> list[Clause]:
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
    return clauses


def _bound_counts(policy: Policy, weak: Sequence[float], strong: Sequence[float]) -> list[Clause]:
    """Exact counts, no rounding and no majority heuristics (paper Fig 15)."""
    most, fewest = policy.weak_correct_max or 0, policy.strong_correct_min or 0
    right = float(count_correct(weak)) if weak else None
    strong_right = float(count_correct(strong)) if strong else None
    return [
        _at_most("weak_correct", f"weak right ≤ {most} of {policy.weak_rollouts}", right, most, inclusive=True),
        _at_least(
            "strong_correct",
            f"strong right ≥ {fewest} of {policy.strong_rollouts}",
            strong_right,
            fewest,
            inclusive=True,
        ),
    ]


def _bound_spread(bound: float, weak: Sequence[float]) -> Clause:
    return _at_least("weak_spread", f"weak spread ≥ {bound:.2f}", measure_spread(weak), bound, inclusive=True)


def _at_most(name: str, text: str, measured: float | None, bound: float, inclusive: bool) -> Clause:
    if measured is None:
        return Clause(name, text, None, None)
    holds = round_score(measured) <= round_score(bound) if inclusive else round_score(measured) < round_score(bound)
    return Clause(name, text, measured, holds)


def _at_least(name: str, text: str, measured: float | None, bound: float, inclusive: bool) -> Clause:
    if measured is None:
        return Clause(name, text, None, None)
    holds = round_score(measured) >= round_score(bound) if inclusive else round_score(measured) > round_score(bound)
    return Clause(name, text, measured, holds)


def _zero_clause(policy: Policy, weak: Sequence[float]) -> Clause:
    zeros = sum(1 for score in weak if round_score(score) <= 0)
    text = "not every weak score 0" if policy.zero_rule == "not_all_zero" else "no weak score 0"
    if not weak:
        return Clause("weak_zero", text, None, None)
    holds = zeros < len(weak) if policy.zero_rule == "not_all_zero" else zeros == 0
    return Clause("weak_zero", text, zeros / len(weak), holds)
