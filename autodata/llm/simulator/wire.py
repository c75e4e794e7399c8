"""The OpenAI chat dialect: bodies in, completions and errors out. Tokens are counted as four characters each."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field
from typing import Any

from autodata.llm.simulator.config import MODELS

CHARACTERS_PER_TOKEN = 4
_KNOWN = {
    "model",
    "messages",
    "seed",
    "temperature",
    "top_p",
    "max_tokens",
    "max_completion_tokens",
    "response_format",
    "n",
}
_numbers = itertools.count(1)


class RequestRefused(Exception):
    """A body that an OpenAI-compatible server answers with an error. `status` is the HTTP status."""

    def __init__(self, status: int, message: str, *, code: str, param: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = make_error(message, code=code, param=param)


@dataclass(frozen=True, slots=True)
class ChatCall:
    """One chat request. `extras` are fields beyond the usual ones, e.g. reasoning_effort."""

    model: str
    system: str
    user: str
    seed: int | None
    max_tokens: int | None
    temperature: float
    extras: dict[str, Any] = field(default_factory=dict)

    @property
    def prompt(self) -> str:
        """Everything the model is sent."""
        return f"{self.system}\n\n{self.user}" if self.system else self.user


@dataclass(frozen=True, slots=True)
class Written:
    """What a model wrote. `reasoning` is thought that the client may or may not read."""

    content: str
    finish_reason: str = "stop"
    reasoning: str = ""


def parse_call(body: Any) -> ChatCall:
    """Check a decoded body. Raises RequestRefused: 404 for an unknown model, 400 for everything else that is wrong."""
    if not isinstance(body, dict):
        raise _refuse("the body must be a JSON object", None)
    model = body.get("model")
    if not isinstance(model, str):
        raise _refuse("model must be a string", "model")
    if model not in MODELS:
        known = ", ".join(MODELS)
        raise RequestRefused(
            404, f"The model '{model}' does not exist. Models: {known}.", code="model_not_found", param="model"
        )
    if body.get("n") not in (None, 1) or body.get("stream"):
        raise _refuse("this server writes one choice per request and does not stream", "n")
    max_tokens = body.get("max_completion_tokens") or body.get("max_tokens")
    if max_tokens is not None and (not _is_whole(max_tokens) or max_tokens < 1):
        raise _refuse("max_tokens must be a positive integer", "max_tokens")
    seed, temperature = body.get("seed"), body.get("temperature")
    if seed is not None and not _is_whole(seed):
        raise _refuse("seed must be an integer", "seed")
    if temperature is not None and (isinstance(temperature, bool) or not isinstance(temperature, int | float)):
        raise _refuse("temperature must be a number", "temperature")
    system, user = _read_messages(body.get("messages"))
    return ChatCall(
        model=model,
        system=system,
        user=user,
        seed=seed,
        max_tokens=max_tokens,
        temperature=1.0 if temperature is None else float(temperature),
        extras={key: value for key, value in body.items() if key not in _KNOWN},
    )


def cut_to_budget(written: Written, max_tokens: int | None) -> Written:
    """End the text where the tokens end."""
    if max_tokens is None or len(written.content) <= max_tokens * CHARACTERS_PER_TOKEN:
        return written
    return Written(written.content[: max_tokens * CHARACTERS_PER_TOKEN], "length", written.reasoning)


def count_tokens(text: str) -> int:
    """Tokens of `text`, at least one for any text at all."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def make_completion(call: ChatCall, written: Written, fingerprint: str) -> dict[str, Any]:
    """The body of a successful reply."""
    prompt_tokens, reasoning_tokens = count_tokens(call.prompt), count_tokens(written.reasoning)
    completion_tokens = count_tokens(written.content) + reasoning_tokens
    message: dict[str, Any] = {"role": "assistant", "content": written.content}
    if written.reasoning:
        message["reasoning"] = written.reasoning
    return {
        "id": f"chatcmpl-sim-{next(_numbers)}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": call.model,
        "system_fingerprint": fingerprint,
        "choices": [{"index": 0, "message": message, "finish_reason": written.finish_reason, "logprobs": None}],
        "usage": {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": completion_tokens,
            "total_tokens": prompt_tokens + completion_tokens,
            "completion_tokens_details": {"reasoning_tokens": reasoning_tokens},
        },
    }


def make_error(
    message: str, *, code: str, kind: str = "invalid_request_error", param: str | None = None
) -> dict[str, Any]:
    """The body of an error in OpenAI's form."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def list_models() -> dict[str, Any]:
    """The body of GET /v1/models."""
    return {
        "object": "list",
        "data": [{"id": name, "object": "model", "created": 0, "owned_by": "autodata-simulated"} for name in MODELS],
    }


def _read_messages(messages: Any) -> tuple[str, str]:
    if not isinstance(messages, list) or not messages:
        raise _refuse("messages must be a list with at least one message", "messages")
    system: list[str] = []
    user: list[str] = []
    for number, message in enumerate(messages):
        role = message.get("role") if isinstance(message, dict) else None
        if role not in ("system", "developer", "user", "assistant", "tool"):
            raise _refuse(f"messages[{number}] needs a role of system, user or assistant", "messages")
        text = _read_content(message.get("content"), number)
        (system if role in ("system", "developer") else user).append(text)
    return "\n\n".join(system), "\n\n".join(user)


def _read_content(content: Any, number: int) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, list) and all(
        isinstance(part, dict) and isinstance(part.get("text"), str) for part in content
    ):
        return "\n".join(part["text"] for part in content)
    raise _refuse(f"messages[{number}] needs text content", "messages")


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _refuse(message: str, param: str | None) -> RequestRefused:
    return RequestRefused(400, message, code="invalid_request", param=param)
