"""What a recorded request puts around a task: the same for many tasks, so it can be tested on others and together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from autodata.audit.fresh.requests import NOT_OF_ONE_ANSWER, list_recorded
from autodata.audit.records import Call, TaskRecords
from autodata.canon import hash_value, to_canonical_json
from autodata.model import Solver, Task

QUESTION, CONTEXT = "\x00question\x00", "\x00context\x00"
"""Stand for the task's texts; no text of a request holds them."""


@dataclass(frozen=True, slots=True)
class Wrapper:
    """A recorded request with the task taken out, as canonical JSON of its body; `sha` names it, `model` aside."""

    body: bytes
    sha: str
    has_context: bool

    def fill(self, task: Task) -> dict[str, Any]:
        """The request with another task in the same place; where it has a place for the question alone, the context
        stands before the question there."""
        question = task.question
        if task.context and not self.has_context:
            question = f"{task.context}\n\n{question}"
        return _replace(orjson.loads(self.body), lambda text: _fill(text, question, task.context))


def find_wrappers(records: TaskRecords, solver: Solver) -> tuple[Wrapper, ...]:
    """The wrapper of each recorded request of the solver, by index; without those that do not hold the question."""
    found = (_find_wrapper(call, records.task) for call in list_recorded(records, solver))
    return tuple(wrapper for wrapper in found if wrapper is not None)


def name_wrappers(wrappers: Sequence[Wrapper]) -> str:
    """One name for all that is put around a task, whatever the order of attempts; "" for nothing."""
    return hash_value(sorted({wrapper.sha for wrapper in wrappers})) if wrappers else ""


def _find_wrapper(call: Call, task: Task) -> Wrapper | None:
    places: set[str] = set()

    def take_out(text: str) -> str:
        for place, own in ((CONTEXT, task.context), (QUESTION, task.question)):
            if own and own in text:
                text = text.replace(own, place, 1)
                places.add(place)
        return text

    body = _replace(call.read_body(), take_out)
    if QUESTION not in places:
        return None
    kept = {key: value for key, value in body.items() if key not in NOT_OF_ONE_ANSWER and key != "seed"}
    shared = {key: value for key, value in kept.items() if key != "model"}
    return Wrapper(to_canonical_json(kept), hash_value(shared), CONTEXT in places)


def _fill(text: str, question: str, context: str) -> str:
    # One pass over the places: a task's text that holds a mark pulls nothing in.
    parts = text.split(CONTEXT)
    return context.join(question.join(part.split(QUESTION)) for part in parts)


def _replace(body: dict[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    """The body with every text of its messages changed."""
    messages = []
    for message in body.get("messages") or []:
        content = message.get("content")
        if isinstance(content, str):
            content = change(content)
        elif isinstance(content, list):
            content = [_change_part(part, change) for part in content]
        messages.append({**message, "content": content})
    return {**body, "messages": messages}


def _change_part(part: Any, change: Callable[[str], str]) -> Any:
    if isinstance(part, dict) and isinstance(part.get("text"), str):
        return {**part, "text": change(part["text"])}
    return part
