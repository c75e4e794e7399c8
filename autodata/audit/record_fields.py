"""One journal record's fields as the value that detectors see; what is absent becomes "" or None, never a guess.

Raises KeyError, TypeError or ValueError for a field that cannot be read; the reader names the record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from autodata.audit.records import Answer, Call, Decision, LoopWord
from autodata.model import Criterion, Score, Task, Verdict


def read_call(seq: int, data: Mapping[str, Any]) -> Call:
    """A `call` record; a request that is recorded in part counts as not recorded."""
    request, usage = data.get("request"), data.get("usage") or {}
    complete = isinstance(request, dict) and bool(request) and data.get("request_complete") is not False
    return Call(
        seq=seq,
        role=data["role"],
        attempt=int(data.get("attempt") or 0),
        purpose=str(data.get("purpose") or ""),
        subject=str(data.get("subject") or ""),
        model_requested=str(data.get("model_requested") or ""),
        model_returned=str(data.get("model_returned") or ""),
        fingerprint=str(data.get("fingerprint") or ""),
        request=request if complete else None,
        request_sha=str(data.get("request_sha") or ""),
        texts=_list_texts(request if isinstance(request, dict) else {}),
        adapted=tuple(data.get("adapted") or ()),
        template_sha=str(data.get("template_sha") or ""),
        task_sha=str(data.get("task_sha") or ""),
        answer_sha_in=str(data.get("answer_sha_in") or ""),
        rubric_sha=str(data.get("rubric_sha") or ""),
        response=data.get("response"),
        response_sha=str(data.get("response_sha") or ""),
        finish_reason=str(data.get("finish_reason") or ""),
        refusal=str(data.get("refusal") or ""),
        prompt_tokens=usage.get("prompt_tokens"),
        completion_tokens=usage.get("completion_tokens"),
        error=str((data.get("error") or {}).get("kind") or ""),
    )


def read_task(values: Mapping[str, Any]) -> Task:
    """The task of a `task` record."""
    return Task(
        id=str(values["id"]),
        source_id=str(values["source_id"]),
        round=int(values["round"]),
        question_type=str(values.get("question_type") or ""),
        context=str(values.get("context") or ""),
        question=str(values.get("question") or ""),
        reference_answer=str(values.get("reference_answer") or ""),
        rubric=tuple(_read_criterion(criterion) for criterion in values["rubric"]),
    )


def read_answer(seq: int, data: Mapping[str, Any], calls: Sequence[Call]) -> Answer:
    """A `rollout` record; `calls` are those of its round so far."""
    score, stated = data.get("score") or {}, data.get("stated") or {}
    call = next((c for c in calls if c.seq == data.get("answer_call")), None)
    text = data.get("answer") if data.get("answer_recorded") else call.response if call else None
    span = (stated.get("high") or 0) - (stated.get("low") or 0)
    comparable = bool(stated.get("comparable")) and stated.get("value") is not None and span > 0
    return Answer(
        seq=seq,
        solver=str(data["solver"]),
        index=int(data["index"]),
        purpose=str(data.get("purpose") or "select"),
        status=str(data.get("status") or ""),
        finish_reason=str(data.get("finish_reason") or ""),
        text=text,
        answer_sha=str(data.get("answer_sha") or ""),
        answer_call=data.get("answer_call"),
        judge_call=data.get("judge_call"),
        value=score.get("value"),
        score=Score(**score) if "earned" in score else None,
        verdicts=tuple(_read_verdict(own, mark) for own, mark in (data.get("verdicts") or {}).items()),
        graded_by=str(data.get("graded_by") or "judge"),
        stated=(stated["value"] - stated["low"]) / span if comparable else None,
        stated_by=str(stated.get("formula") or ""),
    )


def read_loop_word(seq: int, data: Mapping[str, Any]) -> LoopWord:
    """A `loop_verdict` record."""
    verdict = data.get("verdict") or {}
    word = verdict.get("verdict") if isinstance(verdict, dict) else verdict
    return LoopWord(seq, str(word or ""), len(data.get("post_filter_flags") or ()))


def read_decision(seq: int, data: Mapping[str, Any]) -> Decision:
    """A `round` record."""
    sides = data.get("rollouts") or {}
    return Decision(
        seq=seq,
        outcome=str(data["outcome"]),
        weak_mean=data.get("weak_mean"),
        strong_mean=data.get("strong_mean"),
        gap=data.get("gap"),
        policy_sha=str(data.get("policy_sha") or ""),
        planned=MappingProxyType({solver: side["planned"] for solver, side in sides.items()}),
        differs=str((data.get("imported") or {}).get("differs") or ""),
    )


def _list_texts(body: Mapping[str, Any]) -> tuple[str, ...]:
    messages = body.get("messages")
    texts = []
    for message in messages if isinstance(messages, list) else []:
        content = message.get("content") if isinstance(message, dict) else None
        parts = content if isinstance(content, list) else [{"text": content}]
        texts += [part.get("text") for part in parts if isinstance(part, dict)]
    return tuple(text for text in texts if isinstance(text, str))


def _read_criterion(values: Mapping[str, Any]) -> Criterion:
    weight = values["weight"]
    if not isinstance(weight, int | float):
        raise TypeError(f"weight {weight!r} is no number")
    # The number as it stands: 8 and 8.0 have different hashes.
    return Criterion(str(values["id"]), str(values["criterion"]), weight, str(values.get("capability") or ""))


def _read_verdict(own: str, mark: Any) -> Verdict:
    values = mark if isinstance(mark, dict) else {"met": mark}
    return Verdict(own, float(values["met"]), str(values.get("quote") or ""))
