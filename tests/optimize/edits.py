"""The two corpora of edits, applied to the recipe `cs`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from autodata.optimize.guard import check_edit
from autodata.recipes.recipe import Recipe, load_recipe, make_recipe

CS = load_recipe("cs")
_FOLDER = Path(__file__).parent


def load_edits(name: str) -> list[dict[str, Any]]:
    """The edits of one corpus."""
    return tomllib.loads((_FOLDER / name).read_text(encoding="utf-8"))["edit"]


def apply_edit_entry(entry: dict[str, Any], recipe: Recipe = CS) -> dict[str, str]:
    """New texts by file name, as an editor returns them."""
    file = entry.get("file", "challenger.md")
    if "text" in entry:
        return {file: entry["text"]}
    text = recipe.files[file]
    if "old" in entry:
        assert entry["old"] in text, entry["old"]
        return {file: text.replace(entry["old"], entry["new"], 1)}
    return {file: add_line(text, entry.get("after", "The question"), entry["line"].strip("\n"))}


def make_child(parent: Recipe, files: dict[str, str]) -> Recipe:
    """The child of an edit that the guard lets through."""
    assert check_edit(parent, files) == []
    return make_recipe({**parent.files, **files})


def add_line(text: str, heading: str, line: str) -> str:
    """`line` below the last list item under a heading."""
    start = text.index(f"{heading}\n- ")
    end = text.index("\n\n", start)
    return f"{text[:end]}\n{line}{text[end:]}"
