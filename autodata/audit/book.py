"""A run's journal taken in record by record; a task comes out once everything about it is known.

Kept of a record is where its line begins, so that neither a long run nor a text of many megabytes fills the memory: the
lines of an accepted task are read a second time, when its source is done.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import orjson

from autodata.audit.clusters import LONGEST
from autodata.audit.record_fields import read_answer, read_call, read_decision, read_loop_word, read_task
from autodata.audit.records import Answer, Attempt, Call, Chain, Commit, Decision, LoopWord, RunFacts, TaskRecords
from autodata.audit.run_start import read_facts, read_policy
from autodata.errors import JournalDamaged
from autodata.history import is_final
from autodata.journal import Record
from autodata.journals.files import open_journal
from autodata.model import SOLVERS

READ_ROLES = (*SOLVERS, "judge")
DECIDED = ("accepted", "undecided")
"""Outcomes after which a round's records may still be wanted."""


@dataclass(slots=True)
class _Round:
    lines: list[int] = field(default_factory=list)
    commit: int | None = None
    asked: bool = False
    outcome: str = ""


@dataclass(slots=True)
class _Content:
    """The records of one round, read."""

    commits: list[Commit] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    answers: dict[tuple[str, int, str], Answer] = field(default_factory=dict)
    decision: Decision | None = None
    loop_word: LoopWord | None = None
    missing: frozenset[str] = frozenset()


class RunBook:
    """What is known of a run so far. `everything`: also tasks that were not accepted.

    Raises JournalDamaged, naming the record, for one whose fields cannot be read.
    """

    def __init__(self, path: Path, *, everything: bool = False) -> None:
        self.path = path
        self._everything = everything
        self._facts: RunFacts | None = None
        self._open: dict[str, dict[int, _Round]] = {}
        self._returned: dict[str, Counter[str]] = defaultdict(Counter)
        self._simulated = False

    @property
    def started(self) -> bool:
        return self._facts is not None

    def describe_run(self, chain: Chain) -> RunFacts:
        """What holds for every task, as far as it was read; only after a `run_started`."""
        if self._facts is None:
            raise JournalDamaged(f"{self.path} does not begin with run_started; it is not the journal of a run")
        returned = {role: MappingProxyType(dict(found)) for role, found in self._returned.items()}
        return replace(
            self._facts,
            simulated=self._facts.simulated or self._simulated,
            returned=MappingProxyType(returned),
            chain=chain,
        )

    def take(self, record: Record, start: int) -> list[TaskRecords]:
        """Take in the record whose line begins at byte `start`; returns the tasks that it makes complete."""
        with NamedRecord(record):
            data = record.data
            match record.kind:
                case "run_started" if self._facts is None:
                    self._facts = read_facts(data)
                case "call" if data["role"] in READ_ROLES:
                    self._take_call(data, start)
                case "task" | "rollout" | "loop_verdict" | "round":
                    self._take_part(record, start)
                case "source_done" if is_final(record.kind, data):
                    return self._close(str(data["source"]), data)
        return []

    def list_open(self) -> list[str]:
        """Sources with a task that was decided on while they never came to an end, as after a crash."""
        return [source for source, rounds in self._open.items() if self._list_wanted(rounds)]

    def read_open(self, source: str) -> list[TaskRecords]:
        """The tasks of such a source; it stays open."""
        return self._read_source(source, {})

    def _take_call(self, data: dict[str, Any], start: int) -> None:
        own = self._find_round(data)
        own.lines.append(start)
        own.asked |= data["role"] in SOLVERS
        self._simulated |= bool(data.get("simulated"))
        if data.get("model_returned"):
            self._returned[data["role"]][str(data["model_returned"])] += 1

    def _take_part(self, record: Record, start: int) -> None:
        own = self._find_round(record.data)
        if record.kind == "task":
            own.commit = start
        elif record.kind == "round":
            own.outcome = str(record.data["outcome"])
            if not self._everything and own.outcome not in DECIDED:
                # Nobody will look at them; what the round asked still counts against later rounds.
                own.lines.clear()
                return
        own.lines.append(start)

    def _find_round(self, data: dict[str, Any]) -> _Round:
        rounds = self._open.setdefault(str(data.get("source")), {})
        return rounds.setdefault(int(data.get("round") or 0), _Round())

    def _close(self, source: str, end: dict[str, Any]) -> list[TaskRecords]:
        try:
            return self._read_source(source, end)
        finally:
            self._open.pop(source, None)

    def _list_wanted(self, rounds: dict[int, _Round]) -> list[int]:
        return [n for n, own in rounds.items() if own.outcome == "accepted" or (self._everything and own.outcome)]

    def _read_source(self, source: str, end: dict[str, Any]) -> list[TaskRecords]:
        rounds = self._open.get(source, {})
        wanted = self._list_wanted(rounds)
        if not wanted:
            return []
        with open_journal(self.path) as file:
            lines = _Lines(file)
            return [task for n in wanted if (task := self._read_task(lines, rounds, n, end)) is not None]

    def _read_task(
        self, lines: _Lines, rounds: dict[int, _Round], number: int, end: dict[str, Any]
    ) -> TaskRecords | None:
        found = _Content()
        for start in rounds[number].lines:
            _add_record(found, lines.read(start))
        if not found.commits or found.decision is None:
            return None
        about, facts = end.get("imported") or {}, self.describe_run(Chain(0))
        others = ((n, own) for n, own in rounds.items() if n != number and own.asked and own.commit is not None)
        return TaskRecords(
            task=found.commits[-1].task,
            commits=tuple(found.commits),
            calls=tuple(found.calls),
            answers=tuple(found.answers.values()),
            decision=found.decision,
            loop_word=found.loop_word,
            attempts=tuple(Attempt(n, _read_attempt(lines.read(own.commit or 0))) for n, own in others),
            missing=found.missing,
            run=facts,
            policy=read_policy(about.get("policy")) or facts.policy,
            models=MappingProxyType(dict(about.get("models") or {})) or facts.models,
        )


class NamedRecord:
    """Turns what a malformed record raises into JournalDamaged with its number."""

    def __init__(self, record: Record) -> None:
        self._record = record

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, KeyError | TypeError | ValueError | AttributeError):
            number, name = self._record.seq, self._record.kind
            raise JournalDamaged(f"record {number:,} ({name}) cannot be read: {error!r}") from error


class _Lines:
    """Records of an open journal by the byte where their line begins."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def read(self, start: int) -> Record:
        self._file.seek(start)
        line = self._file.readline()
        try:
            data = orjson.loads(line)
            return Record(data["seq"], data["t"], data["kind"], data, data["sha"], start + len(line))
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            raise JournalDamaged(f"the journal changed under the audit: no record at byte {start:,}") from error


def _add_record(found: _Content, record: Record) -> None:
    data = record.data
    with NamedRecord(record):
        match record.kind:
            case "call":
                found.calls.append(read_call(record.seq, data))
            case "task":
                found.commits.append(Commit(record.seq, str(data.get("content_sha") or ""), read_task(data["task"])))
                found.missing = frozenset((data.get("imported") or {}).get("not_recorded") or ())
            case "rollout":
                answer = read_answer(record.seq, data, found.calls)
                found.answers[answer.solver, answer.index, answer.purpose] = answer
            case "loop_verdict":
                found.loop_word = read_loop_word(record.seq, data)
            case "round":
                found.decision = read_decision(record.seq, data)


def _read_attempt(record: Record) -> str:
    with NamedRecord(record):
        task = read_task(record.data["task"])
    # As much as any detector looks at; the rounds of one source may hold many megabytes together.
    return f"{task.context}\n{task.question}"[:LONGEST]
