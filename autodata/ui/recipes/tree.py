"""The evolution as a tree of versions, and the iterations as a table; both report what was clicked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from autodata.index.queries.recipes import IterationRow, Share, VersionRow
from autodata.ui.marks import draw_chip, draw_severity
from autodata.ui.parts import Column, build_table
from autodata.ui.text import ABSENT, format_count, shorten
from autodata.ui.tree import Tree, node

STATE_WORDS = {
    "baseline": "first",
    "testing": "under test",
    "candidate": "candidate",
    "discarded": "discarded",
    "alarmed": "alarm",
    "promoted": "default",
}
ENDS = {
    "kept": ("clear", "kept"),
    "discarded": ("undecided", "discarded"),
    "refused": ("flag", "refused by the guard"),
    "duplicate": ("undecided", "the same text again"),
    "failed": ("failed", "failed"),
    "open": ("unchecked", "under way"),
}
INDENT = 14
DEEPEST = 12
"""Levels that are indented; deeper ones stand under each other."""


def build_evolution(versions: Sequence[VersionRow], selected: str, height: int) -> Tree:
    """Every version under its parent, with its share of accepted sources and the interval; a click selects it."""
    lines = [_build_version(one, depth, one.version == selected) for one, depth in walk_tree(versions)]
    style = f"max-height:{height}px;overflow-y:auto"
    return node("div", {"class": "boxed", "style": style, "role": "list", "aria-label": "Versions"}, *lines)


def walk_tree(versions: Sequence[VersionRow]) -> Iterator[tuple[VersionRow, int]]:
    """Versions in the order of the tree, each with its depth. A version whose parent is unknown stands at the top."""
    known = {one.version for one in versions}
    children: dict[str, list[VersionRow]] = defaultdict(list)
    for one in versions:
        children[one.parent if one.parent in known and one.parent != one.version else ""].append(one)
    stack = [(one, 0) for one in reversed(children[""])]
    while stack:
        one, depth = stack.pop()
        yield one, depth
        stack += [(child, depth + 1) for child in reversed(children[one.version])]


def build_iterations(rows: Sequence[IterationRow], selected: int | None) -> Tree:
    """One line an iteration, the newest first: what came of it and why."""
    cells: list[list[Tree | None]] = []
    for row in sorted(rows, key=lambda one: -one.iteration):
        mark, words = ENDS.get(row.state, ("unchecked", row.state))
        act = f"version|{row.child}" if row.child and row.state != "refused" else f"iteration|{row.iteration}"
        tone = "accent" if row.state == "kept" else "alarm" if row.state in ("refused", "failed") else "muted"
        weight = "font-weight:600" if row.iteration == selected else None
        why = "; ".join(refusal.get("sentence", "") for refusal in row.refusals) or row.reason
        cells.append(
            [
                node("span", {"class": "link", "act": act, "style": weight}, str(row.iteration)),
                node("span", f"row {tone}", draw_severity(mark), words),
                node("span", {"dir": "auto", "title": row.summary}, shorten(row.summary, 90) or ABSENT),
                node("span", {"class": "small muted", "dir": "auto", "title": why}, shorten(why, 130)),
                format_count(row.calls),
            ]
        )
    columns = [
        Column("#", True, "34px"),
        Column("What came of it", width="170px"),
        Column("Change", width="30%"),
        Column("Why"),
        Column("Calls", True, "60px"),
    ]
    return build_table(columns, cells, "Iterations", fixed=True)


def build_share(share: Share, width: int = 96) -> Tree:
    """A share on a line from 0 to 1 with its 90 % interval."""
    low, high = share.interval
    if share.value is None:
        return node("span", {"class": "small muted", "style": f"width:{width}px;text-align:center"}, "not measured")
    x0, x1, at = (round(2 + value * (width - 4), 1) for value in (low, high, share.value))
    words = f"{share.accepted} of {share.of} accepted, 90 % interval {low:.2f} to {high:.2f}"
    return node(
        "svg",
        {"width": width, "height": 12, "role": "img", "aria-label": words},
        node("line", {"x1": 2, "x2": width - 2, "y1": 6, "y2": 6, "stroke": "var(--ad-line)", "stroke-width": 1}),
        node("line", {"x1": x0, "x2": x1, "y1": 6, "y2": 6, "stroke": "var(--ad-accent)", "stroke-width": 3,
            "opacity": 0.45}),
        node("circle", {"cx": at, "cy": 6, "r": 3.2, "fill": "var(--ad-accent)"}),
    )  # fmt: skip


def _build_version(one: VersionRow, depth: int, chosen: bool) -> Tree:
    step = INDENT * min(depth, DEEPEST)
    back = "background:var(--ad-accent-bg);" if chosen else ""
    style = (
        f"{back}padding:3px 10px 3px {10 + step}px;border-bottom:1px solid var(--ad-line);cursor:pointer;"
        "display:grid;grid-template-columns:70px 92px 1fr 40px 96px;gap:0 10px;align-items:center"
    )
    value = ABSENT if one.selected.value is None else f"{one.selected.value:.2f}"
    note = one.note or ("a person's text" if one.author == "person" else "")
    attributes = {
        "class": "hover",
        "style": style,
        "role": "listitem",
        "act": f"version|{one.version}",
        "aria-label": f"Version {one.version[:8]}, {STATE_WORDS.get(one.state, one.state)}",
    }
    return node(
        "div",
        {**attributes, "aria-current": "true"} if chosen else attributes,
        node("span", "mono", one.version[:8]),
        node("span", {"style": "justify-self:start"}, build_state(one.state)),
        node("span", {"class": "cut small", "dir": "auto", "title": note}, note),
        node("span", "num", value),
        build_share(one.selected),
    )


def build_state(state: str) -> Tree:
    """The state as a chip: filled only for the alarm, ticked for what a person made the default."""
    kinds = {"alarmed": "violation", "promoted": "clear", "testing": "unchecked", "candidate": "chosen"}
    return draw_chip(STATE_WORDS.get(state, state), kinds.get(state, "neutral"))
