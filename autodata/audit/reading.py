"""A journal read once, whole, into the values that detectors see (autodata.audit.records)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autodata.audit.book import NamedRecord, RunBook
from autodata.audit.records import Chain, RunFacts, TaskRecords
from autodata.errors import JournalDamaged
from autodata.journal import JournalReport, Record, read_records, verify_journal
from autodata.model import SOLVERS

Place = tuple[str, int]
"""Source and round."""


@dataclass(frozen=True, slots=True)
class RunRecords:
    """A run's tasks in the order of its journal, and the scores of every measured round, rejected ones included."""

    facts: RunFacts
    tasks: tuple[TaskRecords, ...]
    measured: tuple[tuple[tuple[float, ...], tuple[float, ...]], ...]


def read_run(path: Path, *, everything: bool = False) -> RunRecords:
    """The accepted tasks of a run, or with `everything` every task that was decided on.

    Reads up to the first line that is no record; the chain's problem names it. Raises JournalDamaged without a start,
    and for a record whose fields cannot be read, with its number.
    """
    report, book = verify_journal(path), RunBook(path, everything=everything)
    tasks: list[TaskRecords] = []
    scores: dict[Place, dict[tuple[str, int], float | None]] = {}
    start = 0
    try:
        for record in read_records(path):
            tasks += book.take(record, start)
            _note_score(scores, record)
            start = record.end
    except JournalDamaged:
        if report.ok or not book.started:
            raise
    tasks += [task for source in book.list_open() for task in book.read_open(source)]
    facts = book.describe_run(_read_chain(report, path))
    ordered = sorted(tasks, key=lambda task: task.commits[0].seq)
    return RunRecords(facts, tuple(replace(task, run=facts) for task in ordered), tuple(_list_measured(scores)))


def _read_chain(report: JournalReport, path: Path) -> Chain:
    problem = report.problems[0].replace(str(path), "the journal") if report.problems else ""
    return Chain(report.records, problem)


def _note_score(scores: dict[Place, dict[tuple[str, int], float | None]], record: Record) -> None:
    data: dict[str, Any] = record.data
    if record.kind == "rollout" and str(data.get("purpose") or "select") == "select":
        with NamedRecord(record):
            place = str(data.get("source")), int(data.get("round") or 0)
            value = (data.get("score") or {}).get("value")
            scores.setdefault(place, {})[str(data["solver"]), int(data["index"])] = value


def _list_measured(
    scores: dict[Place, dict[tuple[str, int], float | None]],
) -> Iterator[tuple[tuple[float, ...], tuple[float, ...]]]:
    """Scores of both sides of every round; a side that was not measured is empty."""
    for own in scores.values():
        sides = [tuple(v for (solver, _), v in own.items() if solver == s and v is not None) for s in SOLVERS]
        if sides[0] or sides[1]:
            yield sides[0], sides[1]
