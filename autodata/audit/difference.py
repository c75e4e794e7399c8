"""The difference of two mean scores with a moderated variance: the moderated t statistic (Smyth 2004).

doi:10.2202/1544-6115.1027; unequal variances by Welch (1947), doi:10.1093/biomet/34.1-2.28.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite, sqrt
from statistics import fmean

import scipy

from autodata.audit.checking import check_probability
from autodata.audit.variance import Noise, moderate_variance


@dataclass(frozen=True, slots=True)
class Difference:
    """`value` = mean(higher) - mean(lower) in [-1, 1], `variance` of that value in score², degrees of freedom `df`."""

    value: float
    variance: float
    df: float

    @property
    def error(self) -> float:
        """The standard error, on the score scale."""
        return sqrt(self.variance)

    def find_t(self, margin: float = 0.0) -> float:
        """(value - margin) / standard error."""
        return (self.value - margin) / self.error

    def find_p(self, margin: float = 0.0) -> float:
        """One-sided: how often chance alone gives as much or more when the true difference is `margin`."""
        return float(_find_tail(self.df, self.find_t(margin)))

    def find_interval(self, level: float = 0.90) -> tuple[float, float]:
        """Two-sided interval of the value at `level`, cut to [-1, 1]; raises BadInput for a level outside (0, 1)."""
        check_probability("level", level)
        reach = _find_quantile(self.df, (1 + level) / 2) * self.error
        return max(-1.0, self.value - reach), min(1.0, self.value + reach)


def measure_difference(
    higher: Sequence[float], lower: Sequence[float], noise: Noise, lower_noise: Noise | None = None
) -> Difference:
    """mean(higher) - mean(lower) with variance s̃²(1/n + 1/m), one s̃² moderated over both groups, df = d0 + n + m - 2.

    With `lower_noise` each side has its own moderated variance: s̃_h²/n + s̃_l²/m, df by Welch and Satterthwaite.
    Raises BadInput for an empty group or scores outside [0, 1].
    """
    n, m = len(higher), len(lower)
    if lower_noise is None:
        spread = moderate_variance(noise, higher, lower)
        return Difference(fmean(higher) - fmean(lower), spread.variance * (1 / n + 1 / m), spread.df)
    high, low = moderate_variance(noise, higher), moderate_variance(lower_noise, lower)
    parts = ((high.variance / n, high.df), (low.variance / m, low.df))
    variance = sum(part for part, _ in parts)
    share = sum(part**2 / df for part, df in parts if isfinite(df))
    return Difference(fmean(higher) - fmean(lower), variance, variance**2 / share if share else inf)


def _find_tail(df: float, t: float) -> float:
    return scipy.special.stdtr(df, -t) if isfinite(df) else scipy.special.ndtr(-t)


def _find_quantile(df: float, p: float) -> float:
    return float(scipy.special.stdtrit(df, p) if isfinite(df) else scipy.special.ndtri(p))
