"""One foreign round as the records of ours: task, reviews, calls, rollouts, and the round itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from autodata.canon import hash_text, hash_value
from autodata.importing.settle import NOT_RECORDED, Scored, Settled
from autodata.importing.values import ForeignCall, ForeignRollout, ForeignRound, ForeignTask, ForeignTrajectory
from autodata.model import Task
from autodata.policy import Policy

Append = Callable[[str, dict[str, Any]], int]
"""Takes a record's kind and payload, returns its number."""


def write_round(
    trajectory: ForeignTrajectory, item: ForeignRound, task: Task | None, own: Settled, append: Append
) -> tuple[int, int]:
    """Append a round with its task, reviews, calls and rollouts; returns how many rollouts and calls there were."""
    source, identity = trajectory.source.id, {"source": trajectory.source.id, "round": item.number}
    sent = sum(1 for call in item.calls if _write_call(call, source, item.number, append))
    if task and item.task:
        task_record = {**identity, "content_sha": task.content_sha, "task": asdict(task)}
        append("task", {**task_record, "imported": _describe_kept(item.task)})
    for review in item.reviews:
        about = {**identity, "task_id": task.id if task else None, "purpose": review.purpose}
        append(
            "quality",
            {
                **about,
                "passed": review.passed,
                "checks": dict(review.checks),
                "feedback": review.feedback,
                "by": review.by,
            },
        )
    scored = {id(s.rollout): s for s in (*own.weak, *(own.strong or ()))}
    complete, rollouts = bool(item.rollouts), 0
    for rollout in item.rollouts:
        calls = [_write_call(call, source, item.number, append) for call in (rollout.call, rollout.judge)]
        sent += sum(1 for call in calls if call)
        call = rollout.call
        complete = complete and call is not None and call.request is not None and call.complete
        if task:
            record = _describe_rollout(rollout, scored.get(id(rollout)), calls[0], calls[1])
            append("rollout", {**identity, "task_id": task.id, **record})
            rollouts += 1
    append("round", {**identity, **_describe_round(trajectory.policy, item, task, own, sent, complete)})
    return rollouts, sent


def make_task(item: ForeignTask, run_id: str, source: str, number: int) -> Task:
    """A foreign task as ours, with an id of its own."""
    rubric = item.rubric or ()
    words = [item.context or "", item.question, item.reference_answer or ""]
    parts = [run_id, source, number, *words, [[c.id, c.criterion, c.weight] for c in rubric]]
    return Task(
        id="t" + hash_value(parts)[:12],
        source_id=source,
        round=number,
        question_type=item.question_type,
        context=item.context or "",
        question=item.question,
        reference_answer=item.reference_answer or "",
        rubric=rubric,
        tags=item.tags,
    )


def _describe_kept(item: ForeignTask) -> dict[str, Any]:
    missing = [name for name in ("context", "reference_answer", "rubric") if getattr(item, name) is None]
    return {"flags": list(item.flags), "kept": dict(item.kept), "not_recorded": missing}


def _describe_rollout(
    rollout: ForeignRollout, scored: Scored | None, answer_call: int | None, judge_call: int | None
) -> dict[str, Any]:
    parts = asdict(scored.parts) if scored and scored.parts else None
    value = scored.value if scored else rollout.score
    return {
        "solver": rollout.solver,
        "index": rollout.index,
        "purpose": rollout.purpose,
        "status": scored.status if scored else rollout.status or NOT_RECORDED,
        "finish_reason": rollout.finish_reason or "",
        "answer": rollout.answer or "",
        "answer_recorded": rollout.answer is not None,
        "answer_sha": hash_text(rollout.answer) if rollout.answer else "",
        "answer_call": answer_call,
        "judge_call": judge_call,
        "score": parts or (None if value is None else {"value": value}),
        "stated": asdict(rollout.stated) if rollout.stated else None,
        "verdicts": {own: {"met": mark.met, "quote": mark.quote} for own, mark in rollout.marks.items()},
        "graded_by": rollout.graded_by,
        "note": scored.note if scored else rollout.note,
        "source_note": rollout.note,
        "failure": rollout.failure,
    }


def _describe_round(
    policy: Policy | None, item: ForeignRound, task: Task | None, own: Settled, calls: int, complete: bool
) -> dict[str, Any]:
    strong = own.strong or ()
    return {
        "task_id": task.id if task else None,
        "outcome": own.outcome,
        "reason": own.reason,
        "weak_mean": own.weak_mean,
        "strong_mean": own.strong_mean,
        "gap": own.gap,
        "weak_scores": [scored.value for scored in own.weak],
        "strong_scores": [scored.value for scored in strong],
        "weak_statuses": [scored.status for scored in own.weak],
        "strong_statuses": [scored.status for scored in strong],
        "band": own.band,
        "policy": policy.name if policy else "",
        "policy_sha": policy.sha if policy else "",
        "clauses": [asdict(clause) for clause in own.clauses],
        "presets": own.presets,
        "outcome_without_flagged": own.without_flagged,
        "calls": calls or None,
        "feedback": item.feedback or "",
        "requests_recorded": complete,
        "imported": {
            "claimed": {"outcome": item.claim.outcome, "reason": item.claim.reason, **item.claim.stated},
            "differs": own.differs,
            "strong_run": item.strong_run,
            "ended": item.ended,
        },
    }


def _write_call(call: ForeignCall | None, source: str, number: int, append: Append) -> int | None:
    """One call as its record; its number, or None where there is no call."""
    if call is None:
        return None
    key = f"{source}/{number}/{call.role}/{call.attempt}/{call.purpose}/{call.subject}/0"
    request = dict(call.request) if call.request is not None else None
    return append(
        "call",
        {
            "key": key,
            "source": source,
            "round": number,
            "role": call.role,
            "attempt": call.attempt,
            "purpose": call.purpose,
            "subject": call.subject,
            "ask": 0,
            "endpoint": "",
            "model_requested": str((request or {}).get("model") or call.model),
            "model_returned": call.model or None,
            "request": request,
            "request_complete": call.complete and request is not None,
            "request_sha": hash_value(request) if request is not None else "",
            "response": call.response,
            "response_sha": hash_text(call.response) if call.response is not None else None,
            "reasoning": call.reasoning or None,
            "finish_reason": call.finish_reason,
            "usage": {"prompt_tokens": call.prompt_tokens, "completion_tokens": call.completion_tokens},
            "error": {"kind": "imported", "status": None, "message": call.error} if call.error else None,
            "t_start": call.ended - call.seconds if call.ended is not None and call.seconds is not None else None,
            "t_end": call.ended,
            "seconds": call.seconds,
            "cost_usd": call.cost,
            "simulated": call.model.startswith("mock/"),
        },
    )
