"""Did a rubric become softer from one round to the next? A better score from that is gaming, not improvement."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from autodata.model import Criterion
from autodata.scoring import attainable_points

_POINTS_LOST = 0.10
_CRITERIA_LOST = 3
_WEIGHT_LOST = 0.75
_PENALTY_LOST = 0.5
"""From these losses on a rubric is called softer: share of the attainable points, criteria, mean positive weight, and
share of the penalties."""


def find_softening(before: Sequence[Criterion], now: Sequence[Criterion]) -> tuple[str, ...]:
    """Ways in which `now` demands less than `before`, as sentences with both numbers; empty where it does not."""
    found = []
    points, points_before = attainable_points(now), attainable_points(before)
    if points < points_before * (1 - _POINTS_LOST):
        found.append(f"attainable points fell from {points_before:g} to {points:g}")
    if len(now) <= len(before) - _CRITERIA_LOST:
        found.append(f"the rubric has {len(now)} criteria, it had {len(before)}")
    weight, weight_before = _mean_weight(now), _mean_weight(before)
    if weight <= weight_before - _WEIGHT_LOST:
        found.append(f"the mean weight of a positive criterion fell from {weight_before:.1f} to {weight:.1f}")
    penalty, penalty_before = _sum_penalties(now), _sum_penalties(before)
    if penalty < penalty_before * (1 - _PENALTY_LOST):
        found.append(f"penalties fell from {penalty_before:g} to {penalty:g} points")
    old = {_fold(c.criterion): c.weight for c in before}
    lowered = [c.id for c in now if 0 < c.weight < old.get(_fold(c.criterion), 0)]
    if lowered:
        found.append(f"{', '.join(lowered)} kept the words and lost weight")
    return tuple(found)


def _mean_weight(rubric: Sequence[Criterion]) -> float:
    weights = [c.weight for c in rubric if c.weight > 0]
    return fmean(weights) if weights else 0.0


def _sum_penalties(rubric: Sequence[Criterion]) -> float:
    return sum(-c.weight for c in rubric if c.weight < 0)


def _fold(text: str) -> str:
    return " ".join(text.casefold().split())
