"""What a worker and the process that holds the journal say to each other. Values that can be pickled; no behaviour.

Each side's messages arrive in the order in which they were sent. `place` numbers the calls of one worker.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from autodata.history import SourceHistory
from autodata.llm.replicas import ServerLoad
from autodata.model import Source, SourceOutcome
from autodata.recipes.recipe import Recipe
from autodata.settings import RunSettings


@dataclass(frozen=True, slots=True)
class Setup:
    """All that a worker has to know. `keys`: environment variable → key, for the worker's memory alone.

    `addresses` are the real ones of simulated endpoints; `quirks` is what is known of what servers refuse; `workers`
    share what each server of an endpoint may hold.
    """

    run_id: str
    settings: RunSettings
    recipe: Recipe
    addresses: Mapping[str, str]
    quirks: Mapping[str, list[str]]
    workers: int
    keys: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Greeting:
    """Who a worker is: its machine, its process, and the version of the program that it runs."""

    host: str
    pid: int
    software: str


@dataclass(frozen=True, slots=True)
class Wrote:
    """A record to be appended."""

    kind: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """May a call be sent to this endpoint? Answered by Granted or Refused."""

    place: int
    endpoint: str
    rank: int


@dataclass(frozen=True, slots=True)
class Called:
    """The record of the call that was sent. Answered by Recorded or Refused."""

    place: int
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Left:
    """The call is over, or was given up: its place is free."""

    place: int


@dataclass(frozen=True, slots=True)
class Rested:
    """The endpoint asked to be left alone for so many seconds."""

    endpoint: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Ended:
    """A source has its outcome."""

    source: str
    outcome: SourceOutcome


@dataclass(frozen=True, slots=True)
class Broke:
    """Work on a source ended without an outcome: the run is to end, no call can succeed, or the program failed."""

    source: str
    how: Literal["stopped", "failed", "crashed"]
    reason: str
    message: str


Report = Wrote | Asked | Called | Left | Rested | Ended | Broke
"""From a worker."""


@dataclass(frozen=True, slots=True)
class Assigned:
    """Work on this source; `history` is what is recorded of it."""

    source: Source
    history: SourceHistory


@dataclass(frozen=True, slots=True)
class Granted:
    place: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The run is to end: nothing was, or is to be, done for this place."""

    place: int
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """The call's record is in the journal under this number."""

    place: int
    seq: int


@dataclass(frozen=True, slots=True)
class Stopped:
    """The run is to end: do not wait for a further try."""

    reason: str
    message: str


Order = Assigned | Granted | Refused | Recorded | Stopped
"""To a worker."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What a worker has to say, in order. `servers`: the load of its model servers, now and then."""

    reports: tuple[Report, ...]
    servers: tuple[ServerLoad, ...] | None = None
