"""Z8, Goodhart divergence: a recipe version accepts more while fewer of its accepted tasks turn out real.

Goodhart's law in search over variants: the best of many equal ones looks better than all of them. Two-proportion z
test with a pooled standard error: Agresti, A. (2013), Categorical Data Analysis, section 3.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
import scipy

from autodata.audit.checking import check_counts, check_share
from autodata.errors import BadInput

RISE_ERRORS = 3.0
FALL_ERRORS = 2.0


@dataclass(frozen=True, slots=True)
class VersionCounts:
    """One recipe version: `accepted` of `proposed` tasks, and `real` of `certified`, a RANDOM sample of the accepted.

    Undecided certified gaps belong to neither count. Raises BadInput for parts larger than their whole.
    """

    version: str
    accepted: int
    proposed: int
    real: int
    certified: int

    def __post_init__(self) -> None:
        check_counts("accepted", self.accepted, self.proposed)
        check_counts("real", self.real, self.certified)


@dataclass(frozen=True, slots=True)
class Divergence:
    """Changes between two versions as shares, each with its z; None with a note where a side was not measured."""

    accepted_change: float | None
    accepted_z: float | None
    certified_change: float | None
    certified_z: float | None
    alarm: bool
    note: str = ""


def compare_versions(before: VersionCounts, after: VersionCounts) -> Divergence:
    """Alarm when the accepted share rises by 3 standard errors or more while the certified share falls by 2 or more.

    z = (p2 - p1)/√(p(1 - p)(1/n1 + 1/n2)) with the pooled p; 0 where both shares are 0 or both 1.
    """
    accepted = _compare(before.accepted, before.proposed, after.accepted, after.proposed)
    certified = _compare(before.real, before.certified, after.real, after.certified)
    if accepted is None or certified is None:
        missing = "certified" if certified is None else "proposed"
        note = f"no task of {before.version} or of {after.version} was {missing}"
        rise, fall = accepted or (None, None), certified or (None, None)
        return Divergence(rise[0], rise[1], fall[0], fall[1], False, note)
    alarm = accepted[1] >= RISE_ERRORS and certified[1] <= -FALL_ERRORS
    return Divergence(accepted[0], accepted[1], certified[0], certified[1], alarm)


def expect_best_by_luck(variants: int, share: float, trials: int) -> float:
    """Mean of the best observed share among `variants` that all truly pass `share` of `trials`.

    E[max] = (1/n) Σ_(x=0)^(n-1) (1 - F(x)^variants), F the binomial distribution function. Raises BadInput for a share
    outside [0, 1] or counts below 1.
    """
    check_share("share", share)
    if variants < 1 or trials < 1:
        raise BadInput(f"{variants} variants with {trials} trials")
    below = scipy.special.bdtr(np.arange(trials), trials, share)
    return float(np.mean(1 - below**variants))


def _compare(first: int, first_of: int, second: int, second_of: int) -> tuple[float, float] | None:
    if not first_of or not second_of:
        return None
    change = second / second_of - first / first_of
    pooled = (first + second) / (first_of + second_of)
    error = sqrt(pooled * (1 - pooled) * (1 / first_of + 1 / second_of))
    return change, change / error if error else 0.0
