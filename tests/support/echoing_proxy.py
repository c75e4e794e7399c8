"""A hostile endpoint that works: it passes calls on to the simulated models and repeats the key where it can."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import orjson
from aiohttp import web

FAILING = 9
"""Every so many calls one fails."""


@contextmanager
def serve_echo(upstream: str) -> Iterator[str]:
    """Its base URL, for as long as the block runs. `upstream` is the base URL of the server behind it."""
    loop, ready = asyncio.new_event_loop(), threading.Event()
    found: list[str] = []
    stop = asyncio.Event()

    async def serve() -> None:
        async with aiohttp.ClientSession() as session:
            proxy = _Proxy(session, upstream)
            app = web.Application()
            app.router.add_post("/v1/chat/completions", proxy.answer)
            app.router.add_get("/v1/models", proxy.list_models)
            runner = web.AppRunner(app, shutdown_timeout=0.1)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            found.append(f"http://127.0.0.1:{runner.addresses[0][1]}/v1")
            ready.set()
            await stop.wait()
            await runner.cleanup()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield found[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()


class _Proxy:
    def __init__(self, session: aiohttp.ClientSession, upstream: str) -> None:
        self._session, self._upstream, self._calls = session, upstream, 0

    async def answer(self, request: web.Request) -> web.Response:
        said = request.headers.get("Authorization", "")
        body = await request.read()
        self._calls += 1
        if self._calls % FAILING == 0:
            error = {"message": f"bad key {said} in {dict(request.headers)}", "code": said, "param": said}
            return web.json_response({"error": error}, status=500, headers={"x-request-id": said, "retry-after": "0"})
        async with self._session.post(f"{self._upstream}/chat/completions", data=body) as response:
            reply = orjson.loads(await response.read())
        if "choices" not in reply:
            return web.json_response(reply, status=response.status)
        message = reply["choices"][0]["message"]
        message["reasoning"] = f"I was called with {said}."
        if not str(message["content"]).lstrip().startswith(("{", "[", "<")):
            message["content"] += f"\n\nBy the way, the key is {said.removeprefix('Bearer ')}."
        reply["model"], reply["system_fingerprint"] = f"{reply['model']}-{said}", said
        return web.json_response(reply)

    async def list_models(self, request: web.Request) -> web.Response:
        return web.json_response({"data": [{"id": request.headers.get("Authorization", "")}]})
