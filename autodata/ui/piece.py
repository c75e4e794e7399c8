"""The component `piece`: draws a tree in a shadow root and reports clicks on nodes marked with `act`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from autodata.ui.tree import Tree, check_tree, node

__all__ = ["Tree", "draw", "node", "read_asset"]

HERE = Path(__file__).parent


def draw(
    tree: Tree,
    *,
    key: str,
    on_click: Callable[..., None] | None = None,
    args: tuple[Any, ...] = (),
    width: Literal["stretch", "content"] | int = "stretch",
    height: Literal["stretch", "content"] | int = "content",
) -> str | None:
    """Draw `tree`; returns the `act` of the node that was clicked in this run, else None.

    `on_click(act, *args)` runs before the page does. Raises ValueError for a tag or attribute that may not be drawn.
    """
    check_tree(tree)

    def report() -> None:
        act = st.session_state[key].get("clicked")
        if on_click is not None and act is not None:
            on_click(act, *args)

    result = _mount_piece()(key=key, data={"tree": tree}, width=width, height=height, on_clicked_change=report)
    clicked = result.clicked
    return str(clicked) if clicked is not None else None


@cache
def read_asset(name: str) -> str:
    """Text of a file beside this module (a stylesheet or script)."""
    return (HERE / name).read_text(encoding="utf-8")


@st.cache_resource(show_spinner=False)
def _mount_piece() -> Any:
    """Registered once per server: a component registered anew is mounted anew."""
    return st.components.v2.component(
        "autodata_piece",
        html='<div class="piece">\n</div>',
        css=read_asset("shadow.css") + "\n" + read_asset("review/review.css"),
        js=read_asset("tree.js") + "\n" + read_asset("piece.js"),
    )
