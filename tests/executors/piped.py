"""Workers in the test's own process: everything real but the cluster. What they say goes through pickle."""

from __future__ import annotations

import asyncio
import pickle
from contextlib import asynccontextmanager
from pathlib import Path

from autodata.budget import UNLIMITED
from autodata.context import LoopContext
from autodata.engine import RunEnd, run_sources
from autodata.executors.fleet import Fleet
from autodata.executors.hand import WorkerLost
from autodata.executors.messages import Setup
from autodata.executors.worker import Worker
from autodata.history import load_history
from autodata.journal import JournalWriter
from autodata.llm.client import OpenAITransport
from autodata.recipes.recipe import load_recipe
from autodata.recorder import Recorder
from benchmarks.engine import make_settings, make_sources


class PipedLink:
    """A worker behind a wire that takes `delay_s` a message and can be cut."""

    def __init__(self, delay_s: float) -> None:
        self.worker, self.delay_s, self.cut = Worker(), delay_s, asyncio.Event()

    async def take(self, orders):
        await self._send(self.worker.take, pickle.loads(pickle.dumps(orders)))

    async def collect(self):
        return pickle.loads(pickle.dumps(await self._send(self.worker.collect)))

    async def close(self):
        await self.worker.close()

    async def _send(self, method, *arguments):
        await asyncio.sleep(self.delay_s)
        answer, cut = asyncio.ensure_future(method(*arguments)), asyncio.ensure_future(self.cut.wait())
        await asyncio.wait([answer, cut], return_when=asyncio.FIRST_COMPLETED)
        cut.cancel()
        if self.cut.is_set():
            answer.cancel()
            await self.worker.close()
            raise WorkerLost("the wire was cut")
        return answer.result()


class PipedRun:
    """A run of the 14-call loop on workers of this process. `links` are all workers ever started."""

    def __init__(self, folder: Path, address: str, *, sources: int = 6, slots: int = 8, workers: int = 2) -> None:
        self.path = folder / "journal.jsonl"
        self.settings, self.sources = make_settings(address, slots), list(make_sources(sources))
        self.workers, self.links = workers, []
        self.delay_s, self.hired_max = 0.0, 100
        self.greeting = None

    async def work(
        self, *, finished=None, budget=UNLIMITED, request=lambda: None, journal=JournalWriter, on_records=None
    ) -> RunEnd:
        """Work until the end. `on_records` is called with this run and the number of records."""
        with journal(self.path) as opened:
            transport = OpenAITransport()
            history = load_history(self.path)
            recorder = Recorder(
                opened, self.settings.seats, transport, slots=self.settings.slots, budget=budget, history=history
            )
            context = LoopContext("cs-0001", self.settings, load_recipe("cs"), recorder)
            watching = asyncio.create_task(self._watch(opened, on_records)) if on_records else None
            async with self._open(recorder) as fleet:
                end = await run_sources(
                    self.sources, finished or {}, context, read_request=request, signals=False, run_one=fleet.run_source
                )
            if watching:
                watching.cancel()
            await recorder.drain()
            return end

    async def _watch(self, journal, on_records):
        while True:
            if self.links:
                on_records(self, journal.seq)
            await asyncio.sleep(0)

    @asynccontextmanager
    async def _open(self, recorder):
        setup = Setup("cs-0001", self.settings, load_recipe("cs"), {}, {}, self.workers, {})

        async def hire():
            if len(self.links) >= self.hired_max:
                raise WorkerLost("no machine has room")
            link = PipedLink(self.delay_s)
            await link.worker.open(pickle.loads(pickle.dumps(setup)))
            self.links.append(link)
            return link, self.greeting or await link.worker.greet()

        fleet = self.fleet = Fleet(hire, self.workers, recorder)
        try:
            await fleet.open()
            yield fleet
        finally:
            await fleet.close()
