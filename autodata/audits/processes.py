"""Audits at work: in this process or in one of their own, with a control file for requests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from pathlib import Path

from autodata.audit.certified import DEFAULT_BAR, SIZES
from autodata.audit.fresh.anchors import choose_anchors, find_anchors_file, read_anchors
from autodata.audit.fresh.engine import AuditEnd, AuditProgress, work_through
from autodata.audit.fresh.result import Result
from autodata.audit.fresh.session import make_board, make_context, make_settings
from autodata.audit.fresh.stored import (
    StoredAudit,
    describe_result,
    load_audit,
    load_audit_history,
    read_results,
)
from autodata.audit.reading import RunRecords, read_run
from autodata.audits.drafting import AuditOrder, check_order
from autodata.engine import describe_process
from autodata.errors import BadInput, HeldElsewhere
from autodata.history import History
from autodata.home import Home
from autodata.journal import JournalWriter, read_last, read_records
from autodata.journals.files import has_journal
from autodata.llm.client import OpenAITransport
from autodata.llm.quirks import open_quirks
from autodata.llm.seat import SeatBook
from autodata.locks import is_locked
from autodata.model import Source
from autodata.recorder import Budget, Recorder
from autodata.runs import check_keys, open_addresses
from autodata.stored_run import find_journal
from autodata.terms import render_options
from autodata.workers import launch_command, read_request, wait_until_free, write_request

CERTIFY = ("K1",)
"""What `autodata certify` makes."""


def execute_audit(
    home: Home,
    run_id: str,
    on_progress: Callable[[AuditProgress, Recorder], None] = lambda progress, recorder: None,
    budget: Budget | None = None,
    simulator: str | None = None,
    audit_id: str | None = None,
) -> AuditEnd:
    """Work on the run's last audit in this process until it ends.

    With `audit_id` only on that one: whoever started another in the meantime owns the journal now. `budget` replaces
    its own from now on; the change is journaled. `simulator` is the address of a server that plays simulated endpoints
    already; without it one is started where it is needed. Raises HeldElsewhere when another process works on it or has
    overtaken it, BadInput when it is done, JournalDamaged when a record is broken.
    """
    path = find_audit(home, run_id)
    with JournalWriter(path) as journal:
        stored = load_audit(path)
        if audit_id is not None and stored.audit_id != audit_id:
            raise HeldElsewhere(
                f"audit {audit_id} of run {run_id} was overtaken: another process started {stored.audit_id} before it "
                f"could begin. Nothing was asked; `autodata audit {run_id} --resume` goes on with that one."
            )
        if stored.state == "done":
            raise BadInput(f"audit {stored.audit_id} is done, so there is nothing to go on with. Start another one.")
        check_keys(make_settings(stored))
        clear_request(home, run_id)
        last = read_last(path)
        if (last is not None and last.kind != "audit_started") or (budget or stored.budget) != stored.budget:
            terms = {"budget": asdict(budget or stored.budget)}
            journal.append("audit_resumed", {"audit_id": stored.audit_id, **terms, **describe_process()})
        history = load_audit_history(path)
        with _find_addresses(home, stored.seats, simulator) as addresses:
            return asyncio.run(
                _execute(home, stored, journal, history, budget or stored.budget, addresses, on_progress)
            )


def launch_audit(home: Home, run_id: str, budget: Budget | None = None) -> int:
    """Work on the run's last audit in a process of its own that outlives this one; returns its process id."""
    find_audit(home, run_id)
    clear_request(home, run_id)
    command = ["audit", run_id, "--resume", "--home", str(home.root), "--quiet", *render_options(budget, None)]
    return launch_command(command, home.audit(run_id) / "audit.log")


def launch_order(home: Home, order: AuditOrder) -> int:
    """Start the audit that is ordered in a process of its own, which reads the run's journal; returns its id.

    Takes no longer for a large run than for a small one. Raises BadInput as `check_order` and for what no command says;
    what only the run's tasks can tell, such as that none was accepted, stands in the log.
    """
    check_order(home, order)
    if order.bar != DEFAULT_BAR or (order.most is not None and order.checks != CERTIFY):
        raise BadInput("a bar, and a number of answers for other checks than K1, cannot be ordered in the background")
    command = ["certify", order.run_id, *order.tasks] if order.checks == CERTIFY else ["audit", order.run_id]
    if order.checks == CERTIFY:
        command += ["--rollouts", str(order.most or SIZES[-1])]
    else:
        command += ["--plan", order.plan, *_repeat("--check", order.checks), *_repeat("--task", order.tasks)]
    if order.models:
        command += ["--models", str(order.models)]
    command += ["--seed", str(order.seed), "--slots", str(order.slots), *render_options(order.budget, None)]
    clear_request(home, order.run_id)
    home.audit(order.run_id).mkdir(parents=True, exist_ok=True)
    command += ["--yes", "--quiet", "--home", str(home.root)]
    return launch_command(command, home.audit(order.run_id) / "audit.log")


def request_audit(home: Home, run_id: str, request: str) -> None:
    """Ask a working audit to "pause" or "stop": it finishes the calls in flight, then ends and can be resumed."""
    find_audit(home, run_id)
    write_request(_find_control(home, run_id), request)


def clear_request(home: Home, run_id: str) -> None:
    """Forget an earlier request."""
    _find_control(home, run_id).unlink(missing_ok=True)


def is_alive(home: Home, run_id: str) -> bool:
    """Whether a process on this machine works on an audit of the run right now."""
    return is_locked(home.audit_journal(run_id))


def wait_until_ended(home: Home, run_id: str, timeout_s: float) -> bool:
    """Wait until no process works on an audit of the run; False when one still does after `timeout_s` seconds."""
    return wait_until_free(home.audit_journal(run_id), timeout_s)


def find_audit(home: Home, run_id: str) -> Path:
    """The journal of a run's audits; raises BadInput where there is none."""
    path = home.audit_journal(run_id)
    if not has_journal(path):
        find_journal(home, run_id)
        raise BadInput(f"run {run_id} has no audit with model calls; start one with `autodata audit {run_id} --plan …`")
    return path


async def _execute(
    home: Home,
    stored: StoredAudit,
    journal: JournalWriter,
    history: History,
    budget: Budget,
    addresses: dict[str, str],
    on_progress: Callable[[AuditProgress, Recorder], None],
) -> AuditEnd:
    records, sources = _read_run(home, stored.run_id)
    known = _take_up(journal, stored)
    board = make_board(stored, records, sources, known)
    anchors = choose_anchors(read_anchors(find_anchors_file(home)), stored.seats, stored.seed)
    transport = OpenAITransport(addresses, open_quirks(home, stored.seats))
    recorder = Recorder(
        journal, stored.seats, transport, slots=stored.slots, budget=budget, prices=stored.prices, history=history
    )
    control = _find_control(home, stored.run_id)
    try:
        return await work_through(
            board,
            make_context(stored, recorder, board.noise),
            history,
            anchors,
            read_request=lambda: read_request(control),
            on_progress=lambda progress: on_progress(progress, recorder),
        )
    finally:
        await transport.close()


def _take_up(journal: JournalWriter, stored: StoredAudit) -> dict[str, dict[str, Result]]:
    """What earlier audits with the same models and seed found, by task and detector.

    Where an audit with others came between, it is written down again for this one's tasks: the journal's last word on a
    check is then that of the audit started last.
    """
    known, latest = read_results(journal.path, same_as_last=True), read_results(journal.path)
    for own in stored.tasks:
        for name, result in known.get(own.task_id, {}).items():
            if result.coverage == "done" and latest[own.task_id][name] != result:
                journal.append("check", describe_result(own.task_id, stored.audit_id, result))
    return known


def _read_run(home: Home, run_id: str) -> tuple[RunRecords, dict[str, Source]]:
    path = find_journal(home, run_id)
    passages = (Source(**record.data["source"]) for record in read_records(path) if record.kind == "source")
    return read_run(path), {source.id: source for source in passages}


def _find_addresses(home: Home, seats: SeatBook, simulator: str | None) -> AbstractContextManager[dict[str, str]]:
    if simulator is None:
        return open_addresses(home, seats)
    return nullcontext({name: simulator for name, endpoint in seats.endpoints.items() if endpoint.simulated})


def _repeat(option: str, values: Sequence[str]) -> list[str]:
    return [part for value in values for part in (option, value)]


def _find_control(home: Home, run_id: str) -> Path:
    return home.audit(run_id) / "control"
