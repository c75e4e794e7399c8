"""A transport that answers from a script instead of a network: for what the loop does with particular replies."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autodata.context import LoopContext
from autodata.errors import ProviderFailure
from autodata.journal import JournalWriter, read_records
from autodata.llm.reply import Reply
from autodata.llm.seat import Endpoint, Seat, simulated_seats
from autodata.model import Role, Usage
from autodata.policy import make_policy
from autodata.recipes.recipe import load_recipe
from autodata.recorder import Recorder
from autodata.settings import RunSettings
from tests.support.drafts import make_reply

Answer = str | Reply | ProviderFailure
PASS = json.dumps(
    {"leakage": "NO_LEAKAGE", "question": "GOOD", "rubric": "PASS", "type": "CONSISTENT", "overall": "PASS"}
)


def write_verdicts(met: int, count: int = 11) -> str:
    """A judge's reply in which the first `met` of `count` criteria are met."""
    return json.dumps({"verdicts": [{"id": f"c{n}", "met": int(n <= met), "quote": ""} for n in range(1, count + 1)]})


class ScriptedTransport:
    """Answers by role; `scripts` replaces a role's default by a function of (call number of that role, body).

    Defaults: a valid draft, PASS, answers that say who wrote them, and verdicts by the answer: weak 0.42, strong 0.78.
    """

    def __init__(self, **scripts: Callable[[int, dict[str, Any]], Answer]) -> None:
        self.scripts = scripts
        self.calls: list[tuple[Role, dict[str, Any]]] = []

    async def send(self, endpoint: Endpoint, seat: Seat, body: dict[str, Any], *, role: Role) -> Reply:
        number = self.count(role)
        self.calls.append((role, body))
        script = self.scripts.get(role) or getattr(self, f"_answer_{role}")
        answer = script(number, body)
        if isinstance(answer, ProviderFailure):
            raise answer
        if isinstance(answer, Reply):
            return answer
        return Reply(answer, "", "stop", seat.model, "fp", Usage(100, 50, 0))

    def count(self, role: Role) -> int:
        return sum(1 for made, _ in self.calls if made == role)

    def _answer_challenger(self, number: int, body: dict[str, Any]) -> str:
        return make_reply(question=f"Which bound keeps the reads linearizable, and what breaks it in case {number}?")

    def _answer_verifier(self, number: int, body: dict[str, Any]) -> str:
        return PASS

    def _answer_weak(self, number: int, body: dict[str, Any]) -> str:
        return f"weak answer {body['seed']}"

    def _answer_strong(self, number: int, body: dict[str, Any]) -> str:
        return f"strong answer {body['seed']}"

    def _answer_judge(self, number: int, body: dict[str, Any]) -> str:
        return write_verdicts(5 if "weak answer" in body["messages"][1]["content"] else 7)


def write_reply(content: str, finish_reason: str = "stop", refusal: str = "") -> Reply:
    """A reply with a finish reason of its own."""
    return Reply(content, "", finish_reason, "scripted", None, Usage(100, 50, 0), refusal)


async def skip_sleep(seconds: float) -> None:
    """Waiting, without the wait."""


class Stage:
    """A run on disk with a scripted transport: everything real but the network."""

    def __init__(self, folder: Path, transport: ScriptedTransport, **changes: Any) -> None:
        self.path = folder / "journal.jsonl"
        self.transport = transport
        values = {"domain": "cs", "policy": make_policy("deployed"), "seats": simulated_seats(), "max_rounds": 4}
        self.settings = RunSettings(**(values | changes))

    def open(self) -> tuple[JournalWriter, LoopContext]:
        """A writer and a context; open again to resume."""
        journal = JournalWriter(self.path)
        recorder = Recorder(journal, self.settings.seats, self.transport, slots=self.settings.slots, sleep=skip_sleep)
        return journal, LoopContext("cs-0001", self.settings, load_recipe("cs"), recorder)

    def records(self, kind: str) -> list[dict[str, Any]]:
        return [record.data for record in read_records(self.path) if record.kind == kind]
