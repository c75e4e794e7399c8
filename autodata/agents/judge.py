"""The judge: one answer, criterion by criterion, not knowing who wrote it and not shown the reference."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from autodata.agents.replies import read_agreed, show_value
from autodata.agents.request import build_body, render_section
from autodata.agents.schemas import make_verdicts_schema
from autodata.errors import MalformedReply
from autodata.llm.seat import Seat
from autodata.model import Criterion, Task, Verdict
from autodata.recipes.recipe import Recipe

TEMPLATE_FILES = ("judge.md", "judge_request.md")


def build_judge_body(seat: Seat, recipe: Recipe, task: Task, answer: str, *, seed: int, nonce: str) -> dict[str, Any]:
    """Request to grade `answer`. For one task all judge requests are the same bytes but for answer and seed."""
    values = {
        "context": render_section("context", task.context, nonce),
        "question": render_section("question", task.question, nonce),
        "rubric": render_section("rubric", render_rubric(task.rubric), nonce),
        "answer": render_section("answer", answer, nonce),
    }
    return build_body(
        seat,
        [
            {"role": "system", "content": recipe.render("judge.md", {})},
            {"role": "user", "content": recipe.render("judge_request.md", values)},
        ],
        seed,
        make_verdicts_schema(task.rubric),
    )


def render_rubric(rubric: Sequence[Criterion]) -> str:
    """The rubric as the judge sees it: a JSON list of ids, criteria and weights, one criterion a line."""
    # 5 and 5.0 are equal and not the same bytes, nor are 0.0 and -0.0.
    return _render(tuple((c.id, c.criterion, c.weight or repr(c.weight), type(c.weight)) for c in rubric))


@lru_cache(maxsize=256)
def _render(rubric: tuple[tuple[str, str, float | str, type], ...]) -> str:
    # Every answer to a task is judged with the same rubric, and every check of it renders it again.
    items = (
        f'{{"id": {_quote(own)}, "criterion": {_quote(text)}, "weight": {_write_weight(weight)}}}'
        for own, text, weight, _ in rubric
    )
    return "[\n" + ",\n".join(items) + "\n]"


def _write_weight(weight: float | str) -> str:
    return weight if isinstance(weight, str) else json.dumps(weight)


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def parse_verdicts(text: str, rubric: Sequence[Criterion]) -> tuple[Verdict, ...]:
    """One verdict per criterion, in the rubric's order.

    Raises MalformedReply for unknown, missing or doubled ids, for anything but 1 or 0 (true and false are read as
    such), and for a reply that holds two different sets of verdicts, because the answer it quotes may hold one: a
    judge failure is asked again and never scores the answer.
    """
    return read_agreed(
        text,
        "verdicts",
        lambda values: _read_verdicts(values["verdicts"], rubric),
        stance=lambda verdicts: [verdict.met for verdict in verdicts],
    )


def _read_verdicts(items: Any, rubric: Sequence[Criterion]) -> tuple[Verdict, ...]:
    if not isinstance(items, list):
        raise MalformedReply("verdicts is not a list")
    found: dict[str, Verdict] = {}
    for item in items:
        if not isinstance(item, dict) or not isinstance(item.get("id"), str | int):
            raise MalformedReply(f"a verdict without an id: {show_value(item)}")
        key, met = str(item["id"]).strip()[:80], item.get("met")
        if key in found:
            raise MalformedReply(f"criterion {key} is judged twice")
        if met not in (0, 1, True, False):
            raise MalformedReply(f"criterion {key}: met is {show_value(met)}, expected 1 or 0")
        quote = item.get("quote") or ""
        found[key] = Verdict(key, float(met), quote[:2000] if isinstance(quote, str) else "")
    known = {c.id for c in rubric}
    missing, unknown = sorted(known - found.keys()), sorted(found.keys() - known)
    if missing or unknown:
        raise MalformedReply(f"verdict ids do not match the rubric: missing {missing}, unknown {unknown[:10]}")
    return tuple(found[c.id] for c in rubric)
