"""Many sources at once: order, limits, pause and stop, totals. One run in one process."""

from __future__ import annotations

import asyncio
import os
import platform
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from autodata.context import LoopContext
from autodata.errors import AutodataError, StopRequested
from autodata.loop import run_source
from autodata.model import Source, SourceOutcome
from autodata.stop_rule import NEVER, StopRule

SourceRunner = Callable[[Source, LoopContext], Awaitable[SourceOutcome]]
"""Works on one source: the loop itself, or whoever has it done elsewhere."""

POLL_S = 0.25
"""How often the control file is read, in seconds."""


@dataclass(slots=True)
class Progress:
    """Where a run stands; counts of sources unless said otherwise."""

    sources: int
    outcomes: Counter[str] = field(default_factory=Counter)

    @property
    def done(self) -> int:
        return sum(self.outcomes.values())


@dataclass(frozen=True, slots=True)
class RunEnd:
    """How a run ended: done, paused, stopped or failed, with the reason, and its totals."""

    state: str
    reason: str
    totals: dict[str, Any]


async def run_sources(
    sources: list[Source],
    finished: dict[str, str],
    context: LoopContext,
    *,
    read_request: Callable[[], str | None],
    on_progress: Callable[[Progress], None] = lambda progress: None,
    stop_rule: StopRule = NEVER,
    signals: bool = True,
    run_one: SourceRunner = run_source,
) -> RunEnd:
    """Work on every source that is not in `finished` (source id → outcome), then commit `run_ended`.

    `read_request` says "pause" or "stop" when somebody asked for it. Budget, stop rule, signal, full disk, wrong key
    and wrong model name end the run early; it can be resumed. `signals`: whether SIGINT and SIGTERM end this run; False
    where somebody else looks after them. `run_one` works on one source.
    """
    progress = Progress(len(sources), Counter(finished[s.id] for s in sources if s.id in finished))
    on_progress(progress)
    waiting = [source for source in sources if source.id not in finished]
    watcher = asyncio.create_task(watch_requests(context, read_request))
    remove_handlers = handle_signals(context) if signals else _leave_signals
    try:
        end = await _work_through(waiting, context, progress, on_progress, stop_rule, run_one)
        await context.recorder.drain()
    finally:
        watcher.cancel()
        remove_handlers()
    totals = {
        "sources": progress.sources,
        **{name: progress.outcomes[name] for name in ("accepted", "exhausted", "undecided", "skipped")},
        "calls": context.recorder.calls,
        "prompt_tokens": context.recorder.prompt_tokens,
        "completion_tokens": context.recorder.completion_tokens,
        "cost": asdict(context.recorder.cost),
    }
    state, reason = end
    try:
        context.recorder.append("run_ended", {"state": state, "reason": reason, "totals": totals})
    except StopRequested as full:
        # The disk has no room for the end either: a run without one reads as stopped, which is true.
        state, reason = "stopped", str(full)
    return RunEnd(state, reason, totals)


async def _work_through(
    waiting: list[Source],
    context: LoopContext,
    progress: Progress,
    on_progress: Callable[[Progress], None],
    stop_rule: StopRule,
    run_one: SourceRunner,
) -> tuple[str, str]:
    """State and reason of the end. Sources start in order; at most `sources_in_flight` are open."""
    queue = iter(waiting)
    stops: list[BaseException] = []

    def look_at_rate() -> None:
        if hopeless := stop_rule.explain_hopeless(progress.outcomes):
            context.recorder.request_stop("hopeless", hopeless)

    async def work() -> None:
        for source in queue:
            if stops:
                return
            try:
                outcome = await run_one(source, context)
            except AutodataError as stop:
                stops.append(stop)
                context.recorder.request_stop("stopped")
                return
            progress.outcomes[outcome] += 1
            look_at_rate()
            on_progress(progress)

    look_at_rate()
    workers = min(context.settings.sources_in_flight, len(waiting))
    async with asyncio.TaskGroup() as group:
        for _ in range(workers):
            group.create_task(work())
    if not stops:
        return "done", ""
    first = stops[0]
    if isinstance(first, StopRequested):
        return "paused" if first.reason in ("paused", "budget", "hopeless") else "stopped", str(first)
    return "failed", str(first)


async def watch_requests(context: LoopContext, read_request: Callable[[], str | None]) -> None:
    """Ask the recorder to stop once somebody asked for a pause or a stop; runs until cancelled."""
    while True:
        request = read_request()
        if request in ("pause", "stop"):
            context.recorder.request_stop("paused" if request == "pause" else "stopped")
            return
        await asyncio.sleep(POLL_S)


def handle_signals(context: LoopContext) -> Callable[[], None]:
    """First SIGINT or SIGTERM: stop asking, finish the calls in flight. The second one has its usual effect."""
    loop = asyncio.get_running_loop()
    watched = (signal.SIGINT, signal.SIGTERM)

    def stop() -> None:
        context.recorder.request_stop("signal")
        remove()

    def remove() -> None:
        for number in watched:
            loop.remove_signal_handler(number)

    try:
        for number in watched:
            loop.add_signal_handler(number, stop)
    except (ValueError, RuntimeError):  # not the main thread: the caller handles signals
        return lambda: None
    return remove


def _leave_signals() -> None:
    """Nothing to take back where no handler was set."""


def describe_process() -> dict[str, Any]:
    """Host and process id, for the journal."""
    return {"host": platform.node(), "pid": os.getpid()}
