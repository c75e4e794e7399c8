"""What an audit would do and cost, before anything is asked; and its start on disk."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from autodata.audit.certified import DEFAULT_BAR, SIZES
from autodata.audit.fresh.checks import FRESH_DETECTORS
from autodata.audit.fresh.plan_run import ask_for, choose_tasks
from autodata.audit.fresh.seats import AuditSeats, choose_seats, load_auditor_seats
from autodata.audit.fresh.session import describe_start
from autodata.audit.fresh.stored import Chosen, count_audits
from autodata.audit.plans import FULL_SIZE, PLANS, Cost, Plan, choose_plan, estimate_checks, estimate_cost
from autodata.audit.reading import RunRecords, read_run
from autodata.audit.records import RunFacts
from autodata.audit.run_audit import audit_run
from autodata.audit.run_start import read_facts
from autodata.audits.pricing import check_budget, price_audit
from autodata.errors import BadInput
from autodata.home import Home
from autodata.journal import JournalWriter, read_records, verify_journal
from autodata.llm.seat import SeatBook, read_key
from autodata.model import SOLVERS
from autodata.prices import Cost as Money
from autodata.prices import PriceTable, load_prices
from autodata.recorder import Budget
from autodata.stored_run import find_journal


@dataclass(frozen=True, slots=True)
class AuditOrder:
    """What somebody asks of an audit. With `checks` these are made on `tasks` (all accepted ones where none is named),
    without them the plan decides.

    `most` is the largest number of fresh answers a side; `models` a seats file or "simulated" for the auditor's seats.
    """

    run_id: str
    plan: str = "default"
    tasks: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    most: int | None = None
    models: str | Path | None = None
    seed: int = 0
    slots: int = 32
    bar: float = DEFAULT_BAR
    budget: Budget = field(default_factory=Budget)


@dataclass(frozen=True, slots=True)
class AuditDraft:
    """An audit before its start: its tasks and seats, the expected calls, and their price where it is known."""

    order: AuditOrder
    plan: Plan
    records: RunRecords
    seats: AuditSeats
    tasks: tuple[Chosen, ...]
    cost: Cost
    money: Money
    prices: PriceTable


def check_order(home: Home, order: AuditOrder, facts: RunFacts | None = None) -> tuple[Plan, AuditSeats, PriceTable]:
    """What can be said of an order without reading the run's tasks: its plan, seats and prices.

    `facts` are the run's where they are known; else its first record is read. Raises BadInput for an unknown run, plan
    or check, for seats that cannot be had or whose key is not set, and for a money budget that could not be kept.
    """
    plan = choose_plan(order.plan)
    unknown = [name for name in order.checks if name not in FRESH_DETECTORS]
    if unknown:
        raise BadInput(f"check {unknown[0]!r} is unknown; choose of {', '.join(FRESH_DETECTORS)}")
    if order.most is not None and not SIZES[0] <= order.most <= SIZES[-1]:
        raise BadInput(f"{order.most} fresh answers a side; give {SIZES[0]} to {SIZES[-1]}")
    if not plan.calls and not order.checks:
        raise BadInput("the plan static asks no model; `autodata audit RUN` needs no start")
    given = load_auditor_seats(order.models) if order.models else None
    seats = choose_seats(facts or _read_facts(home, order.run_id), given, _read_home_seats(home))
    for name in sorted({seat.endpoint for seat in seats.book.seats.values()}):
        if not seats.book.endpoints[name].simulated:
            read_key(seats.book.endpoints[name], name)
    prices = load_prices(home).keep({seat.model for seat in seats.book.seats.values()})
    check_budget(home, seats.book, prices, order.budget.max_cost)
    return plan, seats, prices


def draft_audit(home: Home, order: AuditOrder) -> AuditDraft:
    """The audit that the order asks for; reads the run's whole journal. Raises BadInput as `check_order`, and for a
    task that is not there."""
    check_order(home, order)
    records = read_run(find_journal(home, order.run_id))
    plan, seats, prices = check_order(home, order, records.facts)
    tasks, flagged = _choose(order, plan, records)
    cost = _estimate(order, plan, records, len(tasks), flagged)
    return AuditDraft(order, plan, records, seats, tasks, cost, price_audit(cost, seats.book, prices), prices)


def create_audit(home: Home, draft: AuditDraft) -> str:
    """Write the audit's start to its journal; nothing is called yet. Returns its id.

    Raises HeldElsewhere while another audit of this run is at work, BadInput when there is no task to audit.
    """
    order = draft.order
    if not draft.tasks:
        raise BadInput(f"run {order.run_id} has no accepted task, so there is no gap to measure")
    path = home.audit_journal(order.run_id)
    head = verify_journal(find_journal(home, order.run_id))
    with JournalWriter(path) as journal:
        audit_id = f"{order.run_id}-audit-{count_audits(path) + 1}"
        start = describe_start(
            audit_id,
            draft.records,
            draft.seats,
            draft.plan,
            draft.tasks,
            head=head,
            checks=order.checks,
            most=_limit_answers(order),
            seed=order.seed,
            slots=order.slots,
            bar=order.bar,
            budget=order.budget,
            prices=draft.prices,
            planned=draft.cost.calls,
        )
        journal.append("audit_started", start)
    return audit_id


def _choose(order: AuditOrder, plan: Plan, records: RunRecords) -> tuple[tuple[Chosen, ...], float]:
    """The tasks, and the share of them that the record alone flags."""
    audited = audit_run(records).tasks
    known = {task.task.id for task in audited}
    for task_id in order.tasks:
        if task_id not in known:
            raise BadInput(f"task {task_id!r} is not an accepted task of run {order.run_id}")
    flagged = sum(task.found for task in audited) / len(audited) if audited else 0.0
    if order.tasks:
        return ask_for(dict.fromkeys(order.tasks)), flagged
    if order.checks:
        # Every accepted task: nobody picked them, so their gaps may speak of the run.
        return choose_tasks(PLANS["default"], audited, order.seed), flagged
    return choose_tasks(plan, audited, order.seed), flagged


def _estimate(order: AuditOrder, plan: Plan, records: RunRecords, tasks: int, flagged: float) -> Cost:
    if order.checks:
        return estimate_checks(order.checks, tasks, _limit_answers(order))
    counts = [sum(len(task.list_answers(solver)) for solver in SOLVERS) for task in records.tasks]
    answers = round(sum(counts) / len(counts)) if counts else 0
    if order.tasks:
        # Tasks named one by one are certified whatever the plan samples.
        return estimate_cost(plan, tasks, answers, flagged_share=1.0)
    return estimate_cost(plan, tasks, answers, flagged_share=flagged)


def _limit_answers(order: AuditOrder) -> int:
    if order.most is not None:
        return order.most
    return SIZES[-1] if order.checks else FULL_SIZE


def _read_facts(home: Home, run_id: str) -> RunFacts:
    start = next(iter(read_records(find_journal(home, run_id))), None)
    if start is None or start.kind != "run_started":
        raise BadInput(f"the start of run {run_id} cannot be read")
    return read_facts(start.data)


def _read_home_seats(home: Home) -> SeatBook | None:
    return load_auditor_seats(home.seats) if home.seats.is_file() else None
