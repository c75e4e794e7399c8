"""The HTTP face: routes, faults, pace. One process, one event loop, nothing slow in it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import orjson
from aiohttp import web

from autodata.llm.simulator.config import SimulatorConfig
from autodata.llm.simulator.models import SimulatedModels
from autodata.llm.simulator.wire import (
    ChatCall,
    RequestRefused,
    Written,
    list_models,
    make_completion,
    make_error,
    parse_call,
)

_AGENTS = ("sim-challenger", "sim-verifier", "sim-judge", "sim-judge-b", "sim-analyst", "sim-auditor")
_RETRY_AFTER_S = 1
_RATES = ("hang", "reset", "drip", "giant", "rate_limited", "server_error", "empty", "truncated", "malformed")
_MODELS = web.AppKey("models", SimulatedModels)
_FAULTS = web.AppKey("faults", Random)
_SERVED: web.AppKey[Counter[str]] = web.AppKey("served")


def build_app(config: SimulatorConfig) -> web.Application:
    """The application, for a runner or a test server. Opens the state file; raises OSError where it cannot."""
    app = web.Application(client_max_size=32 * 2**20)
    app[_MODELS] = SimulatedModels(config)
    app[_FAULTS] = Random(config.seed)
    app[_SERVED] = Counter()
    app.router.add_post("/v1/chat/completions", _chat)
    app.router.add_get("/v1/models", _models)
    app.router.add_get("/health", _health)
    app.on_cleanup.append(_close)
    return app


async def serve(
    config: SimulatorConfig, host: str = "127.0.0.1", port: int = 0, on_ready: Callable[[int], None] = lambda port: None
) -> None:
    """Serve until cancelled, SIGTERM or SIGINT; `on_ready` gets the port once requests are answered.

    Raises OSError when the port is taken or the state directory cannot be written.
    """
    runner = web.AppRunner(build_app(config), access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    try:
        site = web.TCPSite(runner, host, port, backlog=1024)
        await site.start()
        for number in (signal.SIGTERM, signal.SIGINT):
            # Outside the main thread, and where the loop knows no signals, whoever started the server ends it.
            with contextlib.suppress(RuntimeError, ValueError, NotImplementedError):
                loop.add_signal_handler(number, stopped.set)
        on_ready(runner.addresses[0][1])
        await stopped.wait()
    finally:
        await runner.cleanup()


async def _chat(request: web.Request) -> web.StreamResponse:
    models, random = request.app[_MODELS], request.app[_FAULTS]
    config = models.config
    try:
        call = parse_call(orjson.loads(await request.read()))
    except orjson.JSONDecodeError as error:
        return _reply(make_error(f"the body is not JSON: {error}", code="invalid_json"), 400)
    except RequestRefused as refused:
        return _reply(refused.body, refused.status)
    served = request.app[_SERVED]
    served["chat"] += 1
    fault = _draw_fault(config, call, served["chat"], random)
    if fault in ("down", "hang"):
        return await _leave(request, fault)
    if fault in ("reset", "drip", "giant"):
        return await _misbehave(request, fault)
    await asyncio.sleep(config.latency_s)
    if fault == "rate_limited":
        body = make_error("Rate limit reached, try again later.", code="rate_limit_exceeded", kind="rate_limit_error")
        return _reply(body, 429, {"Retry-After": str(_RETRY_AFTER_S)})
    if fault == "server_error":
        return _reply(make_error("The server had an error.", code="internal_error", kind="server_error"), 500)
    written = _spoil(models.write(call), fault, call, random)
    completion = make_completion(call, written, config.fingerprint)
    if config.latency_per_token_s:
        await asyncio.sleep(config.latency_per_token_s * completion["usage"]["completion_tokens"])
    return _reply(completion)


async def _models(request: web.Request) -> web.Response:
    return _reply(list_models())


async def _health(request: web.Request) -> web.Response:
    models = request.app[_MODELS]
    fingerprint, served = models.config.fingerprint, request.app[_SERVED]["chat"]
    return _reply({"status": "ok", "fingerprint": fingerprint, "tasks": len(models.store), "served": served})


async def _close(app: web.Application) -> None:
    app[_MODELS].close()


async def _leave(request: web.Request, fault: str) -> web.StreamResponse:
    """Say nothing: drop the connection at once, or hold it until the client gives up."""
    transport = request.transport
    while fault == "hang" and transport is not None and not transport.is_closing():  # noqa: ASYNC110
        await asyncio.sleep(0.2)  # a transport has no event for the peer leaving
    if transport is not None:
        transport.abort()
    return web.Response(status=503)


async def _misbehave(request: web.Request, fault: str) -> web.StreamResponse:
    """A reply that begins well and then breaks off, hardly moves, or does not end."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    with contextlib.suppress(ConnectionError):  # the client gave up, which is what it should
        await response.write(b'{"choices": [{"message": {"content": "')
        while fault != "reset":
            await response.write(b"x" if fault == "drip" else b"x" * 2**16)
            await asyncio.sleep(0.05 if fault == "drip" else 0)
    if request.transport is not None:
        request.transport.abort()
    return response


def _draw_fault(config: SimulatorConfig, call: ChatCall, number: int, random: Random) -> str:
    faults = config.faults
    if faults.down_after is not None and number > faults.down_after:
        return "down"
    if faults.flap_s and int(time.monotonic() / faults.flap_s) % 2:
        return "down"
    if faults.models and call.model not in faults.models:
        return ""
    for name in _RATES:
        rate = getattr(faults, name)
        if rate and random.random() < rate and (name != "malformed" or call.model in _AGENTS):
            return name
    return ""


def _spoil(written: Written, fault: str, call: ChatCall, random: Random) -> Written:
    if fault == "empty":
        reasoning = "Let me think about this from several sides. " * random.randint(20, 60)
        return Written("", "length", reasoning[: (call.max_tokens or 4096) * 4])
    if fault == "truncated":
        return Written(written.content[: int(len(written.content) * random.uniform(0.2, 0.7))], "length")
    if fault == "malformed":
        return Written(
            "Sure, here is what you asked for:\n" + written.content[: len(written.content) // 2].replace('":', '" =')
        )
    return written


def _reply(body: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, headers=headers, content_type="application/json")
