"""An OpenAI-compatible server with known latencies whose every source is accepted in round 1: for engine benchmarks.

With the profile `staged` some rounds are rejected first (benchmarks/latencies.py). It answers by the model's name and
grades by the answer's text, so that a run makes exactly 14 calls a source when none is rejected:
challenger, verifier, 3 weak, 3 judge, 3 strong, 3 judge. `GET /counts` tells how many calls it served and when.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, get_args

import aiohttp
import orjson
from aiohttp import web

from benchmarks.latencies import Profile, draw_latency, is_rejected

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


EASY = "Which bound on the lease, plainly stated, keeps the reads linearizable?"
"""The question of a task whose weak answers are as good as strong ones."""


def write_reply(body: dict[str, Any], profile: Profile = "fixed") -> str:
    """The text a role answers with, by the model's name."""
    match body["model"]:
        case "fixed-challenger":
            return orjson.dumps({**DRAFT, "question": EASY} if is_rejected(body, profile) else DRAFT).decode()
        case "fixed-verifier":
            return orjson.dumps(REVIEW).decode()
        case "fixed-judge":
            met = 6 if "strong effort" in body["messages"][-1]["content"] else 3
            verdicts = [{"id": f"c{n}", "met": int(n <= met), "quote": ""} for n in range(1, 12)]
            return orjson.dumps({"verdicts": verdicts}).decode()
        case model:
            easy = EASY in str(body["messages"][-1]["content"])
            effort = "strong" if easy or model == "fixed-strong" else "plain"
            return f"A {effort} effort, seed {body['seed']}. {FILLER}"


def answer(body: dict[str, Any], profile: Profile) -> tuple[dict[str, Any], str]:
    """The request that latencies are drawn from, which is the request itself, and the reply's text."""
    return body, write_reply(body, profile)


def build_app(
    latency_s: float,
    profile: Profile = "fixed",
    answer: Callable[[dict[str, Any], Profile], tuple[dict[str, Any], str]] = answer,
) -> web.Application:
    """The server; `latency_s` passes before every reply, or what the profile draws."""
    nothing = {"calls": 0, "first": 0.0, "last": 0.0, "work": 0.0, "in_flight": 0, "peak": 0}
    counts = dict(nothing)
    seen: Counter[bytes] = Counter()

    async def complete(request: web.Request) -> web.Response:
        sent = await request.read()
        body = orjson.loads(sent)
        if not body["messages"]:
            return web.json_response({"error": {"message": "messages is empty"}}, status=400)
        counts["calls"] += 1
        counts["in_flight"] += 1
        counts["peak"] = max(counts["peak"], counts["in_flight"])
        counts["first"] = counts["first"] or time.time()
        asked, text = answer(body, profile)
        # Who sends the same bytes again, as without a seed, is not answered equally fast again.
        again = {"again": seen[sent]} if seen[sent] else {}
        seen[sent] += 1
        latency = draw_latency({**asked, **again}, profile, latency_s)
        counts["work"] += latency
        try:
            await asyncio.sleep(latency)
        finally:
            counts["in_flight"] -= 1
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
        counts.update({**nothing, "in_flight": counts["in_flight"]})
        return web.json_response(shown)

    app = web.Application(client_max_size=64 << 20)
    app.router.add_post("/v1/chat/completions", complete)
    app.router.add_get("/counts", report)
    return app


@contextmanager
def run_endpoint(
    latency_s: float, profile: Profile = "fixed", module: str = "benchmarks.fixed_endpoint"
) -> Iterator[str]:
    """The server in a process of its own; yields its address, without /v1."""
    options = ["--latency", str(latency_s), "--profile", profile]
    command = [sys.executable, "-m", module, *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        if process.stdout is None:
            raise RuntimeError("the server has no stdout")
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


async def read_counts(address: str) -> dict[str, float]:
    """Since the last look: calls, times of the first request and the last reply, seconds of latency in all (`work`),
    most calls at once (`peak`)."""
    async with aiohttp.ClientSession() as session, session.get(f"{address}/counts") as response:
        return await response.json()


def main(answer: Callable[[dict[str, Any], Profile], tuple[dict[str, Any], str]] = answer) -> None:
    """Serve until terminated; the first line printed is the address."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--latency", type=float, default=0.05)
    parser.add_argument("--profile", default="fixed", choices=get_args(Profile))
    arguments = parser.parse_args()

    async def serve() -> None:
        runner = web.AppRunner(build_app(arguments.latency, arguments.profile, answer), access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        print(f"http://127.0.0.1:{port}", flush=True)
        await asyncio.Event().wait()

    asyncio.run(serve())


if __name__ == "__main__":
    main()
