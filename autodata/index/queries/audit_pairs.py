"""The requests behind a task's answers, side by side, and the differences that a person allowed."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from autodata.index.database import Index
from autodata.index.queries.evidence import CallDetail, load_calls
from autodata.index.staging import task_key
from autodata.model import SOLVERS, Solver


@dataclass(frozen=True, slots=True)
class Pair:
    """The recorded requests of weak and strong for the answers of one number; None where the record has no call."""

    index: int
    weak: CallDetail | None
    strong: CallDetail | None

    def side(self, solver: Solver) -> CallDetail | None:
        return self.weak if solver == "weak" else self.strong


def list_pairs(index: Index, task_id: str, run_id: str) -> list[int]:
    """The numbers of a task's recorded answers, on whichever side."""
    rows = index.query(_ANSWERS, {"run_id": run_id, "key": task_key(task_id), "task_id": task_id})
    return sorted({row[1] for row in rows})


def load_pair(index: Index, task_id: str, run_id: str, number: int) -> Pair:
    """The two requests behind the answers numbered `number`, read back from the journal."""
    rows = index.query(_ANSWERS, {"run_id": run_id, "key": task_key(task_id), "task_id": task_id})
    wanted = {solver: seq for solver, idx, seq, _ in rows if idx == number and seq is not None}
    run = rows[0][3] if rows else 0
    calls = load_calls(index, run, run_id, list(wanted.values()))
    return Pair(number, *(calls.get(wanted.get(solver, -1)) for solver in SOLVERS))


def find_contract(index: Index, run_id: str) -> tuple[str, ...]:
    """Request settings in which weak and strong may differ, as a person signed."""
    rows = index.query("SELECT json_extract(settings, '$.seats.contract.allowed') FROM runs WHERE run_id = ?", [run_id])
    allowed = orjson.loads(rows[0][0]) if rows and rows[0][0] else []
    return tuple(str(name) for name in allowed) if isinstance(allowed, list) else ()


_ANSWERS = """
SELECT solver, idx, answer_call, run FROM rollouts
WHERE run = (SELECT run FROM runs WHERE run_id = $run_id) AND purpose = 'select' AND task_id = $task_id
    AND seq >= coalesce((SELECT min(seq) FROM tasks WHERE key = $key), 0)
"""
