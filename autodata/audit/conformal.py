"""From detectors to one ranking: conformal p-values against clean tasks, the smallest of them, and its own calibration.

Nothing is learned from sabotage: a detector is compared with honest tasks only. Conformal outlier p-values: Bates et
al., https://arxiv.org/abs/2104.08279. The smallest p as a combination: Tippett, L. H. C. (1931), The Methods of
Statistics. p to e: Vovk and Wang (2021), doi:10.1214/20-AOS2020.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log10, prod, sqrt

from autodata.audit.checking import check_finite
from autodata.errors import BadInput

FULL_CALIBRATION = 1000
"""Clean tasks from which Benjamini-Hochberg at q = 0.10 has room at a prevalence of a few per cent."""

FULL_ENOUGH = 900
"""So many of them will do: of some clean tasks a check always fails."""

ALONE_BELOW = 0.01
"""The bar for one task without a batch: one honest task in a hundred is flagged."""

FLAG_E = 100.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """One detector's evidence, or the combined statistic, on clean tasks. Build it with `calibrate`."""

    ordered: tuple[float, ...]

    @property
    def size(self) -> int:
        return len(self.ordered)

    @property
    def note(self) -> str:
        """What a small set cannot do; empty from about 1000 clean tasks on."""
        if self.size >= FULL_ENOUGH:
            return ""
        floor = 1 / (self.size + 1)
        return f"calibrated on {self.size} clean tasks, so p cannot fall below {floor:.3g}: use it to rank, not to test"

    def find_upper_p(self, value: float) -> float:
        """(1 + #{clean >= value})/(n + 1): large values are suspicious. 1 without clean tasks."""
        check_finite("evidence", (value,))
        return (1 + self.size - bisect_left(self.ordered, value)) / (self.size + 1)

    def find_lower_p(self, value: float) -> float:
        """(1 + #{clean <= value})/(n + 1): small values are suspicious. 1 without clean tasks."""
        check_finite("evidence", (value,))
        return (1 + bisect_right(self.ordered, value)) / (self.size + 1)


@dataclass(frozen=True, slots=True)
class Combined:
    """The smallest p over detectors and the detector it belongs to; 1 and None when no detector ran."""

    statistic: float
    detector: str | None
    detectors: int


@dataclass(frozen=True, slots=True)
class Suspicion:
    """`score` S = -log10(p): 2 means one honest task in a hundred looks as bad. It ranks; it is no probability of
    guilt.
    """

    score: float
    p: float
    detector: str | None
    alone: bool
    note: str = ""


def calibrate(clean: Sequence[float]) -> Calibration:
    """A calibration from values measured on clean tasks; raises BadInput for one that is not finite."""
    return Calibration(tuple(sorted(check_finite("clean evidence", clean, fewest=0))))


def combine_p_values(p_values: Mapping[str, float | None]) -> Combined:
    """T = min_j p_j over the detectors that ran (None: it did not), ties to the first by name. T is no p-value itself.

    Raises BadInput for a p outside (0, 1].
    """
    ran = {name: p for name, p in p_values.items() if p is not None}
    for name, p in ran.items():
        if not 0 < p <= 1:
            raise BadInput(f"p of {name} is {p}, outside (0, 1]")
    if not ran:
        return Combined(1.0, None, 0)
    detector = min(ran, key=lambda name: (ran[name], name))
    return Combined(ran[detector], detector, len(ran))


def rate_suspicion(combined: Combined, clean: Calibration) -> Suspicion:
    """p_task = (1 + #{clean: T <= T_task})/(n + 1), S = -log10 p_task.

    `clean` holds T of clean tasks that went through the same detectors and are NOT the ones the detectors were
    calibrated on. `alone` says whether p_task is at most 0.01, for a task without a batch.
    """
    p = clean.find_lower_p(combined.statistic)
    return Suspicion(-log10(p), p, combined.detector, p <= ALONE_BELOW, clean.note)


def convert_to_e(p: float) -> float:
    """e = ½ p^(-1/2), for evidence that may be looked at again; raises BadInput for a p outside (0, 1]."""
    if not 0 < p <= 1:
        raise BadInput(f"p = {p} is outside (0, 1]")
    return 0.5 / sqrt(p)


def merge_e_values(groups: Sequence[Sequence[float]]) -> float:
    """The product over groups of fresh, disjoint data of the mean within a group that shares its data; flag from 100
    on.

    1 without groups. Raises BadInput for an empty group or a negative e-value.
    """
    for group in groups:
        if any(value < 0 for value in check_finite("e-values", group)):
            raise BadInput("an e-value is negative")
    return prod(sum(group) / len(group) for group in groups)
