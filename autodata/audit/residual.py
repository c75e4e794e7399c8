"""Z5: is a weak score lower than strong score, length and rubric size would lead one to expect, again and again?

Ridge regression: Hoerl, A. E. and Kennard, R. W. (1970), doi:10.1080/00401706.1970.10488634. CUSUM: Page, E. S. (1954),
doi:10.1093/biomet/41.1-2.100.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from autodata.audit.checking import check_finite, check_positive
from autodata.errors import BadInput

SLACK = 0.5
ALARM_AT = 5.0


@dataclass(frozen=True, slots=True)
class Expectation:
    """A ridge fit of the weak mean on features; `sd` is the spread of its residuals on the score scale."""

    centre: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float
    sd: float
    tasks: int

    def predict(self, features: Sequence[float]) -> float:
        """The expected weak mean, cut to [0, 1]; raises BadInput for another number of features."""
        values = check_finite("features", features, fewest=0)
        if len(values) != len(self.weights):
            raise BadInput(f"{len(values)} features, the fit has {len(self.weights)}")
        parts = zip(values, self.centre, self.scale, self.weights, strict=True)
        return min(1.0, max(0.0, self.intercept + sum(w * (x - c) / s for x, c, s, w in parts)))


@dataclass(frozen=True, slots=True)
class Cusum:
    """The highest value of the sum in standard deviations, and the number (from 1) of the task that raised it."""

    highest: float
    alarm_at: int | None


def fit_expectation(features: ArrayLike, weak: Sequence[float], penalty: float = 1.0) -> Expectation:
    """Minimise Σ(w - a - Xb)² + penalty · |b|² over standardised features.

    `features` has shape (tasks, features) - strong mean, log answer length, round, criteria, ... - and comes from
    history only, never from the tasks to be judged. A feature that never varies gets weight 0. Raises BadInput for
    shapes that do not match, values that are not finite, or no more tasks than features plus one.
    """
    matrix = np.atleast_2d(np.asarray(features, dtype=float))
    target = np.asarray(check_finite("weak", weak))
    if matrix.shape[0] != len(target) or len(target) < matrix.shape[1] + 2:
        raise BadInput(f"features {matrix.shape} and {len(target)} weak scores do not make a fit")
    if not np.isfinite(matrix).all():
        raise BadInput("a feature is not a finite number")
    check_positive("penalty", penalty)
    centre, scale = matrix.mean(axis=0), matrix.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    standard = (matrix - centre) / scale
    mean = float(target.mean())
    gram = standard.T @ standard + penalty * np.eye(matrix.shape[1])
    weights = np.linalg.solve(gram, standard.T @ (target - mean))
    residuals = target - mean - standard @ weights
    sd = float(np.sqrt(np.sum(residuals**2) / (len(target) - matrix.shape[1] - 1)))
    return Expectation(
        tuple(centre.tolist()), tuple(scale.tolist()), tuple(weights.tolist()), mean, max(sd, 0.01), len(target)
    )


def follow_residuals(
    residuals: Sequence[float], sd: float, *, slack: float = SLACK, alarm_at: float = ALARM_AT
) -> Cusum:
    """C_t = max(0, C_(t-1) - r_t/sd - slack): a sum of shortfalls in task order, alarm at 5 standard deviations.

    `residuals` are weak minus expected weak, of one request and challenger version. Raises BadInput unless `sd` is
    positive.
    """
    check_positive("sd", sd)
    current, highest, first = 0.0, 0.0, None
    for number, residual in enumerate(check_finite("residuals", residuals, fewest=0), start=1):
        current = max(0.0, current - residual / sd - slack)
        highest = max(highest, current)
        if first is None and current >= alarm_at:
            first = number
    return Cusum(highest, first)
