"""Searches on disk and as processes: create, work on, launch in the background, pause, stop, look up.

A search is a folder `optimizations/<name>/`: its journal, a home of its own for the runs it makes, and `control` with a
request while there is one. Whoever writes the journal holds its lock, so a search is alive exactly when it is locked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict

from autodata.budget import Budget
from autodata.engine import describe_process
from autodata.errors import BadInput
from autodata.history import History
from autodata.home import Home
from autodata.journal import JournalWriter, read_records
from autodata.journals.files import list_journals
from autodata.llm.client import OpenAITransport
from autodata.llm.quirks import open_quirks
from autodata.locks import is_locked
from autodata.optimize.certifying import measure_audit
from autodata.optimize.creating import create_search, create_test, open_own_home
from autodata.optimize.ledger import Ledger, SharedBudget, measure_history
from autodata.optimize.optimizer import SearchEnd, SearchProgress, work_on_test, work_through
from autodata.optimize.search import Book, Search
from autodata.optimize.stored import TEST, StoredSearch, find_search, load_search
from autodata.recorder import Recorder, load_history
from autodata.runs import check_keys, open_addresses
from autodata.workers import launch_command, read_request, wait_until_free, write_request

__all__ = [
    "create_search",
    "create_test",
    "execute_search",
    "is_alive",
    "launch_search",
    "open_own_home",
    "request_search",
    "wait_until_ended",
]


def execute_search(
    home: Home,
    name: str,
    on_progress: Callable[[SearchProgress, Search], None] = lambda progress, search: None,
    budget: Budget | None = None,
    iterations: int | None = None,
) -> SearchEnd:
    """Work on a created or interrupted search in this process until it ends.

    `budget` and `iterations` replace its own from now on; the change is journaled. Raises HeldElsewhere when another
    process works on it, BadInput when nothing is left to do, JournalDamaged when its record is broken.
    """
    path = find_search(home, name)
    with JournalWriter(path) as journal:
        stored = load_search(home, name)
        wanted = stored.iterations if iterations is None else iterations
        _check_open(stored, wanted)
        check_keys(stored.settings.make_run_settings(0, 1))
        clear_request(home, name)
        history = load_history(path)
        terms = budget or stored.budget
        if history.calls or stored.state or stored.population.iterations or wanted != stored.iterations:
            resumed = {"name": name, "budget": asdict(terms), "iterations": wanted}
            journal.append("optimization_resumed", {**resumed, **describe_process()})
        own = open_own_home(home, name)
        with open_addresses(own, stored.settings.seats) as addresses:
            return asyncio.run(_execute(own, stored, journal, history, terms, wanted, addresses, on_progress))


def launch_search(home: Home, name: str, budget: Budget | None = None, iterations: int | None = None) -> int:
    """Work on a search in a process of its own that outlives this one; returns its process id."""
    find_search(home, name)
    clear_request(home, name)
    command = ["optimize", "resume", name, "--home", str(home.root), "--quiet"]
    for option, value in _list_terms(budget, iterations).items():
        command += [option, str(value)]
    return launch_command(command, home.optimization(name) / "search.log")


def request_search(home: Home, name: str, request: str) -> None:
    """Ask a working search to "pause" or "stop": it finishes the calls in flight, then ends and can be resumed."""
    write_request(find_search(home, name).with_name("control"), request)


def clear_request(home: Home, name: str) -> None:
    """Forget an earlier request."""
    (home.optimization(name) / "control").unlink(missing_ok=True)


def is_alive(home: Home, name: str) -> bool:
    """Whether a process on this machine works on the search right now."""
    return is_locked(home.optimization_journal(name))


def wait_until_ended(home: Home, name: str, timeout_s: float) -> bool:
    """Wait until no process works on the search; False when one still does after `timeout_s` seconds."""
    return wait_until_free(home.optimization_journal(name), timeout_s)


async def _execute(
    own: Home,
    stored: StoredSearch,
    journal: JournalWriter,
    history: History,
    budget: Budget,
    iterations: int,
    addresses: dict[str, str],
    on_progress: Callable[[SearchProgress, Search], None],
) -> SearchEnd:
    settings = stored.settings
    transport = OpenAITransport(addresses, open_quirks(own, settings.seats))
    ledger = Ledger()
    shared = SharedBudget(budget, ledger)
    recorder = Recorder(
        journal,
        settings.seats,
        transport,
        history=history,
        slots=settings.slots,
        budget=shared,
        prices=settings.prices,
    )
    search = Search(
        name=stored.name,
        home=own,
        settings=settings,
        split=stored.split,
        book=Book(recorder, stored.population),
        recorder=recorder,
        transport=transport,
        simulator=next(iter(addresses.values()), None),
        ledger=ledger,
        budget=shared,
    )
    _settle_journals(search)
    control = own.root / "control"
    try:
        with ledger.watch("search", recorder):
            if stored.mode == TEST:
                pairs = settings.confirm_pairs or len(stored.split.validation)
                return await work_on_test(search, pairs, read_request=lambda: read_request(control))
            return await work_through(
                search,
                iterations,
                read_request=lambda: read_request(control),
                on_progress=lambda progress: on_progress(progress, search),
            )
    finally:
        await recorder.drain()
        await transport.close()


def _settle_journals(search: Search) -> None:
    """Count what earlier sittings used; every journal again is one pass over its file."""
    for path in list_journals(search.home.runs):
        spent = measure_history(load_history(path), search.settings.seats, search.settings.prices)
        search.ledger.settle(path.parent.name, spent)
    for path in list_journals(search.home.audits):
        run_id = path.parent.name
        if any(record.kind == "audit_started" for record in read_records(path)):
            search.ledger.settle(f"audit/{run_id}", measure_audit(search, run_id))


def _check_open(stored: StoredSearch, iterations: int) -> None:
    if stored.state == "alarmed":
        raise BadInput(f"search {stored.name} ended with an alarm and does not go on: {stored.reason}")
    if iterations < len(stored.population.iterations):
        raise BadInput(
            f"search {stored.name} has begun {len(stored.population.iterations)} iterations; {iterations} are fewer"
        )
    ended = all(own.ended for own in stored.population.iterations.values())
    if stored.state == "done" and ended and iterations <= len(stored.population.iterations):
        more = "" if stored.mode == TEST else " Give more with --iterations, or start a new one."
        raise BadInput(f"search {stored.name} is done, so there is nothing to resume.{more}")


def _list_terms(budget: Budget | None, iterations: int | None) -> dict[str, float | int]:
    terms: dict[str, float | int] = {}
    if budget is not None:
        terms |= {"--budget-calls": budget.max_calls or 0, "--budget-tokens": budget.max_tokens or 0}
        terms["--budget-cost"] = budget.max_cost or 0
    if iterations is not None:
        terms["--iterations"] = iterations
    return terms
