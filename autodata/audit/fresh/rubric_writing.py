"""A rubric by the auditor's writer for a task it did not write: from passage and question, never from an answer or from
the task's own rubric."""

from __future__ import annotations

from autodata.agents.replies import find_object
from autodata.agents.rubric import parse_rubric
from autodata.agents.schemas import NUMBER, TEXT, make_object, make_word
from autodata.audit.fresh.context import AuditContext
from autodata.audit.fresh.prompts import PASSAGE_MAX, ask_agent
from autodata.audit.fresh.result import Subject
from autodata.errors import MalformedReply
from autodata.model import Criterion

FEWEST, MOST, FEWEST_MERITS = 5, 30, 3
"""Criteria a rubric must and may have, and how many of them must be merits: with fewer it measures next to nothing."""

_CRITERION = make_object({"criterion": TEXT, "weight": NUMBER, "category": make_word(["positive", "negative"])})
_SCHEMA = make_object({"rubric": {"type": "array", "items": _CRITERION}})


async def write_own_rubric(subject: Subject, context: AuditContext) -> tuple[Criterion, ...]:
    """Criteria with ids of ours. Raises MalformedReply and ProviderFailure."""
    task = subject.records.task
    sections = {
        "passage": subject.source.text[:PASSAGE_MAX] if subject.source else "",
        "context": task.context,
        "question": task.question,
    }
    rubric, _ = await ask_agent(
        context, "own_rubric", "auditor_writer", sections, parse_own_rubric, task_id=task.id, schema=_SCHEMA
    )
    return rubric


def parse_own_rubric(text: str) -> tuple[Criterion, ...]:
    """The rubric of a reply; raises MalformedReply naming what is wrong with it."""
    rubric = parse_rubric(find_object(text, "rubric")["rubric"])
    merits = sum(1 for criterion in rubric if criterion.weight > 0)
    if not FEWEST <= len(rubric) <= MOST:
        raise MalformedReply(f"the rubric has {len(rubric)} criteria, {FEWEST} to {MOST} are needed")
    if merits < FEWEST_MERITS:
        raise MalformedReply(f"the rubric has {merits} positive criteria, at least {FEWEST_MERITS} are needed")
    return rubric
