"""Talks to a simulated server the way the product does: chat bodies over HTTP, sections for agents."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from aiohttp.test_utils import TestClient, TestServer

from autodata.llm.simulator import SimulatorConfig, build_app
from autodata.model import Criterion
from autodata.scoring import score_verdicts

FAST = {"latency_s": 0.0, "latency_per_token_s": 0.0}

DOCUMENT = """# Buffer pools and eviction

A database engine keeps recently used pages in a buffer pool so that most reads do not touch the disk. When the pool
is full, the engine must evict a page before it can load another. The eviction policy decides which page leaves, and a
poor policy can make a large pool behave like a small one.

Least-recently-used eviction assumes that a page touched a moment ago will be touched again soon. A sequential scan
breaks this assumption: it touches every page once and never returns. If a scan reads more pages than the pool holds,
the eviction policy drops the entire working set and gains nothing in return. Engines confine a scan to a small ring
of frames, or they insert scanned pages at the cold end of the list.

Dirty pages complicate the decision. Evicting a clean page costs nothing beyond the loss of its contents, but evicting
a dirty page requires a write, and the write must not happen before the log record is durable. The write-ahead rule
couples the buffer pool to the log: a page may be written only after the log has been flushed far enough. If the log is
slow, eviction stalls even though the disk is idle. A background writer cleans pages ahead of demand.

Pinning adds another constraint. A pinned page cannot be evicted at all, and a query plan that pins many pages at once
can exhaust the buffer pool. When two queries each hold half of the pool and each needs one more page, neither can
proceed. Partitioning the page table by hash reduces contention, but the page table remains a bottleneck when all cores
want the same page.
"""


@dataclass(frozen=True, slots=True)
class SimTask:
    """A task as a challenger's reply holds it."""

    context: str
    question: str
    rubric: tuple[Criterion, ...]
    reply: dict[str, Any]

    @property
    def prompt(self) -> str:
        return f"{self.context}\n\n{self.question}"


class SimChat:
    """One test client with a method per seat."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    async def chat(self, model: str, user: str, system: str = "", **settings: Any) -> dict[str, Any]:
        messages = [{"role": "system", "content": system}] if system else []
        body = {"model": model, "messages": [*messages, {"role": "user", "content": user}], **settings}
        response = await self.client.post("/v1/chat/completions", json=body)
        return {"status": response.status, "headers": response.headers, **(await response.json())}

    async def read(self, model: str, user: str, system: str = "", **settings: Any) -> str:
        return (await self.chat(model, user, system, **settings))["choices"][0]["message"]["content"]

    async def write_task(self, seed: int, document: str = DOCUMENT, **failures: str) -> SimTask:
        text = await self.read("sim-challenger", render(document=document, **failures), seed=seed)
        values = json.loads(text)
        rubric = [Criterion(f"c{i}", c["criterion"], c["weight"]) for i, c in enumerate(values["rubric"], start=1)]
        return SimTask(values["context"], values["question"], tuple(rubric), values)

    async def verdicts(self, task: SimTask, answer: str, seed: int = 1, model: str = "sim-judge") -> dict[str, int]:
        rubric = json.dumps([{"id": c.id, "criterion": c.criterion, "weight": c.weight} for c in task.rubric])
        text = await self.read(
            model, render(context=task.context, question=task.question, rubric=rubric, answer=answer), seed=seed
        )
        return {verdict["id"]: verdict["met"] for verdict in json.loads(text)["verdicts"]}

    async def score(self, task: SimTask, model: str, seeds: range, user: str | None = None, **settings: Any) -> float:
        """Mean score of one rollout per seed."""
        scores = []
        for seed in seeds:
            answer = await self.read(model, user or task.prompt, seed=seed, **settings)
            scores.append(score_verdicts(task.rubric, await self.verdicts(task, answer, seed)).value)
        return fmean(scores)


@asynccontextmanager
async def run_sim(**settings: Any) -> AsyncIterator[SimChat]:
    """A simulated server on a loopback port, without latency."""
    async with TestClient(TestServer(build_app(SimulatorConfig(**{**FAST, **settings})))) as client:
        yield SimChat(client)


def render(**sections: str) -> str:
    """Sections as the product marks them."""
    return "\n\n".join(
        f"[[{name} 0a1b2c3d4e5f60718293a4b5]]\n{text}\n[[/{name} 0a1b2c3d4e5f60718293a4b5]]"
        for name, text in sections.items()
    )
