"""How hard one endpoint may be used: calls in flight, calls per minute, and the pause a server asks for."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from autodata.llm.places import Places

RAMP_S = 0.05
"""Seconds between callers let through after a pause, so that they do not all arrive at once."""

RAMP_CALLERS = 100
"""Callers so let through, at most: a ramp that lasted while anybody waits would never end on a busy endpoint."""


class EndpointLimiter:
    """Lets calls through. The highest rank goes first, and within a rank who came first.

    `sleep` and `clock` are seams for tests and for a stop that has to wake sleepers: a sleep may return early, and the
    caller then decides whether it still wants to send.
    """

    def __init__(
        self,
        concurrency: int,
        requests_per_minute: int | None = None,
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._places = Places(concurrency)
        self._door = asyncio.Lock()
        self._ramp_callers = min(concurrency, RAMP_CALLERS)
        self._ramp_left = 0
        self._interval = 60.0 / requests_per_minute if requests_per_minute else 0.0
        # The bucket holds one second's worth, at least one call; a minute's worth would let twice the rate through.
        self._burst = max(0.0, 1.0 - self._interval)
        self._next_at = -math.inf
        self._ramp_at = -math.inf
        self._paused_until = -math.inf
        self._pauses = 0
        self._sleep, self._clock = sleep, clock
        self._in_flight = 0
        self._waiting = 0

    @property
    def in_flight(self) -> int:
        """Callers inside the context now."""
        return self._in_flight

    @property
    def waiting(self) -> int:
        """Callers waiting to enter, for a place, the rate or the end of a pause."""
        return self._waiting

    def pause(self, seconds: float) -> None:
        """Let nobody in for `seconds`, as the server asked; a shorter pause never ends a longer one."""
        until = self._clock() + seconds
        if until > self._paused_until:
            self._paused_until = self._ramp_at = until
            # Idle time before a pause saves up nothing for its end.
            self._next_at = max(self._next_at, until)
            self._ramp_left = self._ramp_callers
            self._pauses += 1

    @asynccontextmanager
    async def hold(self, rank: int = 0) -> AsyncIterator[None]:
        """A place for one call, once it is its turn."""
        await self._enter(rank)
        try:
            yield
        finally:
            self._in_flight -= 1
            self._places.release()

    async def _enter(self, rank: int) -> None:
        self._waiting += 1
        try:
            await self._places.acquire(rank)
            try:
                await self._wait_for_turn()
            except BaseException:
                self._places.release()
                raise
        finally:
            self._waiting -= 1
        self._in_flight += 1

    async def _wait_for_turn(self) -> None:
        """Sleep until this caller's turn; again when a pause began meanwhile.

        Only the first in line looks at the clock, so that a pause holds everybody behind it and nobody keeps a turn
        from before: turns kept over a pause would come due beside those given out after it, at twice the rate.
        """
        async with self._door:
            wait = self._find_wait()
            while wait > 0:
                pauses = self._pauses
                await self._sleep(wait)
                wait = self._find_wait() if self._pauses != pauses else 0.0
            self._take_turn()

    def _find_wait(self) -> float:
        """Seconds until the first in line may send, by rate and pause."""
        now = self._clock()
        return max(self._next_at - now if self._interval else 0.0, self._ramp_at - now, 0.0)

    def _take_turn(self) -> None:
        now = self._clock()
        if now >= self._ramp_at + RAMP_S:
            self._ramp_left = 0  # nobody was waiting any more
        if self._ramp_left:
            self._ramp_left -= 1
            self._ramp_at = max(now, self._ramp_at) + RAMP_S
        self._next_at = max(self._next_at, now - self._burst) + self._interval
