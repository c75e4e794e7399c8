"""One run audited as the product audits it: journal in, rows for the metrics out.

The journal is read by the product's reader, the static detectors run over it, the audit's own engine works through the
default plan against the direct transport with the product's recorder, and the evidence goes to the ranking. Truth
touches nothing on this way; it is put beside the rows afterwards.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autodata.audit.evidence import extend_evidence
from autodata.audit.examine import examine_task
from autodata.audit.fresh.engine import work_through
from autodata.audit.fresh.plan_run import choose_tasks
from autodata.audit.fresh.result import Result
from autodata.audit.fresh.seats import choose_seats
from autodata.audit.fresh.session import describe_start, make_board, make_context
from autodata.audit.fresh.stored import load_audit, load_audit_history
from autodata.audit.merged import merge_audit
from autodata.audit.plans import choose_plan
from autodata.audit.reading import RunRecords, read_run
from autodata.audit.run_audit import RunView, audit_values
from autodata.audit.run_luck import fit_run_noise
from autodata.audit.task_audit import TaskAudit
from autodata.home import Home
from autodata.journal import JournalWriter, read_records, verify_journal
from autodata.llm.seat import simulated_seats
from autodata.model import Source
from autodata.prices import NO_PRICES
from autodata.recorder import Budget, Recorder
from benchmarks.sabotage.direct import DirectTransport
from benchmarks.sabotage.harness import Plan, Truth
from benchmarks.sabotage.plant import Planted, plant_run

EVERYTHING = "everything"
"""Instead of a spending plan's name: every check of every task, so that no check is spared a task and each is compared
with clean tasks that went through the same."""

CHECKS = ("K8", "K1", "K5", "K2", "K6", "K7", "K9", "K10")
"""What that means. K3 splits what K2 measures, K4 looks at requests that stand around many tasks: both attribute."""

SLOTS = 8
LARGEST = 5
"""Fresh answers per arm: R of the targets."""


@dataclass(frozen=True, slots=True)
class Row:
    """One audited task with its truth beside it. `static` and `full` are evidence by measure; `severity` is that of the
    worst static finding. `calls` were made by the audit for this task.
    """

    truth: Truth
    static: Mapping[str, float]
    full: Mapping[str, float]
    severity: str
    integrity: str
    difficulty: str
    validity: str
    cause: str
    action: str
    chance: float | None
    calls: int
    failed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shard:
    """What a worker is told: one run, the audit's plan, and how many of its tasks are wanted at most."""

    plan: Plan
    spending: str = EVERYTHING
    wanted: int | None = None


@dataclass(frozen=True, slots=True)
class Audited:
    """The rows of one run. `unread`: accepted by the harness and by no reader of its journal."""

    rows: tuple[Row, ...]
    unread: int
    sources: int


def audit_shard(shard: Shard) -> Audited:
    """Plant a run in a folder of its own, audit it, forget the journals."""
    with tempfile.TemporaryDirectory(prefix="autodata-bench-") as folder:
        home = Home(Path(folder))
        planted = plant_run(home, shard.plan)
        return audit_planted(home, planted, shard)


def audit_planted(home: Home, planted: Planted, shard: Shard) -> Audited:
    """Audit the run of a journal; the harness is used for its world alone."""
    records = read_run(planted.path)
    noise, truths = fit_run_noise(records.measured), {truth.task_id: truth for truth in planted.truths}
    counts = shard.plan.family.counts
    wanted = [t for t in records.tasks if t.task.id in truths and counts(truths[t.task.id].true_gap)][: shard.wanted]
    values = {task.task.id: examine_task(task) for task in wanted}
    statics = {
        task.task.id: audit_values(values[task.task.id], RunView(task.run.chain, task.run.returned, noise), task.task)
        for task in wanted
    }
    results: Mapping[str, Mapping[str, Result]] = {}
    calls: Counter[str] = Counter()
    if shard.spending != "static" and wanted:
        path = home.audit_journal(records.facts.run_id)
        results = asyncio.run(_ask(path, records, planted, shard, statics))
        calls.update(r.data["source"] for r in read_records(path) if r.kind == "call")
    rows = []
    for task_id, static in statics.items():
        bare, found = values[task_id].evidence, results.get(task_id, {})
        merged = merge_audit(static, found)
        rows.append(
            Row(
                truth=truths[task_id],
                static=extend_evidence(bare, static.luck, {}),
                full=extend_evidence(bare, static.luck, found),
                severity=_find_worst(merged),
                integrity=merged.verdict.integrity,
                difficulty=merged.verdict.difficulty,
                validity=merged.verdict.validity,
                cause=merged.verdict.cause or "",
                action=merged.verdict.action,
                chance=merged.certified.chance if merged.certified else None,
                calls=calls[task_id],
                failed=tuple(sorted(name for name, result in found.items() if result.coverage == "failed")),
            )
        )
    unread = len(truths.keys() - {task.task.id for task in records.tasks})
    return Audited(tuple(rows), unread, shard.plan.sources)


async def _ask(
    path: Path, records: RunRecords, planted: Planted, shard: Shard, statics: Mapping[str, TaskAudit]
) -> Mapping[str, Mapping[str, Result]]:
    """The plan's checks of the wanted tasks, through the audit's own journal."""
    everything, seed = shard.spending == EVERYTHING, shard.plan.seed
    spending = choose_plan("default" if everything else shard.spending)
    given = simulated_seats() if records.facts.imported else None
    seats = choose_seats(records.facts, given, None)
    tasks = choose_tasks(spending, list(statics.values()), seed)
    with JournalWriter(path) as journal:
        start: dict[str, Any] = describe_start(
            "a1",
            records,
            seats,
            spending,
            tasks,
            head=verify_journal(planted.path),
            checks=CHECKS if everything else (),
            most=LARGEST,
            seed=seed,
            slots=SLOTS,
            bar=0.20,
            budget=Budget(),
            prices=NO_PRICES,
            planned=0.0,
        )
        journal.append("audit_started", start)
        stored, history = load_audit(path), load_audit_history(path)
        transport = DirectTransport(planted.harness.world)
        recorder = Recorder(journal, stored.seats, transport, slots=SLOTS, history=history)
        noise = fit_run_noise(records.measured)
        board = make_board(stored, records, _list_sources(planted.path), {}, statics)
        context = make_context(stored, recorder, noise)
        await work_through(board, context, history, (), read_request=lambda: None)
        return board.results


def _list_sources(path: Path) -> dict[str, Source]:
    found = {}
    for record in read_records(path):
        if record.kind == "source":
            source = Source(**record.data["source"])
            found[source.id] = source
        elif record.kind == "call":
            break
    return found


def _find_worst(audit: TaskAudit) -> str:
    return next(
        (level for level in ("violation", "flag", "note") if any(f.severity == level for f in audit.findings)), ""
    )
