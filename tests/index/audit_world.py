"""What tests of the audit inside the index share: rows as text, journals fed in pieces, journals of audits."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from autodata.canon import hash_text
from autodata.home import Home
from autodata.index import Index
from autodata.journal import JournalWriter

TABLES = ("audits", "findings", "run_findings", "run_audits", "audit_sessions", "fresh", "checks", "labels")

CERTIFIED: dict[str, Any] = {
    "verdict": "real",
    "gap": 0.31,
    "low": 0.2,
    "high": 0.42,
    "level": 0.9,
    "expected": 0.3,
    "chance": 0.93,
    "bar": 0.2,
    "variance": 0.004,
    "weak": 5,
    "strong": 5,
    "note": "",
    "judge": "sim-judge-b",
}


def read_rows(index: Index, tables: Iterable[str] = TABLES) -> dict[str, list[str]]:
    """Every row of the audit's tables as text; a fresh answer's number is its text."""
    found = {}
    for table in tables:
        names = [row[0] for row in index.query(f"DESCRIBE {table}")]
        columns = ", ".join("(SELECT text FROM texts WHERE no = text_no)" if n == "text_no" else n for n in names)
        found[table] = sorted(str(row) for row in index.query(f"SELECT {columns} FROM {table}"))
    return found


def append_piece(path: Path, piece: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "ab") as file:
        file.write(piece)


def cut(raw: bytes, shares: Iterable[float]) -> list[bytes]:
    """The bytes in pieces that end at these shares of them."""
    ends = sorted(int(share * len(raw)) for share in shares)
    return [raw[start:end] for start, end in zip([0, *ends], [*ends, len(raw)], strict=True)]


class AuditAuthor:
    """Writes the journal of an audit with model calls, record by record."""

    def __init__(self, home: Home, run_id: str, audit_id: str = "a1") -> None:
        self.audit_id = audit_id
        self.run_id = run_id
        self.journal = JournalWriter(home.audit_journal(run_id))

    def __enter__(self) -> AuditAuthor:
        return self

    def __exit__(self, *_: object) -> None:
        self.journal.close()

    def start(self, task_ids: Iterable[str], why: str = "all") -> None:
        tasks = [{"task_id": task_id, "why": why, "inclusion": 1.0, "deep": False} for task_id in task_ids]
        seats = {"seats": {"auditor_judge": {"model": "sim-judge-b"}}}
        start = {"audit_id": self.audit_id, "run_id": self.run_id, "plan": "default", "tasks": tasks, "seats": seats}
        self.journal.append("audit_started", {**start, "simulated": True, "planned": 38.0, "pid": 7, "host": "bench"})

    def answer(
        self, task_id: str, solver: str, index: int = 0, text: str = "A fresh answer.", score: float = 0.5
    ) -> None:
        """One fresh answer with its grade."""
        sha = hash_text(text)
        call = {"source": task_id, "round": 0, "role": solver, "purpose": "neutral", "response": text}
        number = self.journal.append("call", {**call, "response_sha": sha, "error": None}).seq
        judged = {"source": task_id, "round": 0, "role": "auditor_judge", "purpose": "neutral", "response": "{…}"}
        judge = self.journal.append("call", {**judged, "response_sha": "00" * 32, "error": None}).seq
        rest = {"status": "ok", "finish_reason": "stop", "answer_sha": sha, "answer_call": number, "judge_call": judge}
        graded = {"judge": "auditor_judge", "score": {"value": score}, "verdicts": {}, "note": ""}
        about = {"source": task_id, "arm": "neutral", "solver": solver, "index": index}
        self.journal.append("fresh", {**about, **rest, **graded})

    def check(self, task_id: str, detector: str, **fields: Any) -> None:
        data = {"source": task_id, "detector": detector, "audit_id": self.audit_id, "coverage": "done"}
        self.journal.append("check", {**data, "findings": [], "numbers": {}, "missing": [], **fields})

    def certify(self, task_id: str, **numbers: Any) -> None:
        self.check(task_id, "K1", numbers={**CERTIFIED, **numbers})

    def end(self, state: str = "done") -> None:
        self.journal.append("audit_ended", {"audit_id": self.audit_id, "state": state, "reason": "", "totals": {}})
