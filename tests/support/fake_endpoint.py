"""A scripted OpenAI-compatible server on a loopback port, for tests of the client and the recorder."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

from autodata.llm.seat import Endpoint, Seat, SeatBook
from autodata.model import ROLES

KEY_ENV = "AUTODATA_TEST_KEY"
KEY = "sk-test-5ecret-do-not-write"


@dataclass(frozen=True, slots=True)
class Scripted:
    """One answer. `drop`: close the connection instead; `cut`: close it in the middle of the body."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    drop: bool = False
    cut: bool = False


def complete(content: object = "ok", **message: Any) -> Scripted:
    """A usable chat completion; `finish_reason`, `usage`, `model` and `delay_s` may be given beside message fields."""
    delay_s = message.pop("delay_s", 0.0)
    usage = message.pop("usage", {"prompt_tokens": 7, "completion_tokens": 3})
    data = {
        "model": message.pop("model", "m-1"),
        "system_fingerprint": "fp-1",
        "choices": [
            {
                "finish_reason": message.pop("finish_reason", "stop"),
                "message": {"role": "assistant", "content": content, **message},
            }
        ],
        **({"usage": usage} if usage is not None else {}),
    }
    return Scripted(body=orjson.dumps(data), delay_s=delay_s)


def fail(status: int, message: str = "no", **headers: str) -> Scripted:
    """An error in the OpenAI form."""
    renamed = {name.replace("_", "-"): value for name, value in headers.items()}
    return Scripted(status, orjson.dumps({"error": {"message": message}}), renamed)


@dataclass(slots=True)
class FakeEndpoint:
    """What the server was asked, and what it will answer: the script in order, then `default` for ever."""

    base_url: str = ""
    script: list[Scripted] = field(default_factory=list)
    default: Scripted = field(default_factory=complete)
    models: list[str] | None = field(default_factory=lambda: ["m-1", "m-2"])
    bodies: list[bytes] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)
    in_flight: int = 0
    most_in_flight: int = 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.bodies.append(await request.read())
        self.authorizations.append(request.headers.get("Authorization", ""))
        scripted = self.script.pop(0) if self.script else self.default
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(scripted.delay_s)
        finally:
            self.in_flight -= 1
        if scripted.drop and request.transport:
            request.transport.close()
        if scripted.cut and request.transport:
            response = web.StreamResponse(headers={"Content-Length": "5000"})
            await response.prepare(request)
            await response.write(b'{"choices": [')
            request.transport.close()
            return response
        return web.Response(status=scripted.status, body=scripted.body, headers=scripted.headers)

    async def list_models(self, _: web.Request) -> web.Response:
        if self.models is None:
            return web.Response(status=404)
        return web.json_response({"data": [{"id": name} for name in self.models]})


@asynccontextmanager
async def serve_fake(*script: Scripted, default: Scripted | None = None) -> AsyncIterator[FakeEndpoint]:
    """A running server with this script."""
    fake = FakeEndpoint(script=list(script), default=default or complete())
    app = web.Application()
    app.router.add_post("/v1/chat/completions", fake.answer)
    app.router.add_get("/v1/models", fake.list_models)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    fake.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        yield fake
    finally:
        await runner.cleanup()


def make_book(base_url: str, **endpoint: Any) -> SeatBook:
    """Every role played by model m-1 at one endpoint."""
    return SeatBook(
        endpoints={"lab": Endpoint(base_url=base_url, **endpoint)},
        seats={role: Seat(endpoint="lab", model="m-1", max_tokens=100) for role in ROLES},
    )


def make_body(text: str = "hello") -> dict[str, Any]:
    return {"model": "m-1", "messages": [{"role": "user", "content": text}], "max_tokens": 100}
