"""Canaries: copies of accepted tasks with a planted fault, put into the queue to learn how many faults reviewers catch.

They are a run of their own that looks like any other. Which tasks they are stands in the reviews journal only, so no
page that a reviewer sees can tell; the gate refuses every one of them, whatever was decided.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from autodata.audit.rates import Rate, measure_rate
from autodata.errors import BadInput
from autodata.home import Home
from autodata.journal import JournalWriter, Record, read_records
from autodata.review.entry import check_reviewer
from autodata.review.faults import FAULTS, Copies, Move, plant_fault
from autodata.review.fold import CurrentDecision
from autodata.review.shared import read_reviews
from autodata.stored_run import claim_run, find_journal

COUNT_MAX = 200

_CAUGHT = ("reject", "flag")
_KINDS = ("source", "extract", "task", "quality", "call", "rollout", "loop_verdict", "round", "source_done")


@dataclass(frozen=True, slots=True)
class Recall:
    """How many of the canaries that a reviewer decided on were rejected or flagged; `by_fault`: caught, decided."""

    reviewer: str
    rate: Rate
    caught: int
    decided: int
    by_fault: Mapping[str, tuple[int, int]]


@dataclass(slots=True)
class _Trajectory:
    """The records about one source, and which task of it was accepted in which round."""

    records: list[Record] = field(default_factory=list)
    task_id: str = ""
    round: int = 0


def plant_canaries(home: Home, run_id: str, count: int, by: str, seed: int = 0) -> str:
    """Copy `count` accepted tasks of a run, each with one fault, into a new run; returns the new run's id.

    Which tasks and which faults depends on `seed`. Raises BadInput when the person is no lead, the run has fewer
    accepted tasks, is imported, or is planted itself.
    """
    name = check_reviewer(by)
    read_reviews(home).team.require(name, "plant")
    path = find_journal(home, run_id)
    start, found = _read_accepted(read_records(path))
    if start is None or start.data.get("imported"):
        raise BadInput(f"run {run_id} is imported; canaries are copies of tasks that this home made itself")
    if run_id in {planted for planted, _ in _fold(read_records(home.reviews)).values()}:
        raise BadInput(f"run {run_id} is planted already; take a run of real tasks")
    if not 1 <= count <= min(COUNT_MAX, len(found)):
        raise BadInput(f"{count} canaries of {len(found)} accepted tasks in {run_id}; at most {COUNT_MAX} can be made")
    chosen = random.Random(f"{run_id}:{seed}").sample(sorted(found), count)
    # The next run number under the same kind of name: nothing in it may say that it is planted.
    planted = claim_run(home, run_id.rstrip("0123456789").rstrip("-") or run_id)
    move = Move(run_id, planted, int(start.data["settings"]["seed"]))
    faulty: list[tuple[str, Copies]] = []
    for place, source in enumerate(chosen):
        own, fault = found[source], FAULTS[place % len(FAULTS)]
        other = found[chosen[place - 1]] if count > 1 else own
        copies = plant_fault(own.records, own.task_id, fault, other.records, move, seed=f"{planted}:{place}")
        faulty.append((fault, copies))
    # Named before the first of them exists: whatever goes wrong in between, no canary is ever taken for a task.
    faults = {_find_task(copies): fault for fault, copies in faulty}
    with JournalWriter.open_tail(home.reviews) as journal:
        journal.append("canaries", {"run_id": planted, "copied_from": run_id, "tasks": faults, "by": name})
    with JournalWriter(home.journal(planted)) as journal:
        journal.append("run_started", {**start.data, "run_id": planted, "sources": count})
        for _, copies in faulty:
            _append_copies(journal, copies)
        journal.append("run_ended", {"state": "done", "reason": "", "totals": {"sources": count, "accepted": count}})
    return planted


def fold_canaries(records: Iterable[Record]) -> dict[str, str]:
    """The fault of every canary by its task id."""
    return {task_id: fault for task_id, (_, fault) in _fold(records).items()}


def list_canaries(home: Home) -> dict[str, str]:
    """The same, of this home."""
    return fold_canaries(read_records(home.reviews)) if home.reviews.exists() else {}


def measure_recall(canaries: Mapping[str, str], decisions: Iterable[CurrentDecision]) -> tuple[Recall, ...]:
    """Each reviewer's recall over the canaries they decided on, with a 95 % interval, by name.

    A reviewer's latest decision on a task counts; a skip is none.
    """
    latest = {(one.reviewer, one.task_id): one for one in decisions if one.task_id in canaries and not one.open}
    found = []
    for name in sorted({reviewer for reviewer, _ in latest}):
        own = [(canaries[task], one.verdict in _CAUGHT) for (who, task), one in latest.items() if who == name]
        caught = sum(hit for _, hit in own)
        faults = {
            fault: (sum(hit for other, hit in own if other == fault), sum(other == fault for other, _ in own))
            for fault in FAULTS
            if any(other == fault for other, _ in own)
        }
        found.append(Recall(name, measure_rate(caught, len(own)), caught, len(own), faults))
    return tuple(found)


def _find_task(copies: Copies) -> str:
    return next(str(data["task"]["id"]) for _, kind, data in copies if kind == "task")


def _append_copies(journal: JournalWriter, copies: Copies) -> None:
    """Write the copies; records that name another by its number name the copy."""
    numbers: dict[int, int] = {}
    for seq, kind, data in copies:
        for field_name in ("answer_call", "judge_call", "retry_of"):
            if data.get(field_name) is not None:
                data[field_name] = numbers.get(data[field_name])
        numbers[seq] = journal.append(kind, data).seq


def _fold(records: Iterable[Record]) -> dict[str, tuple[str, str]]:
    """Task id to the planted run and the fault."""
    return {
        str(task): (str(record.data["run_id"]), str(fault))
        for record in records
        if record.kind == "canaries"
        for task, fault in record.data["tasks"].items()
    }


def _read_accepted(records: Iterable[Record]) -> tuple[Record | None, dict[str, _Trajectory]]:
    """The run's start, and the accepted round of every source that has one."""
    start: Record | None = None
    found: dict[str, _Trajectory] = {}
    for record in records:
        data = record.data
        if record.kind == "run_started":
            start = start or record
        elif record.kind in _KINDS:
            source = str(data["source"]["id"] if record.kind == "source" else data["source"])
            own = found.setdefault(source, _Trajectory())
            own.records.append(record)
            if record.kind == "round" and data["outcome"] == "accepted":
                own.task_id, own.round = str(data["task_id"]), int(data["round"])
    accepted = {source: own for source, own in found.items() if own.task_id}
    for own in accepted.values():
        own.records = [one for one in own.records if one.data.get("round", own.round) == own.round]
    return start, accepted
