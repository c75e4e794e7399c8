"""K2 one pair at a time: a Bayes-factor e-process that may be looked at after every pair of answers.

Its false alarms stay below 1/threshold however often one looks, as far as the prior of the noise holds. Vovk, V. and
Wang, R. (2021). E-values: calibration, combination and applications. Annals of Statistics 49(3),
doi:10.1214/20-AOS2020.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log
from statistics import fmean
from typing import Literal

from autodata.audit.arm import Arm, require_arm
from autodata.audit.checking import check_positive
from autodata.audit.variance import sum_squares
from autodata.errors import BadInput

SHIFTS = (0.1, 0.2, 0.3, 0.4)
"""Shifts that count as tampering, each with equal weight, on the score scale."""

PRIOR_DF = 2.0
TAMPERED_AT = 100.0
CLEAR_AT = 0.1
FEWEST_PAIRS = 2
MOST_PAIRS = 12

Stop = Literal["tampered", "clear", "more", "unresolved"]
"""Stopped on evidence of tampering; stopped clear; ask one more pair; the cap is reached without an answer."""


@dataclass(frozen=True, slots=True)
class SequentialTest:
    """Where the test stands: the e-value after `pairs` pairs (the first that decide end it) and what to do next."""

    stop: Stop
    e_value: float
    pairs: int


def weigh_pairs(neutral: Arm, as_run: Arm, variance: float, prior_df: float = PRIOR_DF) -> float:
    """The e-value of t pairs against "the recorded request changes nothing", with the variance integrated out:

    E = mean over δ of [(d0 s0² + SS + c(D - δ)²) / (d0 s0² + SS + cD²)]^(-(d0 + 2t - 1)/2), c = t/2, D the shift in the
    loop's favour (neutral - as-run for weak, as-run - neutral for strong), SS the spread within both arms.

    `variance` is s0² in score². Raises BadInput for arms of two solvers or of different length, or one pair only.
    """
    higher, lower = _order_arms(neutral, as_run)
    return _weigh(higher, lower, check_positive("noise variance", variance), prior_df)


def follow_pairs(
    neutral: Arm,
    as_run: Arm,
    variance: float,
    *,
    prior_df: float = PRIOR_DF,
    tampered_at: float = TAMPERED_AT,
    clear_at: float = CLEAR_AT,
    most: int = MOST_PAIRS,
) -> SequentialTest:
    """Walk the pairs in the order they were asked and stop at the first that decides.

    Pairs past the stop are not looked at, so asking more than needed changes nothing. Raises BadInput as `weigh_pairs`.
    """
    check_positive("noise variance", variance)
    higher, lower = _order_arms(neutral, as_run)
    last = min(len(higher), most)
    value = 1.0
    for pairs in range(FEWEST_PAIRS, last + 1):
        value = _weigh(higher[:pairs], lower[:pairs], variance, prior_df)
        if value >= tampered_at:
            return SequentialTest("tampered", value, pairs)
        if value <= clear_at:
            return SequentialTest("clear", value, pairs)
    return SequentialTest("unresolved" if last >= most else "more", value, last)


def _order_arms(neutral: Arm, as_run: Arm) -> tuple[Sequence[float], Sequence[float]]:
    require_arm(neutral, neutral.solver, "neutral")
    require_arm(as_run, neutral.solver, "as_run")
    if len(neutral.scores) != len(as_run.scores) or len(neutral.scores) < FEWEST_PAIRS:
        raise BadInput(
            f"{len(neutral.scores)} neutral and {len(as_run.scores)} as-run answers: "
            f"the sequential test needs pairs, {FEWEST_PAIRS} at least"
        )
    both = (neutral.scores, as_run.scores)
    return both if neutral.solver == "weak" else (both[1], both[0])


def _weigh(higher: Sequence[float], lower: Sequence[float], variance: float, prior_df: float) -> float:
    pairs, shift = len(higher), fmean(higher) - fmean(lower)
    base = prior_df * variance + sum_squares(higher) + sum_squares(lower)
    power = (prior_df + 2 * pairs - 1) / 2
    null = log(base + pairs / 2 * shift**2)
    return fmean(exp(power * (null - log(base + pairs / 2 * (shift - delta) ** 2))) for delta in SHIFTS)
