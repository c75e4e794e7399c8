"""The answer verifier: does a candidate answer say the same as the reference? Asked only where algebra cannot decide.

It sees question, reference and candidate, and not who wrote the candidate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autodata.agents.replies import read_agreed, read_text, show_value
from autodata.agents.request import build_body, render_section
from autodata.agents.solver import render_prompt
from autodata.errors import MalformedReply
from autodata.llm.seat import Seat
from autodata.model import Task
from autodata.recipes.recipe import Recipe, name_templates

TEMPLATE_FILES = name_templates("answer_verifier")

CANDIDATE_MAX = 12_000
"""Characters of an answer that is shown where no final answer could be read out of it: its end, where one would be."""


@dataclass(frozen=True, slots=True)
class AnswerVerdict:
    """Whether the candidate equals the reference, and why."""

    equivalent: bool
    reason: str


def build_answer_verifier_body(
    seat: Seat, recipe: Recipe, task: Task, candidate: str, *, seed: int, nonce: str
) -> dict[str, Any]:
    """Request to compare one candidate. For one task all are the same bytes but for candidate and seed."""
    values = {
        "question": render_section("question", render_prompt(task), nonce),
        "reference_answer": render_section("reference_answer", task.reference_answer, nonce),
        "candidate_answer": render_section("candidate_answer", candidate[-CANDIDATE_MAX:], nonce),
    }
    return build_body(
        seat,
        [
            {"role": "system", "content": recipe.render(TEMPLATE_FILES[0], {})},
            {"role": "user", "content": recipe.render(TEMPLATE_FILES[1], values)},
        ],
        seed,
    )


def parse_answer_verdict(text: str) -> AnswerVerdict:
    """The verifier's word. Raises MalformedReply for anything but true or false, and for a reply that says both,
    because the answer it quotes may hold a verdict: such a reply is asked again and never scores the answer."""
    return read_agreed(text, "equivalent", _read_verdict, stance=lambda verdict: verdict.equivalent)


def _read_verdict(values: dict[str, Any]) -> AnswerVerdict:
    given = values["equivalent"]
    if not isinstance(given, bool):
        raise MalformedReply(f"equivalent is {show_value(given)}, expected true or false")
    return AnswerVerdict(given, read_text(values, "reason", required=False)[:500])
