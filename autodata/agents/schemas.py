"""The form of each agent's reply as a JSON schema, for seats whose server binds a reply to one.

Only what every server's schema support knows: objects, lists, strings, numbers, words from a list; every field required
and no other allowed. Fields stand in the order in which they are written, so that reasons come before decisions. What
a schema cannot say, the parsers check, as for every other reply.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autodata.agents.rubric import CLASSED_KEYS
from autodata.model import Criterion
from autodata.recipes.recipe import RecipeLimits

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
TEXTS: Schema = {"type": "array", "items": TEXT}
NUMBER: Schema = {"type": "integer"}


def make_object(fields: Mapping[str, Schema]) -> Schema:
    """An object with exactly these fields."""
    return {"type": "object", "properties": dict(fields), "required": list(fields), "additionalProperties": False}


def make_word(words: Sequence[str]) -> Schema:
    """One of these words."""
    return {"type": "string", "enum": list(words)}


def make_verdicts_schema(rubric: Sequence[Criterion]) -> Schema:
    """A judge's verdicts; an id that the rubric does not have cannot be written."""
    met = {"type": "integer", "enum": [0, 1]}
    item = make_object({"id": make_word([c.id for c in rubric]), "quote": TEXT, "met": met})
    return make_object({"verdicts": {"type": "array", "items": item}})


def make_review_schema(words: Mapping[str, Sequence[str]]) -> Schema:
    """A verifier's words, each check before the overall one, then its feedback."""
    return make_object({**{name: make_word(allowed) for name, allowed in words.items()}, "feedback": TEXT})


def make_draft_schema(limits: RecipeLimits) -> Schema | None:
    """A challenger's draft with the fields the recipe asks for.

    None where the recipe wants capabilities, whose form is the recipe's own words.
    """
    if "target_capabilities" in limits.task_fields:
        return None
    keys = CLASSED_KEYS if limits.rubric.classes else ("criterion", "weight", "category")
    kinds = {"number": NUMBER, "weight": NUMBER, "category": make_word(["positive", "negative"])}
    if limits.rubric.classes:
        kinds["weight_class"] = make_word(list(limits.rubric.classes))
    rubric: Schema = {"type": "array", "items": make_object({key: kinds.get(key, TEXT) for key in keys})}
    fields: dict[str, Schema] = {field: rubric if field == "rubric" else TEXT for field in limits.task_fields}
    return make_object({"scratchpad": TEXT, "tags": TEXTS, **fields})
