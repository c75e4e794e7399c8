"""Which of two answers is better, without any rubric: weak and strong in pairs, in both orders, by two judges."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from autodata.agents.replies import read_agreed, show_value
from autodata.agents.schemas import TEXT, make_object, make_word
from autodata.audit.fresh.answer_set import AnswerSet, GivenAnswer
from autodata.audit.fresh.context import AuditContext
from autodata.audit.fresh.prompts import ask_agent
from autodata.audit.fresh.result import Subject
from autodata.errors import MalformedReply
from autodata.model import Role

PAIRS = 3
JUDGES: tuple[Role, ...] = ("auditor_judge", "judge")

Better = Literal["first", "second", "equal"]
_BETTER: tuple[Better, ...] = Better.__args__  # type: ignore[attr-defined]
_SCHEMA = make_object({"reason": TEXT, "better": make_word(_BETTER)})


@dataclass(frozen=True, slots=True)
class Preference:
    """One vote on one pair: 1 for strong, 0 for weak, 0.5 for neither."""

    judge: Role
    pair: int
    strong_first: bool
    value: float


async def compare_pairs(subject: Subject, context: AuditContext, answers: AnswerSet) -> tuple[Preference, ...]:
    """Votes on up to three pairs, each in both orders by both judges. Raises MalformedReply and ProviderFailure."""
    pairs = list(zip(answers.list_side("weak"), answers.list_side("strong"), strict=False))[:PAIRS]
    votes = [
        _ask_vote(subject, context, answers.origin, judge, number, pair, strong_first)
        for judge in JUDGES
        for number, pair in enumerate(pairs)
        for strong_first in (False, True)
    ]
    return tuple(await asyncio.gather(*votes))


def measure_win_share(votes: Sequence[Preference]) -> float:
    """ω, the share of the votes that strong wins; a tie counts half. Raises ValueError without votes."""
    if not votes:
        raise ValueError("no vote was taken")
    return sum(vote.value for vote in votes) / len(votes)


def parse_preference(text: str) -> Better:
    """The judge's word. Raises MalformedReply for any other word, and for a reply that says two of them, because the
    answers it quotes may hold one."""
    return read_agreed(text, "better", _read_better, stance=lambda better: better)


async def _ask_vote(
    subject: Subject,
    context: AuditContext,
    origin: str,
    judge: Role,
    number: int,
    pair: tuple[GivenAnswer, GivenAnswer],
    strong_first: bool,
) -> Preference:
    weak, strong = (answer.text for answer in pair)
    task = subject.records.task
    first, second = (strong, weak) if strong_first else (weak, strong)
    sections = {"context": task.context, "question": task.question, "first_answer": first, "second_answer": second}
    better, _ = await ask_agent(
        context,
        "preference",
        judge,
        sections,
        parse_preference,
        task_id=task.id,
        attempt=number,
        subject=f"{origin}_strong_{'first' if strong_first else 'second'}",
        schema=_SCHEMA,
    )
    if better == "equal":
        return Preference(judge, number, strong_first, 0.5)
    return Preference(judge, number, strong_first, float((better == "first") == strong_first))


def _read_better(values: dict[str, object]) -> Better:
    given = values["better"]
    found = next((word for word in _BETTER if isinstance(given, str) and given.strip().lower() == word), None)
    if found is None:
        raise MalformedReply(f"better is {show_value(given)}, expected {', '.join(_BETTER)}")
    return found
