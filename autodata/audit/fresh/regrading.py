"""Two gradings of the same answers: the noise of a judge, the gap that one of them does not see, and what that means.

Pure; which judges graded what is for others (autodata.audit.fresh.rejudge, rubric_check).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt

from autodata.audit.certified import DEFAULT_BAR
from autodata.audit.fresh.answer_set import AnswerSet
from autodata.audit.judge_offset import (
    FLAG_OFFSET,
    FLAG_P,
    JudgeOffset,
    estimate_rejudge_sd,
    measure_judge_offset,
)
from autodata.audit.variance import DEFAULT_DF
from autodata.audit.verdict import Finding, Severity

PRIOR_SD = 0.07
"""Re-judge noise of one answer before any was graded twice, on the score scale; trusted like four gradings. With a
dozen criteria it is what one slip in three gradings makes."""

CROSSING_P = 0.02
"""A gap just above the bar falls just below it under any second judge; only beyond this p it is more than a note. At
0.10 one honest simulated task in twelve was flagged."""

WORDS = {
    "same": "graded again by the same judge without labels",
    "other": "graded blind by a judge of another family",
    "swapped": "graded with the labels of weak and strong swapped",
}
"""What was done to the answers, by comparison."""


def moderate_rejudge_sd(first: Sequence[float], second: Sequence[float]) -> float:
    """σ_J with σ² = (d0 σ0² + n σ̂²)/(d0 + n), σ0 = 0.07, d0 = 4, n answers graded twice: few gradings are not trusted
    alone. The prior itself without any."""
    if not first:
        return PRIOR_SD
    own = estimate_rejudge_sd(first, second) ** 2
    return sqrt((DEFAULT_DF * PRIOR_SD**2 + len(first) * own) / (DEFAULT_DF + len(first)))


def compare_gaps(
    original: AnswerSet,
    blind: AnswerSet,
    rejudge_sd: float,
    *,
    gradings: tuple[int, int] = (1, 1),
    bar: float = DEFAULT_BAR,
) -> JudgeOffset:
    """`measure_judge_offset` of two sets of grades of the same answers; `gradings`: how many each is the mean of."""
    effective = rejudge_sd * sqrt((1 / gradings[0] + 1 / gradings[1]) / 2)
    return measure_judge_offset(
        original.gap, blind.gap, original.count("weak"), original.count("strong"), effective, bar
    )


def decide_rejudge(offsets: Mapping[str, JudgeOffset], gaps: Mapping[str, float], origin: str) -> tuple[Finding, ...]:
    """A flag for every comparison in which 0.10 of the gap vanishes with p < 0.01, or the gap falls below the bar with
    p < 0.02; a note where it falls below the bar by less than that."""
    findings = []
    for name, offset in offsets.items():
        if not offset.reasons or (name == "swapped" and offset.p >= FLAG_P):
            continue
        large = round(offset.offset, 9) >= FLAG_OFFSET and offset.p < FLAG_P
        severity: Severity = "flag" if large or offset.p < CROSSING_P else "note"
        words = (
            f"{WORDS[name]}, the {origin} answers have a gap of {gaps[name]:.2f} instead of "
            f"{gaps[name] + offset.offset:.2f} (p = {offset.p:.3f})"
        )
        findings.append(Finding("K5", severity, words))
    return tuple(findings)
