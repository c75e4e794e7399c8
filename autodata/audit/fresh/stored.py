"""Audits as their journal tells them: how the last one was started, what it may use, and what every check found.

One journal holds all audits of a run, one after the other. Calls of an earlier one serve a later one that asks the same
models with the same seed; with others everything is asked anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from autodata.audit.fresh.result import Result, Why
from autodata.audit.plans import Plan
from autodata.audit.verdict import Finding
from autodata.canon import hash_value
from autodata.errors import BadInput, JournalDamaged
from autodata.history import History, add_record
from autodata.journal import Record, read_records
from autodata.llm.seat import SeatBook
from autodata.prices import PriceTable
from autodata.recipes.recipe import Recipe, make_recipe
from autodata.recorder import Budget


@dataclass(frozen=True, slots=True)
class Chosen:
    """A task of an audit: why it is in it, with what chance a random draw took it (1 where none did), whether it goes
    through every check whatever comes out, and whether its answers are judged again whatever their gap is."""

    task_id: str
    why: Why
    inclusion: float = 1.0
    deep: bool = False
    judged: bool = False


@dataclass(frozen=True, slots=True)
class StoredAudit:
    """One audit as its `audit_started` record tells it. `state` is the word of its last end, "" while there is none.

    `checks` are the detectors somebody asked for by name; empty where the plan decides. `most` is the largest number of
    fresh answers a side. `budget` is the one in force.
    """

    audit_id: str
    run_id: str
    plan: Plan
    checks: tuple[str, ...]
    most: int
    seats: SeatBook
    seed: int
    slots: int
    bar: float
    recipe: Recipe
    tasks: tuple[Chosen, ...]
    planned: float
    budget: Budget
    prices: PriceTable
    warnings: tuple[str, ...]
    state: str


def load_audit(path: Path) -> StoredAudit:
    """The last audit of the journal. Raises BadInput where there is none."""
    start: dict[str, Any] | None = None
    state, budget = "", Budget()
    for record in read_records(path):
        if record.kind == "audit_started":
            start, state, budget = record.data, "", Budget(**record.data["budget"])
        elif record.kind == "audit_resumed":
            state, budget = "", Budget(**record.data.get("budget", asdict(budget)))
        elif record.kind == "audit_ended":
            state = record.data["state"]
    if start is None:
        raise BadInput("no audit of this run with model calls was started; start one with `autodata audit RUN --plan`")
    try:
        return _read_start(start, budget, state)
    except (KeyError, TypeError, ValueError) as error:
        raise JournalDamaged(f"{path}: the record of the audit's start cannot be read: {error!r}") from error


def count_audits(path: Path) -> int:
    """How many audits were started."""
    return sum(record.kind == "audit_started" for record in read_records(path))


def load_audit_history(path: Path) -> History:
    """What the last audit of the journal need not ask again. Only its own calls count against its budget."""
    signs, history = _sign_audits(path), History()
    for number, record in _number_records(path):
        if record.kind == "audit_started" and number == len(signs):
            history.calls, history.uses = 0, {}
            history.errors.clear()
        if number and signs[number - 1] == signs[-1]:
            add_record(history, record)
    return history


def read_results(path: Path, *, same_as_last: bool = False, records: int | None = None) -> dict[str, dict[str, Result]]:
    """What every check found, by task id and detector; of two about the same the later holds.

    `same_as_last` leaves out audits that asked other models than the last one, or with another seed. `records` takes
    only so many from the start, for a journal that is intact as far as that. Records that cannot be read are passed
    over: what is in doubt is as if nobody had checked it.
    """
    found: dict[str, dict[str, Result]] = defaultdict(dict)
    signs = _sign_audits(path) if same_as_last else []
    for number, record in islice(_number_records(path), records):
        if record.kind != "check" or (signs and (not number or signs[number - 1] != signs[-1])):
            continue
        result = read_result(record.data)
        if result is not None:
            found[str(record.data.get("source"))][result.detector] = result
    return dict(found)


def read_result(data: Mapping[str, Any]) -> Result | None:
    """The result in a `check` record; None for one that cannot be read."""
    try:
        findings = tuple(
            Finding(data["detector"], f["severity"], str(f["sentence"]), f.get("cause")) for f in data["findings"]
        )
        missing = tuple(str(words) for words in data.get("missing") or ())
        return Result(data["detector"], data["coverage"], findings, dict(data.get("numbers") or {}), missing)
    except (BadInput, KeyError, TypeError, ValueError, AttributeError):
        return None


def describe_result(task_id: str, audit_id: str, result: Result) -> dict[str, Any]:
    """The result as its `check` record holds it."""
    return {
        "source": task_id,
        "detector": result.detector,
        "audit_id": audit_id,
        "coverage": result.coverage,
        "findings": [{"severity": f.severity, "sentence": f.sentence, "cause": f.cause} for f in result.findings],
        "numbers": dict(result.numbers),
        "missing": list(result.missing),
    }


def _read_start(data: dict[str, Any], budget: Budget, state: str) -> StoredAudit:
    settings = data["settings"]
    return StoredAudit(
        audit_id=data["audit_id"],
        run_id=data["run_id"],
        plan=Plan(**settings["plan"]),
        checks=tuple(settings["checks"]),
        most=settings["most"],
        seats=SeatBook(**data["seats"]),
        seed=settings["seed"],
        slots=settings["slots"],
        bar=settings["bar"],
        recipe=make_recipe(data["recipe"]["files"]),
        tasks=tuple(Chosen(**own) for own in data["tasks"]),
        planned=data["planned"],
        budget=budget,
        prices=PriceTable(**data["prices"]),
        warnings=tuple(data["warnings"]),
        state=state,
    )


def _number_records(path: Path) -> Iterator[tuple[int, Record]]:
    """Every record with the number of the audit it belongs to, from 1; 0 before the first."""
    number = 0
    for record in read_records(path):
        number += record.kind == "audit_started"
        yield number, record


def _sign_audits(path: Path) -> list[str]:
    return [_sign(record.data) for record in read_records(path) if record.kind == "audit_started"]


def _sign(start: Mapping[str, Any]) -> str:
    """What the requests of an audit depend on, beside the task."""
    names = ("run_id", "software", "seats")
    own = [start["settings"].get("seed"), (start.get("recipe") or {}).get("sha")]
    return hash_value([*(start.get(name) for name in names), *own])
