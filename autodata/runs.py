"""Runs on disk and as processes: create, execute, launch in the background, pause, stop, look up.

A run is a folder `runs/<run>/` with its journal; `control` holds a request (pause or stop) while there is one,
`run.log` what a background process printed. Whoever writes the journal holds its lock, so a run is alive exactly when
it is locked.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any

import autodata
from autodata.context import LoopContext
from autodata.engine import Progress, RunEnd, describe_process, run_sources
from autodata.errors import BadInput
from autodata.executors.choice import LOCAL, ExecutorChoice, describe_choice, reach_executor, render_choice
from autodata.executors.fleet import Fleet
from autodata.executors.messages import Setup
from autodata.executors.opening import gather_keys, open_executor, open_fleet
from autodata.executors.ray_cluster import RayCluster
from autodata.home import Home
from autodata.items import read_item
from autodata.journal import JournalWriter
from autodata.llm.client import OpenAITransport
from autodata.llm.quirks import open_quirks
from autodata.llm.seat import SeatBook, check_roles, read_key
from autodata.llm.simulator import start_simulator
from autodata.locks import is_locked
from autodata.loop import run_source
from autodata.recipes.recipe import Recipe, check_fit
from autodata.recorder import Budget, History, Recorder, load_history
from autodata.runs_live import LiveRun, find_live, keep_live
from autodata.settings import RunSettings
from autodata.sources import Loaded
from autodata.stop_rule import StopRule
from autodata.stored_run import StoredRun, claim_run, find_journal, list_run_ids, load_run
from autodata.terms import (
    Terms,
    check_prices,
    describe_terms,
    freeze_prices,
    render_options,
    renew_terms,
)
from autodata.workers import launch_command, read_request, wait_until_free, write_request

__all__ = [
    "StoredRun",
    "check_keys",
    "clear_request",
    "create_run",
    "execute_run",
    "find_journal",
    "is_alive",
    "launch_run",
    "list_run_ids",
    "load_run",
    "open_addresses",
    "request_run",
    "wait_until_ended",
]


def create_run(
    home: Home,
    settings: RunSettings,
    recipe: Recipe,
    loaded: Loaded,
    *,
    run_id: str | None = None,
    executor: ExecutorChoice = LOCAL,
) -> str:
    """Write a new run's settings, recipe and sources to its journal; nothing is called yet. Returns its id.

    `run_id` is a name of the caller's choice for a run that does not exist yet; without it the next number is taken.
    The home's prices of the seats' models are frozen into its settings; `executor` is where it is to be worked on.
    Raises BadInput when there is no source, when one carries no task though the recipe takes tasks as given, when a
    needed key is not set, when a money budget could not be kept, or when Ray is asked for and not installed.
    """
    reach_executor(executor)
    if not loaded.sources:
        reasons = "; ".join(f"{skip.name}: {skip.reason}" for skip in loaded.skipped) or "no document was given"
        raise BadInput(f"no source to work on: {reasons}")
    if recipe.limits.flow.write == "given":
        for source in loaded.sources:
            read_item(source)
    check_keys(settings)
    check_fit(recipe, settings.policy)
    settings = freeze_prices(home, settings)
    check_prices(home, settings, recipe, settings.prices, settings.budget_cost)
    if run_id is None:
        run_id = claim_run(home, settings.domain + ("-baseline" if settings.baseline else ""))
    with JournalWriter(home.journal(run_id)) as journal:
        start = _describe_start(run_id, settings, recipe, len(loaded.sources))
        journal.append("run_started", {**start, **describe_choice(executor)})
        for source in loaded.sources:
            journal.append("source", {"source": asdict(source)})
        for skip in loaded.skipped:
            journal.append("source_skipped", {"name": skip.name, "reason": skip.reason})
    return run_id


def execute_run(
    home: Home,
    run_id: str,
    on_progress: Callable[[Progress, Recorder], None] = lambda progress, recorder: None,
    budget: Budget | None = None,
    stop_rule: StopRule | None = None,
    executor: ExecutorChoice | None = None,
) -> RunEnd:
    """Work on a created or interrupted run until it ends, in this process or with workers that report to it.

    `budget`, `stop_rule` and `executor` replace the run's own from now on; the change is journaled. Raises
    HeldElsewhere when another process runs it, BadInput when nothing is left to do or the executor cannot be used,
    JournalDamaged when its record is broken.
    """
    path = find_journal(home, run_id)
    with JournalWriter(path) as journal:
        stored = load_run(home, run_id)
        if stored.nothing_left:
            raise BadInput(
                f"run {run_id} is done: all {len(stored.sources)} sources have their outcome, so there is nothing to "
                "resume. Start a new run to work on more."
            )
        check_keys(stored.settings)
        terms = renew_terms(home, stored.terms, stored.settings, stored.recipe, budget=budget, stop_rule=stop_rule)
        clear_request(home, run_id)
        sitting = _Sitting(home, stored, journal, load_history(path), terms, executor or stored.executor)
        with (
            open_executor(sitting.executor, stored.settings.seats) as cluster,
            open_addresses(home, stored.settings.seats) as addresses,
        ):
            return asyncio.run(_execute(sitting, cluster, addresses, on_progress))


def launch_run(
    home: Home,
    run_id: str,
    budget: Budget | None = None,
    stop_rule: StopRule | None = None,
    executor: ExecutorChoice | None = None,
) -> int:
    """Work on a run in a process of its own that outlives this one; returns its process id."""
    clear_request(home, run_id)
    options = [*render_options(budget, stop_rule), *render_choice(executor)]
    command = ["resume", run_id, "--home", str(home.root), "--quiet", *options]
    return launch_command(command, home.run(run_id) / "run.log")


def request_run(home: Home, run_id: str, request: str) -> None:
    """Ask a running run to "pause" or "stop": it finishes the calls in flight, then ends and can be resumed."""
    write_request(find_journal(home, run_id).with_name("control"), request)


def clear_request(home: Home, run_id: str) -> None:
    """Forget an earlier request."""
    (home.run(run_id) / "control").unlink(missing_ok=True)


def is_alive(home: Home, run_id: str) -> bool:
    """Whether a process on this machine is working on the run right now."""
    return is_locked(home.journal(run_id))


def wait_until_ended(home: Home, run_id: str, timeout_s: float) -> bool:
    """Wait until no process works on the run; False when it still does after `timeout_s` seconds."""
    return wait_until_free(home.journal(run_id), timeout_s)


def check_keys(settings: RunSettings) -> None:
    """Raise BadInput for the first endpoint in use whose key is not in the environment."""
    used = {seat.endpoint for seat in settings.seats.seats.values()}
    for name in sorted(used):
        if not settings.seats.endpoints[name].simulated:
            read_key(settings.seats.endpoints[name], name)


@contextmanager
def open_addresses(home: Home, seats: SeatBook) -> Iterator[dict[str, str]]:
    """Real addresses of simulated endpoints: a server is started for as long as the block runs."""
    names = [name for name, endpoint in seats.endpoints.items() if endpoint.simulated]
    if not names:
        yield {}
        return
    server = start_simulator(home.simulator)
    try:
        yield dict.fromkeys(names, server.base_url)
    finally:
        server.stop()


@dataclass(frozen=True, slots=True)
class _Sitting:
    """One stretch of work on a run: what is recorded, and what holds from now on."""

    home: Home
    stored: StoredRun
    journal: JournalWriter
    history: History
    terms: Terms
    executor: ExecutorChoice

    def announce(self) -> None:
        """Say in the journal that the run goes on, unless this is its beginning."""
        run, terms = self.stored, self.terms
        if self.history.calls or run.finished or terms != run.terms or self.executor != run.executor:
            choice = describe_choice(self.executor, run.executor)
            data = {"run_id": run.run_id, **describe_terms(terms), **choice, **describe_process()}
            self.journal.append("run_resumed", data)


async def _execute(
    sitting: _Sitting,
    cluster: RayCluster | None,
    addresses: dict[str, str],
    on_progress: Callable[[Progress, Recorder], None],
) -> RunEnd:
    home, run, terms, settings = sitting.home, sitting.stored, sitting.terms, sitting.stored.settings
    quirks = open_quirks(home, settings.seats)
    transport = OpenAITransport(addresses, quirks)
    recorder = Recorder(
        sitting.journal,
        settings.seats,
        transport,
        history=sitting.history,
        slots=settings.slots,
        budget=terms.budget,
        prices=terms.prices,
    )
    workers = cluster.workers if cluster else 1
    setup = Setup(run.run_id, settings, run.recipe, addresses, quirks.known, workers, gather_keys(settings.seats))
    control = home.run(run.run_id) / "control"
    try:
        async with open_fleet(cluster, setup, recorder) as fleet:
            sitting.announce()
            async with keep_live(find_live(home, run.run_id), lambda: _look(recorder, fleet or transport, fleet)):
                end = await run_sources(
                    run.sources,
                    run.finished,
                    LoopContext(run.run_id, settings, run.recipe, recorder),
                    read_request=lambda: read_request(control),
                    on_progress=lambda progress: on_progress(progress, recorder),
                    stop_rule=terms.stop_rule,
                    run_one=fleet.run_source if fleet else run_source,
                )
        # The record of the end is forced to the disk before the journal is closed, not by a timer that outlives it.
        await recorder.drain()
        return end
    finally:
        await transport.close()


def _look(recorder: Recorder, senders: OpenAITransport | Fleet, fleet: Fleet | None) -> LiveRun:
    """The run now; calls wait for their endpoint's limits here, and for a place at a server with who sends them."""
    loads = senders.list_servers()
    servers = tuple(replace(load, waiting=load.waiting + recorder.count_waiting(load.endpoint)) for load in loads)
    workers = tuple(fleet.list_workers()) if fleet else ()
    return LiveRun(time.time(), servers, workers, fleet.lost if fleet else 0)


def _describe_start(run_id: str, settings: RunSettings, recipe: Recipe, sources: int) -> dict[str, Any]:
    values = settings.model_dump(mode="json")
    policy = values.pop("policy")
    return {
        "run_id": run_id,
        "software": autodata.__version__,
        "settings": {**values, "policy": settings.policy.name},
        "policy": policy,
        "recipe": {"name": recipe.name, "sha": recipe.sha, "files": recipe.files},
        "simulated": settings.simulated,
        "sources": sources,
        "warnings": check_roles(settings.seats),
        **describe_process(),
    }
