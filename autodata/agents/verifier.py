"""The quality verifier: reads source and task, makes four checks, before any solver is asked."""

from __future__ import annotations

import json
from typing import Any

from autodata.agents.replies import read_agreed, read_text, show_value
from autodata.agents.request import build_body, render_section
from autodata.agents.schemas import make_review_schema
from autodata.errors import MalformedReply
from autodata.llm.seat import Seat
from autodata.model import QualityReview, Source, Task
from autodata.recipes.recipe import Recipe

TEMPLATE_FILES = ("verifier.md", "verifier_request.md")

_WORDS = {
    "leakage": ("NO_LEAKAGE", "LEAKS_ANSWER"),
    "question": ("GOOD", "TOO_EASY", "RECALL"),
    "rubric": ("PASS", "FAIL"),
    "type": ("CONSISTENT", "INCONSISTENT"),
    "overall": ("PASS", "FAIL"),
}
"""Each check's allowed words; the first is the good one."""


def build_verifier_body(
    seat: Seat, recipe: Recipe, source: Source, task: Task, *, seed: int, nonce: str
) -> dict[str, Any]:
    """Request with source, context, question, type and rubric; the reference answer is not shown."""
    rubric = [{"criterion": c.criterion, "weight": c.weight} for c in task.rubric]
    values = {
        "document": render_section("document", source.text[: recipe.limits.document_max], nonce),
        "context": render_section("context", task.context, nonce),
        "question": render_section("question", task.question, nonce),
        "question_type": render_section("question_type", task.question_type, nonce),
        "rubric": render_section("rubric", json.dumps(rubric, ensure_ascii=False, indent=1), nonce),
    }
    return build_body(
        seat,
        [
            {"role": "system", "content": recipe.render("verifier.md", {})},
            {"role": "user", "content": recipe.render("verifier_request.md", values)},
        ],
        seed,
        make_review_schema(_WORDS),
    )


def parse_review(text: str) -> QualityReview:
    """The verifier's four words. Passed only if every single check is good, whatever `overall` claims.

    Raises MalformedReply for a missing or unknown word, for an overall PASS that contradicts a failed check, and for a
    reply that holds two different reviews, because the task it quotes may hold one.
    """
    return read_agreed(text, "overall", _read_review, stance=lambda review: review.checks)


def _read_review(values: dict[str, Any]) -> QualityReview:
    checks = {}
    for name, words in _WORDS.items():
        given = values.get(name)
        word = given.strip().upper() if isinstance(given, str) else ""
        if word not in words:
            raise MalformedReply(f"verifier: {name} is {show_value(given)}, expected one of {', '.join(words)}")
        checks[name] = word
    bad = [name for name, words in _WORDS.items() if name != "overall" and checks[name] != words[0]]
    if checks["overall"] == "PASS" and bad:
        raise MalformedReply(f"verifier: overall PASS contradicts {', '.join(f'{n} {checks[n]}' for n in bad)}")
    feedback = read_text(values, "feedback", required=False)
    if checks["overall"] == "FAIL" and not feedback:
        feedback = ", ".join(f"{name}: {checks[name]}" for name in bad) or "rejected without a reason"
    return QualityReview(passed=checks["overall"] == "PASS", checks=checks, feedback=feedback, by="verifier")
