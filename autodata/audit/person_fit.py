"""Z4, person fit inside a rubric: does an answer fail easy criteria and pass hard ones?

It says aberrant, never why. A dozen criteria are far too few for one task: pool by prompt, and take the null from
clean runs, because the normal null of l_z fails when ability is estimated. Guttman errors and their normed form:
Meijer, R. R. (1994), doi:10.1177/014662169401800402. l_z: Drasgow, F., Levine, M. V. and Williams, E. A. (1985),
doi:10.1111/j.2044-8317.1985.tb00817.x.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt
from statistics import fmean

import numpy as np

from autodata.audit.checking import check_finite, check_probability, check_share
from autodata.errors import BadInput

DRAWS = 9999
FEWEST_CLEAN = 100


@dataclass(frozen=True, slots=True)
class PooledFit:
    """Mean misfit of one prompt's answers against clean answers; `p` is one-sided, None with a note where too few are
    clean.
    """

    mean: float
    clean_mean: float | None
    p: float | None
    answers: int
    note: str = ""


def count_guttman_errors(passes: Sequence[bool], easiness: Sequence[float]) -> int:
    """Pairs of criteria in which the easier one is failed and the harder one passed.

    `passes`: whether the answer did well on each criterion (met a positive one, avoided a negative one). `easiness`:
    how often the strong solver or a panel does well on it, in [0, 1]; equal easiness makes no pair. Raises BadInput
    for lists of different length or easiness outside [0, 1].
    """
    return _count_errors(passes, _check_pair(passes, easiness))


def _count_errors(passes: Sequence[bool], rates: Sequence[float]) -> int:
    failed = sorted(rate for rate, passed in zip(rates, passes, strict=True) if not passed)
    # For every passed criterion: how many failed ones are strictly easier.
    return sum(len(failed) - bisect_right(failed, rate) for rate, passed in zip(rates, passes, strict=True) if passed)


def norm_guttman_errors(passes: Sequence[bool], easiness: Sequence[float]) -> float | None:
    """G* = errors / the most errors an answer with as many passes can make, in [0, 1].

    None when no error is possible: everything passed, nothing passed, or all criteria equally easy.
    """
    rates = _check_pair(passes, easiness)
    right = sum(passes)
    hardest = frozenset(sorted(range(len(rates)), key=rates.__getitem__)[:right])
    worst = _count_errors([index in hardest for index in range(len(rates))], rates)
    return _count_errors(passes, rates) / worst if worst else None


def standardise_likelihood(passes: Sequence[bool], chances: Sequence[float]) -> float | None:
    """l_z = (l0 - E)/√V: l0 = Σ x ln p + (1 - x) ln(1 - p), E = Σ p ln p + (1 - p) ln(1 - p), V = Σ p(1 - p) ln²(p/(1
    - p)).

    `chances` are panel-calibrated probabilities of doing well on each criterion, strictly between 0 and 1. Strongly
    negative is aberrant. None when V is 0 (every chance is ½). Raises BadInput for chances of 0 or 1.
    """
    _check_pair(passes, chances)
    for chance in chances:
        check_probability("chance of a criterion", chance)
    observed = sum(log(p) if x else log(1 - p) for x, p in zip(passes, chances, strict=True))
    expected = sum(p * log(p) + (1 - p) * log(1 - p) for p in chances)
    variance = sum(p * (1 - p) * log(p / (1 - p)) ** 2 for p in chances)
    return (observed - expected) / sqrt(variance) if variance > 0 else None


def pool_misfit(
    misfits: Sequence[float], clean: Sequence[float], rng: np.random.Generator, draws: int = DRAWS
) -> PooledFit:
    """Is the mean misfit of one prompt's answers larger than that of as many clean answers drawn at random?

    p = (1 + #{mean of a clean sample of the same size >= observed mean})/(draws + 1), samples drawn with replacement
    (the default 9999 take some 10 ms for 100 answers). `misfits` and `clean` are G* values, or -l_z. Raises BadInput
    without misfits or for numbers that are not finite.
    """
    mean = fmean(check_finite("misfits", misfits))
    known = check_finite("clean misfits", clean, fewest=0)
    if len(known) < FEWEST_CLEAN:
        note = f"{len(known)} clean answers, {FEWEST_CLEAN} are needed for a null"
        return PooledFit(mean, fmean(known) if known else None, None, len(misfits), note)
    means = rng.choice(np.asarray(known), size=(draws, len(misfits))).mean(axis=1)
    p = (1 + int(np.count_nonzero(means >= mean - 1e-12))) / (draws + 1)
    return PooledFit(mean, fmean(known), p, len(misfits))


def _check_pair(passes: Sequence[bool], rates: Sequence[float]) -> tuple[float, ...]:
    if len(passes) != len(rates) or not passes:
        raise BadInput(f"{len(passes)} verdicts and {len(rates)} criteria")
    return tuple(check_share("easiness", rate) for rate in rates)
