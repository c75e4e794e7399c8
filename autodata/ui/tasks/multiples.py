"""Small multiples of the map, one for each run, round or source: all on one scale, in the place of the table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import streamlit as st

from autodata.index.queries.multiples import Multiples, SmallMap, load_multiples
from autodata.index.queries.tasks import Group, TaskFilter
from autodata.policy import Policy
from autodata.ui.charts import trace_region
from autodata.ui.piece import draw
from autodata.ui.shell import draw_section_head
from autodata.ui.state import Workbench
from autodata.ui.tasks.left import GROUPS, filter_by_group, find_policy, read_whatif
from autodata.ui.text import format_count, format_share
from autodata.ui.tree import Tree, node

SIDE = 148
"""Pixels of a map's side."""

LEVELS = (0.22, 0.4, 0.6, 0.8, 1.0)
"""Opacities of a cell, by the square root of its share of the map's tasks."""


def read_group() -> Group:
    """What the maps stand for: chosen beside the bars of the bands, else in the URL."""
    asked = st.session_state.get("tasks.group")
    named = st.query_params.get("tasks.group")
    return cast(
        Group, asked if asked in GROUPS else next((key for key, words in GROUPS.items() if words == named), "run")
    )


def draw_multiples(bench: Workbench, view: TaskFilter) -> None:
    """The maps of a view; a click on one filters by its group, another click takes the filter off."""
    group = read_group()
    tried = read_whatif(bench, view.run_id)
    found = load_multiples(bench.index, view, group, policy=tried)
    more = f"the {len(found.maps)} largest of {found.groups:,}; " if found.groups > len(found.maps) else ""
    more = f"under what is tried; {more}" if tried else more
    note = f"{more}weak to the right, strong upwards, 0 to 1; shade: share of its tasks, one scale; click to filter"
    draw_section_head(f"Weak against strong, {GROUPS[group].lower()}", note, key="tasks.mapshead")
    chosen = {"run": view.run_id, "source": view.source_id, "round": view.round}[group]
    # Runs differ in their rule; rounds and sources are shown under the one of the view.
    tree = build_multiples(
        found, lambda key: tried or find_policy(bench, key if group == "run" else view.run_id), group, str(chosen or "")
    )
    draw(tree, key="tasks.multiples", on_click=filter_by_group)


def build_multiples(found: Multiples, find: Callable[[str], Policy], group: Group, chosen: str = "") -> Tree:
    """The maps as a grid; `find` gives the rule of a group's key, `chosen` is the key that the view is filtered by."""
    if not found.maps:
        return node("div", "muted", "No task of this view was measured on both sides.")
    top = max(n / each.total for each in found.maps for _, _, n in each.cells)
    maps = [_build_map(each, found.cell, top, find(each.key), group, each.key == chosen) for each in found.maps]
    return node("div", "maps", *maps)


def _build_map(each: SmallMap, cell: float, top: float, policy: Policy, group: Group, chosen: bool) -> Tree:
    name = f"Round {each.label}" if group == "round" else each.label
    words = f"{name}: {each.right:,} of {each.total:,} right"
    region = trace_region(policy)
    corners = " ".join(f"{_x(weak):.1f},{_y(strong):.1f}" for weak, strong in region)
    shapes: list[Tree | None] = [
        node("polygon", {"points": corners, "fill": "var(--ad-accent)", "opacity": 0.1}) if region else None,
        node("line", {"x1": 0, "y1": SIDE, "x2": SIDE, "y2": 0, "stroke": "var(--ad-muted)",
                      "stroke-dasharray": "1 3"}),
        *_shade(each, cell, top),
        node("polygon", {"points": corners, "fill": "none", "stroke": "var(--ad-accent)", "stroke-width": 1.2})
        if region
        else None,
        node("rect", {"x": 0.5, "y": 0.5, "width": SIDE - 1, "height": SIDE - 1, "fill": "none",
                      "stroke": "var(--ad-line)"}),
    ]  # fmt: skip
    picture = {"width": SIDE, "height": SIDE, "role": "img", "aria-label": words}
    caption = node(
        "div",
        "row base",
        node("b", {"class": "cut grow", "dir": "auto", "title": name}, name),
        node("span", "keep", format_share(each.right, each.total), node("span", "muted", " right")),
    )
    size = node("div", "small muted", f"{format_count(each.total)} measured")
    look = "map hover chosen" if chosen else "map hover"
    return node("div", {"class": look, "act": f"{group}:{each.key}", "title": words}, caption, size,
                node("svg", picture, *shapes))  # fmt: skip


def _shade(each: SmallMap, cell: float, top: float) -> Sequence[Tree]:
    """One path for each level of shade: hundreds of cells as a handful of elements."""
    side = SIDE * cell
    paths: dict[int, list[str]] = {}
    for weak, strong, n in each.cells:
        level = min(len(LEVELS) - 1, int(len(LEVELS) * (n / each.total / top) ** 0.5))
        box = f"M{_x(weak):.1f} {_y(strong + cell):.1f}h{side - 0.6:.1f}v{side - 0.6:.1f}h-{side - 0.6:.1f}z"
        paths.setdefault(level, []).append(box)
    return [
        node("path", {"d": "".join(boxes), "fill": "var(--ad-accent)", "opacity": LEVELS[level]})
        for level, boxes in sorted(paths.items())
    ]


def _x(weak: float) -> float:
    return weak * SIDE


def _y(strong: float) -> float:
    return (1 - strong) * SIDE
