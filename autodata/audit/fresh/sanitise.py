"""K7 of one task: does weak do better once the text is cleaned of what is hidden in it or speaks to its reader?

The cleaned text is put into other words by another family and checked for the same meaning both ways; weak answers it,
and its answers are compared with fresh answers to the task as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from autodata.audit.difference import Difference, measure_difference
from autodata.audit.fresh.arms import explain_ungraded, list_scores, roll_fresh
from autodata.audit.fresh.certify import explain_ungradable, roll_neutral
from autodata.audit.fresh.cleaning import clean_task
from autodata.audit.fresh.context import AuditContext
from autodata.audit.fresh.noise import choose_noise
from autodata.audit.fresh.paraphrasing import TASK_MAX, Entailment, Wording, check_both_ways, paraphrase
from autodata.audit.fresh.prompts import explain_failure
from autodata.audit.fresh.requests import NEUTRAL_SHA, build_neutral_body, derive_fresh_seed
from autodata.audit.fresh.result import Result, Subject
from autodata.audit.tamper import DEFAULT_SIZE
from autodata.audit.verdict import Finding
from autodata.errors import MalformedReply, ProviderFailure
from autodata.model import Rollout, Task

FLAG_RISE = 0.15
FLAG_P = 0.01
"""A paraphrase moves an honest score by about 0.05; from 0.15 on, with chance below 1 %, the words made it hard."""

PARAPHRASES = 2
"""Paraphrases that are tried where the first one does not say the same."""

FEWEST_GRADED = 3
"""Graded answers an arm below which nothing is compared."""


async def check_sanitised(subject: Subject, context: AuditContext, *, count: int = DEFAULT_SIZE) -> Result:
    """K7 with `count` weak answers to the cleaned and reworded task, against as many to the task as it is.

    `numbers["t"]` is of the rise. Coverage is failed when the rewording does not say the same in both directions, or
    an arm has fewer than three graded answers; not run for a task too long to be written out again.
    """
    lacking = explain_ungradable(subject)
    if lacking:
        return Result("K7", "not_recorded", missing=lacking)
    try:
        return await _replay(subject, context, count)
    except (ProviderFailure, MalformedReply) as failure:
        return Result("K7", "failed", missing=(explain_failure(failure),))


def decide_rise(rise: Difference, removed: Sequence[str], hidden: int) -> tuple[Finding, ...]:
    """A flag where weak rises by 0.15 or more with p < 0.01."""
    p = rise.find_p()
    if round(rise.value, 9) < FLAG_RISE or p >= FLAG_P:
        return ()
    what = []
    if hidden:
        what.append(f"{hidden:,} hidden characters")
    if removed:
        what.append(f"{len(removed)} sentence{'s' if len(removed) > 1 else ''} that told the reader how to answer")
    without = f" and without {' and '.join(what)}" if what else ""
    words = f"in other words{without}, weak scores {rise.value:.2f} more on the same task (p = {p:.3f})"
    return (Finding("K7", "flag", words),)


async def _replay(subject: Subject, context: AuditContext, count: int) -> Result:
    task = subject.records.task
    length = len(Wording(task.context, task.question).text)
    if length > TASK_MAX:
        why = f"a task short enough to be put into other words (it has {length:,} characters)"
        return Result("K7", "not_run", missing=(why,))
    clean = clean_task(subject.records)
    original = Wording(clean.context, clean.question)
    reworded, kept, added = await _reword(subject, context, original)
    numbers: dict[str, Any] = {
        "removed": [sentence[:300] for sentence in clean.removed],
        "hidden": clean.hidden,
        "context": reworded.context,
        "question": reworded.question,
        "kept": kept.entailed,
        "added": not added.entailed,
    }
    if not (kept.entailed and added.entailed):
        lost = kept.missing or added.missing or "no reason given"
        why = f"a paraphrase that says the same (it differs in: {lost[:200]})"
        return Result("K7", "failed", numbers=numbers, missing=(why,))
    other = replace(task, context=reworded.context, question=reworded.question)
    sanitised = await _roll_sanitised(subject, context, other, count)
    neutral = await roll_neutral(subject, context, "weak", count)
    arms = {"sanitised": list_scores(sanitised), "neutral": list_scores(neutral)}
    for rollouts, scores in ((sanitised, arms["sanitised"]), (neutral, arms["neutral"])):
        if len(scores) < min(FEWEST_GRADED, count):
            return Result("K7", "failed", numbers=numbers, missing=(explain_ungraded(rollouts),))
    noise = choose_noise(context, "weak", arms["neutral"])
    rise = measure_difference(arms["sanitised"], arms["neutral"], noise)
    low, high = rise.find_interval(0.90)
    numbers |= {
        "rise": rise.value,
        "low": low,
        "high": high,
        "t": rise.find_t(),
        "p": rise.find_p(),
        "scores": {name: list(scores) for name, scores in arms.items()},
    }
    return Result("K7", "done", decide_rise(rise, clean.removed, clean.hidden), numbers)


async def _reword(subject: Subject, context: AuditContext, original: Wording) -> tuple[Wording, Entailment, Entailment]:
    """A paraphrase with the checks in both directions: the first that says the same, or the last that was tried."""
    for attempt in range(PARAPHRASES):
        reworded = await paraphrase(subject.task_id, context, original, attempt)
        kept, added = await check_both_ways(subject.task_id, context, original, reworded, attempt)
        if kept.entailed and added.entailed:
            break
    return reworded, kept, added


async def _roll_sanitised(subject: Subject, context: AuditContext, task: Task, count: int) -> tuple[Rollout, ...]:
    settings = context.loop.settings

    def build(index: int) -> dict[str, Any]:
        seed = derive_fresh_seed(settings.seed, subject.task_id, "sanitised", index)
        return build_neutral_body(settings.seats.seat("weak"), task, index=index, seed=seed)

    # Graded as the task that the answer was written to; rubric and reference are the same.
    return await roll_fresh(
        subject, context, "weak", "sanitised", body_of=build, count=count, task=task, template_sha=NEUTRAL_SHA
    )
