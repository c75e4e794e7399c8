"""The challenger: writes a task with its rubric from a source, from a new angle after every failure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autodata.agents.capabilities import Capabilities, parse_capabilities
from autodata.agents.extractor import Extract
from autodata.agents.feedback import FailedRound, render_failures, render_last_round
from autodata.agents.replies import find_object, read_text
from autodata.agents.request import build_body, render_section
from autodata.agents.rubric import CLASSED_KEYS, parse_rubric
from autodata.agents.schemas import make_draft_schema
from autodata.canon import hash_value
from autodata.errors import MalformedReply
from autodata.llm.seat import Seat
from autodata.model import Criterion, Source, Task
from autodata.recipes.recipe import Recipe, RecipeLimits

TEMPLATE_FILES = ("challenger.md", "challenger_request.md")

_TEXTS = ("question_type", "context", "question", "reference_answer")


@dataclass(frozen=True, slots=True)
class Draft:
    """What a challenger's reply holds, before it becomes a task of a run."""

    question_type: str
    context: str
    question: str
    reference_answer: str
    rubric: tuple[Criterion, ...]
    tags: tuple[str, ...]
    target: Capabilities | None = None


def build_challenger_body(
    seat: Seat,
    recipe: Recipe,
    source: Source,
    failures: Sequence[FailedRound],
    *,
    extract: Extract | None = None,
    angle: str = "",
    seed: int,
    nonce: str,
) -> dict[str, Any]:
    """Request for a first task, or for a better one when there are earlier failures. A template takes what it names."""
    text = source.text[: recipe.limits.document_max]
    values = {
        "document": render_section("document", text, nonce),
        "extract": render_section("extract", extract.text, nonce) if extract else "",
        "failures": render_failures(failures, nonce, recipe.limits.failures_shown),
        "mode": "IMPROVE" if failures else "NEW",
        "last_round": render_last_round(failures, nonce),
        "angle": angle,
    }
    return build_body(
        seat,
        [
            {"role": "system", "content": recipe.render("challenger.md", {})},
            {"role": "user", "content": recipe.render("challenger_request.md", values)},
        ],
        seed,
        make_draft_schema(recipe.limits),
    )


def parse_draft(text: str, limits: RecipeLimits) -> Draft:
    """Fields of a challenger's reply; the recipe says which it must hold. Criterion ids are ours: c1, c2, … as written.

    Raises MalformedReply naming the field: weights must be JSON integers ("+8" and 8.5 are not) whose sign fits the
    category, and no two criteria may say the same or carry one id.
    """
    fields = limits.task_fields
    values = find_object(text, "rubric" if "rubric" in fields else "question")
    tags = values.get("tags") or []
    if not isinstance(tags, list):
        raise MalformedReply("tags is not a list")
    aimed = "target_capabilities" in fields
    target = parse_capabilities(values.get("target_capabilities")) if aimed else None
    texts = {name: read_text(values, name) if name in fields else "" for name in _TEXTS}
    texts["question_type"] = texts["question_type"][:120]
    keys = CLASSED_KEYS if limits.rubric.classes else ()
    return Draft(
        **texts,
        rubric=parse_rubric(values["rubric"], keys) if "rubric" in fields else (),
        tags=target.tags
        if target
        else tuple(tag.strip()[:60] for tag in tags[:5] if isinstance(tag, str) and tag.strip()),
        target=target,
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
