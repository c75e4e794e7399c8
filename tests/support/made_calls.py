"""Calls for made-up journals: everything of a `call` record that is the same whoever asked."""

from __future__ import annotations

from typing import Any

from autodata.canon import hash_text, hash_value


def make_call(
    body: dict[str, Any], response: str | None, *, key: str, ended: float, finish: str, error: dict[str, Any] | None
) -> dict[str, Any]:
    """One attempt at an endpoint as a journal holds it; `response` None for one that failed with `error`."""
    model = body["model"]
    return {
        "key": key,
        "ask": 0,
        "try": 1,
        "endpoint": "simulated",
        "model_requested": model,
        "model_returned": model,
        "fingerprint": None,
        "request": body,
        "request_sha": hash_value(body),
        "template_sha": "cd" * 32,
        "response": response,
        "reasoning": "thinking" if model == "sim-strong" and response else None,
        "response_sha": hash_text(response) if response is not None else None,
        "finish_reason": finish if response is not None else None,
        "usage": {"prompt_tokens": 200, "completion_tokens": 100, "reasoning_tokens": None},
        "error": error,
        "retry_of": None,
        "t_start": ended - 0.5,
        "t_end": ended,
    }
