"""Two versions of a dataset side by side as a tree: counts, changed settings, and the tasks by name."""

from __future__ import annotations

from typing import Any

from autodata.dataset.comparing import Comparison
from autodata.ui.parts import Column, build_stack, build_table
from autodata.ui.text import shorten
from autodata.ui.tree import Tree, node

SHOWN = 12
"""Tasks listed of each kind; the counts are of all."""
WORDS_SHOWN = 90
_SIGNS = {"added": "+", "removed": "−", "changed": "≠"}


def build_difference(found: Comparison) -> Tree:
    """The comparison's sentence, settings that differ, and the first tasks of each kind."""
    return build_stack(
        node("div", None, found.sentence),
        _build_settings(found.settings) if found.settings else None,
        _build_tasks(found),
        gap=8,
    )


def _build_settings(settings: dict[str, tuple[Any, Any]]) -> Tree:
    rows: list[list[Tree | None]] = [
        [name, node("span", "small", _write(before)), node("span", "small", _write(after))]
        for name, (before, after) in settings.items()
    ]
    columns = [Column("Made with", width="84px"), Column("before"), Column("after")]
    return build_table(columns, rows, "Settings that differ", fixed=True)


def _build_tasks(found: Comparison) -> Tree | None:
    lines = [("added", task_id, "") for task_id in found.added[:SHOWN]]
    lines += [("removed", task_id, "") for task_id in found.removed[:SHOWN]]
    lines += [("changed", one.task_id, ", ".join(one.fields)) for one in found.changed[:SHOWN]]
    if not lines:
        return None
    rows: list[list[Tree | None]] = [
        [
            node("span", {"class": "mono", "title": kind, "aria-label": kind}, _SIGNS[kind]),
            node("span", {"class": "link", "act": f"task|{task_id}"}, task_id),
            node("span", "small muted", fields or kind),
        ]
        for kind, task_id, fields in lines
    ]
    columns = [Column("", width="18px"), Column("Task", width="116px"), Column("What")]
    return build_table(columns, rows, "Tasks that differ", fixed=True)


def _write(value: Any) -> str:
    """A setting in a few words; a policy by its name where it has one of its own."""
    if value is None:
        return "none"
    if isinstance(value, dict) and value.get("name", "custom") != "custom":
        return str(value["name"])
    if isinstance(value, dict):
        return shorten(", ".join(f"{name} {_write(one)}" for name, one in value.items()), WORDS_SHOWN)
    if isinstance(value, list | tuple):
        return shorten(", ".join(_write(one) for one in value) or "none", WORDS_SHOWN)
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
