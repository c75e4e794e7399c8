"""A search in one process: iterations side by side until they are used up, then the winner on the third set.

Whatever is in the journal is not done again, so a search that was stopped goes on by running the same code anew.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from autodata.engine import handle_signals, watch_requests
from autodata.errors import AutodataError, StopRequested
from autodata.optimize.certifying import certify_comparison, certify_version, raise_alarm
from autodata.optimize.comparing import compare_versions_on
from autodata.optimize.iteration import run_iteration
from autodata.optimize.population import Population, Version, count_ends, find_winner
from autodata.optimize.search import Search


@dataclass(slots=True)
class SearchProgress:
    """Where a search stands. `ends` counts iterations by how they ended."""

    iterations: int
    ends: Counter[str] = field(default_factory=Counter)
    stage: str = "iterations"

    @property
    def done(self) -> int:
        return self.ends.total()


@dataclass(frozen=True, slots=True)
class SearchEnd:
    """How a search ended: done, alarmed, paused, stopped or failed, with the reason, and its totals."""

    state: str
    reason: str
    totals: dict[str, Any]


async def work_through(
    search: Search,
    iterations: int,
    *,
    read_request: Callable[[], str | None],
    on_progress: Callable[[SearchProgress], None] = lambda progress: None,
) -> SearchEnd:
    """Iterations up to number `iterations`, the winner's confirmation, then `optimization_ended`.

    An alarm ends it for good. Budget, pause, stop, a signal, a full disk, a wrong key and a wrong model name end it
    early; it can be resumed.
    """
    progress = SearchProgress(iterations, count_ends(search.population))
    on_progress(progress)
    return await _run(search, read_request, lambda: _search(search, iterations, progress, on_progress))


async def work_on_test(
    search: Search,
    pairs: int,
    *,
    read_request: Callable[[], str | None],
) -> SearchEnd:
    """A person's comparison of two recipes on the same sources, then `optimization_ended`."""

    async def compare() -> None:
        first, second = list(search.population.versions.values())[:2]
        found = await compare_versions_on(search, first, second, search.split.validation, "test", pairs)
        search.book.write("confirmation", {"purpose": "test", **asdict(found)})

    return await _run(search, read_request, compare)


async def _run(search: Search, read_request: Callable[[], str | None], work: Callable[[], Any]) -> SearchEnd:
    context = search.make_context(search.population.baseline.recipe)
    watcher = asyncio.create_task(watch_requests(context, read_request))
    remove_handlers = handle_signals(context)
    state, reason = "done", ""
    try:
        await work()
        await search.recorder.drain()
    except StopRequested as stop:
        state, reason = ("paused" if stop.reason in ("paused", "budget") else "stopped"), str(stop)
    except AutodataError as failure:
        state, reason = "failed", str(failure)
    finally:
        watcher.cancel()
        remove_handlers()
    if search.population.alarms:
        state, reason = "alarmed", search.population.alarms[-1]["sentence"]
    spent = search.ledger.total()
    totals = {
        "iterations": dict(count_ends(search.population)),
        "versions": len(search.population.versions),
        "calls": spent.calls,
        "tokens": spent.tokens,
        "cost": asdict(spent.cost),
    }
    try:
        search.book.write("optimization_ended", {"state": state, "reason": reason, "totals": totals})
    except StopRequested as full:
        state, reason = "stopped", str(full)
    return SearchEnd(state, reason, totals)


async def _search(
    search: Search, iterations: int, progress: SearchProgress, on_progress: Callable[[SearchProgress], None]
) -> None:
    population = search.population
    for own in [own for own in population.iterations.values() if (own.decision or {}).get("state") == "kept"]:
        await certify_comparison(search, own)
    await _iterate(search, iterations, progress, on_progress)
    if population.alarms:
        return
    progress.stage = "confirmation"
    on_progress(progress)
    winner = find_winner(population)
    if winner is not None and search.settings.confirm_pairs:
        await _confirm(search, winner)


async def _iterate(
    search: Search, iterations: int, progress: SearchProgress, on_progress: Callable[[SearchProgress], None]
) -> None:
    """Workers that take one iteration after the other; raises the first reason to end once all of them have ended."""
    stops: list[AutodataError] = []
    queue = _list_numbers(search.population, iterations)

    async def work() -> None:
        for number in queue:
            if stops or search.population.alarms:
                return
            try:
                await run_iteration(search, number)
            except AutodataError as stop:
                stops.append(stop)
                search.recorder.request_stop(stop.reason if isinstance(stop, StopRequested) else "stopped", str(stop))
                return
            progress.ends = count_ends(search.population)
            on_progress(progress)
            if search.population.alarms:
                # What other workers are at would be spent on a search that goes no further.
                search.recorder.request_stop("stopped", search.population.alarms[-1]["sentence"])

    async with asyncio.TaskGroup() as group:
        for _ in range(search.settings.workers):
            group.create_task(work())
    if stops:
        raise next((stop for stop in stops if not isinstance(stop, StopRequested)), stops[0])


def _list_numbers(population: Population, iterations: int) -> Iterator[int]:
    """Iterations that were begun come first, then those that were not."""
    begun = sorted(number for number, own in population.iterations.items() if not own.ended)
    yield from begun
    known = set(population.iterations)
    yield from (number for number in range(1, iterations + 1) if number not in known)


async def _confirm(search: Search, winner: Version) -> None:
    """Measure the winner against the first recipe on sources that nobody selected by, and certify both."""
    baseline = search.population.baseline
    pairs = search.settings.confirm_pairs
    found = await compare_versions_on(search, baseline, winner, search.split.third, "third", pairs)
    for own in (baseline, winner):
        await certify_version(search, own, f"third-{own.sha[:10]}", "third")
    search.book.write("confirmation", {"purpose": "third", **asdict(found)})
    raise_alarm(search, winner)
