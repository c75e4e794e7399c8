"""All workers of a run: who gets the next source, who takes a lost one's place, and when too many were lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import groupby

import autodata
from autodata.context import LoopContext
from autodata.errors import BadInput, StopRequested
from autodata.executors.hand import Hand, Link, WorkerLost
from autodata.executors.messages import Greeting
from autodata.llm.replicas import ServerLoad
from autodata.model import Source, SourceOutcome
from autodata.recorder import Recorder

LOSSES_PER_WORKER = 3
"""A run ends once so many times its workers were lost: something kills them, and it will kill the next one."""


@dataclass(frozen=True, slots=True)
class WorkerView:
    """One worker as it is now; counts of sources and of calls in flight or waiting for their turn."""

    host: str
    pid: int
    joined: float
    sources: int
    calls: int


class Fleet:
    """The workers of one run. Use inside the running loop: `open`, then `run_source` from the engine, then `close`."""

    def __init__(self, hire: Callable[[], Awaitable[tuple[Link, Greeting]]], workers: int, recorder: Recorder) -> None:
        """`hire` starts one worker; it raises WorkerLost when none can be had."""
        self._hire, self._workers, self._recorder = hire, workers, recorder
        self._hands: list[Hand] = []
        self._changed = asyncio.Event()
        self._end: StopRequested | None = None
        self._lost: list[str] = []
        self._hiring: set[asyncio.Task[None]] = set()
        self._closing: set[asyncio.Task[None]] = set()
        self._watching: asyncio.Task[None] | None = None

    @property
    def lost(self) -> int:
        """Workers that were lost so far."""
        return len(self._lost)

    async def open(self) -> None:
        """Start the workers; those that cannot be had are done without, as long as there is one.

        Raises BadInput when there is none, or when one runs another version of the program.
        """
        hired = await asyncio.gather(*(self._hire() for _ in range(self._workers)), return_exceptions=True)
        found = [one for one in hired if not isinstance(one, BaseException)]
        failures = [one for one in hired if isinstance(one, BaseException)]
        others = [f for f in failures if not isinstance(f, WorkerLost)]
        strange = next((who for _, who in found if who.software != autodata.__version__), None)
        if others or strange or not found:
            await asyncio.gather(*(link.close() for link, _ in found), return_exceptions=True)
            if others:
                raise others[0]
            if strange:
                raise BadInput(
                    f"the machine {strange.host} runs version {strange.software} of this program and this one "
                    f"{autodata.__version__}; install the same version on all of them"
                )
            raise BadInput(f"no worker could be started: {failures[0]}")
        for link, who in found:
            self._add(link, who)
        self._watching = asyncio.create_task(self._watch_stop())

    async def run_source(self, source: Source, context: LoopContext) -> SourceOutcome:
        """Have a source worked on, by another worker when the first is lost; what is recorded is not asked again.

        Raises what the loop raises, and StopRequested when there is no worker left.
        """
        while True:
            hand = await self._choose()
            try:
                return await hand.work(source)
            except WorkerLost:
                continue

    def list_workers(self) -> list[WorkerView]:
        """The workers as they are now."""
        return [WorkerView(h.who.host, h.who.pid, h.joined, h.load, h.calls) for h in self._hands]

    def list_servers(self) -> tuple[ServerLoad, ...]:
        """The load of the model servers, added up over the workers; a server is as well as most of them find it."""
        loads = sorted((load for hand in self._hands for load in hand.servers), key=_name_server)
        return tuple(add_loads(list(group)) for _, group in groupby(loads, key=_name_server))

    async def close(self) -> None:
        """Let all workers go."""
        self._end = self._end or StopRequested("stopped", "the run has ended")
        tasks = [*self._hiring, *([self._watching] if self._watching else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        hands, self._hands = self._hands, []
        await asyncio.gather(*(hand.close() for hand in hands), *self._closing, return_exceptions=True)

    def _add(self, link: Link, who: Greeting) -> None:
        hand = Hand(link, who, self._recorder, self._lose)
        self._hands.append(hand)
        hand.start()
        self._changed.set()

    async def _choose(self) -> Hand:
        """The worker with the fewest sources, as soon as there is one."""
        while True:
            if self._end is not None:
                raise StopRequested(self._end.reason, str(self._end))
            if self._hands:
                return min(self._hands, key=lambda hand: hand.load)
            self._changed.clear()
            await self._changed.wait()

    def _lose(self, hand: Hand, reason: str) -> None:
        self._hands = [one for one in self._hands if one is not hand]
        self._lost.append(reason)
        closing = asyncio.create_task(hand.close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)
        if self.lost >= LOSSES_PER_WORKER * self._workers:
            self._give_up(f"{self.lost} workers were lost, the last one so: {reason}")
            return
        replacing = asyncio.create_task(self._replace(reason))
        self._hiring.add(replacing)
        replacing.add_done_callback(self._hiring.discard)

    async def _replace(self, reason: str) -> None:
        """Another worker in the place of a lost one, where one can be had; the others go on meanwhile."""
        try:
            link, who = await self._hire()
        except WorkerLost as lost:
            if not self._hands and self._hiring <= {asyncio.current_task()}:
                self._give_up(f"the last worker was lost ({reason}), and there is no other: {lost}")
            return
        if self._end is None and who.software == autodata.__version__:
            self._add(link, who)
        else:
            await link.close()

    def _give_up(self, message: str) -> None:
        self._recorder.request_stop("stopped", f"{message}. What is recorded is kept; resume when the cluster is well.")

    async def _watch_stop(self) -> None:
        self._end = await self._recorder.wait_for_stop()
        for hand in self._hands:
            hand.stop(self._end)
        self._changed.set()


def _name_server(load: ServerLoad) -> tuple[str, str]:
    return load.endpoint, load.server


def add_loads(loads: list[ServerLoad]) -> ServerLoad:
    """One server as several workers see it: their calls and limits together, and the state most of them find it in."""
    closed = [load for load in loads if load.health == "passed_over"]
    healths = [load.health for load in loads]
    return ServerLoad(
        endpoint=loads[0].endpoint,
        server=loads[0].server,
        in_flight=sum(load.in_flight for load in loads),
        waiting=sum(load.waiting for load in loads),
        limit=sum(load.limit for load in loads),
        most=sum(load.most for load in loads),
        health=max(set(healths), key=lambda health: (healths.count(health), health == "passed_over")),
        back_in_s=min((load.back_in_s for load in closed), default=0.0),
    )
