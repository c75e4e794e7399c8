"""K5, the blind re-judge: does the gap shrink when the same answers are graded again without labels, by another judge?

One task says little (a bias of 0.10 is found in a quarter of cases); report a judge's bias over many. Recorded
answers were selected through the same judge's noise, so fresh ones are better. Self-preference of rubric judges:
https://arxiv.org/abs/2604.06996.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean

import scipy

from autodata.audit.certified import DEFAULT_BAR
from autodata.audit.checking import check_finite, check_positive, check_scores
from autodata.errors import BadInput

EXTRA_SD = 0.02
"""What two honest judges differ by on a task beyond noise, on the score scale."""

FLAG_OFFSET = 0.10
FLAG_P = 0.01


@dataclass(frozen=True, slots=True)
class JudgeOffset:
    """`offset` = gap(original) - gap(blind) with its z and one-sided p over `tasks`; `reasons` are empty when
    unsuspicious.
    """

    offset: float
    error: float
    z: float
    p: float
    tasks: int
    reasons: tuple[str, ...]


def estimate_rejudge_sd(first: Sequence[float], second: Sequence[float]) -> float:
    """σ_J, the re-judge noise of one answer: √(mean(d²)/2) over answers graded twice by the same judge.

    Raises BadInput for lists that do not match, are empty, or hold scores outside [0, 1].
    """
    pairs = zip(check_scores("first", first), check_scores("second", second), strict=False)
    if len(first) != len(second):
        raise BadInput(f"{len(first)} first and {len(second)} second grades")
    return sqrt(fmean((a - b) ** 2 for a, b in pairs) / 2)


def measure_judge_offset(
    original_gap: float, blind_gap: float, weak: int, strong: int, rejudge_sd: float, bar: float = DEFAULT_BAR
) -> JudgeOffset:
    """z = Δ_J / √(2σ_J²/k_w + 2σ_J²/k_s + 0.02²): k answers a side, each graded twice; 4σ_J²/k when the sides are
    equal.

    Flagged when Δ_J >= 0.10 with p < 0.01, or when the blind gap falls below `bar` and the original does not. Raises
    BadInput for no answers or a negative `rejudge_sd`.
    """
    check_finite("gaps", (original_gap, blind_gap))
    offset, error = original_gap - blind_gap, _find_error(weak, strong, rejudge_sd)
    z = offset / error
    p = float(scipy.special.ndtr(-z))
    reasons = []
    if round(offset, 9) >= FLAG_OFFSET and p < FLAG_P:
        reasons.append(f"graded blind the gap is {offset:.2f} smaller")
    if round(blind_gap, 9) < bar <= round(original_gap, 9):
        reasons.append(f"graded blind the gap is {blind_gap:.2f}, below {bar:.2f}")
    return JudgeOffset(offset, error, z, p, 1, tuple(reasons))


def pool_judge_offsets(offsets: Sequence[JudgeOffset]) -> JudgeOffset:
    """The bias of one judge over tasks: z = mean(Δ_J) / (√Σ error² / T); flagged when p < 0.01.

    Raises BadInput without tasks.
    """
    if not offsets:
        raise BadInput("no task was judged again")
    mean, error = fmean(o.offset for o in offsets), sqrt(sum(o.error**2 for o in offsets)) / len(offsets)
    p = float(scipy.special.ndtr(-mean / error))
    reasons = (f"over {len(offsets)} tasks this judge adds {mean:.2f} to the gap",) if p < FLAG_P else ()
    return JudgeOffset(mean, error, mean / error, p, len(offsets), reasons)


def _find_error(weak: int, strong: int, rejudge_sd: float) -> float:
    if rejudge_sd < 0:
        raise BadInput(f"re-judge standard deviation {rejudge_sd} is negative")
    for count in (weak, strong):
        check_positive("answers graded twice", count)
    return sqrt(2 * rejudge_sd**2 / weak + 2 * rejudge_sd**2 / strong + EXTRA_SD**2)
