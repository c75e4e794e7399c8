"""The challenger: writes a task with its rubric from a source, from a new angle after every failure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autodata.agents.feedback import FailedRound, render_failures
from autodata.agents.replies import find_object, read_text, show_value
from autodata.agents.request import build_body, render_section
from autodata.canon import hash_value
from autodata.errors import MalformedReply
from autodata.llm.seat import Seat
from autodata.model import Criterion, Source, Task
from autodata.recipes.recipe import Recipe

TEMPLATE_FILES = ("challenger.md", "challenger_request.md")

_WEIGHT_READ = 1_000_000
"""Beyond this a weight is no weight; what a rubric may hold is the recipe's to say (autodata.agents.checks)."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a challenger's reply holds, before it becomes a task of a run."""

    question_type: str
    context: str
    question: str
    reference_answer: str
    rubric: tuple[Criterion, ...]
    tags: tuple[str, ...]


def build_challenger_body(
    seat: Seat, recipe: Recipe, source: Source, failures: list[FailedRound], *, seed: int, nonce: str
) -> dict[str, Any]:
    """Request for a first task, or for an entirely new one when there are earlier failures."""
    text = source.text[: recipe.limits.document_max]
    values = {
        "document": render_section("document", text, nonce),
        "failures": render_failures(failures, nonce, recipe.limits.failures_shown),
    }
    return build_body(
        seat,
        [
            {"role": "system", "content": recipe.render("challenger.md", {})},
            {"role": "user", "content": recipe.render("challenger_request.md", values)},
        ],
        seed,
    )


def parse_draft(text: str) -> Draft:
    """Fields of a challenger's reply. Criterion ids are ours: c1, c2, … in the order written.

    Raises MalformedReply naming the field: weights must be JSON integers ("+8" and 8.5 are not) whose sign fits the
    category, and no two criteria may say the same or carry one id.
    """
    values = find_object(text, "rubric")
    tags = values.get("tags") or []
    if not isinstance(tags, list):
        raise MalformedReply("tags is not a list")
    return Draft(
        question_type=read_text(values, "question_type")[:120],
        context=read_text(values, "context"),
        question=read_text(values, "question"),
        reference_answer=read_text(values, "reference_answer"),
        rubric=_parse_rubric(values["rubric"]),
        tags=tuple(tag.strip()[:60] for tag in tags[:5] if isinstance(tag, str) and tag.strip()),
    )


def make_task(draft: Draft, run_id: str, source_id: str, round_number: int) -> Task:
    """The draft as a task of one round, with an id of its own."""
    fields = [run_id, source_id, round_number, draft.context, draft.question, draft.reference_answer]
    rubric = [[c.id, c.criterion, c.weight] for c in draft.rubric]
    return Task(
        id="t" + hash_value([*fields, rubric])[:12],
        source_id=source_id,
        round=round_number,
        question_type=draft.question_type,
        context=draft.context,
        question=draft.question,
        reference_answer=draft.reference_answer,
        rubric=draft.rubric,
        tags=draft.tags,
    )


def _parse_rubric(items: Any) -> tuple[Criterion, ...]:
    if not isinstance(items, list) or not items:
        raise MalformedReply("rubric is not a list of criteria")
    criteria, seen_ids, seen_texts = [], set(), set()
    for number, item in enumerate(items, start=1):
        if not isinstance(item, dict):
            raise MalformedReply(f"criterion {number} is not an object")
        text = read_text(item, "criterion")
        weight = item.get("weight")
        if isinstance(weight, bool) or not isinstance(weight, int):
            raise MalformedReply(
                f"criterion {number} has weight {show_value(weight)}; weights are whole numbers such as 8 or -5"
            )
        if abs(weight) > _WEIGHT_READ:
            raise MalformedReply(f"criterion {number} has a weight beyond {_WEIGHT_READ:,}")
        if weight == 0:
            raise MalformedReply(f"criterion {number} has weight 0, so it tests nothing")
        sign = "positive" if weight > 0 else "negative"
        category = item.get("category", sign)
        if not isinstance(category, str) or category.lower() != sign:
            raise MalformedReply(f"criterion {number} is {show_value(category)} but its weight is {weight}")
        given_id = item.get("id")
        if given_id is not None and not isinstance(given_id, str | int):
            raise MalformedReply(f"criterion {number} has {show_value(given_id)} as its id")
        if given_id is not None and given_id in seen_ids:
            raise MalformedReply(f"criterion id {show_value(given_id)} is used twice")
        folded = " ".join(text.casefold().split())
        if folded in seen_texts:
            raise MalformedReply(f"criterion {number} repeats an earlier one: {text[:80]!r}")
        if given_id is not None:
            seen_ids.add(given_id)
        seen_texts.add(folded)
        criteria.append(Criterion(f"c{number}", text, weight))
    return tuple(criteria)
