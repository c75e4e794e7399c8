"""Runs on disk and as processes: create, execute, launch in the background, pause, stop, look up.

A run is a folder `runs/<run>/` with its journal; `control` holds a request (pause or stop) while there is one,
`run.log` what a background process printed. Whoever writes the journal holds its lock, so a run is alive exactly when
it is locked.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import autodata
from autodata.context import LoopContext
from autodata.engine import Progress, RunEnd, describe_process, run_sources
from autodata.errors import BadInput, JournalDamaged
from autodata.home import Home, is_name
from autodata.journal import JournalWriter, read_records
from autodata.llm.client import OpenAITransport
from autodata.llm.seat import SeatBook, check_roles, read_key
from autodata.llm.simulator import start_simulator
from autodata.locks import is_locked
from autodata.model import Source
from autodata.policy import parse_policy
from autodata.recipes.recipe import Recipe, make_recipe
from autodata.recorder import Budget, History, Recorder, load_history
from autodata.settings import RunSettings, parse_settings
from autodata.sources import Loaded


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run as its journal tells it. `finished` maps source ids to outcomes; undecided sources are not finished."""

    run_id: str
    settings: RunSettings
    recipe: Recipe
    sources: list[Source]
    finished: dict[str, str]
    budget: Budget


def create_run(home: Home, settings: RunSettings, recipe: Recipe, loaded: Loaded) -> str:
    """Write a new run's settings, recipe and sources to its journal; nothing is called yet. Returns its id.

    Raises BadInput when there is no source or a needed key is not set.
    """
    if not loaded.sources:
        reasons = "; ".join(f"{skip.name}: {skip.reason}" for skip in loaded.skipped) or "no document was given"
        raise BadInput(f"no source to work on: {reasons}")
    check_keys(settings)
    run_id = _claim_folder(home, settings)
    with JournalWriter(home.journal(run_id)) as journal:
        journal.append("run_started", _describe_start(run_id, settings, recipe, len(loaded.sources)))
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
) -> RunEnd:
    """Work on a created or interrupted run in this process until it ends.

    `budget` replaces the run's budget from now on; the change is journaled. Raises HeldElsewhere when another process
    runs it, JournalDamaged when its record is broken.
    """
    path = find_journal(home, run_id)
    with JournalWriter(path) as journal:
        stored = load_run(home, run_id)
        check_keys(stored.settings)
        clear_request(home, run_id)
        history = load_history(path)
        budget = budget or stored.budget
        if history.calls or stored.finished or budget != stored.budget:
            journal.append("run_resumed", {"run_id": run_id, "budget": asdict(budget), **describe_process()})
        with open_addresses(home, stored.settings.seats) as addresses:
            return asyncio.run(_execute(home, stored, journal, history, budget, addresses, on_progress))


def launch_run(home: Home, run_id: str, budget: Budget | None = None) -> int:
    """Work on a run in a process of its own that outlives this one; returns its process id."""
    clear_request(home, run_id)
    limits = [] if budget is None else _render_budget(budget)
    with open(home.run(run_id) / "run.log", "ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "autodata.cli", "resume", run_id, "--home", str(home.root), "--quiet", *limits],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    return process.pid


def request_run(home: Home, run_id: str, request: str) -> None:
    """Ask a running run to "pause" or "stop": it finishes the calls in flight, then ends and can be resumed."""
    if request not in ("pause", "stop"):
        raise BadInput(f"request {request!r} is unknown; pause or stop")
    path = find_journal(home, run_id).with_name("control")
    path.write_text(request, encoding="utf-8")


def clear_request(home: Home, run_id: str) -> None:
    """Forget an earlier request."""
    (home.run(run_id) / "control").unlink(missing_ok=True)


def is_alive(home: Home, run_id: str) -> bool:
    """Whether a process on this machine is working on the run right now."""
    return is_locked(home.journal(run_id))


def wait_until_ended(home: Home, run_id: str, timeout_s: float) -> bool:
    """Wait until no process works on the run; False when it still does after `timeout_s` seconds."""
    deadline = time.monotonic() + timeout_s
    while is_alive(home, run_id):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def find_journal(home: Home, run_id: str) -> Path:
    """Path of a run's journal; raises BadInput naming the runs there are."""
    path = home.journal(run_id)
    if not path.exists():
        known = ", ".join(list_run_ids(home)[-5:]) or "there is none yet"
        raise BadInput(f"run {run_id!r} does not exist in {home.runs}; known runs: {known}")
    return path


def list_run_ids(home: Home) -> list[str]:
    """Ids of all runs, oldest first. A folder whose name cannot be a run's, such as a copy, is passed over."""
    names = (path.parent.name for path in home.runs.glob("*/journal.jsonl"))
    return sorted((name for name in names if is_name(name)), key=_sort_key)


def load_run(home: Home, run_id: str) -> StoredRun:
    """Settings, recipe, sources and what is finished, from the journal.

    Raises JournalDamaged without a start, BadInput when the run's creation was interrupted and sources are missing.
    """
    path = find_journal(home, run_id)
    start: dict[str, Any] | None = None
    sources: list[Source] = []
    finished: dict[str, str] = {}
    budget: Budget | None = None
    for record in read_records(path):
        if record.kind == "run_started":
            start = record.data
        elif record.kind == "source":
            sources.append(Source(**record.data["source"]))
        elif record.kind == "source_done" and record.data["outcome"] != "undecided":
            finished[record.data["source"]] = record.data["outcome"]
        elif record.kind == "run_resumed" and "budget" in record.data:
            budget = Budget(**record.data["budget"])
    if start is None:
        raise JournalDamaged(f"{path} does not begin with run_started; it is not the journal of a run")
    if len(sources) < start.get("sources", 0):
        raise BadInput(
            f"run {run_id} was interrupted while it was being created: {len(sources)} of {start['sources']} sources "
            "are recorded and nothing was called. Start a new run over the same documents."
        )
    policy = parse_policy(start["policy"])
    settings = parse_settings({**start["settings"], "policy": policy})
    recipe = make_recipe(start["recipe"]["files"])
    budget = budget or Budget(settings.budget_calls, settings.budget_tokens)
    return StoredRun(run_id, settings, recipe, sources, finished, budget)


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


async def _execute(
    home: Home,
    stored: StoredRun,
    journal: JournalWriter,
    history: History,
    budget: Budget,
    addresses: dict[str, str],
    on_progress: Callable[[Progress, Recorder], None],
) -> RunEnd:
    settings = stored.settings
    transport = OpenAITransport(addresses)
    recorder = Recorder(
        journal,
        settings.seats,
        transport,
        history=history,
        slots=settings.slots,
        budget=budget,
    )
    control = home.run(stored.run_id) / "control"
    try:
        return await run_sources(
            stored.sources,
            stored.finished,
            LoopContext(stored.run_id, settings, stored.recipe, recorder),
            read_request=lambda: _read_request(control),
            on_progress=lambda progress: on_progress(progress, recorder),
        )
    finally:
        await transport.close()


def _render_budget(budget: Budget) -> list[str]:
    options = {"--budget-calls": budget.max_calls, "--budget-tokens": budget.max_tokens}
    return [part for option, value in options.items() if value is not None for part in (option, str(value))]


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


def _claim_folder(home: Home, settings: RunSettings) -> str:
    """Make the folder of the next run number, safe against another process doing the same."""
    kind = settings.domain + ("-baseline" if settings.baseline else "")
    number = 1 + max((_sort_key(run_id)[0] for run_id in list_run_ids(home)), default=0)
    while True:
        run_id = f"{kind}-{number:04d}"
        try:
            home.run(run_id).mkdir(parents=True)
        except FileExistsError:
            number += 1
        else:
            return run_id


def _sort_key(run_id: str) -> tuple[int, str]:
    match = re.search(r"(\d+)$", run_id)
    return (int(match.group(1)) if match else 0, run_id)


def _read_request(control: Path) -> str | None:
    try:
        return control.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
