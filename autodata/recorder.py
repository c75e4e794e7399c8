"""The recorder: every model call goes through here, is written down, and is never made twice.

A call has a deterministic key. A key with a recorded reply returns that reply at once; any other is sent within the
limits and the budget, and every attempt becomes a `call` record before its reply is used. This makes the loop durable:
a run is resumed by running the same code again.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from autodata.budget import UNLIMITED, Budget
from autodata.canon import hash_text, hash_value
from autodata.errors import JournalDamaged, ProviderFailure, StopRequested
from autodata.history import (
    IDENTITY_FIELDS,
    CallKey,
    History,
    SourceHistory,
    StoredCall,
    add_record,
    describe_failure,
    describe_reply,
    describe_request,
    describe_sent,
    is_final,
    load_history,
)
from autodata.journal import Record
from autodata.llm.limiter import EndpointLimiter
from autodata.llm.places import Places
from autodata.llm.reply import Reply, Transport
from autodata.llm.retry import RetryPlan
from autodata.llm.seat import Endpoint, SeatBook
from autodata.prices import NO_PRICES, Cost, PriceTable, price_seats, sum_costs

__all__ = ["Budget", "CallKey", "History", "RecordedCall", "Recorder", "load_history"]

SYNC_S = 0.5
"""The longest an appended record waits to be forced to the disk, in seconds. A killed process loses nothing anyway."""

_STOP_MESSAGES = {
    "paused": "paused; resume the run to go on",
    "stopped": "stopped; it can be resumed",
    "signal": "interrupted by a signal; resume the run to go on",
}


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """A reply with the number of its record. `replayed`: it was in the journal, nothing was sent."""

    reply: Reply
    seq: int
    response_sha: str
    replayed: bool


class Log(Protocol):
    """What a recorder appends to: a journal, or on another machine the way to the process that holds it."""

    @property
    def path(self) -> Path: ...

    @property
    def seq(self) -> int: ...

    def append(self, kind: str, data: dict[str, Any]) -> Record: ...

    def sync(self) -> None: ...


class Recorder:
    """Sends and writes down the calls of one run. One per process and journal; made inside the running loop.

    `hold_place`, `write_call`, `append` and `pause_endpoint` are all that a recorder without a journal of its own does
    in another way (autodata/executors/relay.py).
    """

    def __init__(
        self,
        journal: Log,
        seats: SeatBook,
        transport: Transport,
        *,
        slots: int,
        budget: Budget = UNLIMITED,
        prices: PriceTable = NO_PRICES,
        history: History | None = None,
        on_progress: Callable[[], None] | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        rng: random.Random | None = None,
    ) -> None:
        self._journal, self._seats, self._transport = journal, seats, transport
        self._history = history if history is not None else load_history(journal.path)
        self._budget, self._prices, self._on_progress = budget, prices, on_progress
        self._slots = Places(slots)
        self._sleep, self._rng = sleep, rng or random.Random()
        self._limiters = {
            name: EndpointLimiter(endpoint.places, endpoint.requests_per_minute, sleep=self._sleep_or_stop)
            for name, endpoint in seats.endpoints.items()
        }
        # Wall time at the start plus elapsed time: records stay in order when the machine's clock is set back.
        self._clock_offset = time.time() - time.monotonic()
        self._in_flight = 0
        self._replayed = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._stop: tuple[str, str] | None = None
        self._stop_event = asyncio.Event()
        self._sync_timer: asyncio.TimerHandle | None = None
        self._sync_task: asyncio.Task[None] | None = None

    @property
    def calls(self) -> int:
        """Attempts recorded, failed ones and those of earlier sittings included."""
        return self._history.calls

    @property
    def prompt_tokens(self) -> int:
        return self._history.prompt_tokens

    @property
    def completion_tokens(self) -> int:
        return self._history.completion_tokens

    @property
    def cost(self) -> Cost:
        """What all calls so far cost, those of earlier sittings included."""
        models = {role: self._seats.seat(role).model for role in self._history.uses}
        return sum_costs(price_seats(self._history.uses, models, self._prices).values())

    @property
    def errors(self) -> Counter[str]:
        """Failed attempts by kind."""
        return self._history.errors

    @property
    def in_flight(self) -> int:
        """Calls sent and not yet answered."""
        return self._in_flight

    def count_waiting(self, endpoint: str) -> int:
        """Calls that wait for the endpoint's limits."""
        return self._limiters[endpoint].waiting

    @property
    def replayed(self) -> int:
        """Calls answered from the journal."""
        return self._replayed

    @property
    def stopping(self) -> str | None:
        """Why the run ends early: budget, hopeless, paused, stopped, signal or disk. None while it goes on."""
        return self._stop[0] if self._stop else None

    def count_calls(self, source: str, round_number: int) -> int:
        """Attempts recorded for one round of one source that is not finished."""
        return self._history.open_source(source).calls_by_round[round_number]

    def has_failed(self, key: CallKey) -> bool:
        """Whether the journal holds a failure of this call and no reply to it."""
        entry = self._history.open_source(key.source)
        return key.text in entry.last_failures and key.text not in entry.replies

    async def call(
        self, key: CallKey, body: dict[str, Any], *, template_sha: str, extra: dict[str, Any] | None = None
    ) -> RecordedCall:
        """The reply to `body`, from the journal where it is recorded.

        `extra` is added to the call's record. Raises the last ProviderFailure when the tries are used up or no further
        one can help, StopRequested when the run is to end, JournalDamaged when the key has another request's reply.
        """
        text, request_sha = key.text, hash_value(body)
        entry = self._history.open_source(key.source)
        stored = entry.replies.get(text)
        if stored is not None:
            self._check_same_request(text, stored, request_sha)
            self._replayed += 1
            return RecordedCall(stored.reply, stored.seq, stored.response_sha, replayed=True)
        endpoint = self._seats.endpoint_of(key.role)
        plan, failed_tries = RetryPlan(endpoint.max_tries), 0
        base = {
            **describe_request(key, body, request_sha, template_sha, self._seats.seat(key.role).endpoint),
            **(extra or {}),
            "simulated": endpoint.simulated,
        }
        while True:
            attempt = {"try": failed_tries + 1, "retry_of": entry.last_failures.get(text)}
            try:
                return await self._send(key, body, endpoint, {**base, **attempt})
            except ProviderFailure as failure:
                failed_tries += 1
                delay = plan.find_delay(failed_tries, failure, self._rng)
                if delay is None:
                    raise
                if failure.retry_after_s is not None:
                    self.pause_endpoint(base["endpoint"], min(failure.retry_after_s, plan.retry_after_cap_s))
            await self._sleep_or_stop(delay)

    def commit(self, kind: str, identity: tuple[Any, ...], data: dict[str, Any]) -> int | None:
        """Append a record about `identity` unless the last one about it says the same. Returns its number.

        `identity` holds the values of `IDENTITY_FIELDS[kind]`. None when nothing was appended.
        """
        if kind not in IDENTITY_FIELDS:
            raise ValueError(f"records of kind {kind!r} have no identity; append them")
        committed = self._history.open_source(str(data["source"])).committed
        payload_sha = hash_value(data)
        if committed.get((kind, identity), ("", 0))[0] == payload_sha:
            return None
        record = self.append(kind, data)
        committed[kind, identity] = (payload_sha, record.seq)
        if is_final(kind, data):
            self._history.close_source(data["source"])
        return record.seq

    def append(self, kind: str, data: dict[str, Any]) -> Record:
        """Append any record; a disk that refuses ends the run (StopRequested "disk"), the journal stays intact."""
        try:
            record = self._journal.append(kind, data)
        except StopRequested as stop:
            self.request_stop(stop.reason, str(stop))
            raise
        self._schedule_sync()
        return record

    @asynccontextmanager
    async def hold_place(self, endpoint: str, rank: int) -> AsyncIterator[int]:
        """One call's place within the endpoint's limits, the slots and the budget; what was committed before stands.

        Where calls wait, the highest `rank` goes first. Yields the place's number. Raises StopRequested when nothing
        may be sent any more.
        """
        async with self._limiters[endpoint].hold(rank), self._slots.hold(rank):
            self._check_may_send()
            self._in_flight += 1
            self._idle.clear()
            try:
                yield self._in_flight
            finally:
                self._in_flight -= 1
                if not self._in_flight:
                    self._idle.set()

    async def write_call(self, data: dict[str, Any], place: int) -> int:
        """Append the record of the call that was sent from `place`; returns its number once it is written."""
        return self.append("call", data).seq

    def take_in(self, kind: str, data: dict[str, Any]) -> int:
        """Append a record that this run made on another machine, and remember it for whoever works on its source next.

        Returns its number. Raises StopRequested when the disk refuses.
        """
        record = self.append(kind, data)
        add_record(self._history, record)
        return record.seq

    def find_history(self, source: str) -> SourceHistory:
        """What is recorded of a source that is not finished."""
        return self._history.open_source(source)

    def pause_endpoint(self, endpoint: str, seconds: float) -> None:
        """Send nothing to the endpoint for a while, as it asked."""
        self._limiters[endpoint].pause(seconds)

    async def wait_for_stop(self) -> StopRequested:
        """Wait until somebody asks for a stop; returns what every call is then refused with."""
        await self._stop_event.wait()
        reason, message = self._stop or ("stopped", "")
        return StopRequested(reason, message)

    def request_stop(self, reason: str, message: str = "") -> None:
        """Send nothing more: calls in flight finish and are recorded, every other raises StopRequested(reason).

        The first reason holds.
        """
        if self._stop is None:
            self._stop = (reason, message or _STOP_MESSAGES.get(reason, reason))
            self._stop_event.set()

    async def drain(self) -> None:
        """Wait until no call is in flight and what was appended is on the disk. For the end of a run."""
        await self._idle.wait()
        if self._sync_timer is not None:
            self._sync_timer.cancel()
            self._sync_timer = None
        if self._sync_task is not None:
            await self._sync_task
        await self._force_to_disk()

    async def _send(
        self, key: CallKey, body: dict[str, Any], endpoint: Endpoint, record: dict[str, Any]
    ) -> RecordedCall:
        """One attempt within the limits, written down whatever comes of it."""
        async with self.hold_place(record["endpoint"], key.rank) as place:
            start = self._clock_offset + time.monotonic()
            try:
                reply = await self._transport.send(endpoint, self._seats.seat(key.role), body, role=key.role)
            except ProviderFailure as failure:
                sent = describe_sent(body, failure.adapted)
                await self._record(key, {**record, **sent, **describe_failure(failure)}, start, place)
                raise
            response_sha = hash_text(reply.content)
            sent = describe_sent(body, reply.adapted)
            seq = await self._record(key, {**record, **sent, **describe_reply(reply, response_sha)}, start, place)
        stored = StoredCall(record["request_sha"], reply, response_sha, seq)
        self._history.open_source(key.source).replies[record["key"]] = stored
        return RecordedCall(reply, seq, response_sha, replayed=False)

    async def _record(self, key: CallKey, record: dict[str, Any], start: float, place: int) -> int:
        record["t_start"], record["t_end"] = start, self._clock_offset + time.monotonic()
        seq = await self.write_call(record, place)
        self._history.count_call(record)
        if record["error"]:
            self._history.open_source(key.source).last_failures[record["key"]] = seq
        if self._on_progress:
            self._on_progress()
        return seq

    def _check_same_request(self, key: str, stored: StoredCall, request_sha: str) -> None:
        if stored.request_sha != request_sha:
            raise JournalDamaged(
                f"Call {key} (record {stored.seq:,} of {self._journal.path}) was made with another request than "
                f"the one asked for now: the program, the recipe or a setting changed since. Resume with the version "
                f"that began the run, or start a new run."
            )

    def _check_may_send(self) -> None:
        if self._stop is None:
            self._check_budget()
        if self._stop is not None:
            raise StopRequested(*self._stop)

    def _check_budget(self) -> None:
        history, budget = self._history, self._budget
        tokens = history.prompt_tokens + history.completion_tokens
        cost = self.cost if budget.max_cost is not None else Cost()
        spent = budget.explain_spent(history.calls + self._in_flight, tokens, cost, self._prices.currency)
        if spent:
            self.request_stop("budget", spent)

    async def _sleep_or_stop(self, seconds: float) -> None:
        """Sleep, but no longer than until a stop is requested."""
        tasks = [asyncio.ensure_future(self._sleep(seconds)), asyncio.ensure_future(self._stop_event.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()

    def _schedule_sync(self) -> None:
        if self._sync_timer is None and self._sync_task is None:
            self._sync_timer = asyncio.get_running_loop().call_later(SYNC_S, self._start_sync)

    def _start_sync(self) -> None:
        self._sync_timer = None
        self._sync_task = asyncio.get_running_loop().create_task(self._sync())

    async def _sync(self) -> None:
        seq = self._journal.seq
        await self._force_to_disk()
        self._sync_task = None
        if self._journal.seq != seq:
            self._schedule_sync()

    async def _force_to_disk(self) -> None:
        try:
            await asyncio.to_thread(self._journal.sync)
        except OSError as error:
            message = f"cannot write {self._journal.path}: {error.strerror}. Free some space, then resume."
            self.request_stop("disk", message)
