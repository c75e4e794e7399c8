"""The interval of a claimed gap from its few rollouts, and when there is none to give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, variance

import numpy as np


@dataclass(frozen=True, slots=True)
class GapInterval:
    """Gap in [-1, 1] with its interval; `low` and `high` are None where none can be given, and `note` says why."""

    gap: float | None
    low: float | None
    high: float | None
    level: float
    weak_n: int
    strong_n: int
    note: str = ""


def measure_interval(weak: Sequence[float], strong: Sequence[float], level: float = 0.90) -> GapInterval:
    """Welch's t interval for the difference of two means.

    Parameters
    ----------
    weak, strong : graded scores of one round, each in [0, 1], shapes (weak rollouts,) and (strong rollouts,)
    level : coverage, in (0, 1)

    Notes
    -----
    Welch (1947), doi:10.1093/biomet/34.1-2.28, with the Welch–Satterthwaite degrees of freedom; clipped to [-1, 1].
    Two or more answers a side are needed. When every answer of both sides scored the same, the rollouts say nothing
    about spread: the note says so instead of a zero-width interval.
    """
    counts = (len(weak), len(strong))
    if not weak or not strong:
        return GapInterval(None, None, None, level, *counts, "one side only" if weak or strong else "not measured")
    gap = fmean(strong) - fmean(weak)
    if min(counts) < 2:
        return GapInterval(gap, None, None, level, *counts, "too few rollouts")
    parts = [variance(weak) / counts[0], variance(strong) / counts[1]]
    total = sum(parts)
    if total < 1e-12:
        return GapInterval(gap, None, None, level, *counts, "no spread")
    degrees = total**2 / sum(part**2 / (n - 1) for part, n in zip(parts, counts, strict=True))
    reach = find_t_quantile(degrees, 0.5 + level / 2) * float(np.sqrt(total))
    return GapInterval(gap, max(-1.0, gap - reach), min(1.0, gap + reach), level, *counts)


def find_t_quantile(degrees: float, p: float) -> float:
    """Quantile of Student's t for p in [0.5, 1): with t = √ν·tan θ its density is proportional to cos^(ν-1) θ."""
    theta = np.linspace(0.0, np.pi / 2, 20_001)
    density = np.cos(theta) ** (degrees - 1)
    mass = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])
    return float(np.sqrt(degrees) * np.tan(np.interp((2 * p - 1) * mass[-1], mass, theta)))
