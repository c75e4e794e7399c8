"""Z6, judge reliability: Krippendorff's alpha over answers that were graded more than once.

Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability, https://repository.upenn.edu/asc_papers/43;
limits of 0.667 and 0.80 from his Content Analysis. Own code because the maintained package is under the GPL.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from autodata.audit.checking import check_probability
from autodata.errors import BadInput

Metric = Literal["nominal", "interval"]
"""Nominal for verdicts on criteria, interval for scores."""

Standing = Literal["reliable", "tentative", "unreliable", "unknown"]

RELIABLE_FROM = 0.80
TENTATIVE_FROM = 0.667
DRAWS = 1000
FEWEST_UNITS = 2
_NO_VARIATION = 1e-12


@dataclass(frozen=True, slots=True)
class Reliability:
    """`alpha` with a bootstrap interval; None with a note where it cannot be computed.

    Standing: `unreliable` below 0.667 (no automatic verdict from that judge), `tentative` up to 0.80 (widen the noise
    by the judge's part), `reliable` above, `unknown` without alpha. `units` were graded at least twice.
    """

    alpha: float | None
    low: float | None
    high: float | None
    level: float
    units: int
    standing: Standing
    note: str = ""


def measure_alpha(units: Sequence[Sequence[float]], metric: Metric = "nominal") -> float | None:
    """α = 1 - D_o/D_e. Each unit holds the values it was given, in any order; missing ones are left out.

    D_o = (1/n) Σ_units Σ_(i≠j) δ(v_i, v_j)/(m_u - 1), D_e = Σ_(i≠j) δ/(n(n - 1)) over all n pairable values; δ is 0
    or 1 (nominal) or the squared difference (interval). A unit with fewer than two values is skipped. None when fewer
    than two units remain or all values are equal. Raises BadInput for values that are not finite or an unknown
    metric.
    """
    table = _tabulate(_keep_pairable(units), _check_metric(metric))
    return None if table is None else _compute(table, np.ones((1, len(table.sizes))))[0]


def measure_reliability(
    units: Sequence[Sequence[float]],
    metric: Metric,
    rng: np.random.Generator,
    *,
    level: float = 0.95,
    draws: int = DRAWS,
) -> Reliability:
    """Alpha with a percentile interval over units drawn with replacement (`draws` times; 1000 take about 0.1 s for
    100).

    Draws in which all values are equal have no alpha and are left out. Raises BadInput as `measure_alpha`.
    """
    check_probability("level", level)
    usable = _keep_pairable(units)
    table = _tabulate(usable, _check_metric(metric))
    alpha = None if table is None else _compute(table, np.ones((1, len(usable))))[0]
    if table is None or alpha is None:
        note = "all values are equal" if len(usable) >= FEWEST_UNITS else f"{len(usable)} answers were graded twice"
        return Reliability(None, None, None, level, len(usable), "unknown", f"{note}; agreement cannot be measured")
    counts = rng.multinomial(len(usable), np.full(len(usable), 1 / len(usable)), size=draws)
    sampled = [value for value in _compute(table, counts) if value is not None]
    if not sampled:
        note = "too few draws vary; the interval cannot be computed"
        return Reliability(alpha, None, None, level, len(usable), name_standing(alpha), note)
    low, high = (float(end) for end in np.quantile(sampled, [(1 - level) / 2, (1 + level) / 2]))
    return Reliability(alpha, low, high, level, len(usable), name_standing(alpha))


def name_standing(alpha: float | None) -> Standing:
    """What may be built on this agreement."""
    if alpha is None:
        return "unknown"
    if alpha < TENTATIVE_FROM:
        return "unreliable"
    return "tentative" if alpha < RELIABLE_FROM else "reliable"


@dataclass(frozen=True, slots=True)
class _Table:
    """Sums per unit from which alpha follows for any number of copies of each unit (shape (units,) or (units, values)).

    `sizes` m_u; `within` Σ_(i≠j) δ/(m_u - 1); nominal: `values` counts of each category; interval: `values` the sum and
    `squares` the sum of squares of the centred values.
    """

    sizes: np.ndarray
    within: np.ndarray
    values: np.ndarray
    squares: np.ndarray | None


def _tabulate(units: Sequence[np.ndarray], metric: Metric) -> _Table | None:
    if len(units) < FEWEST_UNITS:
        return None
    sizes = np.array([len(unit) for unit in units], dtype=float)
    pooled = np.concatenate(units)
    owner = np.repeat(np.arange(len(units)), sizes.astype(int))
    if metric == "nominal":
        categories, codes = np.unique(pooled, return_inverse=True)
        counts = np.zeros((len(units), len(categories)))
        np.add.at(counts, (owner, codes), 1.0)
        return _Table(sizes, (sizes**2 - (counts**2).sum(axis=1)) / (sizes - 1), counts, None)
    centred = pooled - pooled.mean()
    sums, squares = (np.bincount(owner, weights=part) for part in (centred, centred**2))
    return _Table(sizes, 2 * (sizes * squares - sums**2) / (sizes - 1), sums[:, None], squares)


def _compute(table: _Table, copies: np.ndarray) -> list[float | None]:
    """Alpha for each row of `copies` (draws, units); None where all values of a draw are equal."""
    n = copies @ table.sizes
    squared = ((copies @ table.values) ** 2).sum(axis=1)
    pairs = n**2 - squared if table.squares is None else 2 * (n * (copies @ table.squares) - squared)
    expected, observed = pairs / (n * (n - 1)), copies @ table.within / n
    return [
        None if float(e) <= _NO_VARIATION else 1 - float(o) / float(e) for o, e in zip(observed, expected, strict=True)
    ]


def _keep_pairable(units: Sequence[Sequence[float]]) -> list[np.ndarray]:
    arrays = [np.asarray(unit, dtype=float) for unit in units]
    for array in arrays:
        if not np.isfinite(array).all():
            raise BadInput("a grade is not a finite number; leave a missing one out")
    return [array for array in arrays if len(array) >= 2]


def _check_metric(metric: Metric) -> Metric:
    if metric not in ("nominal", "interval"):
        raise BadInput(f"metric {metric!r} is unknown; choose nominal or interval")
    return metric
