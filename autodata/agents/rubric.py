"""A rubric as an agent wrote it, read criterion by criterion."""

from __future__ import annotations

import re
from typing import Any

from autodata.agents.replies import read_text, show_value
from autodata.errors import MalformedReply
from autodata.model import Criterion

CLASSED_KEYS = ("number", "criterion", "category", "capability", "weight_class", "weight")
"""The keys of a criterion that has a capability and a weight class: these six and no other (paper Fig 12)."""

_WEIGHT_READ = 1_000_000
"""Beyond this a weight is no weight; what a rubric may hold is the recipe's to say (autodata.agents.checks)."""
_TAG_MAX = 60


def parse_rubric(items: Any, keys: tuple[str, ...] = ()) -> tuple[Criterion, ...]:
    """Criteria of a reply. Their ids are ours: c1, c2, … in the order written. `keys`: exactly these, if any are named.

    Raises MalformedReply naming the criterion: weights must be JSON integers ("+8" and 8.5 are not) whose sign fits the
    category, and no two criteria may say the same or carry one id or number.
    """
    if not isinstance(items, list) or not items:
        raise MalformedReply("rubric is not a list of criteria")
    criteria, seen_ids, seen_texts = [], set(), set()
    for number, item in enumerate(items, start=1):
        if not isinstance(item, dict):
            raise MalformedReply(f"criterion {number} is not an object")
        if keys:
            _check_keys(number, item, keys)
        text, weight = read_text(item, "criterion"), _read_weight(number, item)
        given_id = item.get("number" if keys else "id")
        if given_id is not None and (isinstance(given_id, bool) or not isinstance(given_id, str | int)):
            raise MalformedReply(f"criterion {number} has {show_value(given_id)} as its id")
        if given_id is not None and given_id in seen_ids:
            raise MalformedReply(f"criterion id {show_value(given_id)} is used twice")
        folded = " ".join(text.casefold().split())
        if folded in seen_texts:
            raise MalformedReply(f"criterion {number} repeats an earlier one: {text[:80]!r}")
        if given_id is not None:
            seen_ids.add(given_id)
        seen_texts.add(folded)
        capability = make_tag(read_text(item, "capability")) if keys else ""
        weight_class = read_text(item, "weight_class").lower()[:_TAG_MAX] if keys else ""
        criteria.append(Criterion(f"c{number}", text, weight, capability, weight_class))
    return tuple(criteria)


def make_tag(text: str) -> str:
    """A capability's name in snake_case, at most 60 characters."""
    return re.sub(r"\W+", "_", text.strip().lower()).strip("_")[:_TAG_MAX]


def _check_keys(number: int, item: dict[str, Any], keys: tuple[str, ...]) -> None:
    missing, unknown = [key for key in keys if key not in item], [key for key in item if key not in keys]
    if missing or unknown:
        problem = f"lacks {', '.join(missing)}" if missing else f"has {show_value(unknown[0])}"
        raise MalformedReply(f"criterion {number} {problem}; its keys are {', '.join(keys)}")


def _read_weight(number: int, item: dict[str, Any]) -> int:
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
    return weight
