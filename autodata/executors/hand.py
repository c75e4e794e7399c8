"""The near end of one worker: its reports are written here, its questions answered, its sources given back when it is
lost. It runs in the process that holds the journal.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from autodata.errors import AutodataError, StopRequested
from autodata.executors.messages import (
    Asked,
    Assigned,
    Batch,
    Broke,
    Called,
    Ended,
    Granted,
    Greeting,
    Left,
    Order,
    Recorded,
    Refused,
    Report,
    Rested,
    Stopped,
    Wrote,
)
from autodata.llm.replicas import ServerLoad
from autodata.model import Source, SourceOutcome
from autodata.recorder import Recorder


class WorkerLost(AutodataError):
    """A worker cannot be reached any more, or could not be started; the message says why."""


class Link(Protocol):
    """The way to one worker. Both raise WorkerLost once it cannot be reached."""

    async def take(self, orders: list[Order]) -> None: ...

    async def collect(self) -> Batch: ...

    async def close(self) -> None: ...


class Hand:
    """One worker as the journal's process sees it. Use inside the running loop; `start` it, `close` it."""

    def __init__(self, link: Link, who: Greeting, recorder: Recorder, on_lost: Callable[[Hand, str], None]) -> None:
        self.who, self.joined = who, time.time()
        self.servers: tuple[ServerLoad, ...] = ()
        self._link, self._recorder, self._on_lost = link, recorder, on_lost
        self._open: dict[str, asyncio.Future[SourceOutcome]] = {}
        self._places: dict[int, tuple[asyncio.Task[None], asyncio.Event]] = {}
        self._unwritten: dict[str, StopRequested] = {}
        self._orders: list[Order] = []
        self._ordered = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._gone = False

    @property
    def load(self) -> int:
        """Sources it works on."""
        return len(self._open)

    @property
    def calls(self) -> int:
        """Its calls in flight, and those that wait for a place."""
        return len(self._places)

    def start(self) -> None:
        """Begin to listen and to send."""
        self._tasks = [asyncio.create_task(self._guard(work)) for work in (self._listen, self._deliver)]

    async def work(self, source: Source) -> SourceOutcome:
        """Have the worker work on a source; returns its outcome once that is written.

        Raises WorkerLost when the worker is lost before, else what the loop itself raises.
        """
        end: asyncio.Future[SourceOutcome] = asyncio.get_running_loop().create_future()
        self._open[source.id] = end
        self.order(Assigned(source, self._recorder.find_history(source.id)))
        try:
            return await end
        finally:
            self._open.pop(source.id, None)

    def order(self, order: Order) -> None:
        """Send one order, together with others that wait."""
        self._orders.append(order)
        self._ordered.set()

    async def close(self) -> None:
        """Let the worker go."""
        self._leave()
        try:
            await self._link.close()
        except WorkerLost:
            return

    async def _guard(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """A lost worker gives its sources back; a fault of this program ends them, or they would wait for ever."""
        try:
            await work()
        except WorkerLost as lost:
            self._lose(lost)
        except Exception as error:  # noqa: BLE001 - raised again by every `work` that waits
            self._lose(error)

    def _lose(self, error: Exception) -> None:
        if self._gone:
            return
        self._leave()
        self._on_lost(self, str(error))
        for end in list(self._open.values()):
            if not end.done():
                end.set_exception(error)

    def _leave(self) -> None:
        self._gone = True
        for task, _ in self._places.values():
            task.cancel()
        self._places.clear()
        current = asyncio.current_task()
        for own in self._tasks:
            if own is not current:
                own.cancel()

    async def _listen(self) -> None:
        """One batch at a time: while it is written the worker keeps what it has, so nothing piles up here."""
        while True:
            batch = await self._link.collect()
            for report in batch.reports:
                self._handle(report)
            if batch.servers is not None:
                self.servers = batch.servers

    async def _deliver(self) -> None:
        while True:
            await self._ordered.wait()
            orders, self._orders = self._orders, []
            self._ordered.clear()
            await self._link.take(orders)

    def _handle(self, report: Report) -> None:
        match report:
            case Asked():
                left = asyncio.Event()
                self._places[report.place] = asyncio.create_task(self._hold(report, left)), left
            case Called():
                self._write_call(report)
            case Left():
                self._free(report.place)
            case Wrote():
                self._write(report)
            case Rested():
                self._recorder.pause_endpoint(report.endpoint, report.seconds)
            case Ended() | Broke():
                self._end(report)

    async def _hold(self, asked: Asked, left: asyncio.Event) -> None:
        """Keep a place within the limits for as long as the worker's call lasts."""
        try:
            async with self._recorder.hold_place(asked.endpoint, asked.rank):
                self.order(Granted(asked.place))
                await left.wait()
        except StopRequested as stop:
            self.order(Refused(asked.place, stop.reason, str(stop)))

    def _free(self, place: int) -> None:
        task, left = self._places.pop(place, (None, None))
        if task is not None and left is not None:
            left.set()

    def _write_call(self, called: Called) -> None:
        # Its place is free from here on: a call counts towards a budget as in flight or as recorded, not as both.
        self._free(called.place)
        try:
            self.order(Recorded(called.place, self._recorder.take_in("call", called.data)))
        except StopRequested as stop:
            self.order(Refused(called.place, stop.reason, str(stop)))

    def _write(self, wrote: Wrote) -> None:
        """Append a commit. Once one of a source could not be written, none of its later ones is: no holes."""
        source = str(wrote.data["source"])
        if source in self._unwritten:
            return
        try:
            self._recorder.take_in(wrote.kind, wrote.data)
        except StopRequested as stop:
            self._unwritten[source] = stop

    def _end(self, report: Ended | Broke) -> None:
        end = self._open.get(report.source)
        unwritten = self._unwritten.pop(report.source, None)
        if end is None or end.done():
            return
        if unwritten is not None:
            end.set_exception(unwritten)
        elif isinstance(report, Ended):
            end.set_result(report.outcome)
        elif report.how == "stopped":
            end.set_exception(StopRequested(report.reason, report.message))
        elif report.how == "failed":
            end.set_exception(AutodataError(report.message))
        else:
            end.set_exception(RuntimeError(f"a worker on {self.who.host} failed:\n{report.message}"))

    def stop(self, stop: StopRequested) -> None:
        """Tell the worker that the run is to end."""
        self.order(Stopped(stop.reason, str(stop)))
