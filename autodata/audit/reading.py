"""A journal read once into the values that detectors see (autodata.audit.records)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from autodata.audit.record_fields import read_answer, read_call, read_decision, read_loop_word, read_task
from autodata.audit.records import (
    Answer,
    Attempt,
    Call,
    Chain,
    Commit,
    Decision,
    LoopWord,
    RunFacts,
    TaskRecords,
)
from autodata.errors import BadInput, JournalDamaged
from autodata.journal import JournalReport, Record, read_records, verify_journal
from autodata.llm.seat import SeatBook
from autodata.model import SOLVERS
from autodata.policy import Policy, parse_policy
from autodata.recipes.recipe import Recipe, make_recipe

Place = tuple[str, int]
"""Source and round."""

_READ_ROLES = (*SOLVERS, "judge")


@dataclass(frozen=True, slots=True)
class RunRecords:
    """A run's tasks in the order of its journal, and the scores of every measured round, rejected ones included."""

    facts: RunFacts
    tasks: tuple[TaskRecords, ...]
    measured: tuple[tuple[tuple[float, ...], tuple[float, ...]], ...]


@dataclass(slots=True)
class _Round:
    commits: list[Commit] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    answers: dict[tuple[str, int, str], Answer] = field(default_factory=dict)
    decision: Decision | None = None
    loop_word: LoopWord | None = None
    missing: frozenset[str] = frozenset()
    asked: bool = False


@dataclass(slots=True)
class _Book:
    start: dict[str, Any] = field(default_factory=dict)
    rounds: dict[Place, _Round] = field(default_factory=lambda: defaultdict(_Round))
    ends: dict[str, dict[str, Any]] = field(default_factory=dict)
    returned: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    simulated: bool = False


def read_run(path: Path, *, everything: bool = False) -> RunRecords:
    """The accepted tasks of a run, or with `everything` every task that was decided on.

    Reads up to the first line that is no record; the chain's problem names it. Raises JournalDamaged without a start,
    and for a record whose fields cannot be read, with its number.
    """
    report, book = verify_journal(path), _Book()
    try:
        for record in read_records(path):
            _take(book, record, everything)
    except JournalDamaged:
        if report.ok or not book.start:
            raise
    if not book.start:
        raise JournalDamaged(f"{path} does not begin with run_started; it is not the journal of a run")
    facts = _read_facts(book, _read_chain(report, path))
    return RunRecords(facts, tuple(_list_tasks(book, facts, everything)), tuple(_list_measured(book)))


def _take(book: _Book, record: Record, everything: bool) -> None:
    data = record.data
    try:
        place = (str(data.get("source")), int(data.get("round") or 0))
        match record.kind:
            case "run_started":
                book.start = book.start or data
            case "call" if data["role"] in _READ_ROLES:
                call = read_call(record.seq, data)
                book.rounds[place].calls.append(call)
                book.rounds[place].asked |= call.role in SOLVERS
                book.simulated |= bool(data.get("simulated"))
                if call.model_returned:
                    book.returned[call.role][call.model_returned] += 1
            case "task":
                own = book.rounds[place]
                own.commits.append(Commit(record.seq, str(data.get("content_sha") or ""), read_task(data["task"])))
                own.missing = frozenset((data.get("imported") or {}).get("not_recorded") or ())
            case "rollout":
                answer = read_answer(record.seq, data, book.rounds[place].calls)
                book.rounds[place].answers[answer.solver, answer.index, answer.purpose] = answer
            case "loop_verdict":
                book.rounds[place].loop_word = read_loop_word(record.seq, data)
            case "round":
                book.rounds[place].decision = read_decision(record.seq, data)
                if not everything and data["outcome"] not in ("accepted", "undecided"):
                    # Nobody will look at them: a long run's requests would fill the memory.
                    book.rounds[place].calls.clear()
            case "source_done":
                book.ends[place[0]] = data
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise JournalDamaged(f"record {record.seq:,} ({record.kind}) cannot be read: {error!r}") from error


def _read_chain(report: JournalReport, path: Path) -> Chain:
    problem = report.problems[0].replace(str(path), "the journal") if report.problems else ""
    return Chain(report.records, problem)


def _read_facts(book: _Book, chain: Chain) -> RunFacts:
    start = book.start
    settings, recipe = start.get("settings") or {}, start.get("recipe") or {}
    seats = _read_seats(settings.get("seats"))
    models = dict(start.get("models") or {}) or ({r: s.model for r, s in seats.seats.items()} if seats else {})
    return RunFacts(
        run_id=str(start.get("run_id") or ""),
        software=str(start.get("software") or ""),
        imported=bool(start.get("imported")),
        simulated=bool(start.get("simulated")) or book.simulated,
        frugal=settings.get("frugal", "off") != "off",
        seed=int(settings.get("seed") or 0),
        policy=_read_policy(start.get("policy")),
        seats=seats,
        recipe=_read_recipe(recipe.get("files")),
        recipe_sha=str(recipe.get("sha") or ""),
        models=MappingProxyType({str(role): str(model) for role, model in models.items()}),
        returned=MappingProxyType({role: MappingProxyType(dict(found)) for role, found in book.returned.items()}),
        chain=chain,
    )


def _read_policy(values: Any) -> Policy | None:
    try:
        return parse_policy(values) if values else None
    except (BadInput, TypeError):
        return None


def _read_seats(values: Any) -> SeatBook | None:
    """The seats as they are: what a run may not start with must still be seen here."""
    try:
        return SeatBook(**values) if values else None
    except (ValidationError, TypeError):
        return None


def _read_recipe(files: Any) -> Recipe | None:
    try:
        return make_recipe(files) if files else None
    except (BadInput, TypeError):
        return None


def _list_tasks(book: _Book, facts: RunFacts, everything: bool) -> Iterator[TaskRecords]:
    attempts: dict[str, list[Attempt]] = defaultdict(list)
    for (source, number), own in book.rounds.items():
        if own.asked and own.commits:
            task = own.commits[-1].task
            attempts[source].append(Attempt(number, f"{task.context}\n{task.question}"))
    for (source, number), own in book.rounds.items():
        if not own.commits or own.decision is None or not (everything or own.decision.outcome == "accepted"):
            continue
        about = (book.ends.get(source) or {}).get("imported") or {}
        yield TaskRecords(
            task=own.commits[-1].task,
            commits=tuple(own.commits),
            calls=tuple(own.calls),
            answers=tuple(own.answers.values()),
            decision=own.decision,
            loop_word=own.loop_word,
            attempts=tuple(attempt for attempt in attempts[source] if attempt.round != number),
            missing=own.missing,
            run=facts,
            policy=_read_policy(about.get("policy")) or facts.policy,
            models=MappingProxyType(dict(about.get("models") or {})) or facts.models,
        )


def _list_measured(book: _Book) -> Iterator[tuple[tuple[float, ...], tuple[float, ...]]]:
    """Scores of both sides of every round; a side that was not measured is empty."""
    for own in book.rounds.values():
        sides = tuple(
            tuple(
                a.value for a in own.answers.values() if a.solver == s and a.purpose == "select" and a.value is not None
            )
            for s in SOLVERS
        )
        if sides[0] or sides[1]:
            yield sides[0], sides[1]
