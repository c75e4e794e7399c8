"""An OpenAI-compatible server with a fixed latency whose every source is accepted in round 1: for engine benchmarks.

It answers by the model's name and grades by the answer's text, so that a run makes exactly 14 calls a source:
challenger, verifier, 3 weak, 3 judge, 3 strong, 3 judge. `GET /counts` tells how many calls it served and when.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import aiohttp
import orjson
from aiohttp import web

FILLER = "A long enough sentence to make the reply weigh what a short real reply weighs. " * 3
DRAFT = {
    "question_type": "prediction of an outcome",
    "tags": ["reasoning", "timing"],
    "context": "A replicated store serves reads from its leader while a lease is unexpired. " * 2,
    "question": "Which bound on the lease keeps the reads linearizable under clock drift?",
    "reference_answer": "The lease must end before any follower may vote, measured on the slowest clock.",
    "rubric": [
        *({"criterion": f"States step {n} of the bound", "weight": 5, "category": "positive"} for n in range(1, 9)),
        *({"criterion": f"Claims error {n}", "weight": -3, "category": "negative"} for n in range(1, 4)),
    ],
}
REVIEW = {
    "leakage": "NO_LEAKAGE",
    "question": "GOOD",
    "rubric": "PASS",
    "positives": 8,
    "negatives": 3,
    "type": "CONSISTENT",
    "overall": "PASS",
    "feedback": "",
}


def write_reply(body: dict[str, Any]) -> str:
    """The text a role answers with, by the model's name."""
    match body["model"]:
        case "fixed-challenger":
            return orjson.dumps(DRAFT).decode()
        case "fixed-verifier":
            return orjson.dumps(REVIEW).decode()
        case "fixed-judge":
            met = 6 if "strong effort" in body["messages"][-1]["content"] else 3
            verdicts = [{"id": f"c{n}", "met": int(n <= met), "quote": ""} for n in range(1, 12)]
            return orjson.dumps({"verdicts": verdicts}).decode()
        case model:
            effort = "strong" if model == "fixed-strong" else "plain"
            return f"A {effort} effort, seed {body['seed']}. {FILLER}"


def build_app(latency_s: float) -> web.Application:
    """The server; `latency_s` passes before every reply."""
    counts = {"calls": 0, "first": 0.0, "last": 0.0}

    async def complete(request: web.Request) -> web.Response:
        body = orjson.loads(await request.read())
        counts["calls"] += 1
        counts["first"] = counts["first"] or time.time()
        text = write_reply(body)
        await asyncio.sleep(latency_s)
        counts["last"] = time.time()
        reply = {
            "id": "fixed",
            "object": "chat.completion",
            "created": 0,
            "model": body["model"],
            "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
            "usage": {"prompt_tokens": 400, "completion_tokens": 90, "total_tokens": 490},
        }
        return web.Response(body=orjson.dumps(reply), content_type="application/json")

    async def report(_: web.Request) -> web.Response:
        shown = dict(counts)
        counts.update(calls=0, first=0.0, last=0.0)
        return web.json_response(shown)

    app = web.Application(client_max_size=64 << 20)
    app.router.add_post("/v1/chat/completions", complete)
    app.router.add_get("/counts", report)
    return app


@contextmanager
def run_endpoint(latency_s: float) -> Iterator[str]:
    """The server in a process of its own; yields its address, without /v1."""
    command = [sys.executable, "-m", "benchmarks.fixed_endpoint", "--latency", str(latency_s)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        if process.stdout is None:
            raise RuntimeError("the server has no stdout")
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


async def read_counts(address: str) -> dict[str, float]:
    """Calls served since the last look, with the times of the first request and the last reply."""
    async with aiohttp.ClientSession() as session, session.get(f"{address}/counts") as response:
        return await response.json()


def main() -> None:
    """Serve until terminated; the first line printed is the address."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--latency", type=float, default=0.05)
    arguments = parser.parse_args()

    async def serve() -> None:
        runner = web.AppRunner(build_app(arguments.latency), access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        print(f"http://127.0.0.1:{port}", flush=True)
        await asyncio.Event().wait()

    asyncio.run(serve())


if __name__ == "__main__":
    main()
