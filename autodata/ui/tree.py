"""Trees: the only form in which own markup reaches the browser, drawn there with text nodes only.

A tree is a string, or `[tag, attributes, children]`. Because a string is always a text node, nothing a model wrote can
become an element; because tags and attributes are listed here, nothing our own code writes can load or run anything.
The attribute `act` is not an attribute of the page: it marks a node as a button and is what a click reports.
"""

from __future__ import annotations

import re
from typing import Any

Tree = str | list[Any]

# fmt: off
TAGS = frozenset({
    "div", "span", "b", "i", "p", "br", "mark", "del", "ins", "table", "thead", "tbody", "tfoot", "tr", "th", "td",
    "svg", "g", "path", "line", "rect", "circle", "polyline", "polygon", "text", "tspan",
})
ATTRIBUTES = frozenset({
    "class", "style", "title", "role", "dir", "tabindex", "colspan", "rowspan", "act", "width", "height", "viewBox",
    "preserveAspectRatio", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "d", "points",
    "transform", "dx", "dy", "fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap",
    "stroke-linejoin", "opacity", "text-anchor",
})
# fmt: on
_ARIA = re.compile(r"aria-[a-z]+")


def node(tag: str, attributes: dict[str, Any] | str | None = None, *children: Tree | None) -> Tree:
    """One element. `attributes` may be just its class; children that are None are left out.

    Raises ValueError for a tag or attribute outside the lists.
    """
    given = {"class": attributes} if isinstance(attributes, str) else dict(attributes or {})
    attrs = {name: str(value) for name, value in given.items() if value is not None}
    _check_element(tag, attrs)
    return [tag, attrs, [child for child in children if child is not None]]


def check_tree(tree: Tree) -> Tree:
    """The same tree when everything in it is allowed; raises ValueError naming what is not."""
    if isinstance(tree, str):
        return tree
    if not (isinstance(tree, list) and len(tree) == 3 and isinstance(tree[1], dict) and isinstance(tree[2], list)):
        raise ValueError(f"not a tree: {tree!r:.80}")
    _check_element(tree[0], tree[1])
    for child in tree[2]:
        check_tree(child)
    return tree


def collect_text(tree: Tree) -> str:
    """All text of a tree, in order: what a reader would see."""
    return tree if isinstance(tree, str) else "".join(collect_text(child) for child in tree[2])


def _check_element(tag: object, attributes: dict[str, Any]) -> None:
    if tag not in TAGS:
        raise ValueError(f"tag {tag!r} may not be drawn")
    for name, value in attributes.items():
        if name not in ATTRIBUTES and not _ARIA.fullmatch(name):
            raise ValueError(f"attribute {name!r} may not be drawn")
        if name == "style" and "url(" in str(value).lower():
            raise ValueError("a style may not load anything")
