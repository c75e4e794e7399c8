"""What gaps of this run look like, and what one measured gap says in that light (normal-normal empirical Bayes).

Efron, B. and Morris, C. (1973). Stein's estimation rule and its competitors. JASA 68,
doi:10.1080/01621459.1973.10481350; the winner's curse under selection: https://arxiv.org/abs/2511.06318.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite, sqrt

import scipy

from autodata.audit.checking import check_finite, check_positive
from autodata.errors import BadInput

SMALLEST_VARIANCE = 1e-3
"""τ² is at least this: tasks of one run never share one gap to within 0.03."""

FEWEST_TASKS = 20
"""A prior of fewer tasks says so in its note."""


@dataclass(frozen=True, slots=True)
class GapPrior:
    """True gaps of a run's tasks: mean m0 and variance τ² (score²), from `tasks` measured tasks.

    `variance` may be infinite: nothing is known beforehand and every measured gap stands alone.
    """

    mean: float
    variance: float
    tasks: int
    note: str = ""


NO_PRIOR = GapPrior(0.0, inf, 0, "no other task was measured; this gap stands alone")


@dataclass(frozen=True, slots=True)
class Posterior:
    """What is believed of one task's true gap after measuring it: a normal with `mean` and standard deviation `sd`."""

    mean: float
    sd: float

    def find_chance(self, bar: float) -> float:
        """P(true gap >= bar)."""
        return float(scipy.special.ndtr((self.mean - bar) / self.sd))


def fit_gap_prior(gaps: Sequence[float], variances: Sequence[float]) -> GapPrior:
    """m0 = Σ(g/v) / Σ(1/v); τ² = weighted mean of (g - m0)² - v with weights 1/v, at least 0.001.

    `gaps` must come from a random sample of tasks (K1) or from every measured round (Z1), `variances` are their squared
    standard errors. Raises BadInput for lists of different length, fewer than two tasks, or variances that are not
    positive.
    """
    gaps = check_finite("gaps", gaps, fewest=2)
    if len(gaps) != len(variances):
        raise BadInput(f"{len(gaps)} gaps and {len(variances)} variances")
    variances = [check_positive("variance of a gap", variance) for variance in variances]
    weights = [1 / variance for variance in variances]
    total = sum(weights)
    mean = sum(w * g for w, g in zip(weights, gaps, strict=True)) / total
    excess = sum(w * ((g - mean) ** 2 - v) for w, g, v in zip(weights, gaps, variances, strict=True)) / total
    note = f"the prior rests on {len(gaps)} tasks only" if len(gaps) < FEWEST_TASKS else ""
    return GapPrior(mean, max(excess, SMALLEST_VARIANCE), len(gaps), note)


def update_gap(gap: float, variance: float, prior: GapPrior) -> Posterior:
    """μ = (m0 v + g τ²) / (v + τ²), σ² = v τ² / (v + τ²); with an infinite τ²: the measurement itself.

    Raises BadInput unless `variance` is positive.
    """
    check_positive("variance of the gap", variance)
    if not isfinite(prior.variance):
        return Posterior(gap, sqrt(variance))
    total = variance + prior.variance
    mean = (prior.mean * variance + gap * prior.variance) / total
    return Posterior(mean, sqrt(variance * prior.variance / total))
