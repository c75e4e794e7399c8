"""Making anchors: tasks of a run whose weak score is measured with twenty fresh answers, until there are enough."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import autodata
from autodata.audit.fresh.anchors import (
    Anchor,
    describe_anchor,
    find_anchors_file,
    list_candidates,
    measure_anchor,
    name_solver,
    read_anchors,
)
from autodata.audit.fresh.blind import load_canonical
from autodata.audit.fresh.context import AuditContext
from autodata.audit.fresh.result import Subject
from autodata.audit.fresh.seats import choose_seats, load_auditor_seats
from autodata.audit.reading import read_run
from autodata.audit.run_audit import audit_task
from autodata.audit.run_luck import fit_run_noise
from autodata.context import LoopContext
from autodata.engine import describe_process, handle_signals
from autodata.errors import BadInput, ProviderFailure, StopRequested
from autodata.history import History, add_record
from autodata.home import Home
from autodata.journal import JournalWriter, read_records
from autodata.llm.client import OpenAITransport
from autodata.llm.quirks import open_quirks
from autodata.llm.seat import SeatBook
from autodata.policy import PRESETS
from autodata.prices import load_prices
from autodata.recorder import Budget, Recorder
from autodata.runs import check_keys, open_addresses
from autodata.settings import RunSettings
from autodata.stored_run import find_journal

CALLS = 40
"""Calls for one candidate: twenty answers, each graded once."""


@dataclass(frozen=True, slots=True)
class Making:
    """What came of it: the anchors that were added, why other tasks are none, calls made, and why it ended early."""

    added: tuple[Anchor, ...]
    refused: dict[str, str]
    calls: int
    stopped: str = ""


def make_anchors(
    home: Home,
    run_id: str,
    count: int,
    *,
    models: str | Path | None = None,
    seed: int = 0,
    slots: int = 32,
    budget: Budget | None = None,
    on_progress: Callable[[int, int], None] = lambda added, tried: None,
) -> Making:
    """Add up to `count` anchors from a run's tasks, rejected ones included; called again it goes on where it stopped.

    Raises BadInput when no task of the run can be one, or its solvers cannot be reached.
    """
    records = read_run(find_journal(home, run_id), everything=True)
    noise = fit_run_noise(records.measured)
    subjects = [Subject(task, audit_task(task, noise), None) for task in records.tasks]
    home_seats = load_auditor_seats(home.seats) if home.seats.is_file() else None
    given = load_auditor_seats(models) if models else None
    book = choose_seats(records.facts, given, home_seats).book
    settings = RunSettings(
        domain=load_canonical().name,
        policy=PRESETS["deployed"],
        seats=book,
        seed=seed,
        slots=slots,
        prices=load_prices(home).keep({seat.model for seat in book.seats.values()}),
    )
    check_keys(settings)
    path = find_anchors_file(home)
    have = {anchor.task.id for anchor in read_anchors(path) if _fits(anchor, book)}
    candidates = [subject for subject in list_candidates(subjects) if subject.task_id not in have]
    if not candidates:
        raise BadInput(
            f"no task of run {run_id} can become an anchor: it takes a rubric and a recorded weak score near 0.40 to "
            "0.80, and not to be one already. Take another run"
        )
    domain = records.facts.recipe.name if records.facts.recipe else run_id
    sign = {"solver": name_solver(book), "judge": book.seat("auditor_judge").model, "seed": seed}
    sign |= {"software": autodata.__version__}
    with JournalWriter(path) as journal:
        journal.append("anchors_started", {"run_id": run_id, **sign, "count": count, **describe_process()})
        history = _load_history(path, sign)
        with open_addresses(home, book) as addresses:

            async def work() -> Making:
                transport = OpenAITransport(addresses, open_quirks(home, book))
                recorder = Recorder(
                    journal,
                    book,
                    transport,
                    slots=slots,
                    budget=budget or Budget(),
                    prices=settings.prices,
                    history=history,
                )
                loop = LoopContext(run_id, settings, load_canonical(), recorder)
                context = AuditContext(f"anchors-{run_id}", loop, noise)
                try:
                    return await _measure(context, candidates, domain, count, on_progress)
                finally:
                    await transport.close()

            return asyncio.run(work())


async def _measure(
    context: AuditContext,
    candidates: Sequence[Subject],
    domain: str,
    count: int,
    on_progress: Callable[[int, int], None],
) -> Making:
    """Candidates one after the other, likeliest first, until enough are kept."""
    recorder = context.loop.recorder
    remove_handlers = handle_signals(context.loop)
    added: list[Anchor] = []
    refused: dict[str, str] = {}
    stopped = ""
    try:
        for subject in candidates:
            if len(added) >= count:
                break
            kind = subject.records.task.question_type
            found = await measure_anchor(subject, context, f"{domain}: {kind}" if kind else domain)
            if isinstance(found, Anchor):
                recorder.append("anchor", describe_anchor(found))
                added.append(found)
            else:
                refused[subject.task_id] = found
            on_progress(len(added), len(added) + len(refused))
    except (StopRequested, ProviderFailure) as stop:
        stopped = str(stop)
    finally:
        remove_handlers()
    await recorder.drain()
    return Making(tuple(added), refused, recorder.calls, stopped)


def _load_history(path: Path, sign: Mapping[str, object]) -> History:
    """What earlier makings with the same models and seed asked; their calls do not count against this budget."""
    history, same = History(), False
    for record in read_records(path):
        if record.kind == "anchors_started":
            same = all(record.data.get(name) == value for name, value in sign.items())
        elif same:
            add_record(history, record)
    history.calls, history.uses = 0, {}
    history.errors.clear()
    return history


def _fits(anchor: Anchor, book: SeatBook) -> bool:
    return (anchor.solver, anchor.judge) == (name_solver(book), book.seat("auditor_judge").model)
