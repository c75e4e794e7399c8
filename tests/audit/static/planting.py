"""Plants cheats in journals of simulated runs: records are changed and chained again, as somebody thorough would."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autodata.audit.reading import RunRecords, read_run
from autodata.audit.static.check import Check
from autodata.audit.static.every import STATIC
from autodata.canon import hash_text, hash_value
from autodata.journal import JournalWriter, read_records

Data = dict[str, Any]
QUESTION = "Which bound keeps the reads linearizable when the clocks of leader and followers drift apart?"


@dataclass
class Row:
    """One record: its number in the original journal (None for an added one), kind and fields."""

    seq: int | None
    kind: str
    data: Data


class Journal:
    """The records of a run, to be changed; all finders look at the round of the accepted task."""

    def __init__(self, path: Path) -> None:
        self.rows = [Row(r.seq, r.kind, copy.deepcopy(r.data)) for r in read_records(path)]
        accepted = next(row.data for row in self.rows if row.kind == "round" and row.data["outcome"] == "accepted")
        self.place = accepted["source"], accepted["round"]

    def find(self, kind: str, **fields: Any) -> list[Data]:
        """Fields of the accepted round's records of a kind."""
        return [row.data for row in self.find_rows(kind, **fields)]

    def find_rows(self, kind: str, **fields: Any) -> list[Row]:
        own = [r for r in self.rows if r.kind == kind and (r.data.get("source"), r.data.get("round")) == self.place]
        return [row for row in own if all(row.data.get(key) == value for key, value in fields.items())]

    @property
    def start(self) -> Data:
        return next(row.data for row in self.rows if row.kind == "run_started")

    def change_requests(self, change: Callable[[Data], None], **fields: Any) -> None:
        """Change the bodies of calls, with their hashes."""
        for data in self.find("call", **fields):
            change(data["request"])
            data["request_sha"] = hash_value(data["request"])

    def insert_before(self, row: Row, kind: str, data: Data) -> None:
        self.rows.insert(self.rows.index(row), Row(None, kind, data))

    def move_before(self, row: Row, other: Row) -> None:
        self.rows.remove(row)
        self.rows.insert(self.rows.index(other), row)

    def save(self, path: Path) -> Path:
        """Write everything anew under a chain that holds; records that name others follow them to their new number."""
        numbers = {row.seq: at for at, row in enumerate(self.rows, start=1) if row.seq is not None}
        with JournalWriter(path) as journal:
            for row in self.rows:
                moved = {
                    key: numbers[row.data[key]]
                    for key in ("answer_call", "judge_call", "retry_of")
                    if row.data.get(key) is not None
                }
                journal.append(row.kind, {**row.data, **moved})
        return path

    def check(self, detector: str, folder: Path) -> Check:
        """What one detector says of the accepted task after the changes."""
        return check_journal(self.save(folder / "journal.jsonl"), detector)


def check_journal(path: Path, detector: str) -> Check:
    """What one detector says of the only accepted task of a journal."""
    (task,) = read_run(path).tasks
    return STATIC[detector](task)


def read_everything(path: Path) -> RunRecords:
    return read_run(path, everything=True)


def say(check: Check, severity: str = "violation") -> str:
    """The sentences of one severity."""
    return " | ".join(f.sentence for f in check.findings if f.severity == severity)


def set_answer(data: Data, text: str) -> None:
    """Another response for a solver's call."""
    data["response"], data["response_sha"] = text, hash_text(text)
