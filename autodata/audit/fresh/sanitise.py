"""K7 of one task: does weak do better once the text is cleaned of what is hidden in it, speaks to its reader, or is no
part of what is asked?

The cleaned text is put into other words by another family and checked for the same meaning both ways; weak answers it,
and its answers are compared with fresh answers to the task as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from autodata.audit.difference import Difference
from autodata.audit.fresh.arms import roll_fresh
from autodata.audit.fresh.certify import explain_ungradable, roll_neutral
from autodata.audit.fresh.cleaning import clean_task
from autodata.audit.fresh.context import AuditContext
from autodata.audit.fresh.noise import choose_noise
from autodata.audit.fresh.paraphrasing import TASK_MAX, Entailment, Wording, check_both_ways, paraphrase
from autodata.audit.fresh.prompts import explain_failure
from autodata.audit.fresh.requests import NEUTRAL_SHA, build_neutral_body, derive_fresh_seed
from autodata.audit.fresh.result import Result, Subject
from autodata.audit.fresh.stepwise import CLEAR_P, Compared, compare_step_by_step
from autodata.audit.static.check import list_words
from autodata.audit.tamper import DEFAULT_SIZE
from autodata.audit.verdict import Finding
from autodata.errors import MalformedReply, ProviderFailure
from autodata.model import Rollout, Task

FLAG_RISE = 0.15
FLAG_P = 0.01
"""From a rise of 0.15 on, with chance below 1 %, the words made it hard."""

WORDING_SD = 0.05
"""How far a faithful paraphrase moves an honest score by itself, on the score scale."""

STEPS = (2, 3, DEFAULT_SIZE)
"""Weak answers to the cleaned task, and as many to the task as it is: more only where the first ones rise."""

PARAPHRASES = 2
"""Paraphrases that are tried where the first one does not say the same."""


async def check_sanitised(subject: Subject, context: AuditContext) -> Result:
    """K7: weak answers to the cleaned and reworded task against answers to the task as it is, two an arm at first and
    five where they rise.

    `numbers["z"]` is of the rise beyond what a paraphrase does by itself. Whether the paraphrase says the same is asked
    where it matters, for a rise that may be one; `kept` and `added` are None otherwise. Coverage is failed when a
    rise rests on a paraphrase that does not say the same in both directions, or an arm has fewer than two graded
    answers; not run for a task too long to be written out again.
    """
    lacking = explain_ungradable(subject)
    if lacking:
        return Result("K7", "not_recorded", missing=lacking)
    length = len(Wording(subject.records.task.context, subject.records.task.question).text)
    if length > TASK_MAX:
        why = f"a task short enough to be put into other words (it has {length:,} characters)"
        return Result("K7", "not_run", missing=(why,))
    try:
        return await _replay(subject, context)
    except (ProviderFailure, MalformedReply) as failure:
        return Result("K7", "failed", missing=(explain_failure(failure),))


def weigh_rise(rise: Difference) -> Difference:
    """The rise with the variance v + 0.05² of a paraphrase that says the same: honest tasks move by that much too."""
    return replace(rise, variance=rise.variance + WORDING_SD**2)


def decide_rise(
    rise: Difference, removed: Sequence[str], hidden: int, left_out: str = "", idle: Sequence[str] = ()
) -> tuple[Finding, ...]:
    """A flag where weak rises by 0.15 or more with p < 0.01."""
    p = rise.find_p()
    if round(rise.value, 9) < FLAG_RISE or p >= FLAG_P:
        return ()
    what = []
    if hidden:
        what.append(f"{hidden:,} hidden characters")
    if removed:
        what.append(f"{_count_sentences(removed)} that told the reader how to answer")
    if idle:
        what.append(f"{_count_sentences(idle)} that nothing asked for or graded refers to")
    without = f" and without {list_words(what)}" if what else ""
    words = f"in other words{without}, weak scores {rise.value:.2f} more on the same task (p = {p:.3f}{left_out})"
    return (Finding("K7", "flag", words),)


def _count_sentences(sentences: Sequence[str]) -> str:
    return f"{len(sentences)} sentence{'s' if len(sentences) > 1 else ''}"


@dataclass(frozen=True, slots=True)
class _Try:
    """One paraphrase and what weak makes of it. `same` is None where nobody was asked whether it says the same."""

    reworded: Wording
    compared: Compared
    same: tuple[Entailment, Entailment] | None = None


async def _replay(subject: Subject, context: AuditContext) -> Result:
    clean = clean_task(subject.records)
    original = Wording(clean.context, clean.question)
    for attempt in range(PARAPHRASES):
        own = await _try_paraphrase(subject, context, original, attempt)
        if own.same is None or all(side.entailed for side in own.same):
            break
    numbers: dict[str, Any] = {
        "removed": [sentence[:300] for sentence in clean.removed],
        "idle": [sentence[:300] for sentence in clean.idle],
        "hidden": clean.hidden,
        "context": own.reworded.context,
        "question": own.reworded.question,
        "kept": own.same[0].entailed if own.same else None,
        "added": not own.same[1].entailed if own.same else None,
    }
    if own.same and not all(side.entailed for side in own.same):
        lost = own.same[0].missing or own.same[1].missing or "no reason given"
        why = f"a paraphrase that says the same (it differs in: {lost[:200]})"
        return Result("K7", "failed", numbers=numbers, missing=(why,))
    compared = own.compared
    if compared.difference is None:
        return Result("K7", "failed", numbers=numbers, missing=compared.missing)
    rise = weigh_rise(compared.difference)
    low, high = rise.find_interval(0.90)
    numbers |= {
        "rise": rise.value,
        "low": low,
        "high": high,
        "z": rise.find_t(),
        "p": rise.find_p(),
        "left_out": compared.left_out,
        "scores": dict(zip(("sanitised", "neutral"), map(list, compared.scores), strict=True)),
    }
    findings = decide_rise(rise, clean.removed, clean.hidden, compared.left_out, clean.idle)
    return Result("K7", "done", findings, numbers)


async def _try_paraphrase(subject: Subject, context: AuditContext, original: Wording, attempt: int) -> _Try:
    """The first answers to one paraphrase; the check that it says the same, and further answers, only if weak rises."""
    task_id, task = subject.task_id, subject.records.task
    reworded = await paraphrase(task_id, context, original, attempt)
    other = replace(task, context=reworded.context, question=reworded.question)
    arm = f"sanitised_{attempt}" if attempt else "sanitised"

    async def compare(steps: Sequence[int]) -> Compared:
        return await compare_step_by_step(
            lambda count, first: _roll_sanitised(subject, context, other, arm, count, first),
            lambda count, first: roll_neutral(subject, context, "weak", count, first=first),
            lambda scores: choose_noise(context, "weak", scores),
            steps=steps,
        )

    first = await compare(STEPS[:1])
    if first.difference is None or first.difference.find_p() >= CLEAR_P:
        return _Try(reworded, first)
    same = await check_both_ways(task_id, context, original, reworded, attempt)
    if not all(side.entailed for side in same):
        return _Try(reworded, first, same)
    return _Try(reworded, await compare(STEPS), same)


async def _roll_sanitised(
    subject: Subject, context: AuditContext, task: Task, arm: str, count: int, first: int
) -> tuple[Rollout, ...]:
    settings = context.loop.settings

    def build(index: int) -> dict[str, Any]:
        seed = derive_fresh_seed(settings.seed, subject.task_id, arm, index)
        return build_neutral_body(settings.seats.seat("weak"), task, index=index, seed=seed)

    # Graded as the task that the answer was written to; rubric and reference are the same.
    return await roll_fresh(
        subject, context, "weak", arm, body_of=build, count=count, first=first, task=task, template_sha=NEUTRAL_SHA
    )
