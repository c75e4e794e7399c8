"""How two recipes differ, file by file."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import unified_diff

from autodata.recipes.recipe import Recipe

CONTEXT = 2
"""Lines shown around a change."""


def diff_recipes(old: Recipe, new: Recipe) -> dict[str, list[str]]:
    """The lines of a unified diff by file, of the files that differ."""
    return diff_files(old.files, new.files)


def diff_files(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, list[str]]:
    """The same for files by name; one that is missing on a side is empty there."""
    changed = {}
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name, ""), new.get(name, "")
        if before != after:
            lines = unified_diff(before.splitlines(), after.splitlines(), name, name, n=CONTEXT, lineterm="")
            changed[name] = list(lines)
    return changed
