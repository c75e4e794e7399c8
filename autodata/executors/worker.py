"""One worker: the loop over the sources it is given, in one process and one event loop, without a disk of its own."""

from __future__ import annotations

import asyncio
import os
import platform
import time
import traceback
from collections.abc import Sequence

import autodata
from autodata.context import LoopContext
from autodata.errors import AutodataError, StopRequested
from autodata.executors.messages import Assigned, Batch, Broke, Ended, Greeting, Order, Setup, Stopped
from autodata.executors.relay import Outbox, RelayedRecorder
from autodata.llm.client import OpenAITransport
from autodata.llm.quirks import QuirkMemory
from autodata.llm.seat import SeatBook
from autodata.loop import run_source
from autodata.model import Source

WAIT_S = 0.5
"""The longest that a question for reports stays open when there are none, in seconds."""

BEAT_S = 1.0
"""Seconds between two words on the load of its servers."""


class Worker:
    """Works on sources and reports. Its methods are called from the process that holds the journal.

    `open` comes first. `take` and `collect` may overlap, each with itself not.
    """

    async def greet(self) -> Greeting:
        """Who this worker is."""
        return Greeting(platform.node(), os.getpid(), autodata.__version__)

    async def open(self, setup: Setup) -> None:
        """Get ready. A key that this machine's own environment holds is preferred to the one that came along."""
        for variable, key in setup.keys.items():
            os.environ.setdefault(variable, key)
        settings = setup.settings
        quirks = QuirkMemory(settings.seats, known=setup.quirks)
        self._outbox = Outbox()
        self._transport = OpenAITransport(setup.addresses, quirks)
        seats = share_servers(settings.seats, setup.workers)
        self._recorder = RelayedRecorder(self._outbox, seats, self._transport, slots=settings.slots)
        self._context = LoopContext(setup.run_id, settings, setup.recipe, self._recorder)
        self._tasks: set[asyncio.Task[None]] = set()
        self._said_at = 0.0

    async def take(self, orders: Sequence[Order]) -> None:
        """Do as told: begin sources, let calls go on, stop waiting."""
        for order in orders:
            if isinstance(order, Assigned):
                self._recorder.begin_source(order.source.id, order.history)
                task = asyncio.create_task(self._work(order.source))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            elif isinstance(order, Stopped):
                self._recorder.request_stop(order.reason, order.message)
            else:
                self._recorder.settle(order)

    async def collect(self) -> Batch:
        """What there is to say, as soon as there is something."""
        reports = await self._outbox.collect(WAIT_S)
        now = time.monotonic()
        if now - self._said_at < BEAT_S:
            return Batch(reports)
        self._said_at = now
        return Batch(reports, self._transport.list_servers())

    async def close(self) -> None:
        """Drop what is left and close all connections."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._transport.close()

    async def _work(self, source: Source) -> None:
        try:
            outcome = await run_source(source, self._context)
        except StopRequested as stop:
            self._outbox.put(Broke(source.id, "stopped", stop.reason, str(stop)))
        except AutodataError as error:
            self._outbox.put(Broke(source.id, "failed", "", str(error)))
        except Exception:  # noqa: BLE001 - told to the process that holds the journal, which fails with it
            self._outbox.put(Broke(source.id, "crashed", "", traceback.format_exc()))
        else:
            self._outbox.put(Ended(source.id, outcome))
        finally:
            self._recorder.end_source(source.id)


def share_servers(seats: SeatBook, workers: int) -> SeatBook:
    """The seats of one of several workers: each server of several holds its part of the calls of each, one at least.

    An endpoint's calls in all are counted where the journal is; which of its servers takes one is chosen here, so that
    the workers' parts of a server must not come to more than it may hold.
    """
    endpoints = {
        name: endpoint.model_copy(update={"concurrency": max(1, endpoint.concurrency // workers)})
        if endpoint.replicas
        else endpoint
        for name, endpoint in seats.endpoints.items()
    }
    return seats.model_copy(update={"endpoints": endpoints})
