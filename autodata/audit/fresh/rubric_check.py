"""K6 of one task: is the gap the rubric's? Another rubric, no rubric at all, and the same rubric on plain wording.

(a) A rubric by another family, written from the passage without sight of any answer; both solvers' answers are graded
with it. (b) Strong against weak in pairs without a rubric; ω is strong's share of the votes. (c) Every answer rewritten
in one plain style that adds no content, and graded again. Gaps are compared under one blind judge.

(a) comes first; where it leaves no doubt that the gap is there under another rubric, or where there is no gap to
explain, the rest is spared.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

import scipy

from autodata.audit.certified import DEFAULT_BAR
from autodata.audit.fresh.answer_set import AnswerSet, average_sets, gather_answers, grade_set
from autodata.audit.fresh.certify import Measured
from autodata.audit.fresh.context import AuditContext
from autodata.audit.fresh.preference import Preference, compare_pairs, measure_win_share
from autodata.audit.fresh.prompts import explain_failure
from autodata.audit.fresh.regrading import PRIOR_SD, moderate_rejudge_sd
from autodata.audit.fresh.restyling import ANSWER_MAX, restyle_answers
from autodata.audit.fresh.result import Result, Subject
from autodata.audit.fresh.rubric_writing import write_own_rubric
from autodata.audit.verdict import Finding
from autodata.errors import MalformedReply, ProviderFailure

RUBRIC_SD = 0.07
"""How far the gap moves from one honest rubric to another for the same question, on the score scale."""

FLAG_FALL = 0.10
FLAG_P = 0.01
"""A fall of the gap counts from 0.10 on where chance alone gives it in fewer than 1 % of cases: with three answers a
side and one judge, 0.10 alone is reached by honest tasks in one case of ten."""

LOWEST_SHARE = 0.55
"""Strong's share of the votes at or below which a gap that the rubric shows is not seen without it."""

DOUBT_P = 0.10
"""p of the fall under another rubric from which the task's own is graded once more, and then everything is tried."""


@dataclass(frozen=True, slots=True)
class Fall:
    """How much of the gap is gone: `value` = before - after with its standard error, z and one-sided p."""

    value: float
    error: float
    p: float

    @property
    def z(self) -> float:
        return self.value / self.error if self.error else 0.0

    @property
    def significant(self) -> bool:
        return round(self.value, 9) >= FLAG_FALL and self.p < FLAG_P


async def check_rubric(subject: Subject, context: AuditContext, *, fresh: Measured | None = None) -> Result:
    """K6. `fresh` are the neutral answers that K1 took; without them the recorded answers are used.

    `numbers["z"]` is of the larger part of the gap that vanishes, with another rubric or in plain wording,
    `numbers["fall"]` that part. Answers too long to be rewritten leave (c) out. A verifiable task has no rubric:
    nothing is asked.
    """
    task = subject.records.task
    if not task.rubric:
        lacking = () if "rubric" not in subject.records.missing else ("the rubric",)
        return Result("K6", "not_recorded" if lacking else "done", numbers={"applies": False}, missing=lacking)
    answers = gather_answers(subject, fresh)
    if answers is None:
        return Result("K6", "not_recorded", missing=("graded answers of both solvers",))
    try:
        return await _try_rubrics(subject, context, answers)
    except (ProviderFailure, MalformedReply) as failure:
        return Result("K6", "failed", missing=(explain_failure(failure),))


def measure_fall(
    before: float,
    after: float,
    weak: int,
    strong: int,
    rejudge_sd: float,
    extra_sd: float = 0.0,
    *,
    gradings: int = 2,
) -> Fall:
    """z = (before - after) / √(c σ_J²/k_w + c σ_J²/k_s + extra²), c = 1 + 1/gradings: two gaps of the same answers, the
    first from the mean of `gradings` gradings with noise σ_J, the second from one. `extra_sd`: what the change itself
    moves an honest gap by.
    """
    noise = (1 + 1 / gradings) * rejudge_sd**2
    error = sqrt(noise / weak + noise / strong + extra_sd**2)
    value = before - after
    return Fall(value, error, float(scipy.special.ndtr(-value / error)) if error else float(value <= 0))


def decide_rubric(
    gap: float, own: Fall, share: float | None, restyled: Fall | None, bar: float = DEFAULT_BAR
) -> tuple[Finding, ...]:
    """Flags on a gap of at least `bar`: a significant fall under another rubric that leaves less than half of the bar;
    ω ≤ 0.55; a significant fall in plain wording. A smaller gap is no gap that the rubric could have made."""
    words, left = [], gap - own.value
    if round(gap, 9) < bar:
        return ()
    if own.significant and round(left, 9) < bar / 2:
        words.append(f"with an independent rubric the gap is {left:.2f} instead of {gap:.2f} (p = {own.p:.3f})")
    if share is not None and round(share, 9) <= LOWEST_SHARE:
        words.append(f"without a rubric strong wins {share:.0%} of the votes, although the rubric's gap is {gap:.2f}")
    if restyled is not None and restyled.significant:
        plain = gap - restyled.value
        words.append(f"in one plain style the gap is {plain:.2f} instead of {gap:.2f} (p = {restyled.p:.3f})")
    return tuple(Finding("K6", "flag", sentence) for sentence in words)


async def _try_rubrics(subject: Subject, context: AuditContext, answers: AnswerSet) -> Result:
    sizes = answers.count("weak"), answers.count("strong")
    base = answers
    if answers.origin == "recorded":
        base = await grade_set(subject, context, answers, "auditor_judge", purpose="rejudge")
    rubric = await write_own_rubric(subject, context)
    other = await grade_set(subject, context, answers, "auditor_judge", purpose="own_rubric", rubric=rubric)
    own, sd = measure_fall(base.gap, other.gap, *sizes, PRIOR_SD, RUBRIC_SD, gradings=1), PRIOR_SD
    votes: tuple[Preference, ...] = ()
    restyled: Fall | None = None
    missing: tuple[str, ...] = ()
    if _is_doubtful(base.gap, own, context.bar):
        base, sd = await _grade_twice(subject, context, base)
        own = measure_fall(base.gap, other.gap, *sizes, sd, RUBRIC_SD)
    if _is_doubtful(base.gap, own, context.bar):
        votes = await compare_pairs(subject, context, answers)
        longest = max(len(answer.text) for answer in answers.answers)
        if longest <= ANSWER_MAX:
            texts = await restyle_answers(subject, context, answers)
            plain = await grade_set(subject, context, answers, "auditor_judge", purpose="restyled", texts=texts)
            restyled = measure_fall(base.gap, plain.gap, *sizes, sd)
        else:
            missing = (f"answers short enough to be rewritten (one has {longest:,} characters)",)
    share = measure_win_share(votes) if votes else None
    numbers: dict[str, Any] = {
        "answers": answers.origin,
        "gap": base.gap,
        "own_gap": base.gap - own.value,
        "own_p": own.p,
        "criteria": len(rubric),
        "from_passage": subject.source is not None,
        "share": share,
        "votes": [[vote.judge, vote.pair, vote.strong_first, vote.value] for vote in votes],
        "restyled_gap": base.gap - restyled.value if restyled else None,
        "restyled_p": restyled.p if restyled else None,
        "rejudge_sd": sd,
        "fall": max(own.value, restyled.value if restyled else own.value),
        "z": max(own.z, restyled.z if restyled else own.z),
    }
    findings = decide_rubric(base.gap, own, share, restyled, context.bar)
    return Result("K6", "not_recorded" if missing else "done", findings, numbers, missing)


def _is_doubtful(gap: float, own: Fall, bar: float) -> bool:
    """Whether there is a gap, and another rubric leaves it open that it is the first one's."""
    return round(gap, 9) >= bar and own.p < DOUBT_P


async def _grade_twice(subject: Subject, context: AuditContext, first: AnswerSet) -> tuple[AnswerSet, float]:
    """The mean of two blind gradings by the task's own rubric, and the noise of one; K5 asks the same."""
    second = await grade_set(subject, context, first, "auditor_judge", purpose="rejudge", salt=1)
    scores = ([answer.score for answer in graded.answers] for graded in (first, second))
    return average_sets(first, second), moderate_rejudge_sd(*scores)
