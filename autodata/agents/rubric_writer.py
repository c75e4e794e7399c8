"""The rubric writer: the challenger's seat writes a rubric for a prompt and answer that somebody else wrote."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from autodata.agents.checks import check_task
from autodata.agents.replies import find_object
from autodata.agents.request import build_body, render_section
from autodata.agents.rubric import parse_rubric
from autodata.agents.schemas import NUMBER, TEXT, make_object, make_word
from autodata.errors import MalformedReply
from autodata.llm.seat import Seat
from autodata.model import Criterion, Task
from autodata.recipes.recipe import Recipe, RubricLimits, name_templates

TEMPLATE_FILES = name_templates("rubric_writer")

LIMITS = RubricLimits()
"""What a written rubric has to meet. A recipe of given tasks sets its own limits for rubrics that came with the data,
which are kept as they are; one that is written has no such excuse."""

_CRITERION = make_object({"criterion": TEXT, "weight": NUMBER, "category": make_word(["positive", "negative"])})
_SCHEMA = make_object({"rubric": {"type": "array", "items": _CRITERION}})


def build_rubric_writer_body(seat: Seat, recipe: Recipe, task: Task, *, seed: int, nonce: str) -> dict[str, Any]:
    """Request for a rubric for `task`, which has none yet. The prompt is shown as the solvers will read it."""
    values = {
        "context": render_section("context", task.context, nonce) if task.context else "",
        "question": render_section("question", task.question, nonce),
        "reference_answer": render_section("reference_answer", task.reference_answer, nonce),
    }
    numbers = {name: str(value) for name, value in LIMITS.model_dump().items()}
    return build_body(
        seat,
        [
            {"role": "system", "content": recipe.render(TEMPLATE_FILES[0], numbers)},
            {"role": "user", "content": recipe.render(TEMPLATE_FILES[1], values)},
        ],
        seed,
        _SCHEMA,
    )


def parse_written_rubric(text: str, task: Task, recipe: Recipe) -> tuple[Criterion, ...]:
    """The rubric of a reply. Raises MalformedReply naming what is wrong with its form, or the limit it breaks."""
    rubric = parse_rubric(find_object(text, "rubric")["rubric"])
    strict = replace(recipe, limits=recipe.limits.model_copy(update={"rubric": LIMITS}))
    problem = check_task(replace(task, rubric=rubric), strict).checks["rubric"]
    if problem != "ok":
        raise MalformedReply(problem)
    return rubric
