"""Which texts of a task a detector of words looks at, each with the name a person knows it by."""

from __future__ import annotations

from collections.abc import Iterator

from autodata.audit.records import TaskRecords
from autodata.model import SOLVERS

LONGEST = 2_000_000
"""Characters of one text after which a scan that is slow stops, and says so."""


def tell_unread(name: str, text: str, end: int, what: str) -> str:
    """That a text goes on where a scan for `what` ended."""
    return f"the {name} has {len(text):,} characters and was not examined for {what} beyond character {end:,}"


def list_task_texts(task: TaskRecords) -> Iterator[tuple[str, str]]:
    """Context, question, reference answer and criteria; empty ones are left out."""
    own = task.task
    texts = [("context", own.context), ("question", own.question), ("reference answer", own.reference_answer)]
    texts += [(f"criterion {criterion.id}", criterion.criterion) for criterion in own.rubric]
    return ((name, text) for name, text in texts if text)


def list_request_texts(task: TaskRecords) -> Iterator[tuple[str, str]]:
    """What solvers were told beyond the task itself: in our own runs nothing, elsewhere a template's words."""
    seen, known = set(), set()
    for call in task.solver_calls:
        if (call.role, call.texts) in known:
            continue
        known.add((call.role, call.texts))
        rest = call.prompt
        for text in (task.task.context, task.task.question):
            if text:
                rest = rest.replace(text, " ")
        if rest.strip() and (call.role, rest) not in seen:
            seen.add((call.role, rest))
            yield f"{call.role} request", rest


def list_answer_texts(task: TaskRecords) -> Iterator[tuple[str, str]]:
    """The answers of both solvers that are recorded."""
    for solver in SOLVERS:
        for answer in task.list_answers(solver):
            if answer.text:
                yield f"{solver} answer {answer.index + 1}", answer.text
