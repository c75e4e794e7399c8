"""The outer loop's own templates. They are no part of a recipe, so nothing that is searched for can change them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from autodata.canon import hash_value
from autodata.recipes.placeholders import PLACEHOLDER


@cache
def load_template(name: str) -> str:
    """The text of `templates/NAME`."""
    return (files("autodata.optimize") / "templates" / name).read_text(encoding="utf-8").strip()


def fill_template(name: str, values: dict[str, str]) -> str:
    """Its placeholders filled in one pass: what a value holds pulls nothing in."""
    return PLACEHOLDER.sub(lambda match: values[match.group(1)], load_template(name))


def hash_templates(*names: str) -> str:
    """Recorded with every call rendered from them."""
    return hash_value([load_template(name) for name in names])
