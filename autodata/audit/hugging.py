"""Z2, threshold hugging: do the accepted gaps of one agent version crowd just above the bar?

The idea of a density test at a threshold: McCrary, J. (2008), doi:10.1016/j.jeconom.2007.05.005; here as an exact
binomial comparison of two neighbouring bins. It speaks of a run, never of one task.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import scipy

from autodata.audit.certified import DEFAULT_BAR
from autodata.audit.checking import check_finite, check_positive, check_probability

BIN = 0.02
FALLING_SHARE = 0.55
"""Share of the nearer bin under an honest, falling density."""

FEWEST_GAPS = 40
FLAG_P = 0.01


@dataclass(frozen=True, slots=True)
class Hugging:
    """`near` gaps in the first bin above the bar, `far` in the second; `p` is None where there are too few to say."""

    near: int
    far: int
    p: float | None
    flagged: bool
    note: str = ""


def find_hugging(
    gaps: Sequence[float], bar: float = DEFAULT_BAR, width: float = BIN, share: float = FALLING_SHARE
) -> Hugging:
    """p = P(Bin(n1 + n2, 0.55) >= n1), n1 accepted gaps in [bar, bar + 0.02), n2 in [bar + 0.02, bar + 0.04).

    Needs n1 + n2 >= 40; flagged below 0.01. Edges are rounded to 1e-9, so a gap of 0.70 - 0.50 counts as 0.20. Raises
    BadInput for gaps that are not finite, a width that is not positive or a share outside (0, 1).
    """
    check_positive("width", width)
    check_probability("share", share)
    offsets = [round(gap - bar, 9) for gap in check_finite("gaps", gaps, fewest=0)]
    near = sum(1 for offset in offsets if 0 <= offset < round(width, 9))
    far = sum(1 for offset in offsets if round(width, 9) <= offset < round(2 * width, 9))
    if near + far < FEWEST_GAPS:
        return Hugging(near, far, None, False, f"{near + far} gaps near the bar, {FEWEST_GAPS} are needed")
    p = float(scipy.special.bdtrc(near - 1, near + far, share)) if near else 1.0
    return Hugging(near, far, p, p < FLAG_P)
