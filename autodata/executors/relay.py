"""The recorder of a worker: it has no journal, so it says what is to be written and waits until it is.

The rule that a task is committed before its first solver call holds across machines by order alone: commits and the
question whether a call may be sent leave through one queue, and the question is answered after what stood before it
was appended.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from autodata.errors import StopRequested
from autodata.executors.messages import Asked, Called, Granted, Left, Recorded, Refused, Report, Rested, Wrote
from autodata.history import History, SourceHistory
from autodata.journal import Record
from autodata.llm.reply import Transport
from autodata.llm.seat import SeatBook
from autodata.recorder import Recorder

BATCH_MAX = 500
"""Reports in one batch at most; the rest waits for the next."""


class Outbox:
    """A worker's reports in order, until they are fetched. Use in one event loop."""

    def __init__(self) -> None:
        self._reports: deque[Report] = deque()
        self._filled = asyncio.Event()

    def put(self, report: Report) -> None:
        """Add one report."""
        self._reports.append(report)
        self._filled.set()

    async def collect(self, wait_s: float) -> tuple[Report, ...]:
        """Reports as soon as there are any, at most BATCH_MAX; none after `wait_s` seconds."""
        try:
            async with asyncio.timeout(wait_s):
                await self._filled.wait()
        except TimeoutError:
            return ()
        batch = tuple(self._reports.popleft() for _ in range(min(BATCH_MAX, len(self._reports))))
        if not self._reports:
            self._filled.clear()
        return batch


class RelayLog:
    """Stands where a journal does. Records have no number here: they get one where they are written."""

    path = Path("journal.jsonl")
    seq = 0

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def append(self, kind: str, data: dict[str, Any]) -> Record:
        """Have a record written."""
        self._outbox.put(Wrote(kind, data))
        return Record(0, time.time(), kind, data, "", 0)

    def sync(self) -> None:
        """Nothing lies here that could be lost."""


class RelayedRecorder(Recorder):
    """A recorder whose calls wait for the word of the process that holds the journal. Made inside the running loop."""

    def __init__(self, outbox: Outbox, seats: SeatBook, transport: Transport, *, slots: int) -> None:
        self._log = RelayLog(outbox)
        super().__init__(self._log, seats, transport, slots=slots, history=History())
        self._outbox = outbox
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[int]] = {}

    def begin_source(self, source: str, history: SourceHistory) -> None:
        """Take over what is recorded of a source."""
        self._history.sources[source] = history

    def end_source(self, source: str) -> None:
        """Forget a source that is not worked on here any more."""
        self._history.close_source(source)

    def settle(self, answer: Granted | Refused | Recorded) -> None:
        """Let the call that waits for this answer go on."""
        waiting = self._answers.pop(answer.place, None)
        if waiting is None or waiting.done():
            return
        if isinstance(answer, Refused):
            waiting.set_exception(StopRequested(answer.reason, answer.message))
        else:
            waiting.set_result(answer.seq if isinstance(answer, Recorded) else 0)

    @asynccontextmanager
    async def hold_place(self, endpoint: str, rank: int) -> AsyncIterator[int]:
        place = next(self._numbers)
        try:
            await self._ask(place, Asked(place, endpoint, rank))
            yield place
        finally:
            self._outbox.put(Left(place))

    async def write_call(self, data: dict[str, Any], place: int) -> int:
        return await self._ask(place, Called(place, data))

    def append(self, kind: str, data: dict[str, Any]) -> Record:
        return self._log.append(kind, data)

    def pause_endpoint(self, endpoint: str, seconds: float) -> None:
        self._outbox.put(Rested(endpoint, seconds))

    async def _ask(self, place: int, report: Asked | Called) -> int:
        answer = self._answers[place] = asyncio.get_running_loop().create_future()
        self._outbox.put(report)
        try:
            return await answer
        finally:
            self._answers.pop(place, None)
