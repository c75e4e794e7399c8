"""An audit on disk with a scripted transport: real requests, records and decisions, no network.

Solvers answer `[met 4]`, which the scripted judge takes for the first four criteria met.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from autodata.audit.fresh.blind import load_canonical
from autodata.audit.fresh.context import AuditContext
from autodata.audit.fresh.result import Subject
from autodata.audit.reading import read_run
from autodata.audit.run_audit import audit_task
from autodata.audit.run_luck import fit_run_noise
from autodata.context import LoopContext
from autodata.history import load_history
from autodata.journal import JournalWriter, read_records
from autodata.llm.seat import SeatBook, simulated_seats
from autodata.model import Source
from autodata.policy import PRESETS
from autodata.recorder import Recorder
from autodata.settings import RunSettings
from tests.support.scripted import ScriptedTransport, skip_sleep

Script = Callable[[int, dict[str, Any]], Any]


def answer_met(met: int | Callable[[dict[str, Any], int], int]) -> Script:
    """A solver whose answers meet so many criteria; a function gets the request and the number of the call."""

    def answer(number: int, body: dict[str, Any]) -> str:
        count = met(body, number) if callable(met) else met
        return f"[met {count}] answer to seed {body.get('seed')}"

    return answer


def judge_met(number: int, body: dict[str, Any]) -> str:
    """A judge that takes an answer's word for how many criteria it meets, in the rubric's order."""
    text = body["messages"][-1]["content"]
    ids = re.findall(r'"id": "([^"]+)"', text)
    met = int(re.findall(r"\[met (\d+)\]", text)[-1])
    return json.dumps({"verdicts": [{"id": own, "met": int(at < met), "quote": ""} for at, own in enumerate(ids)]})


def read_prompt(body: dict[str, Any]) -> str:
    return "\n".join(message["content"] for message in body["messages"])


class AuditStage:
    """One audit's journal; `open` again to resume. Every call is in `transport.calls` as (role, body)."""

    def __init__(self, folder: Path, journal: Path, seats: SeatBook | None = None, **scripts: Script) -> None:
        defaults = {"weak": answer_met(4), "strong": answer_met(9), "auditor_judge": judge_met, "judge": judge_met}
        self.path = folder / "audit" / "journal.jsonl"
        self.transport = ScriptedTransport(**(defaults | scripts))
        self.seats = seats or simulated_seats()
        self.records = read_run(journal)
        self.noise = fit_run_noise(self.records.measured)
        self.passages = {
            r.data["source"]["id"]: Source(**r.data["source"]) for r in read_records(journal) if r.kind == "source"
        }
        self._writer: JournalWriter | None = None

    def open(self, **settings: Any) -> AuditContext:
        self.close()
        self._writer = JournalWriter(self.path)
        values = {"domain": "audit", "policy": PRESETS["deployed"], "seats": self.seats, **settings}
        made = RunSettings(**values)
        recorder = Recorder(
            self._writer, self.seats, self.transport, slots=8, history=load_history(self.path), sleep=skip_sleep
        )
        loop = LoopContext(self.records.facts.run_id, made, load_canonical(), recorder)
        return AuditContext("audit-1", loop, self.noise)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()

    def subject(self, number: int = 0, **changes: Any) -> Subject:
        """One accepted task; `changes` replace fields of its records."""
        task = replace(self.records.tasks[number], **changes)
        return Subject(task, audit_task(task, self.noise), self.passages.get(task.task.source_id), "all")

    def count(self, *roles: str) -> int:
        return sum(self.transport.count(role) for role in roles)

    def list_records(self, kind: str) -> list[dict[str, Any]]:
        return [record.data for record in read_records(self.path) if record.kind == kind]
