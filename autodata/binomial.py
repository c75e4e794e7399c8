"""Exact bounds of a share that was counted: how high or low the true one may be."""

from __future__ import annotations

from math import exp, lgamma, log, log1p

_TINY = 1e-300
_HALVINGS = 60


def find_upper_bound(successes: int, trials: int, confidence: float = 0.95) -> float:
    """The one-sided Clopper-Pearson upper bound of a share, in [0, 1]; 1 where nothing was tried.

    Clopper and Pearson (1934), doi:10.1093/biomet/26.4.404: the quantile of a beta distribution. `confidence` is in
    (0, 1). Raises ValueError for counts that make no share.
    """
    _check(successes, trials)
    return 1.0 if successes == trials else _find_beta_quantile(confidence, successes + 1, trials - successes)


def find_lower_bound(successes: int, trials: int, confidence: float = 0.95) -> float:
    """The one-sided Clopper-Pearson lower bound of a share, in [0, 1]; 0 where nothing was tried."""
    return 0.0 if trials == 0 else 1.0 - find_upper_bound(trials - successes, trials, confidence)


def _check(successes: int, trials: int) -> None:
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} of {trials} is no share")


def _find_beta_quantile(p: float, a: int, b: int) -> float:
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _beta_share(middle, a, b) < p:
            low = middle
        else:
            high = middle
    return high


def _beta_share(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b) by its continued fraction (DLMF 8.17.22)."""
    if x <= 0.0 or x >= 1.0:
        return 0.0 if x <= 0.0 else 1.0
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _sum_fraction(x, a, b) / a
    return 1.0 - front * _sum_fraction(1.0 - x, b, a) / b


def _sum_fraction(x: float, a: float, b: float) -> float:
    """The continued fraction by Lentz's method as Thompson and Barnett (1986) changed it.

    It settles in about the square root of the larger of `a` and `b`.
    """
    c, d = 1.0, 1.0 / _keep_off_zero(1.0 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, 200 + int(20 * max(a, b) ** 0.5)):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1.0 / _keep_off_zero(1.0 + term * d)
            c = _keep_off_zero(1.0 + term / c)
            value *= c * d
        if abs(c * d - 1.0) < 1e-14:
            break
    return value


def _keep_off_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
