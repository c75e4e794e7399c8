"""What every page opens with: a sentence that says what is the matter, the Simulated chip, at most one action."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from autodata.ui.marks import draw_simulated, draw_sparkline
from autodata.ui.parts import set_code
from autodata.ui.piece import draw
from autodata.ui.tree import Tree, node


@dataclass(frozen=True, slots=True)
class Figure:
    """One key figure: a label, a value already formatted, a sub-line, a sparkline of `reach` pixels and a tone."""

    label: str
    value: str
    note: str = ""
    series: tuple[float | None, ...] = ()
    tone: str = "ink"
    reach: int = 84


def draw_page_head(
    sentence: str,
    note: str = "",
    *,
    key: str,
    simulated: bool = False,
    action: str = "",
    shortcut: str | None = None,
    aside: str = "",
    icon: str | None = None,
) -> bool:
    """Draw the page sentence; returns True when its one filled button was pressed in this run.

    `aside` stands beside the button: what it costs. `simulated` says that what is shown contains simulated data.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{key}.head"):
        words: list[Tree | None] = [node("div", {"class": "sentence", "role": "heading"}, sentence)]
        words.append(node("div", "note", note) if note else None)
        draw(node("div", "col", *words), key=f"{key}.sentence")
        if simulated:
            draw(draw_simulated(), key=f"{key}.simulated", width="content")
        pressed = False
        if action:
            pressed = st.button(action, key=f"{key}.action", type="primary", shortcut=shortcut, icon=icon)
        if aside:
            draw(node("div", "note small", aside), key=f"{key}.aside", width="content")
    return pressed


def draw_section_head(title: str, note: str = "", *, key: str, height: int | None = None) -> None:
    """A section's name with a quiet note after it; `height` in pixels stands it level with a row of widgets."""
    attributes = {"class": "head", "style": f"line-height:{height}px" if height else None}
    draw(node("div", attributes, title, node("span", "note", note) if note else None), key=key)


def draw_figures(figures: Sequence[Figure], *, key: str) -> None:
    """Key figures in one strip, each with its sub-line and sparkline."""
    draw(node("div", "figures", *[_build_figure(figure) for figure in figures]), key=key)


def draw_empty(sentence: str, note: str = "", *, key: str, action: str = "", shortcut: str | None = None) -> bool:
    """An empty state: what is, and the next step. True when its button was pressed."""
    body = node(
        "div",
        "empty",
        node("div", {"class": "sentence", "role": "heading"}, sentence),
        node("div", "note", note) if note else None,
    )
    draw(body, key=f"{key}.empty")
    return bool(action) and st.button(action, key=f"{key}.action", type="primary", shortcut=shortcut)


def draw_error(sentence: str, note: str = "", *, key: str, action: str = "") -> bool:
    """What blocks the page, what it rests on and what to do. Text that may hold a path is never read as Markdown."""
    body = node(
        "div",
        {"class": "paper col", "style": "border-left:3px solid var(--ad-alarm);margin:16px 0", "role": "alert"},
        node("div", {"class": "head", "style": "font-size:15px;line-height:22px"}, *set_code(sentence)),
        node("div", "note", note) if note else None,
    )
    draw(body, key=f"{key}.error")
    return bool(action) and st.button(action, key=f"{key}.action")


def _build_figure(figure: Figure) -> Tree:
    tone = "" if figure.tone == "ink" else f" {figure.tone}"
    spark = draw_sparkline(
        figure.series, tone="alarm" if figure.tone == "alarm" else "accent", width=figure.reach, label=figure.label
    )
    return node(
        "div",
        None,
        node("div", "small muted", figure.label),
        node("div", f"figure{tone}", figure.value),
        node("div", "under", node("span", "small muted cut", figure.note), spark),
    )
