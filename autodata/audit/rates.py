"""Shares that were counted, with honest intervals: error rates, precision of a detector, and what a review can prove.

Wilson, E. B. (1927), doi:10.1080/01621459.1927.10502953. Clopper, C. J. and Pearson, E. S. (1934),
doi:10.1093/biomet/26.4.404. Horvitz, D. G. and Thompson, D. J. (1952), doi:10.1080/01621459.1952.10483446.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, sqrt
from typing import Literal

import scipy

from autodata.audit.checking import check_counts, check_probability
from autodata.errors import BadInput

IntervalMethod = Literal["wilson", "exact"]
RETIRE_BELOW = 0.10


@dataclass(frozen=True, slots=True)
class Rate:
    """A share in [0, 1] with its interval at `level`; the numbers are None, with a note, where nothing was tried."""

    estimate: float | None
    low: float | None
    high: float | None
    level: float
    method: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Precision:
    """How often a detector's flag was confirmed: posterior mean and 90 % bounds; `retire` when even `high` is below
    0.10.
    """

    mean: float
    low: float
    high: float
    confirmed: int
    refuted: int
    retire: bool


def measure_rate(successes: int, trials: int, level: float = 0.95, method: IntervalMethod = "wilson") -> Rate:
    """A share with a Wilson score interval (short, about right on average) or the exact Clopper-Pearson interval
    (never too short).

    Raises BadInput for counts that make no share, a level outside (0, 1) or an unknown method.
    """
    check_counts("successes", successes, trials)
    check_probability("level", level)
    if method not in ("wilson", "exact"):
        raise BadInput(f"method {method!r} is unknown; choose wilson or exact")
    if not trials:
        return Rate(None, None, None, level, method, "nothing was tried")
    interval = scipy.stats.binomtest(successes, trials).proportion_ci(level, method=method)
    return Rate(successes / trials, float(interval.low), float(interval.high), level, method)


def bound_misses(reviewed: int, misses: int = 0, confidence: float = 0.95) -> float:
    """The largest miss share compatible with `misses` among `reviewed` cleared tasks drawn at random (one-sided exact
    bound).

    With none it is 1 - (1 - confidence)^(1/n): 4.9 % after 60 reviews, 2.0 % after 150. 1 when nothing was reviewed.
    Raises BadInput for counts that make no share.
    """
    check_counts("misses", misses, reviewed)
    check_probability("confidence", confidence)
    if misses == reviewed:
        return 1.0
    return float(scipy.special.betaincinv(misses + 1, reviewed - misses, confidence))


def plan_sample(largest_rate: float, failures: int = 0, confidence: float = 0.95) -> int:
    """How many tasks must be looked at so that `failures` among them prove a rate of at most `largest_rate`.

    The smallest n with P(Bin(n, rate) <= failures) <= 1 - confidence (acceptance sampling; Dodge and Romig 1929,
    doi:10.1002/j.1538-7305.1929.tb01240.x). Raises BadInput for a rate outside (0, 1) or a negative count.
    """
    check_probability("largest_rate", largest_rate)
    check_probability("confidence", confidence)
    if failures < 0:
        raise BadInput(f"{failures} failures")
    low, high = failures + 1, failures + 1
    while scipy.special.bdtr(failures, high, largest_rate) > 1 - confidence:
        low, high = high, high * 2
    while low < high:
        middle = (low + high) // 2
        if scipy.special.bdtr(failures, middle, largest_rate) > 1 - confidence:
            low = middle + 1
        else:
            high = middle
    return low


def estimate_miss_rate(misses: Sequence[bool], inclusion: Sequence[float], tasks: int, level: float = 0.95) -> Rate:
    """The share of `tasks` cleared tasks that are misses: Σ y_i/π_i / tasks, unbiased when each was audited with
    known π_i.

    Interval: with equal π the exact one of the counts, widened to the estimate; with unequal π ± z √(Σ (1 - π_i)
    y_i/π_i²)/tasks (Poisson sampling). Where no miss was found the upper end is the exact bound for the effective
    sample size (Σ1/π)²/Σ1/π² (Kish 1965): none found is never "none there". Raises BadInput for lists of different
    length, π outside (0, 1], or more audited tasks than tasks.
    """
    check_probability("level", level)
    if len(misses) != len(inclusion):
        raise BadInput(f"{len(misses)} audited tasks and {len(inclusion)} inclusion probabilities")
    if any(not 0 < share <= 1 for share in inclusion):
        raise BadInput("an inclusion probability is outside (0, 1]")
    if len(misses) > tasks:
        raise BadInput(f"{len(misses)} audited tasks of {tasks}")
    if not misses:
        return Rate(
            None, None, None, level, "horvitz-thompson", "no cleared task was audited; the miss rate is unknown"
        )
    estimate = min(1.0, sum(1 / p for y, p in zip(misses, inclusion, strict=True) if y) / tasks)
    if len(set(inclusion)) == 1:
        interval = scipy.stats.binomtest(sum(misses), len(misses)).proportion_ci(level, method="exact")
        low, high = min(estimate, float(interval.low)), max(estimate, float(interval.high))
        return Rate(estimate, low, high, level, "horvitz-thompson, exact interval")
    weights = [1 / p for p in inclusion]
    error = sqrt(sum((1 - p) / p**2 for y, p in zip(misses, inclusion, strict=True) if y)) / tasks
    z = float(scipy.special.ndtri((1 + level) / 2))
    effective = max(1, floor(sum(weights) ** 2 / sum(w * w for w in weights)))
    least = 0.0 if any(misses) else bound_misses(effective, 0, (1 + level) / 2)
    return Rate(
        estimate,
        max(0.0, estimate - z * error),
        min(1.0, max(estimate + z * error, least)),
        level,
        "horvitz-thompson",
    )


def measure_precision(confirmed: int, refuted: int) -> Precision:
    """Beta(1 + confirmed, 1 + refuted) over a detector's precision (uniform prior), with 90 % bounds.

    Raises BadInput for negative counts.
    """
    if confirmed < 0 or refuted < 0:
        raise BadInput(f"{confirmed} confirmed and {refuted} refuted flags")
    a, b = 1 + confirmed, 1 + refuted
    low, high = (float(scipy.special.betaincinv(a, b, share)) for share in (0.05, 0.95))
    return Precision(a / (a + b), low, high, confirmed, refuted, high < RETIRE_BELOW)
