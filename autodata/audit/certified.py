"""K1, the certified gap: strong minus weak on fresh answers to the auditor's own request, graded by a blind judge.

The gap a loop measured is a claim, selected for being large. This is the measurement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from autodata.audit.arm import Arm, require_arm
from autodata.audit.checking import check_probability
from autodata.audit.difference import Difference, measure_difference
from autodata.audit.gap_prior import GapPrior, fit_gap_prior, update_gap
from autodata.audit.variance import Noise
from autodata.policy import PRESETS

DEFAULT_BAR = PRESETS["deployed"].gap_min
"""The smallest gap worth training on: 0.20, from the preset `deployed`."""

REAL_AT = 0.8
"""P(gap >= bar) from which the gap is called real; not real from 1 minus this downwards."""

SIZES = (3, 5, 8, 12)
"""Fresh answers per solver, step by step; an undecided gap is measured further up to the last."""

Difficulty = Literal["real", "not_real", "undecided"]


@dataclass(frozen=True, slots=True)
class CertifiedGap:
    """A fresh gap with its verdict against `bar`.

    `gap`, `low`, `high`: the fresh estimate and its interval at `level`. `expected` and `chance` (P(gap >= bar)) also
    use what other tasks of the run showed; the verdict rests on `chance`. `variance` is the estimate's, in score².
    """

    verdict: Difficulty
    gap: float
    low: float
    high: float
    level: float
    expected: float
    chance: float
    bar: float
    variance: float
    weak: int
    strong: int
    note: str = ""

    @property
    def rollouts(self) -> int:
        """Fresh answers of the side that has fewer."""
        return min(self.weak, self.strong)


def measure_fresh_gap(weak: Arm, strong: Arm, noise: Noise, strong_noise: Noise | None = None) -> Difference:
    """mean(strong) - mean(weak) of neutral answers; `noise` holds for both solvers unless strong has its own.

    Raises BadInput when an arm is not the neutral arm of its solver.
    """
    lower, higher = require_arm(weak, "weak", "neutral"), require_arm(strong, "strong", "neutral")
    if strong_noise is None:
        return measure_difference(higher.scores, lower.scores, noise)
    return measure_difference(higher.scores, lower.scores, strong_noise, noise)


def fit_certified_prior(fresh: Sequence[Difference]) -> GapPrior:
    """The prior of a run from the fresh gaps of a RANDOM sample of its accepted tasks; raises BadInput below two."""
    return fit_gap_prior([d.value for d in fresh], [d.variance for d in fresh])


def certify_gap(
    weak: Arm,
    strong: Arm,
    noise: Noise,
    prior: GapPrior,
    *,
    strong_noise: Noise | None = None,
    bar: float = DEFAULT_BAR,
    real_at: float = REAL_AT,
    level: float = 0.90,
) -> CertifiedGap:
    """Real when P(gap >= bar) >= `real_at`, not real when it is <= 1 - `real_at`, undecided between.

    P = Φ((μ - bar)/σ) with μ, σ² of `update_gap` (g = fresh gap, v = s̃_w²/R_w + s̃_s²/R_s). The interval is that of
    the fresh estimate alone, g ± t√v. Raises BadInput when an arm is not the neutral arm of its solver or a level is
    outside (0, 1).
    """
    check_probability("real_at", real_at)
    fresh = measure_fresh_gap(weak, strong, noise, strong_noise)
    low, high = fresh.find_interval(level)
    posterior = update_gap(fresh.value, fresh.variance, prior)
    chance = posterior.find_chance(bar)
    return CertifiedGap(
        verdict=_judge_chance(chance, real_at),
        gap=fresh.value,
        low=low,
        high=high,
        level=level,
        expected=posterior.mean,
        chance=chance,
        bar=bar,
        variance=fresh.variance,
        weak=len(weak.scores),
        strong=len(strong.scores),
        note="; ".join(filter(None, (prior.note, noise.note))),
    )


def find_next_size(certified: CertifiedGap) -> int | None:
    """Fresh answers per solver to go on to while the gap is undecided; None when decided or at the last size."""
    if certified.verdict != "undecided":
        return None
    return next((size for size in SIZES if size > certified.rollouts), None)


def _judge_chance(chance: float, real_at: float) -> Difficulty:
    # Rounded, so that 1 - 0.8 counts as 0.2.
    if round(chance, 9) >= real_at:
        return "real"
    return "not_real" if round(chance, 9) <= round(1 - real_at, 9) else "undecided"
