"""Calls in the generic format, both ways: those of a rollout stand flat beside its answer, all others in a list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autodata.importing.fields import Ledger, describe
from autodata.importing.values import ForeignCall

_TOKENS = ("prompt_tokens", "completion_tokens")


def read_answer_call(
    value: dict[str, Any], solver: str, index: int, purpose: str, where: str, ledger: Ledger
) -> ForeignCall | None:
    """The solver's call, where anything of it beyond the answer is recorded."""
    request = ledger.take_object(value, "request", where)
    usage = ledger.take_object(value, "usage", where)
    if not request and not usage and not any(value.get(name) is not None for name in ("model", "reasoning", "ended")):
        return None
    return ForeignCall(
        role=solver,
        purpose=purpose,
        attempt=index,
        model=_text(value.get("model")) or _text(request.get("model")),
        request=request or None,
        complete=value.get("request_complete") is not False,
        response=_text(value.get("answer")) if value.get("answer") is not None else None,
        reasoning=_text(value.get("reasoning")),
        finish_reason=_text(value.get("finish_reason")) or None,
        prompt_tokens=ledger.take_count(usage, "prompt_tokens", f"{where}.usage"),
        completion_tokens=ledger.take_count(usage, "completion_tokens", f"{where}.usage"),
        seconds=ledger.take_number(value, "seconds", where),
        ended=ledger.take_number(value, "ended", where),
        cost=ledger.take_number(value, "cost", where),
        error=_text(value.get("call_error")),
    )


def read_judge_call(
    value: dict[str, Any], solver: str, index: int, purpose: str, where: str, ledger: Ledger
) -> ForeignCall | None:
    """The judge's call about this answer, where it is recorded."""
    request = ledger.take_object(value, "judge_request", where)
    reply = ledger.take_text(value, "judge_reply", where)
    usage = ledger.take_object(value, "judge_usage", where)
    if not request and reply is None and not usage:
        return None
    return ForeignCall(
        role="judge",
        purpose=purpose,
        subject=solver,
        attempt=index,
        model=_text(value.get("judge_model")) or _text(request.get("model")),
        request=request or None,
        response=reply,
        prompt_tokens=ledger.take_count(usage, "prompt_tokens", f"{where}.judge_usage"),
        completion_tokens=ledger.take_count(usage, "completion_tokens", f"{where}.judge_usage"),
    )


def read_calls(item: dict[str, Any], where: str, ledger: Ledger) -> tuple[ForeignCall, ...]:
    """A round's other calls: challenger, verifier, analyst and whoever else was asked."""
    found = []
    for at, value in enumerate(ledger.take_list(item, "calls", where)):
        place = f"{where}.calls[{at}]"
        if not isinstance(value, dict) or not isinstance(value.get("role"), str) or not value["role"]:
            ledger.drop(place, f"is {describe(value)}, not a call with a role")
            continue
        usage = ledger.take_object(value, "usage", place)
        request = ledger.take_object(value, "request", place)
        found.append(
            ForeignCall(
                role=value["role"],
                purpose=_text(value.get("purpose")) or "select",
                subject=_text(value.get("subject")),
                attempt=ledger.take_count(value, "attempt", place) or 0,
                model=_text(value.get("model")) or _text(request.get("model")),
                request=request or None,
                complete=value.get("request_complete") is not False,
                response=ledger.take_text(value, "response", place),
                reasoning=_text(value.get("reasoning")),
                finish_reason=ledger.take_text(value, "finish_reason", place),
                prompt_tokens=ledger.take_count(usage, "prompt_tokens", f"{place}.usage"),
                completion_tokens=ledger.take_count(usage, "completion_tokens", f"{place}.usage"),
                seconds=ledger.take_number(value, "seconds", place),
                ended=ledger.take_number(value, "ended", place),
                cost=ledger.take_number(value, "cost", place),
                error=_text(value.get("error")),
            )
        )
    return tuple(found)


def render_answer_call(record: Mapping[str, Any]) -> dict[str, Any]:
    """A solver's `call` record as fields beside its answer."""
    return {
        "model": record.get("model_returned") or record.get("model_requested"),
        "request": record.get("request"),
        **({"request_complete": False} if record.get("request") and record.get("request_complete") is False else {}),
        "usage": _render_usage(record),
        "reasoning": record.get("reasoning"),
        "seconds": _find_seconds(record),
        "ended": record.get("t_end"),
        "cost": record.get("cost_usd"),
        "call_error": _render_error(record),
    }


def render_judge_call(record: Mapping[str, Any]) -> dict[str, Any]:
    """A judge's `call` record as fields beside the answer it is about."""
    return {
        "judge_model": record.get("model_returned") or record.get("model_requested"),
        "judge_request": record.get("request"),
        "judge_reply": record.get("response"),
        "judge_usage": _render_usage(record),
    }


def render_call(record: Mapping[str, Any]) -> dict[str, Any]:
    """Any other `call` record."""
    return {
        "role": record["role"],
        "purpose": record.get("purpose"),
        "subject": record.get("subject") or None,
        "attempt": record.get("attempt"),
        "model": record.get("model_returned") or record.get("model_requested"),
        "request": record.get("request"),
        **({"request_complete": False} if record.get("request") and record.get("request_complete") is False else {}),
        "response": record.get("response"),
        "reasoning": record.get("reasoning"),
        "finish_reason": record.get("finish_reason"),
        "usage": _render_usage(record),
        "seconds": _find_seconds(record),
        "ended": record.get("t_end"),
        "cost": record.get("cost_usd"),
        "error": _render_error(record),
    }


def _render_usage(record: Mapping[str, Any]) -> dict[str, int] | None:
    usage = record.get("usage") or {}
    return {name: usage[name] for name in _TOKENS if usage.get(name) is not None} or None


def _render_error(record: Mapping[str, Any]) -> str | None:
    error = record.get("error")
    return f"{error['message']}" if error else None


def _find_seconds(record: Mapping[str, Any]) -> float | None:
    """What the record states, else the difference of its times: own runs record both ends."""
    if record.get("seconds") is not None:
        return float(record["seconds"])
    start, end = record.get("t_start"), record.get("t_end")
    return None if start is None or end is None else float(end - start)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
