"""K5 of one task: the same answers graded again, blind by another judge, by the same judge without labels, with the
labels swapped.

Of fresh neutral answers where the audit has them, else of the recorded ones. The recorded grades were selected for
their noise, so they only screen: what looks like a bias is decided by grading the same answers anew on both sides, by
the run's judge in the run's own words and by the blind one, once more and, while that leaves doubt, twice. One task
says little; `pool_rejudge` and `rate_reliability` speak of the judge over many.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from statistics import stdev
from typing import Any

import numpy as np

from autodata.audit.fresh.answer_set import AnswerSet, average_sets, gather_answers, grade_set, measure_side
from autodata.audit.fresh.certify import Measured
from autodata.audit.fresh.context import AuditContext
from autodata.audit.fresh.prompts import explain_failure
from autodata.audit.fresh.recorded_judge import JudgeWrappers, find_judge_wrappers, grade_as_recorded
from autodata.audit.fresh.regrading import PRIOR_SD, compare_gaps, decide_rejudge, moderate_rejudge_sd
from autodata.audit.fresh.result import Result, Subject
from autodata.audit.judge_offset import JudgeOffset, pool_judge_offsets
from autodata.audit.reliability import RELIABLE_FROM, TENTATIVE_FROM, measure_reliability
from autodata.audit.verdict import Finding
from autodata.errors import MalformedReply, ProviderFailure
from autodata.model import SOLVERS, Role

FEWEST_POOLED = 5
"""Tasks from which the spread of their offsets is trusted."""

DOUBT_P = 0.10
"""p of a comparison below which the answers are graded again by both judges."""

CONFIRMING = 2
"""Further gradings by both judges, at most."""

JUDGES: tuple[Role, ...] = ("judge", "auditor_judge")


async def check_rejudge(
    subject: Subject, context: AuditContext, *, fresh: Measured | None = None, sampled: bool = True
) -> Result:
    """K5. `fresh` are the neutral answers that K1 took; without them the recorded answers are graded again.

    One call an answer at first. Where that leaves doubt, or the recorded requests carry labels, both judges grade once
    or twice more, which also measures their noise; with labels the same judge grades without them and with them
    swapped too. `numbers["z"]` is the largest z of the comparisons, `numbers["units"]` the verdicts per answer and
    criterion for the judges' reliability. `sampled` is false for a task that is here because of what K1's blind grades
    said: it cannot speak of the judge over many. A task without a rubric has no judge: nothing is asked.
    """
    task = subject.records.task
    if not task.rubric:
        lacking = () if "rubric" not in subject.records.missing else ("the rubric",)
        return Result("K5", "not_recorded" if lacking else "done", numbers={"applies": False}, missing=lacking)
    answers = gather_answers(subject, fresh)
    if answers is None:
        return Result("K5", "not_recorded", missing=("graded answers of both solvers",))
    try:
        result = await _regrade(subject, context, answers)
        return replace(result, numbers={**result.numbers, "sampled": sampled})
    except (ProviderFailure, MalformedReply) as failure:
        return Result("K5", "failed", missing=(explain_failure(failure),))


def pool_rejudge(results: Iterable[Result]) -> JudgeOffset | None:
    """The bias of the run's judge against the blind one over tasks; None where no task was judged again.

    Of fresh answers each task's first blind grading counts, whether or not it led to more, unless that grading led to
    the check itself. Of recorded ones, whose first grades were selected, only what both judges graded anew. From five
    tasks on no error is taken for smaller than the spread of the offsets.
    """
    kept = [values for values in map(_read_unselected, results) if values]
    spread = stdev([values["offset"] for values in kept]) if len(kept) >= FEWEST_POOLED else 0.0
    offsets = [
        JudgeOffset(**{**values, "error": max(values["error"], spread), "reasons": tuple(values["reasons"])})
        for values in kept
    ]
    return pool_judge_offsets(offsets) if offsets else None


def rate_reliability(results: Iterable[Result], seed: int = 0) -> Result:
    """Z6: Krippendorff's alpha of the judges' verdicts, over one K5 result or those of a whole run.

    A flag below 0.667, a note below 0.80. `numbers["shortfall"]` is what is missing to 0.80. Not run where no criterion
    was judged twice.
    """
    units = [[float(mark) for mark in unit] for result in results for unit in result.numbers.get("units", ())]
    if not units:
        return Result("Z6", "not_run", missing=("answers that two judges graded",))
    found = measure_reliability(units, "nominal", np.random.default_rng(seed))
    numbers: dict[str, Any] = asdict(found)
    if found.alpha is None:
        return Result("Z6", "done", numbers=numbers)
    numbers["shortfall"] = max(0.0, RELIABLE_FROM - found.alpha)
    words = f"the judges' verdicts agree with alpha {found.alpha:.2f} over {found.units} verdicts"
    if found.standing == "unreliable":
        finding = Finding("Z6", "flag", f"{words}, below {TENTATIVE_FROM}: no verdict can rest on them")
    elif found.standing == "tentative":
        finding = Finding("Z6", "note", f"{words}, below {RELIABLE_FROM}: scores are noisy")
    else:
        return Result("Z6", "done", numbers=numbers)
    return Result("Z6", "done", (finding,), numbers)


async def _regrade(subject: Subject, context: AuditContext, answers: AnswerSet) -> Result:
    wrappers = find_judge_wrappers(subject.records)
    labelled = wrappers is not None and wrappers.labelled
    original, other = answers, answers
    if answers.origin == "recorded":
        other = await grade_set(subject, context, answers, "auditor_judge", purpose="rejudge")
    else:
        original = await _grade_as_run(subject, context, answers, wrappers, 0)
    first = compare_gaps(original, other, PRIOR_SD, bar=context.bar)
    numbers = {
        "answers": answers.origin,
        "gap": original.gap,
        "first": asdict(first),
        "labelled": labelled,
        "units": list_units([original, other]),
        "judges": {role: context.loop.settings.seats.seat(role).model for role in JUDGES},
    }
    if labelled or first.p < DOUBT_P:
        return await _confirm(subject, context, (original, other), wrappers, numbers)
    numbers |= {"gaps": {"other": other.gap}, "offsets": {"other": asdict(first)}, "z": first.z, "p": first.p}
    return Result("K5", "done", numbers=numbers)


async def _confirm(
    subject: Subject,
    context: AuditContext,
    screened: tuple[AnswerSet, AnswerSet],
    wrappers: JudgeWrappers | None,
    numbers: dict[str, Any],
) -> Result:
    """The decision by gradings of both judges that nobody has seen before; a second one while the first leaves doubt.

    Of the screening grades only the spread between gradings of one judge is used.
    """
    answers = screened[1]
    as_run: list[AnswerSet] = []
    blind: list[AnswerSet] = []
    for salt in range(1, CONFIRMING + 1):
        as_run.append(await _grade_as_run(subject, context, answers, wrappers, salt))
        blind.append(await grade_set(subject, context, answers, "auditor_judge", purpose="rejudge", salt=salt))
        sd = _measure_sd((screened[0], *as_run), (screened[1], *blind))
        original, other = average_sets(*as_run), average_sets(*blind)
        offset = compare_gaps(original, other, sd, gradings=(salt, salt), bar=context.bar)
        if offset.p >= DOUBT_P:
            break
    compared = {"other": (other, len(blind))}
    if wrappers is not None and wrappers.labelled:
        compared["same"] = await grade_set(subject, context, answers, "judge", purpose="rejudge"), 1
        compared["swapped"] = await grade_as_recorded(subject, context, answers, wrappers, swapped=True), 1
    offsets = {
        name: compare_gaps(original, own, sd, gradings=(len(as_run), times), bar=context.bar)
        for name, (own, times) in compared.items()
    }
    gaps = {name: own.gap for name, (own, _) in compared.items()}
    numbers |= {
        "gap": original.gap,
        "gaps": gaps,
        "means": _list_means({"original": original, **{name: own for name, (own, _) in compared.items()}}),
        "offsets": {name: asdict(offset) for name, offset in offsets.items()},
        "rejudge_sd": sd,
        "z": max(offset.z for offset in offsets.values()),
        "p": min(offset.p for offset in offsets.values()),
        "units": list_units([as_run[0], screened[1], *([compared["same"][0]] if "same" in compared else [])]),
    }
    return Result("K5", "done", decide_rejudge(offsets, gaps, answers.origin), numbers)


def _measure_sd(*judges: Sequence[AnswerSet]) -> float:
    """Re-judge noise of one answer from each judge's first grading and the one after it."""
    halves = [[answer.score for gradings in judges for answer in gradings[at].answers] for at in (0, 1)]
    return moderate_rejudge_sd(*halves)


def list_units(gradings: Sequence[AnswerSet]) -> list[list[float]]:
    """The verdicts that each criterion of each answer was given, where two gradings or more gave one."""
    found: dict[tuple[str, int, str], list[float]] = {}
    for grading in gradings:
        for answer in grading.answers:
            for verdict in answer.verdicts:
                found.setdefault((answer.solver, answer.index, verdict.criterion_id), []).append(verdict.met)
    return [marks for marks in found.values() if len(marks) > 1]


async def _grade_as_run(
    subject: Subject, context: AuditContext, answers: AnswerSet, wrappers: JudgeWrappers | None, salt: int
) -> AnswerSet:
    """What the run's judge says of the answers in the run's words, or in ours where these are not recorded."""
    if wrappers is not None:
        return await grade_as_recorded(subject, context, answers, wrappers, salt=salt)
    return await grade_set(subject, context, answers, "judge", purpose="rejudge", salt=salt)


def _list_means(sets: Mapping[str, AnswerSet]) -> dict[str, dict[str, float]]:
    """Mean scores by solver and grading."""
    return {s: {name: measure_side(own.answers, s) for name, own in sets.items()} for s in SOLVERS}


def _read_unselected(result: Result) -> Mapping[str, Any] | None:
    """The offset of a result that no selected grade took part in."""
    numbers = result.numbers
    if result.coverage != "done" or "first" not in numbers or not numbers.get("sampled", True):
        return None
    if numbers["answers"] == "fresh":
        return numbers["first"]
    return numbers["offsets"]["other"] if "rejudge_sd" in numbers else None
