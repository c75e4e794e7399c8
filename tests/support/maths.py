"""A run of the math recipe on disk with a scripted transport, and what its players say by default."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autodata.context import LoopContext
from autodata.journal import JournalWriter
from autodata.llm.simulator.text import parse_sections
from autodata.policy import make_policy
from autodata.recipes.recipe import load_recipe
from autodata.recorder import Recorder
from tests.support.scripted import Answer, ScriptedTransport, Stage, skip_sleep

QUESTIONS = (
    "A ball rolls down a slope of angle a without slipping; what is its acceleration in terms of g and a?",
    "Which closed form does the sum of the first n odd squares have?",
    "For which x does the quadratic form with parameter t degenerate, as an expression in t?",
    "What is the smallest field that contains every root of the given cubic in s?",
    "Name the conjugacy class to which a product of two commuting transpositions belongs.",
    "How does the energy of the lowest state depend on the width w of the well and the mass m?",
    "Give the generating function whose coefficients count lattice paths that avoid the line.",
    "Under which change of variable z does the singular integral become elementary?",
)
RIGHT, WRONG = "Work.\n\nANSWER: x + 1", "Work.\n\nANSWER: x - 1"


def write_candidate(**changes: Any) -> str:
    """A challenger's reply; `index` chooses the question."""
    index = changes.pop("index", 0)
    values = {
        "work": "two ways",
        "question_type": "closed form",
        "tags": ["algebra"],
        "question": QUESTIONS[index % len(QUESTIONS)],
        "reference_answer": "x + 1",
    }
    return json.dumps(values | changes)


def rank_all(body: dict[str, Any], keep: Callable[[str], bool] = lambda name: True) -> str:
    """A screener's reply that ranks the candidates of a request in their order."""
    items = json.loads(parse_sections(body["messages"][1]["content"])["candidates"])
    ranking = [{"id": item["id"], "keep": keep(item["id"]), "reason": f"about {item['id']}"} for item in items]
    return json.dumps({"ranking": ranking})


class MathTransport(ScriptedTransport):
    """Defaults: four different candidates, all kept, weak always wrong, strong always right, 4 to 2+2."""

    def _answer_challenger(self, number: int, body: dict[str, Any]) -> str:
        return write_candidate(index=number)

    def _answer_verifier(self, number: int, body: dict[str, Any]) -> str:
        return rank_all(body)

    def _answer_weak(self, number: int, body: dict[str, Any]) -> str:
        return "4" if is_probe(body) else WRONG

    def _answer_strong(self, number: int, body: dict[str, Any]) -> str:
        return "4" if is_probe(body) else RIGHT

    def _answer_judge(self, number: int, body: dict[str, Any]) -> str:
        return json.dumps({"equivalent": False, "reason": "another value"})


def is_probe(body: dict[str, Any]) -> bool:
    """Whether a solver is asked 2+2."""
    return re.match(r"What is 2\+2", body["messages"][0]["content"]) is not None


class MathStage(Stage):
    """A run of the math recipe: everything real but the network."""

    def __init__(
        self, folder: Path, scripts: dict[str, Callable[[int, dict[str, Any]], Answer]], **changes: Any
    ) -> None:
        super().__init__(
            folder, MathTransport(**scripts), **({"domain": "math", "policy": make_policy("exact")} | changes)
        )

    def open(self) -> tuple[JournalWriter, LoopContext]:
        journal = JournalWriter(self.path)
        recorder = Recorder(journal, self.settings.seats, self.transport, slots=8, sleep=skip_sleep)
        return journal, LoopContext("math-0001", self.settings, load_recipe("math"), recorder)
