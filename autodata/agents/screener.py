"""The screener: reads several candidate tasks, drops weak ones and ranks the rest, before any solver is asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autodata.agents.challenger import Draft
from autodata.agents.replies import read_agreed, read_text, show_value
from autodata.agents.request import build_body, render_section
from autodata.errors import MalformedReply
from autodata.llm.seat import Seat
from autodata.model import Source
from autodata.recipes.recipe import Recipe, name_templates

TEMPLATE_FILES = name_templates("screener")


@dataclass(frozen=True, slots=True)
class Screened:
    """The screener's word on one candidate."""

    id: str
    keep: bool
    reason: str


def build_screener_body(
    seat: Seat, recipe: Recipe, source: Source, drafts: Mapping[str, Draft], *, seed: int, nonce: str
) -> dict[str, Any]:
    """Request to rank `drafts`, by id."""
    candidates = [
        {
            "id": name,
            "question_type": draft.question_type,
            "context": draft.context,
            "question": draft.question,
            "reference_answer": draft.reference_answer,
        }
        for name, draft in drafts.items()
    ]
    values = {
        "document": render_section("document", source.text[: recipe.limits.document_max], nonce),
        "candidates": render_section("candidates", json.dumps(candidates, ensure_ascii=False, indent=1), nonce),
    }
    return build_body(
        seat,
        [
            {"role": "system", "content": recipe.render(TEMPLATE_FILES[0], {})},
            {"role": "user", "content": recipe.render(TEMPLATE_FILES[1], values)},
        ],
        seed,
    )


def parse_ranking(text: str, ids: list[str]) -> tuple[Screened, ...]:
    """Every candidate once, best first.

    Raises MalformedReply for missing, unknown or doubled ids and for a `keep` that is neither true nor false.
    """
    return read_agreed(
        text,
        "ranking",
        lambda values: _read_ranking(values["ranking"], ids),
        stance=lambda ranking: [(one.id, one.keep) for one in ranking],
    )


def _read_ranking(items: Any, ids: list[str]) -> tuple[Screened, ...]:
    if not isinstance(items, list):
        raise MalformedReply("ranking is not a list")
    found: dict[str, Screened] = {}
    for item in items:
        if not isinstance(item, dict) or not isinstance(item.get("id"), str):
            raise MalformedReply(f"a place of the ranking without an id: {show_value(item)}")
        name, keep = item["id"].strip()[:80], item.get("keep")
        if not isinstance(keep, bool):
            raise MalformedReply(f"{name}: keep is {show_value(keep)}, expected true or false")
        if name in found:
            raise MalformedReply(f"candidate {name!r} is ranked twice")
        found[name] = Screened(name, keep, read_text(item, "reason", required=False)[:500])
    missing, unknown = sorted(set(ids) - found.keys()), sorted(found.keys() - set(ids))
    if missing or unknown:
        raise MalformedReply(f"the ranking does not match the candidates: missing {missing}, unknown {unknown}")
    return tuple(found.values())
