"""Audits at work: in this process or in one of their own, with a control file for requests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from autodata.audit.fresh.anchors import choose_anchors, find_anchors_file, read_anchors
from autodata.audit.fresh.engine import AuditEnd, AuditProgress, work_through
from autodata.audit.fresh.session import make_board, make_context, make_settings
from autodata.audit.fresh.stored import StoredAudit, load_audit, load_audit_history, read_results
from autodata.audit.reading import RunRecords, read_run
from autodata.engine import describe_process
from autodata.errors import BadInput
from autodata.history import History
from autodata.home import Home
from autodata.journal import JournalWriter, read_last, read_records
from autodata.llm.client import OpenAITransport
from autodata.llm.quirks import open_quirks
from autodata.locks import is_locked
from autodata.model import Source
from autodata.recorder import Budget, Recorder
from autodata.runs import check_keys, open_addresses
from autodata.stored_run import find_journal
from autodata.terms import render_options
from autodata.workers import launch_command, read_request, wait_until_free, write_request


def execute_audit(
    home: Home,
    run_id: str,
    on_progress: Callable[[AuditProgress, Recorder], None] = lambda progress, recorder: None,
    budget: Budget | None = None,
) -> AuditEnd:
    """Work on the run's last audit in this process until it ends.

    `budget` replaces its own from now on; the change is journaled. Raises HeldElsewhere when another process works on
    it, BadInput when it is done, JournalDamaged when a record is broken.
    """
    path = find_audit(home, run_id)
    with JournalWriter(path) as journal:
        stored = load_audit(path)
        if stored.state == "done":
            raise BadInput(f"audit {stored.audit_id} is done, so there is nothing to go on with. Start another one.")
        check_keys(make_settings(stored))
        clear_request(home, run_id)
        last = read_last(path)
        if (last is not None and last.kind != "audit_started") or (budget or stored.budget) != stored.budget:
            terms = {"budget": asdict(budget or stored.budget)}
            journal.append("audit_resumed", {"audit_id": stored.audit_id, **terms, **describe_process()})
        history = load_audit_history(path)
        with open_addresses(home, stored.seats) as addresses:
            return asyncio.run(
                _execute(home, stored, journal, history, budget or stored.budget, addresses, on_progress)
            )


def launch_audit(home: Home, run_id: str, budget: Budget | None = None) -> int:
    """Work on the run's last audit in a process of its own that outlives this one; returns its process id."""
    find_audit(home, run_id)
    clear_request(home, run_id)
    command = ["audit", run_id, "--resume", "--home", str(home.root), "--quiet", *render_options(budget, None)]
    return launch_command(command, home.audit(run_id) / "audit.log")


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
    if not path.exists():
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
    known = read_results(journal.path, same_as_last=True)
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


def _read_run(home: Home, run_id: str) -> tuple[RunRecords, dict[str, Source]]:
    path = find_journal(home, run_id)
    passages = (Source(**record.data["source"]) for record in read_records(path) if record.kind == "source")
    return read_run(path), {source.id: source for source in passages}


def _find_control(home: Home, run_id: str) -> Path:
    return home.audit(run_id) / "control"
