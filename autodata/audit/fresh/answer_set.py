"""The answers of both solvers that a check grades again: fresh ones where the audit has them, else the recorded ones.

The recorded ones were selected through the same judge's noise, so a gap of theirs shrinks a little under any other
judge; whoever uses them says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Literal

from autodata.audit.fresh.blind import grade_blind
from autodata.audit.fresh.certify import Measured
from autodata.audit.fresh.context import AuditContext
from autodata.audit.fresh.result import Subject
from autodata.canon import derive_seed
from autodata.model import SOLVERS, Criterion, Role, Solver, Verdict

FEWEST_FRESH = 2
"""Graded fresh answers a side from which they are used; below, the recorded ones say more."""

Origin = Literal["fresh", "recorded"]


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """One answer, with the score and verdicts it has had so far."""

    solver: Solver
    index: int
    text: str
    score: float
    verdicts: tuple[Verdict, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerSet:
    """Answers of both solvers, at least one a side, by solver and index."""

    origin: Origin
    answers: tuple[GivenAnswer, ...]

    @property
    def gap(self) -> float:
        """Mean strong score minus mean weak score."""
        return measure_side(self.answers, "strong") - measure_side(self.answers, "weak")

    def count(self, solver: Solver) -> int:
        return sum(answer.solver == solver for answer in self.answers)

    def list_side(self, solver: Solver) -> tuple[GivenAnswer, ...]:
        return tuple(answer for answer in self.answers if answer.solver == solver)


def gather_answers(subject: Subject, fresh: Measured | None) -> AnswerSet | None:
    """Fresh answers where both sides have two graded ones, else the recorded ones; None where neither is complete."""
    if fresh is not None:
        graded = tuple(
            GivenAnswer(rollout.solver, rollout.index, rollout.answer, rollout.score.value, rollout.verdicts)
            for rollout in (*fresh.weak, *fresh.strong)
            if rollout.score is not None and rollout.answer.strip()
        )
        if all(sum(answer.solver == solver for answer in graded) >= FEWEST_FRESH for solver in SOLVERS):
            return AnswerSet("fresh", graded)
    recorded = [
        GivenAnswer(solver, answer.index, answer.text, answer.value, answer.verdicts)
        for solver in SOLVERS
        for answer in subject.records.list_answers(solver)
        if answer.text and answer.text.strip() and answer.value is not None
    ]
    if not all(any(answer.solver == solver for answer in recorded) for solver in SOLVERS):
        return None
    return AnswerSet("recorded", tuple(recorded))


def measure_side(answers: Sequence[GivenAnswer], solver: Solver) -> float:
    """The mean score of one solver's answers."""
    return fmean(answer.score for answer in answers if answer.solver == solver)


async def grade_set(
    subject: Subject,
    context: AuditContext,
    answers: AnswerSet,
    role: Role,
    *,
    purpose: str,
    rubric: Sequence[Criterion] | None = None,
    texts: Mapping[tuple[Solver, int], str] | None = None,
    salt: int = 0,
) -> AnswerSet:
    """The same answers graded blind by `role`, each in a call of its own.

    `rubric` takes the place of the task's, `texts` that of the answers' own words; another `salt` asks the same once
    more with other seeds. Raises MalformedReply or ProviderFailure when one of them could not be graded.
    """
    asked = reseed(context, salt)
    named = f"{purpose}_{salt}" if salt else purpose

    async def grade(answer: GivenAnswer) -> GivenAnswer:
        text = answer.text if texts is None else texts[answer.solver, answer.index]
        score, verdicts, _ = await grade_blind(
            subject.records.task,
            text,
            asked,
            role=role,
            purpose=f"{named}_{answers.origin}",
            subject=answer.solver,
            attempt=answer.index,
            rubric=rubric,
        )
        return replace(answer, text=text, score=score.value, verdicts=verdicts)

    return AnswerSet(answers.origin, tuple(await asyncio.gather(*(grade(answer) for answer in answers.answers))))


def reseed(context: AuditContext, salt: int) -> AuditContext:
    """The same audit with other seeds, for asking the same question again; `salt` 0 is the audit itself."""
    if not salt:
        return context
    settings = context.loop.settings
    other = settings.model_copy(update={"seed": derive_seed(settings.seed, "again", salt)})
    return replace(context, loop=replace(context.loop, settings=other))


def average_sets(first: AnswerSet, *others: AnswerSet) -> AnswerSet:
    """The answers with the mean of all gradings; their verdicts are those of the first."""
    gradings = zip(first.answers, *(other.answers for other in others), strict=True)
    return AnswerSet(first.origin, tuple(replace(own[0], score=fmean(a.score for a in own)) for own in gradings))
