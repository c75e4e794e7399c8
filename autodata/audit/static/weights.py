"""S14: does the gap hang on one criterion, on form and figures, or on a criterion whose sign is wrong?"""

from __future__ import annotations

import re
from collections.abc import Mapping

from autodata.audit.clusters import measure_similarity
from autodata.audit.records import TaskRecords
from autodata.audit.static.check import Check, Sheet, list_words, quote
from autodata.errors import BadInput, MalformedReply
from autodata.model import SOLVERS, Criterion, Score
from autodata.scoring import attainable_points, mean_score, measure_gap, score_verdicts, share_of_gap

HEAVIEST = 0.25
"""Largest share of the attainable points that one criterion may carry."""

RESTATED = 0.6
"""Jaccard index of the words of an error and of a merit from which the one restates the other."""

NARROW = 0.4
"""Share of the gap on criteria of form or figures from which the task is narrow."""

LEFT_GAP = 0.10
"""Smallest gap that has to be left when any one criterion is taken out."""

_Side = list[tuple[Score, Mapping[str, float]]]
"""The scored answers of one solver, each with its verdicts."""

_WORD = re.compile(r"\w+")
_FORM = re.compile(
    r"\b(?:format(?:ted|ting)?|bullet|heading|markdown|table|json|latex|word count|words? long|exactly \d+|"
    r"section titled|numbered list|capitali[sz]ed|bold|italic)\b",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"(?<![\w.])[-+−]?\d[\d,.]*(?:\s?%)?(?!\w)")
_SUBJECT = r"^(?:the |this )?(?:answer|response|solution|student|model)?\s*(?:should |must |clearly |explicitly )?"
_VIRTUE = re.compile(
    _SUBJECT + r"(?:avoid(?:s|ed|ing)?\b|refrains?\b|steers? clear\b|resists?\b|correctly\b|accurately\b|properly\b|"
    r"appropriately\b|rightly\b|is free (?:of|from)\b|(?:does not|doesn.t|do not|don.t|never)\s+(?:\w+ly\s+)?"
    r"(?:claim|assert|confus|conflat|assum|overstat|overgenerali|hallucinat|invent|fabricat|mislead|misstat|misinterpret|"
    r"contradict|exaggerat|ignor|overlook|omit|fail|neglect)\w*)",
    re.IGNORECASE,
)
_ERROR = re.compile(
    _SUBJECT + r"(?:incorrectly\b|wrongly\b|mistakenly\b|erroneously\b|falsely\b|fails? to\b|confuses\b|conflates\b|"
    r"misstates\b|misinterprets\b|hallucinates\b|fabricates\b|neglects to\b|omits\b|overlooks\b)",
    re.IGNORECASE,
)


def check_weights(task: TaskRecords) -> Check:
    """Weights and wording of the rubric, and what each criterion adds to the gap. All are flags: facts, not motives.

    A negative weight marks an error that happens; one that is worded as a virtue takes points from good answers, and
    an error with a positive weight rewards it.
    """
    sheet, rubric = Sheet("S14"), task.task.rubric
    if "rubric" in task.missing:
        sheet.lack("the rubric")
    if not rubric:
        return sheet.close()
    _check_wording(sheet, rubric)
    sheet.measure("S14.wording", len(sheet.findings))
    attainable = attainable_points(rubric)
    merits = sum(1 for criterion in rubric if criterion.weight > 0)
    for criterion in rubric:
        share = criterion.weight / attainable if attainable > 0 else 0.0
        sheet.measure("S14.heaviest", max(0.0, share - 1 / merits) if merits else 0.0)
        # In a rubric of three or fewer every criterion is heavy; only one that outweighs the others says something.
        if share > HEAVIEST and share * merits > 1:
            sheet.flag(f"criterion {criterion.id} carries {share:.0%} of the points: {quote(criterion.criterion)}")
    marks: dict[str, list[Mapping[str, float]]] = {solver: _list_marks(task, solver) for solver in SOLVERS}
    if any(a.value is not None and not a.verdicts for a in task.answers):
        sheet.lack("verdicts")
    if all(marks.values()):
        _check_shares(sheet, rubric, marks)
    return sheet.close()


def measure_jackknife(
    rubric: tuple[Criterion, ...], weak: list[Mapping[str, float]], strong: list[Mapping[str, float]]
) -> dict[str, float]:
    """The gap of the scores when one criterion is taken out, by its id; scores are clipped as always.

    A criterion without which nothing can be earned is left out of the answer.
    """
    return _leave_each_out(rubric, *(_score_side(rubric, side) for side in (weak, strong)))


def _score_side(rubric: tuple[Criterion, ...], side: list[Mapping[str, float]]) -> _Side:
    return [(score_verdicts(rubric, marks), marks) for marks in side]


def _leave_each_out(rubric: tuple[Criterion, ...], *sides: _Side) -> dict[str, float]:
    left, points_of_all = {}, attainable_points(rubric)
    for criterion in rubric:
        attainable = points_of_all - max(criterion.weight, 0)
        if attainable <= 0:
            continue
        means = []
        for side in sides:
            points = (score.earned - score.penalty - criterion.weight * marks[criterion.id] for score, marks in side)
            means.append([min(1.0, max(0.0, own / attainable)) for own in points])
        gap = measure_gap(*means)
        if gap is not None:
            left[criterion.id] = gap
    return left


def _check_wording(sheet: Sheet, rubric: tuple[Criterion, ...]) -> None:
    for criterion in rubric:
        if criterion.weight < 0 and _VIRTUE.search(criterion.criterion):
            words = f"takes {-criterion.weight:g} points for a virtue: {quote(criterion.criterion)}"
            sheet.flag(f"criterion {criterion.id} {words}")
        if criterion.weight > 0 and _ERROR.search(criterion.criterion):
            words = f"gives {criterion.weight:g} points for an error: {quote(criterion.criterion)}"
            sheet.flag(f"criterion {criterion.id} {words}")
    errors, merits = ([c for c in rubric if sign * c.weight > 0] for sign in (-1, 1))
    said = {c.id: frozenset(_WORD.findall(c.criterion.casefold())) for c in (*errors, *merits)} if errors else {}
    for error in errors:
        for merit in merits:
            if measure_similarity(said[error.id], said[merit.id]) >= RESTATED:
                sheet.flag(f"criterion {error.id} restates {merit.id}, so one point counts twice")


def _list_marks(task: TaskRecords, solver: str) -> list[Mapping[str, float]]:
    known = {criterion.id for criterion in task.task.rubric}
    marks = [
        {v.criterion_id: v.met for v in a.verdicts}
        for a in task.answers
        if a.solver == solver and a.purpose == "select"
    ]
    return [mark for mark in marks if mark.keys() == known]


def _check_shares(sheet: Sheet, rubric: tuple[Criterion, ...], marks: Mapping[str, list[Mapping[str, float]]]) -> None:
    try:
        sides = [_score_side(rubric, marks[solver]) for solver in SOLVERS]
    except (BadInput, MalformedReply):
        return
    left = _leave_each_out(rubric, *sides)
    means = [mean_score([score.value for score, _ in side]) or 0.0 for side in sides]
    gap = means[1] - means[0]
    sheet.measure("S14.jackknife", 0.0)
    sheet.measure("S14.narrow", 0.0)
    if gap < LEFT_GAP:
        return
    least = min(left, key=lambda key: left[key], default="")
    if least:
        sheet.measure("S14.jackknife", max(0.0, gap - left[least]))
    if least and left[least] < LEFT_GAP:
        sheet.flag(f"without criterion {least} the gap falls from {gap:.2f} to {left[least]:.2f}")
    shares = share_of_gap(rubric, marks["weak"], marks["strong"])
    total = sum(shares.values())
    narrow = [c.id for c in rubric if _FORM.search(c.criterion) or _FIGURE.search(c.criterion)]
    carried = sum(shares.get(own, 0.0) for own in narrow)
    if total > 0:
        sheet.measure("S14.narrow", max(0.0, carried / total))
    if total > 0 and carried / total > NARROW:
        sheet.flag(
            f"narrow recall: {carried / total:.0%} of the gap is on form or figures (criteria {list_words(narrow)})"
        )
