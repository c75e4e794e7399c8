"""A server that refuses what it is told to refuse, in the words of one provider or another."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

Rule = Callable[[dict[str, Any]], tuple[int, object] | None]
"""Body → status and JSON of the refusal; None when the body is all right."""


@dataclass(slots=True)
class Picky:
    """What was asked, accepted or not."""

    base_url: str
    rules: tuple[Rule, ...]
    bodies: list[dict[str, Any]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        body = orjson.loads(await request.read())
        self.bodies.append(body)
        for rule in self.rules:
            refusal = rule(body)
            if refusal:
                return web.json_response(refusal[1], status=refusal[0])
        message = {"role": "assistant", "content": "ok"}
        return web.json_response({"model": body["model"], "choices": [{"finish_reason": "stop", "message": message}]})


@asynccontextmanager
async def serve_picky(*rules: Rule) -> AsyncIterator[Picky]:
    """A running server with these rules, tried in order."""
    picky = Picky("", rules)
    app = web.Application()
    app.router.add_post("/v1/chat/completions", picky.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    picky.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        yield picky
    finally:
        await runner.cleanup()


def refuse(field: str, message: str, *, model: str = "", status: int = 400, **error: str | None) -> Rule:
    """Refuses a field of a model's requests, of every model's where none is named."""

    def rule(body: dict[str, Any]) -> tuple[int, object] | None:
        if field not in body or (model and body["model"] != model):
            return None
        return status, {"error": {"message": message, **error}}

    return rule


def refuse_format(kind: str, message: str, status: int = 400) -> Rule:
    """Refuses one type of `response_format`."""

    def rule(body: dict[str, Any]) -> tuple[int, object] | None:
        given = body.get("response_format", {}).get("type")
        return (status, {"error": {"message": message}}) if given == kind else None

    return rule


WANTS_COMPLETION_TOKENS = refuse(
    "max_tokens",
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    param="max_tokens",
    code="unsupported_parameter",
)
NO_TEMPERATURE = refuse(
    "temperature",
    "Unsupported value: 'temperature' does not support 0.3 with this model. Only the default (1) value is supported.",
    param="temperature",
    code="unsupported_value",
)
NO_SCHEMA = refuse_format("json_schema", "This response_format type is unavailable now")
NO_JSON_MODE = refuse_format("json_object", "'response_format.type' must be 'json_schema' or 'text'")
