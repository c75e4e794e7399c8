"""Recorded identifiers in words: rules, domains, seats, capabilities. What is not ours is shown as it was recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autodata.errors import BadInput
from autodata.recipes.recipe import make_recipe

RULE_WORDS = {
    "prose": "Prose (paper, section 3.1)",
    "deployed": "Deployed (the paper's prompt)",
    "strict": "Strict",
    "meta": "Meta (paper, section 4)",
    "blog_v1": "First write-up",
    "blog_v1_meta": "First write-up, outer loop",
    "blog_v2": "Second write-up",
    "majority": "Majority right and wrong",
    "exact": "Exact counts (paper, Fig. 15)",
    "two_layer": "Code filters, then the loop judge",
}
"""Presets as a form offers them."""
DOMAIN_WORDS = {"cs": "Computer science", "legal": "Legal", "math": "Mathematics"}
"""Domains as a form offers them."""
JUDGED = "no code filter hits and the loop judge accepts"
"""The condition of the rule that has no bounds of its own."""

_RULES = {
    "blog_v1": "first write-up",
    "blog_v1_meta": "first write-up, outer loop",
    "blog_v2": "second write-up",
    "exact": "exact counts",
    "two_layer": "filters and loop judge",
}
_DOMAINS = {
    "cs": "computer science",
    "math": "mathematics",
    "filter-rubric": "own data, by rubric",
    "filter-answer": "own data, right or wrong",
}


def name_rule(name: str) -> str:
    """A rule in a sentence or a narrow cell: `deployed`, `filters and loop judge`."""
    return _RULES.get(name, name or "not recorded")


def name_domain(name: str) -> str:
    """A domain in a sentence: `computer science`, `own data, by rubric`."""
    return _DOMAINS.get(name, name or "not recorded")


def name_seat(role: str) -> str:
    """A seat: `weak`, `loop judge`."""
    return role.replace("_", " ")


def name_capability(capability: str) -> str:
    """A capability as words: `rule application`."""
    return capability.replace("_", " ")


def is_given(recipe: Mapping[str, Any]) -> bool:
    """Whether the tasks of a run's recorded recipe came with its sources, so that nobody wrote them."""
    try:
        return make_recipe(dict(recipe.get("files") or {})).limits.flow.write == "given"
    except BadInput:
        return False
