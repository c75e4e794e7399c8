"""Which tasks of a batch to flag so that at most a share q of the flags is expected to be false.

Benjamini, Y. and Hochberg, Y. (1995), doi:10.1111/j.2517-6161.1995.tb02031.x. Conformal p-values that share a
calibration set are positively dependent, and the procedure holds for them (https://arxiv.org/abs/2104.08279).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import scipy

from autodata.audit.checking import check_probability, check_share

DEFAULT_Q = 0.10
"""One wasted review in ten."""


@dataclass(frozen=True, slots=True)
class Discoveries:
    """`flagged` and `adjusted` p in the order of the input; `threshold` is the largest p flagged, None when none is."""

    flagged: tuple[bool, ...]
    adjusted: tuple[float, ...]
    threshold: float | None
    q: float


def find_discoveries(p_values: Sequence[float], q: float = DEFAULT_Q) -> Discoveries:
    """Flag the k smallest p-values, k the largest with p_(k) <= q k/m.

    Give the p-values of every task that was tested, not of the suspicious ones only. Raises BadInput for a p outside
    [0, 1] or a q outside (0, 1).
    """
    check_probability("q", q)
    values = [check_share("p", p) for p in p_values]
    if not values:
        return Discoveries((), (), None, q)
    adjusted = [float(p) for p in scipy.stats.false_discovery_control(values, method="bh")]
    # Rounded, so that p_(k) = q k/m exactly is flagged as the definition says.
    flagged = [round(p, 12) <= q for p in adjusted]
    threshold = max((p for p, flag in zip(values, flagged, strict=True) if flag), default=None)
    return Discoveries(tuple(flagged), tuple(adjusted), threshold, q)
