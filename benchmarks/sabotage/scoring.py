"""Measures of a ranking: areas under curves, calibration of a chance. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def measure_auroc(positives: Sequence[float], negatives: Sequence[float]) -> float:
    """The chance that a positive ranks above a negative, ties counting half (Mann and Whitney 1947).

    Raises ValueError when either side is empty.
    """
    if not len(positives) or not len(negatives):
        raise ValueError("an area needs positives and negatives")
    ordered = np.sort(np.asarray(negatives, dtype=float))
    values = np.asarray(positives, dtype=float)
    below = np.searchsorted(ordered, values, side="left")
    upto = np.searchsorted(ordered, values, side="right")
    return float((below + upto).mean() / 2 / len(ordered))


def measure_partial_auroc(positives: Sequence[float], negatives: Sequence[float], most: float = 0.05) -> float:
    """The mean recall over false-positive rates from 0 to `most`; a tied block is crossed in a straight line.

    Raises ValueError when either side is empty.
    """
    if not len(positives) or not len(negatives):
        raise ValueError("an area needs positives and negatives")
    high, low = np.asarray(positives, dtype=float), np.asarray(negatives, dtype=float)
    levels = np.unique(np.concatenate([high, low]))[::-1]
    false_rates = np.concatenate([[0.0], [(low >= level).mean() for level in levels]])
    recalls = np.concatenate([[0.0], [(high >= level).mean() for level in levels]])
    inside = false_rates < most
    ends = np.append(false_rates[inside], most)
    heights = np.append(recalls[inside], np.interp(most, false_rates, recalls))
    return float(np.trapezoid(heights, ends) / most)


def measure_calibration_error(chances: Sequence[float], happened: Sequence[bool], bins: int = 5) -> float:
    """The mean distance between chance and share over equal bins, weighted by their size (expected calibration error).

    0 for no chances at all.
    """
    if not len(chances):
        return 0.0
    values, truth = np.asarray(chances, dtype=float), np.asarray(happened, dtype=float)
    places = np.minimum((values * bins).astype(int), bins - 1)
    parts = (
        (places == at).mean() * abs(values[places == at].mean() - truth[places == at].mean())
        for at in range(bins)
        if (places == at).any()
    )
    return float(sum(parts))
