"""The map of claimed against certified gaps, in the template of the product's charts, and its key."""

from __future__ import annotations

from html import escape
from math import ceil, floor, sqrt
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from autodata.index.queries.audit_gaps import CELL, GapMap
from autodata.ui.charts import ACC, ALARM, INK, LINE, MUTED, PAGE, SEQUENTIAL, make_figure
from autodata.ui.text import format_count, format_gap
from autodata.ui.tree import Tree, node

MARKERS: dict[str, dict[str, Any]] = {
    "real": {"symbol": "circle", "size": 7, "color": ACC, "line": {"width": 0}},
    "undecided": {"symbol": "circle", "size": 7, "color": PAGE, "line": {"width": 1.5, "color": MUTED}},
    "not_real": {"symbol": "square", "size": 8, "color": ALARM, "line": {"width": 0}},
}
"""A certified gap's mark by its verdict; shape and filling say it without colour."""
COLOURS = {"real": ACC, "undecided": MUTED, "not_real": ALARM}
WORDS = {"real": "real", "undecided": "undecided", "not_real": "not real"}
FAINT = 400
"""Marks from which intervals are drawn fainter, so that the marks stay readable."""


def make_gap_map(data: GapMap, bar: float, *, height: int, selected: str = "") -> go.Figure:
    """Certified gap over claimed gap with 90 % intervals; above a few thousand tasks how many lie where.

    `bar` is the gap from which a task is worth keeping; on the diagonal the claim holds. The selected task's mark and
    interval are larger and carry its id.
    """
    figure = make_figure(height, x_title="claimed gap, recorded answers", y_title="certified gap, fresh answers")
    figure.update_layout(hovermode="closest")
    low_x, high_x, low_y, high_y = _find_ranges(data, bar)
    if data.points is not None:
        _add_points(figure, data.points, selected)
    elif data.density is not None:
        _add_density(figure, data.density)
    figure.add_shape(type="line", x0=low_x, x1=high_x, y0=bar, y1=bar, line={"color": ACC, "width": 1.4}, layer="below")
    figure.add_shape(type="line", x0=low_x, x1=high_x, y0=0, y1=0, line={"color": LINE, "width": 1}, layer="below")
    ends = max(low_x, low_y), min(high_x, high_y)
    dotted = {"color": MUTED, "width": 1, "dash": "dot"}
    figure.add_shape(type="line", x0=ends[0], y0=ends[0], x1=ends[1], y1=ends[1], line=dotted, layer="below")
    word = {"showarrow": False, "font": {"size": 11, "color": MUTED}}
    # Above the line's end, or left of it where it leaves the map at the top.
    above = "bottom" if ends[1] < high_y else "top"
    figure.add_annotation(
        x=ends[1], y=ends[1], xanchor="right", xshift=-6, yanchor=above, yshift=2, text="claim holds", **word
    )
    figure.add_annotation(
        x=high_x, y=bar, xanchor="right", yanchor="bottom", text=f"bar {bar:.2f}", showarrow=False,
        font={"size": 11, "color": ACC},
    )  # fmt: skip
    for update, low, high in ((figure.update_xaxes, low_x, high_x), (figure.update_yaxes, low_y, high_y)):
        width = 0.1 if high - low <= 0.6 else 0.2
        ticks = [round(width * step, 1) for step in range(floor(low / width), ceil(high / width) + 1)]
        shown = [tick for tick in ticks if low <= tick <= high]
        update(range=[low, high], tickvals=shown, ticktext=[f"{tick:g}".replace("-", "−") for tick in shown])
    return figure


def build_key(data: GapMap, chosen: str) -> Tree:
    """Marks with their words and counts; a click reports the verdict. What is not certified stands last, dashed."""
    counts = {"real": data.real, "undecided": data.undecided, "not_real": data.not_real}
    parts: list[Tree] = [
        _build_part(name, word, counts[name], "alarm" if name == "not_real" else "", name == chosen)
        for name, word in WORDS.items()
    ]
    parts.append(_build_part("not_certified", "not certified", data.uncertified, "muted", chosen == "not_certified"))
    return node("div", {"class": "row wrap small", "style": "gap:4px 14px;padding-left:46px"}, *parts)


def describe_map(data: GapMap) -> str:
    """The map's finding in a sentence, for those who cannot see it."""
    return (
        f"Of {data.total:,} certified tasks {data.real:,} are real, {data.undecided:,} undecided, "
        f"{data.not_real:,} not real; claimed {format_gap(data.claimed)}, "
        f"certified {format_gap(data.certified)} on average"
    )


def _build_part(name: str, word: str, count: int, tone: str, chosen: bool) -> Tree:
    line = {"cx": 5, "cy": 5, "r": 3.7, "fill": "none", "stroke": "var(--ad-muted)", "stroke-width": 1.4}
    shapes = {
        "real": node("circle", {"cx": 5, "cy": 5, "r": 4, "fill": "var(--ad-accent)"}),
        "undecided": node("circle", line),
        "not_real": node("rect", {"x": 1, "y": 1, "width": 8, "height": 8, "fill": "var(--ad-alarm)"}),
    }
    shape = shapes.get(name, node("circle", {**line, "stroke-dasharray": "2.2 1.8"}))
    mark = node("span", "mark", node("svg", {"width": 10, "height": 10, "viewBox": "0 0 10 10"}, shape))
    style = "gap:5px;border-bottom:2px solid " + ("var(--ad-accent)" if chosen else "transparent")
    label = f"{count} {word}: {'show all again' if chosen else 'show only these'}"
    words = node("span", tone or None, word, " ", node("b", None, format_count(count)))
    return node("span", {"class": "row", "style": style, "act": name, "aria-label": label}, mark, words)


def _add_points(figure: go.Figure, points: pd.DataFrame, selected: str) -> None:
    for verdict, marker in MARKERS.items():
        some = points[points["difficulty"] == verdict]
        if not len(some):
            continue
        _add_intervals(figure, some, COLOURS[verdict], 1, 0.35 if len(points) > FAINT else 0.75)
        figure.add_scatter(
            x=some["claimed"], y=some["certified"], mode="markers", marker=marker, name=WORDS[verdict],
            customdata=some[["task_id", "low", "high"]],
            selected={"marker": {"opacity": 1}}, unselected={"marker": {"opacity": 1}},
            hovertemplate="claimed %{x:+.2f}, certified %{y:+.2f}<br>90 % interval %{customdata[1]:+.2f} to "
            "%{customdata[2]:+.2f}<extra>%{customdata[0]}</extra>",
        )  # fmt: skip
    own = points[points["task_id"] == selected]
    if len(own):
        verdict = str(own["difficulty"].iloc[0])
        colour = COLOURS.get(verdict, INK)
        marker = {**MARKERS.get(verdict, MARKERS["undecided"]), "size": 10}
        _add_intervals(figure, own, colour, 2, 1)
        figure.add_scatter(
            x=own["claimed"], y=own["certified"], mode="markers", marker=marker, hoverinfo="skip",
            customdata=own[["task_id"]], selected={"marker": {"opacity": 1}}, unselected={"marker": {"opacity": 1}},
        )  # fmt: skip
        figure.add_annotation(
            x=float(own["claimed"].iloc[0]), y=float(own["certified"].iloc[0]), text=f"<b>{escape(selected)}</b>",
            showarrow=False, xanchor="right", xshift=-9, yshift=8, font={"size": 12, "color": colour},
            bgcolor=PAGE, borderpad=1,
        )  # fmt: skip


def _add_intervals(figure: go.Figure, points: pd.DataFrame, colour: str, width: int, opacity: float) -> None:
    """All intervals of one colour as one broken line: thousands of error bars would be thousands of elements."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    for x, low, high in points[["claimed", "low", "high"]].itertuples(index=False):
        if low == low and high == high:
            xs += [x, x, None]
            ys += [low, high, None]
    figure.add_scatter(
        x=xs, y=ys, mode="lines", line={"color": colour, "width": width}, opacity=opacity, hoverinfo="skip"
    )


def _add_density(figure: go.Figure, density: pd.DataFrame) -> None:
    table = density.pivot_table(index="certified", columns="claimed", values="n", aggfunc="sum")
    counts = table.to_numpy()
    grid = [[None if n != n else sqrt(n) for n in row] for row in counts]
    scale = [[at / (len(SEQUENTIAL) - 3), colour] for at, colour in enumerate(SEQUENTIAL[2:])]
    figure.add_heatmap(
        x=[x + CELL / 2 for x in table.columns], y=[y + CELL / 2 for y in table.index], z=grid, customdata=counts,
        colorscale=scale, showscale=False, xgap=1, ygap=1, zmin=0,
        hovertemplate="claimed %{x:+.2f}, certified %{y:+.2f}: %{customdata} tasks<extra></extra>",
    )  # fmt: skip


def _find_ranges(data: GapMap, bar: float) -> tuple[float, float, float, float]:
    """Both axes' ends: everything drawn, the bar and 0, on a grid of tenths."""
    xs, ys = [bar], [0.0, bar]
    if data.points is not None and len(data.points):
        xs += list(data.points["claimed"])
        ys += [v for name in ("certified", "low", "high") for v in data.points[name] if v == v]
    elif data.density is not None and len(data.density):
        xs += [float(data.density["claimed"].min()), float(data.density["claimed"].max()) + CELL]
        ys += [float(data.density["certified"].min()), float(data.density["certified"].max()) + CELL]
    return min(xs) - 0.03, max(xs) + 0.05, max(-1.05, min(ys) - 0.05), min(1.05, max(ys) + 0.05)
