"""Re-banding a view under other bounds: the map's what-if. Pure; nothing stored changes.

Follows `acceptance.find_band` column-wise, so that thousands of tasks re-band while a slider moves; a test holds the
two together.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from autodata.acceptance import bound_means
from autodata.errors import BadInput
from autodata.policy import Policy, parse_policy

NAMES = ("weak_mean_max", "strong_mean_min", "gap_min")


def change_policy(policy: Policy, weak_max: float, strong_min: float, gap_min: float) -> Policy | str:
    """The policy with three other bounds, or the sentence that says why nothing could pass it.

    A policy of counts or of a loop judge is changed as the bounds on means that its bands go by.
    """
    values = {"weak_mean_max": weak_max, "strong_mean_min": strong_min, "gap_min": gap_min}
    bounds = bound_means(policy)
    if all(round(value, 9) == round(place_slider(bounds, name), 9) for name, value in values.items()):
        return policy
    try:
        return parse_policy({**bounds.model_dump(), "name": "custom", **values})
    except BadInput as error:
        return str(error)


def place_slider(bounds: Policy, name: str) -> float:
    """Where a bound stands on a slider from 0 to 1; one that bounds nothing stands at its end."""
    return min(1.0, max(0.0, float(getattr(bounds, name))))


def band_frame(policy: Policy, frame: pd.DataFrame) -> pd.Series:
    """Bands of a frame with columns weak and strong (NaN where not measured); None without a weak mean."""
    policy = bound_means(policy)
    weak, strong = frame["weak"].round(9), frame["strong"].round(9)
    gap = (frame["strong"] - frame["weak"]).round(9)
    weak_fails = weak > policy.weak_mean_max if policy.weak_mean_inclusive else weak >= policy.weak_mean_max
    ceiling = policy.strong_mean_max
    saturated = strong >= ceiling if ceiling is not None else pd.Series(False, index=frame.index)
    low = strong < policy.strong_mean_min if policy.strong_mean_min_inclusive else strong <= policy.strong_mean_min
    # A weak best or a zero clause is not a bound on the means: the map cannot show it, and bands do not use it.
    choices: list[tuple[Any, str | None]] = [
        (weak.isna(), None),
        (strong < weak, "inverted"),
        (weak_fails | saturated, "easy"),
        (strong.isna(), None),
        (low, "hard"),
        (gap >= round(policy.gap_min, 9), "right"),
    ]
    bands = np.select(
        [condition.to_numpy() for condition, _ in choices],
        [np.full(len(frame), band, dtype=object) for _, band in choices],
        default=np.full(len(frame), "easy", dtype=object),
    )
    return pd.Series(bands, index=frame.index, dtype=object)


def count_frame_bands(bands: pd.Series) -> dict[str, int]:
    """Tasks per band."""
    return {band: int((bands == band).sum()) for band in ("right", "easy", "hard", "inverted")}
