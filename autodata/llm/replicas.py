"""Servers that serve the same models behind one endpoint: who gets the next call, who is passed over, and until when.

The least loaded healthy server gets the call. How many calls a server may hold at once follows what it says: a window
that shrinks when it refuses many calls as too many and grows back slowly (additive increase, multiplicative decrease;
Chiu and Jain 1989, DOI 10.1016/0169-7552(89)90019-6). A server that cannot be reached is passed over for a while, twice
as long each time, and comes back through a single call.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from autodata.errors import ProviderFailure

BUSY_SHARE = 0.2
"""Share of a window's worth of calls that may be refused as too many before the window shrinks. A server that refuses
a few at random is not too busy."""

SHRINK = 0.7

EJECT_AFTER = 3
"""Calls in a row that a server broke, left unanswered or failed with 5xx, after which it is passed over."""

EJECT_S, EJECT_MAX_S = 5.0, 60.0


Health = Literal["open", "probing", "passed_over"]
"""`probing`: it was passed over, and a single call finds out whether it is back."""


@dataclass(frozen=True, slots=True)
class ServerLoad:
    """One server of an endpoint at one moment.

    `limit`: calls it may hold now, of `most`; `waiting`: calls that wait for any server of the endpoint; `back_in_s`:
    seconds until it gets calls again, 0 while it does.
    """

    endpoint: str
    server: str
    in_flight: int
    waiting: int
    limit: int
    most: int
    health: Health
    back_in_s: float


@dataclass(slots=True)
class Replica:
    """One server. `window`: calls it may hold at once. Times are of the pool's clock, in seconds."""

    base_url: str
    most: int
    window: float
    in_flight: int = 0
    calls: int = 0
    failed_in_row: int = 0
    ejections: int = 0
    closed_until: float = 0.0
    """Passed over until then; a server's own wish to be left alone counts alike."""
    probing: bool = False
    """Ejected, and not heard of since: a single call at a time."""
    busy: int = 0
    heard: int = 0

    @property
    def places(self) -> int:
        return 1 if self.probing else max(1, int(self.window))

    @property
    def load(self) -> float:
        return self.in_flight / self.places


@dataclass(slots=True)
class ReplicaPool:
    """The servers of one endpoint, each with at most `most` calls at once. Use in one event loop."""

    base_urls: Sequence[str]
    most: int
    clock: Callable[[], float] = time.monotonic
    _replicas: list[Replica] = field(init=False)
    _waiting: deque[asyncio.Future[Replica]] = field(init=False, default_factory=deque)

    def __post_init__(self) -> None:
        self._replicas = [Replica(url, self.most, float(self.most)) for url in self.base_urls]

    async def enter(self) -> Replica:
        """The server for one call, as soon as one has a place; `leave` gives the place back.

        When none is healthy the one that comes back first is tried: failing now is better than waiting for nothing.
        """
        replica = None if self._waiting else self._find_free()
        if replica is not None:
            return self._take(replica)
        place: asyncio.Future[Replica] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            return await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self._give_back(place.result())
            raise

    def leave(self, replica: Replica, failure: ProviderFailure | None = None) -> None:
        """Give the place back and learn from how the call went. A cancelled call, which says nothing, has neither."""
        self._learn(replica, failure)
        self._give_back(replica)

    @contextmanager
    def hold(self, replica: Replica) -> Iterator[None]:
        """A place taken by `enter`, given back whatever happens. Failures of the server teach the pool.

        A wait that a busy server asks for stays its own while another can take the next try.
        """
        try:
            yield
        except ProviderFailure as failure:
            self.leave(replica, failure)
            if failure.retry_after_s is not None and self._has_other_open(replica):
                failure.retry_after_s = None
            raise
        except BaseException:
            self._give_back(replica)
            raise
        self.leave(replica)

    def list_loads(self, endpoint: str) -> list[ServerLoad]:
        """The servers as they are now, by base URL; `endpoint` is their common name."""
        now, waiting = self.clock(), sum(not place.done() for place in self._waiting)
        return [
            ServerLoad(
                endpoint=endpoint,
                server=replica.base_url,
                in_flight=replica.in_flight,
                waiting=waiting,
                limit=replica.places,
                most=replica.most,
                health="passed_over" if replica.closed_until > now else "probing" if replica.probing else "open",
                back_in_s=max(0.0, replica.closed_until - now),
            )
            for replica in self._replicas
        ]

    def _learn(self, replica: Replica, failure: ProviderFailure | None) -> None:
        now, kind = self.clock(), failure.kind if failure else ""
        replica.calls += 1
        replica.heard += 1
        if kind == "rate_limited" and failure is not None:
            replica.busy += 1
            if failure.retry_after_s is not None and len(self._replicas) > 1:
                replica.closed_until = max(replica.closed_until, now + failure.retry_after_s)
        if kind in ("connection", "timeout", "server_error"):
            replica.failed_in_row += 1
            if replica.failed_in_row >= EJECT_AFTER or replica.probing:
                self._eject(replica, now)
        else:
            # Any other answer, even a refusal, shows that somebody is there.
            replica.failed_in_row, replica.ejections, replica.probing = 0, 0, False
        if replica.heard >= replica.places:
            self._fit_window(replica)

    def _fit_window(self, replica: Replica) -> None:
        """Once in a window's worth of calls, so that calls refused together count once."""
        if replica.busy > BUSY_SHARE * replica.heard:
            replica.window = max(1.0, replica.window * SHRINK)
        else:
            replica.window = min(float(replica.most), replica.window + 1.0)
        replica.heard = replica.busy = 0

    def _eject(self, replica: Replica, now: float) -> None:
        """Calls that were on their way when it went fail together: they are one ejection."""
        if len(self._replicas) == 1 or replica.closed_until > now:
            return
        replica.closed_until = now + min(EJECT_MAX_S, EJECT_S * 2.0**replica.ejections)
        replica.ejections += 1
        replica.probing = True

    def _give_back(self, replica: Replica) -> None:
        replica.in_flight -= 1
        while self._waiting:
            if self._waiting[0].done():
                self._waiting.popleft()  # given up meanwhile
                continue
            free = self._find_free()
            if free is None:
                return
            self._waiting.popleft().set_result(self._take(free))

    def _take(self, replica: Replica) -> Replica:
        replica.in_flight += 1
        return replica

    def _find_free(self) -> Replica | None:
        """The least loaded open server that has a place; None when all that are open are full."""
        now = self.clock()
        candidates = [r for r in self._replicas if r.closed_until <= now] or [
            min(self._replicas, key=lambda r: r.closed_until)
        ]
        best = min(candidates, key=lambda r: (r.load, r.calls))
        return best if best.in_flight < best.places else None

    def _has_other_open(self, replica: Replica) -> bool:
        now = self.clock()
        return any(other is not replica and other.closed_until <= now for other in self._replicas)
