"""Faults that a careful reviewer can see, planted into the records of one accepted task.

Scores and verdicts stay what they were: the fault is in what was asked or answered. Hashes are those of the new texts,
so that nothing but the fault itself gives a canary away.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autodata.agents.request import make_nonce
from autodata.canon import hash_text, hash_value
from autodata.journal import Record
from autodata.model import Criterion, Task

FAULTS = ("weak_request", "leak", "foreign_answers")
"""The weak request asks for less; the context gives the reference away; the weak answers belong to another task."""

ORDER = "\n\nReply in one sentence, without analysis."

_PROMPT = "prompt_tokens"

Copies = list[tuple[int, str, dict[str, Any]]]
"""Number of the original record, kind, payload."""


@dataclass(frozen=True, slots=True)
class Move:
    """From one run to another: their ids, and the seed that both have."""

    run_id: str
    planted: str
    seed: int


def plant_fault(
    records: Sequence[Record], task_id: str, fault: str, others: Sequence[Record], move: Move, *, seed: str
) -> Copies:
    """A copy of the records with a task id of its own and one fault in it.

    `others` are the records of another accepted task, whose weak answers serve as foreign ones. Fields that name other
    records by their number still name the originals.
    """
    rows = [(record.seq, record.kind, copy.deepcopy(dict(record.data))) for record in records]
    _rename(rows, task_id, "t" + hash_text(f"{task_id}:{seed}")[:12])
    _mark_again(rows, move)
    _begin_at_one(rows)
    sizes = _measure_requests(rows)
    _PLANTERS[fault](rows, others)
    _count_again(rows, sizes)
    _hash_again(rows)
    return rows


def _plant_weak_request(rows: Copies, others: Sequence[Record]) -> None:
    for call in _list_calls(rows, "weak"):
        for message in call["request"]["messages"][-1:]:
            message["content"] += ORDER


def _plant_leak(rows: Copies, others: Sequence[Record]) -> None:
    task = next(data["task"] for _, kind, data in rows if kind == "task")
    before, leaked = task["context"], f"{task['context']}\n\n{task['reference_answer']}".strip()
    task["context"] = leaked
    for _, kind, data in rows:
        if kind == "call":
            _replace(data["request"], before, leaked)


def _plant_foreign_answers(rows: Copies, others: Sequence[Record]) -> None:
    foreign = [
        record.data["response"]
        for record in others
        if record.kind == "call" and record.data["role"] == "weak" and record.data.get("response")
    ]
    for place, call in enumerate(_list_calls(rows, "weak")):
        if not foreign or not call.get("response"):
            continue
        before, call["response"] = call["response"], foreign[place % len(foreign)]
        old = call["response_sha"]
        for _, kind, data in rows:
            if kind == "call" and data.get("answer_sha_in") == old:
                _replace(data["request"], before, call["response"])
                data["answer_sha_in"] = hash_text(call["response"])
            if kind == "rollout" and data["answer_sha"] == old:
                data["answer_sha"] = hash_text(call["response"])


_PLANTERS: Mapping[str, Callable[[Copies, Sequence[Record]], None]] = {
    "weak_request": _plant_weak_request,
    "leak": _plant_leak,
    "foreign_answers": _plant_foreign_answers,
}


def _rename(rows: Copies, task_id: str, new_id: str) -> None:
    for _, kind, data in rows:
        if data.get("task_id") == task_id:
            data["task_id"] = new_id
        if kind == "task" and data["task"]["id"] == task_id:
            data["task"]["id"] = new_id
        if kind == "source_done":
            data["task_id"] = new_id


def _mark_again(rows: Copies, move: Move) -> None:
    """The marks around what a request quotes are those of its run and round: old ones would tell a copy at once."""
    for _, kind, data in rows:
        if kind == "call" and data.get("request"):
            source, role = data["source"], data["role"]
            before = make_nonce(move.run_id, move.seed, source, data["round"], role)
            after = make_nonce(move.planted, move.seed, source, 1 if data["round"] else 0, role)
            _replace(data["request"], before, after)


def _begin_at_one(rows: Copies) -> None:
    """One round is copied, and it is the first: "round 4 of 1" would give a canary away at a glance."""
    for _, kind, data in rows:
        if kind == "source_done":
            data["accepted_round"] = data["rounds"] = 1
        elif data.get("round"):
            if "key" in data:
                data["key"] = data["key"].replace(f"/{data['round']}/", "/1/", 1)
            data["round"] = 1
        if kind == "task":
            data["task"]["round"] = 1


def _measure_requests(rows: Copies) -> dict[int, int]:
    """Characters of every call's messages, by the number of its record."""
    return {
        seq: sum(len(str(message.get("content", ""))) for message in data["request"].get("messages", ()))
        for seq, kind, data in rows
        if kind == "call" and data.get("request")
    }


def _count_again(rows: Copies, before: Mapping[int, int]) -> None:
    """Prompt tokens in step with what was added: a count that is too low for its text would look like a cut prompt."""
    after = _measure_requests(rows)
    for seq, kind, data in rows:
        if kind == "call" and before.get(seq) and after[seq] != before[seq] and (data.get("usage") or {}).get(_PROMPT):
            data["usage"][_PROMPT] = round(data["usage"][_PROMPT] * after[seq] / before[seq])


def _hash_again(rows: Copies) -> None:
    """Hashes of requests, responses and the task, from the texts as they are now."""
    values = next(data["task"] for _, kind, data in rows if kind == "task")
    rubric = tuple(Criterion(**criterion) for criterion in values["rubric"])
    sha = Task(**{**values, "rubric": rubric, "tags": tuple(values["tags"])}).content_sha
    for _, kind, data in rows:
        if kind == "task":
            data["content_sha"] = sha
        if kind == "call":
            data["request_sha"] = hash_value(data["request"])
            if data.get("response") is not None:
                data["response_sha"] = hash_text(data["response"])
            if data.get("task_sha"):
                data["task_sha"] = sha


def _list_calls(rows: Copies, role: str) -> list[dict[str, Any]]:
    return [data for _, kind, data in rows if kind == "call" and data["role"] == role and data.get("request")]


def _replace(request: dict[str, Any], before: str, after: str) -> None:
    for message in request.get("messages", ()):
        if before and isinstance(message.get("content"), str):
            message["content"] = message["content"].replace(before, after)
