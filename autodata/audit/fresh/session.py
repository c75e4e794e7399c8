"""From a run's journal to an audit that is ready to start: its tasks, its means of asking, its first record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import autodata
from autodata.audit.fresh.blind import load_canonical
from autodata.audit.fresh.board import Board
from autodata.audit.fresh.context import AuditContext
from autodata.audit.fresh.result import Result, Subject
from autodata.audit.fresh.seats import AuditSeats
from autodata.audit.fresh.stored import Chosen, StoredAudit
from autodata.audit.plans import Plan
from autodata.audit.reading import RunRecords
from autodata.audit.run_audit import audit_task
from autodata.audit.run_luck import RunNoise, fit_run_noise
from autodata.audit.task_audit import TaskAudit
from autodata.context import LoopContext
from autodata.engine import describe_process
from autodata.errors import BadInput
from autodata.journal import JournalReport
from autodata.model import Source
from autodata.policy import PRESETS
from autodata.prices import PriceTable
from autodata.recorder import Budget, Recorder
from autodata.settings import RunSettings


def describe_start(
    audit_id: str,
    records: RunRecords,
    seats: AuditSeats,
    plan: Plan,
    tasks: Sequence[Chosen],
    *,
    head: JournalReport,
    checks: Sequence[str],
    most: int,
    seed: int,
    slots: int,
    bar: float,
    budget: Budget,
    prices: PriceTable,
    planned: float,
) -> dict[str, Any]:
    """The fields of `audit_started`. `head` is that of the run's journal, as it was read."""
    recipe, facts = load_canonical(), records.facts
    return {
        "audit_id": audit_id,
        "run_id": facts.run_id,
        "software": autodata.__version__,
        "plan": plan.name,
        "seats": seats.book.model_dump(mode="json"),
        "settings": {
            "seed": seed,
            "slots": slots,
            "bar": bar,
            "most": most,
            "checks": list(checks),
            "plan": asdict(plan),
        },
        "budget": asdict(budget),
        "prices": prices.model_dump(mode="json"),
        "recipe": {"name": recipe.name, "sha": recipe.sha, "files": recipe.files},
        "run_head": {"records": head.records, "sha": head.head},
        "simulated": facts.simulated or seats.book.simulated,
        "tasks": [asdict(own) for own in tasks],
        "planned": planned,
        "warnings": list(seats.warnings),
        **describe_process(),
    }


def make_settings(stored: StoredAudit) -> RunSettings:
    """The audit's seats and seed in the form in which calls are made; its policy decides nothing."""
    return RunSettings(
        domain=stored.recipe.name,
        policy=PRESETS["deployed"],
        seats=stored.seats,
        seed=stored.seed,
        slots=stored.slots,
        sources_in_flight=2 * stored.slots,
        prices=stored.prices,
    )


def make_context(stored: StoredAudit, recorder: Recorder, noise: RunNoise | None) -> AuditContext:
    """What the checks of an audit share. Requests carry the run's id, so that a later audit can use their replies."""
    loop = LoopContext(stored.run_id, make_settings(stored), stored.recipe, recorder)
    return AuditContext(stored.audit_id, loop, noise, stored.bar)


def make_board(
    stored: StoredAudit,
    records: RunRecords,
    sources: Mapping[str, Source],
    known: dict[str, dict[str, Result]],
    audited: Mapping[str, TaskAudit] | None = None,
) -> Board:
    """The tasks of an audit with what is known of them; raises BadInput for a task that the run does not hold.

    `audited` is what their records alone show, by task id, where that is known already.
    """
    noise = fit_run_noise(records.measured)
    chosen = {own.task_id: own for own in stored.tasks}
    subjects = list_subjects(records, noise, sources, chosen, audited or {})
    gone = sorted(chosen.keys() - subjects.keys())
    if gone:
        raise BadInput(f"task {gone[0]} of audit {stored.audit_id} is not in the journal of run {stored.run_id}")
    return Board(
        plan=stored.plan,
        checks=stored.checks,
        most=stored.most,
        subjects=subjects,
        chosen=chosen,
        noise=noise,
        bar=stored.bar,
        results=known,
    )


def list_subjects(
    records: RunRecords,
    noise: RunNoise | None,
    sources: Mapping[str, Source],
    chosen: Mapping[str, Chosen],
    audited: Mapping[str, TaskAudit],
) -> dict[str, Subject]:
    """The chosen tasks with their records, in the order of the journal."""
    found = {}
    for task in records.tasks:
        own = chosen.get(task.task.id)
        if own is not None:
            static = audited.get(own.task_id) or audit_task(task, noise)
            source = sources.get(task.task.source_id)
            found[own.task_id] = Subject(task, static, source, own.why, own.inclusion)
    return found
