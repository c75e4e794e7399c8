"""The numbers that stand behind the findings: which detector measures what, and what one step of it is.

Every number is one-sided: 0 where nothing is suspicious, larger where more is. None says why; a number is no severity.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

LEAST_CHANCE = 1e-12
"""Chances closer than this to 0 or 1 are taken for as close."""

Group = Literal["integrity", "tamper", "difficulty", "judge", "rubric", "task", "process"]

GROUP_WORDS: dict[Group, str] = {
    "integrity": "requests and records",
    "tamper": "tampering with requests",
    "difficulty": "the gap itself",
    "judge": "the judge",
    "rubric": "rubric and reference",
    "task": "the text of the task",
    "process": "how the task was found",
}


@dataclass(frozen=True, slots=True)
class Measure:
    """`step` is how much of it is worth a person's attention, in its own unit. `words` name it for a person."""

    name: str
    group: Group
    step: float
    words: str

    @property
    def detector(self) -> str:
        return find_detector(self.name)


def find_detector(name: str) -> str:
    """The detector that a measure belongs to."""
    return name.partition(".")[0]


def find_step(name: str) -> float:
    """The step of a measure; 1 for one that is not listed."""
    return MEASURES[name].step if name in MEASURES else 1.0


CHANCES = frozenset({"Z1", "K1"})
"""Measures that are chances: near 1 they hardly move, while what stands behind them goes on growing."""


def stretch(name: str, value: float) -> float:
    """A measure on a scale without an upper end: of a chance the standard normal quantile, up to about 7."""
    if name not in CHANCES:
        return value
    return NormalDist().inv_cdf(min(max(value, LEAST_CHANCE), 1 - LEAST_CHANCE))


def _list(group: Group, *rows: tuple[str, float, str]) -> dict[str, Measure]:
    return {name: Measure(name, group, step, words) for name, step, words in rows}


COUNTED = ("S0", "S1", "S2", "S3", "S4", "S5", "S6", "S7", "S15")
"""Detectors that compare bytes: what they measure is how many things differ."""

MEASURES: dict[str, Measure] = {
    **_list("integrity", *((name, 1.0, "things that differ") for name in COUNTED)),
    **_list(
        "tamper",
        ("K2.weak", 1.0, "t of the weak request's effect"),
        ("K2.strong", 1.0, "t of the strong request's effect"),
        ("K3", 1.0, "t of the part of the gap that the requests make"),
        ("K4", 1.0, "t of the drop on anchors"),
    ),
    **_list(
        "difficulty",
        ("Z1", 0.2, "chance that the true gap is below the bar"),
        ("K1", 0.2, "chance that the certified gap is below the bar"),
    ),
    **_list(
        "judge",
        ("Z6", 0.2, "shortfall of the judge's reliability"),
        ("Z7", 1.0, "t of the gap that answer length explains"),
        ("K5", 1.0, "z of the gap that vanishes under a blind judge"),
    ),
    **_list(
        "rubric",
        ("S13.leak", 0.15, "share of reference or rubric that solvers could read"),
        ("S13.fitted", 0.1, "rubric words in strong answers beyond the gap"),
        ("S14.heaviest", 0.1, "share of the points on one criterion beyond an equal part"),
        ("S14.jackknife", 0.1, "gap that one criterion makes"),
        ("S14.narrow", 0.4, "share of the gap on form or figures"),
        ("S14.wording", 1.0, "criteria whose sign or wording is wrong"),
        ("K6", 1.0, "z of the gap that vanishes under another rubric"),
        ("K8", 0.1, "misgrading of known answers"),
    ),
    **_list(
        "task",
        ("S9", 0.34, "share of weak answers that failed by their form"),
        ("S10", 0.2, "share of the prompt that was not counted"),
        ("S11", 1.0, "hidden or look-alike characters"),
        ("S12.request", 1.0, "instructions in requests"),
        ("S12.task", 1.0, "instructions in the task"),
        ("S12.answers", 1.0, "strong answers that speak to the judge"),
        ("K7", 1.0, "z of the weak score's rise on the sanitised task"),
        ("K9", 1.0, "z of a peer's lead over weak"),
        ("K10", 1.0, "t of the weak score's rise with a larger budget"),
        ("K11", 0.1, "gap that elicitation removes"),
    ),
    **_list(
        "process",
        ("S8.unused", 1.0, "answers, verdicts and rounds that were not used"),
        ("S8.repeated", 1.0, "answers that are another one again"),
        ("Z2", 1.0, "-log10 p of gaps just above the bar"),
        ("Z3", 1.0, "z of the weak answers against their history"),
        ("Z4", 1.0, "-log10 p of the misfit of answers"),
        ("Z5", 1.0, "shortfall of the weak score in standard deviations"),
        ("Z8", 1.0, "z of the divergence of versions"),
        ("Z9", 1.0, "log of the size of its cluster"),
    ),
}
