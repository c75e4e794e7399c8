"""Z0, the noise scale everywhere: moderated variance. Three answers say little about their own spread.

The noise of scores is heavy-tailed (many quiet tasks, a few loud ones), so a task's own spread is neither trusted alone
nor replaced by the run's: it is shrunk towards it.

Smyth, G. K. (2004). Linear models and empirical Bayes methods for assessing differential expression in microarray
experiments. Statistical Applications in Genetics and Molecular Biology 3(1), doi:10.2202/1544-6115.1027.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, inf, isfinite, log
from statistics import fmean
from typing import Literal

import scipy

from autodata.audit.checking import check_positive, check_scores
from autodata.errors import BadInput

DEFAULT_DF = 4.0
"""d0: the run's spread counts as much as four degrees of freedom of the task's own."""

SMALLEST_VARIANCE = 1e-4
"""No score is more exact than a standard deviation of 0.01; keeps tests finite where every answer repeats."""

Band = Literal["low", "middle", "high"]
BANDS: tuple[Band, ...] = ("low", "middle", "high")

FEWEST_GROUPS = 20
"""Below this many groups a band's own spread is not used."""


@dataclass(frozen=True, slots=True)
class Noise:
    """The spread expected before a task is looked at: `variance` s0² in score², trusted like `df` d0 degrees of
    freedom.

    `df` may be infinite: then a task's own spread is ignored. Raises BadInput for values that are not positive.
    """

    variance: float
    df: float = DEFAULT_DF
    note: str = ""

    def __post_init__(self) -> None:
        check_positive("noise variance", self.variance)
        if not self.df > 0:
            raise BadInput(f"noise df = {self.df} must be above 0")


@dataclass(frozen=True, slots=True)
class Spread:
    """A moderated variance in score² with its degrees of freedom, `own_df` of them from the task itself."""

    variance: float
    df: float
    own_df: int


def moderate_variance(noise: Noise, *groups: Sequence[float]) -> Spread:
    """s̃² = (d0 s0² + Σ(x - x̄)²) / (d0 + ν), ν = Σ(n - 1), over groups of scores that share one variance.

    A group is one solver's answers to one task under one request. The degrees of freedom are d0 + ν. Raises BadInput
    for an empty group or scores outside [0, 1].
    """
    own_df = sum(len(check_scores("group", group)) - 1 for group in groups)
    if not isfinite(noise.df):
        return Spread(noise.variance, inf, own_df)
    squares = sum(sum_squares(group) for group in groups)
    return Spread((noise.df * noise.variance + squares) / (noise.df + own_df), noise.df + own_df, own_df)


def sum_squares(values: Sequence[float]) -> float:
    """Σ(x - x̄)²."""
    mean = fmean(values)
    return sum((value - mean) ** 2 for value in values)


def pool_noise(groups: Iterable[Sequence[float]], df: float = DEFAULT_DF) -> Noise:
    """The run's pooled within-task variance Σ SS / Σ(n - 1) as noise with a chosen d0.

    Groups of one score say nothing about spread and are skipped. Raises BadInput when no group has two scores.
    """
    usable = [check_scores("group", group) for group in groups if len(group) > 1]
    if not usable:
        raise BadInput("no task has two scores of one solver, so the run's spread cannot be measured")
    pooled = sum(sum_squares(group) for group in usable) / sum(len(group) - 1 for group in usable)
    note = "" if pooled >= SMALLEST_VARIANCE else "scores hardly vary; a standard deviation of 0.01 is assumed"
    return Noise(max(pooled, SMALLEST_VARIANCE), df, note)


def fit_noise(groups: Iterable[Sequence[float]]) -> Noise:
    """Smyth's moment fit of s0² and d0 from the groups' own variances (his section 6.2).

    With z = ln s², e = z - ψ(ν/2) + ln(ν/2): ψ'(d0/2) = var(e) - mean ψ'(ν/2) and s0² = exp(ē + ψ(d0/2) - ln(d0/2)).
    Where the variances vary no more than chance, d0 is infinite and s0² is their pooled value. ln 0 has no place in
    this fit, so with any group that has no spread at all the pooled variance and `DEFAULT_DF` are returned, with a
    note: the usual case for rubric scores. Raises BadInput when no group has two scores.
    """
    usable = [check_scores("group", group) for group in groups if len(group) > 1]
    pooled = pool_noise(usable)
    variances = [(sum_squares(group) / (len(group) - 1), len(group) - 1) for group in usable]
    still = sum(1 for variance, _ in variances if variance <= 0)
    if still or len(variances) < FEWEST_GROUPS:
        why = f"{still} of {len(variances)} groups have no spread" if still else f"only {len(variances)} groups"
        return Noise(pooled.variance, DEFAULT_DF, f"{why}; the pooled spread is used")
    psi, trigamma = scipy.special.digamma, lambda x: scipy.special.polygamma(1, x)
    shifted = [log(variance) - float(psi(df / 2)) + log(df / 2) for variance, df in variances]
    excess = sum_squares(shifted) / (len(shifted) - 1) - fmean(float(trigamma(df / 2)) for _, df in variances)
    if excess <= 0:
        return Noise(pooled.variance, inf, "tasks differ in spread no more than by chance")
    half = invert_trigamma(excess)
    return Noise(max(exp(fmean(shifted) + float(psi(half)) - log(half)), SMALLEST_VARIANCE), 2 * half)


def invert_trigamma(y: float) -> float:
    """The x > 0 with ψ'(x) = y, by the Newton steps of Smyth (2004, appendix); raises BadInput unless y is positive."""
    check_positive("trigamma", y)
    x = 0.5 + 1 / y
    for _ in range(50):
        trigamma = float(scipy.special.polygamma(1, x))
        step = trigamma * (1 - trigamma / y) / float(scipy.special.polygamma(2, x))
        x += step
        if abs(step) < 1e-10 * x:
            break
    return x


def name_band(mean: float) -> Band:
    """Where a mean score lies: below 0.2, up to 0.8, or above. Scores near an end of the scale cannot spread as far."""
    return "low" if mean < 0.2 else "middle" if mean <= 0.8 else "high"


def fit_bands(groups: Sequence[Sequence[float]], df: float = DEFAULT_DF) -> Mapping[Band, Noise]:
    """Pooled noise of one solver by band of the group's mean; a band with too few groups gets the overall value.

    Raises BadInput when no group has two scores.
    """
    overall, noises = pool_noise(groups, df), {}
    for band in BANDS:
        own = [group for group in groups if len(group) > 1 and name_band(fmean(group)) == band]
        if len(own) >= FEWEST_GROUPS:
            noises[band] = pool_noise(own, df)
        else:
            note = f"{len(own)} groups in the {band} band; the spread of all scores is used"
            noises[band] = Noise(overall.variance, df, note)
    return noises
