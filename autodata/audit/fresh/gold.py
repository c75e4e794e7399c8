"""K8 of one task: known answers must get known grades, and somebody with the source in hand must be able to answer.

The reference should earn nearly everything, an empty answer nothing, fluent words about something else hardly anything;
and an expert with the source should reach most of the rubric, or agree with the reference of a verifiable task.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Any, Literal

from autodata.agents.request import make_nonce
from autodata.answers import compare_answers, read_final_answer
from autodata.audit.fresh.answer_set import reseed
from autodata.audit.fresh.arms import explain_ungraded, list_scores, roll_fresh, tell_left_out
from autodata.audit.fresh.blind import grade_blind
from autodata.audit.fresh.certify import explain_ungradable
from autodata.audit.fresh.context import AuditContext
from autodata.audit.fresh.prompts import PASSAGE_MAX, build_request, explain_failure, hash_templates, load_template
from autodata.audit.fresh.requests import derive_fresh_seed
from autodata.audit.fresh.result import Result, Subject
from autodata.audit.verdict import Finding
from autodata.errors import MalformedReply, ProviderFailure
from autodata.model import Rollout, Verdict
from autodata.scoring import score_verdicts

REFERENCE_LEAST = 0.90
"""The reference is what the task's author calls right: what it lacks of its own rubric, the rubric asks too much."""

EMPTY_MOST = 0.05
"""Nothing said is worth nothing; above this the rubric pays for silence."""

OFF_TOPIC_MOST = 0.25
"""Fluent words about something else; above this the judge or the rubric pays for fluency."""

ORACLE_LEAST = 0.80
"""An expert with the source; below this the rubric asks for what neither the source nor the subject gives."""

ORACLE_ANSWERS = 3
"""Answers of the expert where the first one falls short; one that reaches the bound shows that it can be reached."""

GRADINGS = (1, 3, 5)
"""Gradings after which the majority of them is looked at, until it keeps the bound: a judge's slip is no fault of the
task, and a fault of the task is there in most gradings."""

FEWEST_EXPERTS = 2
"""Experts with an answer from which it counts that they agree, where the first one did not reach the reference."""

BOILERPLATES = ("boilerplate_choir.md", "boilerplate_orchard.md")

Sample = Literal["reference", "empty", "off_topic"]
_WORD = re.compile(r"[a-z]{4,}")


@dataclass(frozen=True, slots=True)
class Gold:
    """What the known answers earned; None for what could not be graded because there is none. All in [0, 1]."""

    reference: float | None
    empty: float
    off_topic: float

    @property
    def shortfall(self) -> float:
        """The largest distance of a grade from the bound it should keep; 0 where all keep theirs."""
        found = (
            REFERENCE_LEAST - (self.reference if self.reference is not None else 1.0),
            self.empty - EMPTY_MOST,
            self.off_topic - OFF_TOPIC_MOST,
        )
        return max(0.0, *(round(value, 9) for value in found))


async def check_gold(subject: Subject, context: AuditContext, *, oracle: bool = True) -> Result:
    """K8: three grades by the blind judge, more where one is outside its bound, and the expert's answers if `oracle`.
    An expert's answer without a score is left out.

    `numbers["shortfall"]` is the largest distance from a bound. A verifiable task has no judge to be tested: its
    reference is compared with the expert's final answers alone.
    """
    lacking = explain_ungradable(subject)
    if lacking:
        return Result("K8", "not_recorded", missing=lacking)
    try:
        if not subject.records.task.rubric:
            return await _check_verifiable(subject, context) if oracle else Result("K8", "not_run")
        return await _check_rubric(subject, context, oracle)
    except (ProviderFailure, MalformedReply) as failure:
        return Result("K8", "failed", missing=(explain_failure(failure),))


def decide_gold(gold: Gold, oracle: float | None) -> tuple[Finding, ...]:
    """A flag for every bound that is not kept."""
    words = []
    if gold.reference is not None and round(gold.reference, 9) < REFERENCE_LEAST:
        words.append(f"the reference answer earns {gold.reference:.2f} of its own rubric, below {REFERENCE_LEAST:.2f}")
    if round(gold.empty, 9) > EMPTY_MOST:
        words.append(f"an empty answer earns {gold.empty:.2f}, above {EMPTY_MOST:.2f}")
    if round(gold.off_topic, 9) > OFF_TOPIC_MOST:
        words.append(f"fluent words about something else earn {gold.off_topic:.2f}, above {OFF_TOPIC_MOST:.2f}")
    if oracle is not None and round(oracle, 9) < ORACLE_LEAST:
        words.append(f"an expert with the source in hand earns {oracle:.2f}, below {ORACLE_LEAST:.2f}")
    return tuple(Finding("K8", "flag", sentence) for sentence in words)


def decide_verifiable(right: Sequence[bool], agreed: str, reference: str) -> tuple[Finding, ...]:
    """A flag where most experts agree on another answer than the reference, a note where none of them reaches it."""
    if any(right) or not right:
        return ()
    if agreed:
        words = f"experts with the source agree on “{agreed[:120]}”, the reference says “{reference[:120]}”"
        return (Finding("K8", "flag", words),)
    return (Finding("K8", "note", f"none of {len(right)} experts with the source reaches the reference answer"),)


def choose_off_topic(texts: Sequence[str]) -> str:
    """The boilerplate that shares the fewest words with these texts."""
    own = set(_WORD.findall(" ".join(text[:100_000] for text in texts).lower()))
    return min(
        (load_template(name).strip() for name in BOILERPLATES), key=lambda b: len(own & set(_WORD.findall(b.lower())))
    )


def take_majority(gradings: Sequence[Sequence[Verdict]]) -> dict[str, float]:
    """Each criterion as most gradings have it."""
    votes: dict[str, list[float]] = {}
    for grading in gradings:
        for verdict in grading:
            votes.setdefault(verdict.criterion_id, []).append(verdict.met)
    return {name: float(fmean(marks) > 0.5) for name, marks in votes.items()}


def find_agreed(finals: Sequence[str]) -> str:
    """The final answer that most of the given ones equal; "" where there is no majority."""
    for final in finals:
        same = sum(1 for other in finals if other == final or compare_answers(final, other).equal)
        if same * 2 > len(finals):
            return final
    return ""


async def _check_rubric(subject: Subject, context: AuditContext, oracle: bool) -> Result:
    task = subject.records.task
    texts: dict[Sample, str] = {"empty": "", "off_topic": choose_off_topic((task.context, task.question))}
    if task.reference_answer.strip():
        texts["reference"] = task.reference_answer
    grades = dict(
        zip(texts, await asyncio.gather(*(_grade(subject, context, *item) for item in texts.items())), strict=True)
    )
    gold = Gold(grades.get("reference"), grades["empty"], grades["off_topic"])
    rollouts = await _ask_oracle(subject, context, ORACLE_LEAST) if oracle else ()
    scores = list_scores(rollouts)
    if oracle and not scores:
        return Result("K8", "failed", missing=(explain_ungraded(rollouts),))
    # The median: that the first fell short is why there are others, so its own luck must not decide.
    reached = median(scores) if scores else None
    shortfall = max(gold.shortfall, round(ORACLE_LEAST - reached, 9) if reached is not None else 0.0)
    numbers: dict[str, Any] = {"oracle": list(scores), "shortfall": shortfall, "left_out": tell_left_out(rollouts)}
    numbers |= {str(name): grade for name, grade in grades.items()}
    return Result("K8", "done", decide_gold(gold, reached), numbers)


async def _grade(subject: Subject, context: AuditContext, name: Sample, text: str) -> float:
    """What a known answer earns: by its first grading, by the majority of three, or of five, whichever keeps the bound
    first."""
    task = subject.records.task
    gradings: list[Sequence[Verdict]] = []
    value = 0.0
    for size in GRADINGS:
        for salt in range(len(gradings), size):
            _, verdicts, _ = await grade_blind(
                task, text, reseed(context, salt), purpose=f"gold_{name}", subject="auditor", attempt=salt
            )
            gradings.append(verdicts)
        value = score_verdicts(task.rubric, take_majority(gradings)).value
        if _keeps_bound(name, value):
            break
    return value


def _keeps_bound(name: Sample, value: float) -> bool:
    bounds: Mapping[Sample, bool] = {
        "reference": value >= REFERENCE_LEAST,
        "empty": value <= EMPTY_MOST,
        "off_topic": value <= OFF_TOPIC_MOST,
    }
    return bounds[name]


async def _check_verifiable(subject: Subject, context: AuditContext) -> Result:
    task = subject.records.task
    rollouts = await _ask_oracle(subject, context, 1.0)
    graded = [rollout for rollout in rollouts if rollout.score is not None]
    if len(graded) < min(FEWEST_EXPERTS, len(rollouts)):
        return Result("K8", "failed", missing=(explain_ungraded(rollouts),))
    right = [bool(rollout.score and rollout.score.value >= 0.5) for rollout in graded]
    finals = [read_final_answer(rollout.answer).text for rollout in graded]
    agreed = await asyncio.to_thread(find_agreed, [final for final in finals if final])
    shortfall = 0.0 if any(right) or not agreed else 1.0
    numbers: dict[str, Any] = {"oracle": [float(own) for own in right], "finals": finals, "shortfall": shortfall}
    numbers["left_out"] = tell_left_out(rollouts)
    return Result("K8", "done", decide_verifiable(right, agreed, task.reference_answer), numbers)


async def _ask_oracle(subject: Subject, context: AuditContext, enough: float) -> tuple[Rollout, ...]:
    """One answer of the auditor's writer with the passage in hand, where one is recorded; three where the first does
    not score `enough`."""
    settings, task = context.loop.settings, subject.records.task
    seat = settings.seats.seat("auditor_writer")
    nonce = make_nonce(context.loop.run_id, settings.seed, task.id, 0, "auditor_writer")
    sections = {
        "passage": subject.source.text[:PASSAGE_MAX] if subject.source else "",
        "context": task.context,
        "question": task.question,
    }
    # An expert writes prose, whatever form the writer's other replies are bound to.
    free = seat.model_copy(update={"structured": "off", "json_mode": False})

    def build(index: int) -> dict[str, Any]:
        seed = derive_fresh_seed(settings.seed, task.id, "oracle", index)
        return build_request(free, "oracle", sections, seed=seed, nonce=nonce)

    async def ask(first: int, count: int) -> tuple[Rollout, ...]:
        return await roll_fresh(
            subject,
            context,
            "strong",
            "oracle",
            body_of=build,
            count=count,
            first=first,
            role="auditor_writer",
            template_sha=hash_templates("oracle"),
        )

    rollouts = await ask(0, 1)
    if not any(score >= enough for score in list_scores(rollouts)):
        rollouts += await ask(1, ORACLE_ANSWERS - 1)
    return rollouts
