"""The map's key and the distributions of bands, as trees."""

from __future__ import annotations

import pandas as pd

from autodata.ui.marks import draw_band
from autodata.ui.parts import build_segments
from autodata.ui.text import BAND_WORDS, count_of, format_count, format_share
from autodata.ui.tree import Tree, node

TONES = {"right": "accent", "easy": "easy", "hard": "hard", "inverted": "line2"}


def build_key(counts: dict[str, int], weak_only: int, violated: int = 0) -> Tree:
    """Marks with their words and counts, under the map; `violated` of them carry a ring."""
    marks: list[Tree] = [
        node(
            "span",
            {"class": "row small", "style": "gap:5px"},
            draw_band(band),
            BAND_WORDS[band],
            node("b", None, format_count(n)),
        )
        for band, n in counts.items()
    ]
    if violated:
        circle = {"cx": 6, "cy": 6, "r": 5, "fill": "none", "stroke": "var(--ad-alarm)", "stroke-width": 1.6}
        ring = node("svg", {"width": 12, "height": 12}, node("circle", circle))
        look = {"class": "row small alarm", "style": "gap:5px"}
        marks.append(node("span", look, ring, "Violation", node("b", None, format_count(violated))))
    if weak_only:
        title = "The strong side runs only when the weak side passes, so these have no place on the map."
        words = f"{count_of(weak_only, 'task')} without a strong side"
        marks.append(node("span", {"class": "small muted", "title": title}, words))
    return node("div", {"class": "row wrap", "style": "gap:4px 14px"}, *marks)


def build_distribution(frame: pd.DataFrame, group: str, chosen: str = "") -> Tree:
    """One stacked bar a group with the share of Right at its end; a click on a bar filters by it.

    `frame` has key, label, band, n; a band that was not measured stays an empty part of the bar.
    """
    if frame.empty:
        return node("span", "muted", "Nothing to count yet.")
    rows: list[Tree] = []
    for key in frame["key"].drop_duplicates():
        some = frame[frame["key"] == key]
        total = int(some["n"].sum())
        by_band = dict(zip(some["band"], some["n"], strict=True))
        label = str(some["label"].iloc[0])
        name = f"Round {label}" if group == "round" else label
        right = int(by_band.get("right", 0))
        words = ", ".join(f"{n} {BAND_WORDS[band].lower()}" for band, n in by_band.items())
        bar = build_segments([(tone, by_band.get(band, 0) / total) for band, tone in TONES.items()], words, height=10)
        tone = "accent" if key == chosen else ""
        cells = [
            node("span", {"class": f"cut {tone}", "title": f"{name}: {words}", "dir": "auto"}, name),
            bar,
            node("span", "num", format_share(right, total), node("span", "muted small", f" of {format_count(total)}")),
        ]
        style = "display:grid;grid-template-columns:124px 1fr 100px;gap:10px;align-items:center;padding:3px 0"
        rows.append(node("div", {"class": "hover", "style": style, "act": f"{group}:{key}"}, *cells))
    # Many runs scroll in their own box: the page does not grow past the screen.
    box = {"style": "max-height:max(104px, calc(100vh - 778px));overflow-y:auto", "tabindex": "0"}
    return node("div", box, *rows)
