"""Answers in one plain style: what a rubric gave for phrasing and form is gone, what it gave for content stays."""

from __future__ import annotations

import asyncio

from autodata.agents.replies import find_object, read_text
from autodata.agents.schemas import TEXT, make_object
from autodata.audit.fresh.answer_set import AnswerSet, GivenAnswer
from autodata.audit.fresh.context import AuditContext
from autodata.audit.fresh.prompts import ask_agent
from autodata.audit.fresh.result import Subject
from autodata.errors import MalformedReply
from autodata.model import Solver

ANSWER_MAX = 24_000
"""Characters of an answer that a model can be expected to write out again."""

LONGEST = 1.6
"""Times the answer's own length: a longer rewriting has added something."""
LEAST_ROOM = 200
"""Characters it may add anyway, for full sentences in place of keywords."""

_SCHEMA = make_object({"rewritten": TEXT})


async def restyle_answers(subject: Subject, context: AuditContext, answers: AnswerSet) -> dict[tuple[Solver, int], str]:
    """Every answer in the same plain style, by solver and index. Raises MalformedReply and ProviderFailure."""

    async def restyle(answer: GivenAnswer) -> tuple[tuple[Solver, int], str]:
        text, _ = await ask_agent(
            context,
            "restyle",
            "auditor_writer",
            {"answer": answer.text},
            lambda reply: parse_restyled(reply, answer.text),
            task_id=subject.task_id,
            attempt=answer.index,
            subject=f"{answers.origin}_{answer.solver}",
            schema=_SCHEMA,
        )
        return (answer.solver, answer.index), text

    return dict(await asyncio.gather(*(restyle(answer) for answer in answers.answers)))


def parse_restyled(reply: str, answer: str) -> str:
    """The rewritten answer; raises MalformedReply where there is none, or where it is so long that it added content."""
    text = read_text(find_object(reply, "rewritten"), "rewritten")
    room = LONGEST * len(answer) + LEAST_ROOM
    if len(text) > room:
        raise MalformedReply(f"the rewritten answer has {len(text):,} characters, the answer itself {len(answer):,}")
    return text
