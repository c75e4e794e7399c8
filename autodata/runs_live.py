"""What a run at work says of itself each second: its model servers and its workers, in a file beside its journal.

Nobody needs it afterwards: it is not part of the record, it goes when the run ends, and what a killed run left of it is
not believed.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from autodata.executors.fleet import WorkerView
from autodata.home import Home
from autodata.llm.replicas import ServerLoad

LIVE_S = 1.0
"""Seconds between two words."""

STALE_S = 10.0
"""Words older than this are not believed, in seconds."""


@dataclass(frozen=True, slots=True)
class LiveRun:
    """A run at one moment, `t` in epoch seconds. `workers` is empty where it works in one process."""

    t: float
    servers: tuple[ServerLoad, ...] = ()
    workers: tuple[WorkerView, ...] = ()
    lost: int = 0


def find_live(home: Home, run_id: str) -> Path:
    """The file's path. Its name keeps it out of backups."""
    return home.run(run_id) / ".live.json"


def read_live(home: Home, run_id: str) -> LiveRun | None:
    """The last word of a run, None when there is none or it is stale."""
    try:
        values = orjson.loads(find_live(home, run_id).read_bytes())
        live = LiveRun(
            t=float(values["t"]),
            servers=tuple(ServerLoad(**load) for load in values["servers"]),
            workers=tuple(WorkerView(**worker) for worker in values["workers"]),
            lost=int(values["lost"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return live if abs(time.time() - live.t) < STALE_S else None


@asynccontextmanager
async def keep_live(path: Path, look: Callable[[], LiveRun]) -> AsyncIterator[None]:
    """Write what `look` returns again and again while the block runs, and take the file away afterwards."""
    task = asyncio.create_task(_write_on(path, look))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        _forget(path)


def _forget(path: Path) -> None:
    path.unlink(missing_ok=True)


async def _write_on(path: Path, look: Callable[[], LiveRun]) -> None:
    draft = path.with_suffix(".new")
    while True:
        # A full disk ends the run elsewhere; here it only means that nobody hears of this second.
        with contextlib.suppress(OSError):
            draft.write_bytes(orjson.dumps(asdict(look())))
            draft.replace(path)
        await asyncio.sleep(LIVE_S)
