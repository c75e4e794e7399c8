"""The Plotly template of the product, and the charts that several pages draw.

Colours are Streamlit's own palette slots, which the browser replaces by the theme's colours, so that a switch to dark
needs no rerun. They are replaced as text: never put one inside rgba(), use a trace's or shape's opacity.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from autodata.acceptance import bound_means
from autodata.policy import Policy
from autodata.ui.text import BAND_WORDS

ACC, WEAK, STRONG, ALARM, EASY = "#000001", "#000002", "#000003", "#000004", "#000005"
HARD, MUTED, LINE, INK, WASH = "#000006", "#000007", "#000008", "#000009", "#000010"
SEQUENTIAL = tuple(f"#0000{at}" for at in range(11, 21))
DIVERGING = tuple(f"#0000{at}" for at in range(21, 31))
PAGE = "#000038"
CONFIG = {"displayModeBar": False, "responsive": True}
AXIS = "axis"
"""Name of the annotations that are axis titles."""

BAND_COLOURS = {"right": ACC, "easy": EASY, "hard": HARD, "inverted": MUTED, "none": LINE}
BAND_MARKERS: dict[str, dict[str, Any]] = {
    "right": {"symbol": "diamond", "size": 7, "color": ACC, "opacity": 0.9},
    "easy": {"symbol": "triangle-down-open", "size": 7, "color": EASY, "opacity": 0.6, "line": {"width": 1.2}},
    "hard": {"symbol": "triangle-up", "size": 7, "color": HARD, "opacity": 0.6},
    "inverted": {
        "symbol": "x-thin",
        "size": 6,
        "color": MUTED,
        "opacity": 0.6,
        "line": {"width": 1.2, "color": MUTED},
    },
}


def make_figure(height: int, *, x_title: str = "", y_title: str = "", select: bool = False) -> go.Figure:
    """An empty figure in the product's template; `height` in pixels."""
    axis = {
        "showgrid": False,
        "zeroline": False,
        "showline": True,
        "linecolor": LINE,
        "ticks": "outside",
        "ticklen": 4,
        "tickcolor": LINE,
        "tickfont": {"size": 11, "color": MUTED},
        "automargin": False,
    }
    figure = go.Figure()
    figure.update_layout(
        height=height,
        margin={"l": 46, "r": 6, "t": 8, "b": 42},
        showlegend=False,
        dragmode="select" if select else False,
        font={"size": 12},
        hoverlabel={"font": {"size": 12}},
        bargap=0.14,
        xaxis=axis,
        yaxis=axis,
    )
    # Plotly's own titles are placed by measured tick labels, and land on them when the font arrives late.
    place = {"xref": "paper", "yref": "paper", "showarrow": False, "font": {"size": 12, "color": MUTED}}
    if x_title:
        figure.add_annotation(text=x_title, x=0.5, y=0, yanchor="top", yshift=-24, name=AXIS, **place)
    if y_title:
        figure.add_annotation(
            text=y_title, x=0, y=0.5, xanchor="center", yanchor="middle", xshift=-38, textangle=-90, name=AXIS, **place
        )
    return figure


def show_chart(figure: go.Figure, *, key: str, alt: str, select: bool = False, mode: str = "box") -> Any:
    """Draw a figure; `alt` says its finding. With `select`, a brushed box, or with mode "points" the mark that was
    clicked, comes back as `.selection`."""
    more: dict[str, Any] = {"on_select": "rerun", "selection_mode": mode} if select else {}
    return st.plotly_chart(figure, key=key, alt=alt, config=CONFIG, theme="streamlit", **more)


def make_map(
    points: pd.DataFrame | None,
    *,
    policy: Policy | None = None,
    density: pd.DataFrame | None = None,
    cell: float = 1 / 32,
    weak_only: pd.DataFrame | None = None,
    height: int = 420,
    select: bool = False,
    brush: tuple[float, float, float, float] | None = None,
) -> go.Figure:
    """Weak against strong mean score, both 0 to 1, with the policy's region.

    `points` has weak, strong, band, task_id, question; `density` (used when points is None) weak, strong, n with the
    lower corners of cells of width `cell`; `weak_only` weak, n: rounds whose strong side was not run, drawn as a strip
    under the map. `brush` is (weak_min, weak_max, strong_min, strong_max), drawn back as a rectangle.
    """
    figure = make_figure(height, x_title="weak, mean score", y_title="strong, mean score", select=select)
    strip = weak_only is not None and len(weak_only) > 0
    if policy is not None:
        taken = points if points is not None else density
        _add_region(figure, policy, filled=points is not None, corner=_find_clear_corner(policy, taken))
    figure.add_shape(
        type="line", x0=0, y0=0, x1=1, y1=1, line={"color": MUTED, "width": 1, "dash": "dot"}, layer="below"
    )
    if points is not None:
        _add_points(figure, points)
    elif density is not None and len(density):
        _add_density(figure, density, cell)
    if strip and weak_only is not None:
        _add_weak_strip(figure, weak_only, cell)
    if brush is not None:
        x0, x1, y0, y1 = brush
        figure.add_shape(type="rect", x0=x0, x1=x1, y0=y0, y1=y1, line={"color": INK, "width": 1.2, "dash": "dash"})
    values, words = [0, 0.2, 0.4, 0.6, 0.8, 1], ["0", "0.2", "0.4", "0.6", "0.8", "1"]
    figure.update_xaxes(range=[-0.02, 1.02], tickvals=values, ticktext=words)
    if strip:
        values, words = [-0.08, *values], ["not run", *words]
    figure.update_yaxes(range=[-0.12 if strip else -0.02, 1.02], tickvals=values, ticktext=words)
    return figure


def trace_region(policy: Policy) -> list[tuple[float, float]]:
    """Corners (weak, strong) of the region a policy accepts by its means.

    Empty when there is none: no means can pass, or a loop judge decides. Counts are read as shares of the answers.
    """
    if policy.rule == "loop_judge":
        return []
    policy = bound_means(policy)
    top = 1.0 if policy.strong_mean_max is None else policy.strong_mean_max
    right, bottom, gap = min(1.0, policy.weak_mean_max), max(0.0, policy.strong_mean_min), policy.gap_min
    corners = [(0.0, bottom), (0.0, top), (right, top), (right, bottom)]
    kept: list[tuple[float, float]] = []
    for (ax, ay), (bx, by) in zip(corners, corners[1:] + corners[:1], strict=True):
        a, b = ay - ax - gap, by - bx - gap
        if a >= 0:
            kept.append((ax, ay))
        if (a < 0) != (b < 0):
            t = a / (a - b)
            kept.append((ax + t * (bx - ax), ay + t * (by - ay)))
    return kept


def make_stacks(
    frame: pd.DataFrame,
    *,
    x: str,
    group: str,
    value: str = "share",
    order: Sequence[str] = ("right", "easy", "hard", "inverted", "none"),
    colours: dict[str, str] | None = None,
    words: dict[str, str] | None = None,
    height: int = 260,
    x_title: str = "round",
    named: bool = True,
) -> go.Figure:
    """Stacked bars of shares in [0, 1], one bar per `x`; `named` at the right end instead of in a legend."""
    colours, words = colours or BAND_COLOURS, words or BAND_WORDS
    figure = make_figure(height, x_title=x_title)
    table = frame.pivot_table(index=x, columns=group, values=value, aggfunc="sum", fill_value=0).sort_index()
    xs = [str(at) for at in table.index]
    base, named_until = 0.0, -1.0
    for name in [n for n in order if n in table.columns]:
        shares = [float(v) for v in table[name]]
        figure.add_bar(
            x=xs,
            y=shares,
            marker={"color": colours.get(name, MUTED), "line": {"width": 0}},
            name=words.get(name, name),
            hovertemplate="%{x}: %{y:.0%} " + words.get(name, name).lower() + "<extra></extra>",
        )
        middle = max(base + shares[-1] / 2, named_until + 0.07)
        if named and shares[-1] > 0:
            figure.add_annotation(
                x=1.01, xref="paper", xanchor="left", y=middle, text=words.get(name, name), showarrow=False,
                font={"size": 12, "color": MUTED},
            )  # fmt: skip
            named_until = middle
        base += shares[-1]
    figure.update_layout(barmode="stack", margin={"l": 46, "r": 96 if named else 6, "t": 8, "b": 42})
    figure.update_yaxes(range=[0, 1], tickvals=[0, 0.5, 1], ticktext=["0", "50 %", "100 %"])
    figure.update_xaxes(type="category")
    return figure


def _find_clear_corner(policy: Policy, marks: pd.DataFrame | None) -> tuple[float, float]:
    """Where the clauses can be read: (weak, strong) of the left or right edge at mid-height of a place without marks.

    Inside the region when its left part is empty, else below the diagonal, else far left under the region.
    """
    policy = bound_means(policy)
    top = 1.0 if policy.strong_mean_max is None else policy.strong_mean_max
    places = [(0.02, top - 0.10), (0.98, 0.12), (0.02, policy.strong_mean_min - 0.12), (0.98, 0.32)]
    if marks is None or marks.empty:
        return places[0]
    for x, y in places:
        across = marks["weak"].between(-0.05, 0.36) if x < 0.5 else marks["weak"].between(0.62, 1.0)
        if not (across & marks["strong"].between(y - 0.14, y + 0.10)).any():
            return x, y
    return places[1]


def _add_region(figure: go.Figure, policy: Policy, *, filled: bool, corner: tuple[float, float]) -> None:
    corners = trace_region(policy)
    if not corners:
        return
    path = "M " + " L ".join(f"{x:.4f},{y:.4f}" for x, y in corners) + " Z"
    if filled:
        figure.add_shape(type="path", path=path, fillcolor=ACC, opacity=0.10, line={"width": 0}, layer="below")
    figure.add_shape(type="path", path=path, line={"color": ACC, "width": 1.4}, layer="above")
    x, y = corner
    side = "left" if x < 0.5 else "right"
    figure.add_annotation(
        x=x, y=y, xanchor=side, yanchor="middle", align=side, showarrow=False,
        text="<b>accept</b><br>" + "<br>".join(describe_region(policy)), font={"size": 11, "color": ACC},
    )  # fmt: skip


def describe_region(policy: Policy) -> list[str]:
    """The region's clauses, one per line."""
    if policy.rule == "counts":
        weak_most, strong_fewest = policy.weak_correct_max, policy.strong_correct_min
        return [
            f"weak right ≤ {weak_most} of {policy.weak_rollouts}",
            f"strong right ≥ {strong_fewest} of {policy.strong_rollouts}",
        ]
    weak = f"weak {'≤' if policy.weak_mean_inclusive else '<'} {policy.weak_mean_max:.2f}"
    sign = "≤" if policy.strong_mean_min_inclusive else "<"
    strong = f"{policy.strong_mean_min:.2f} {sign} strong"
    if policy.strong_mean_max is not None:
        strong += f" < {policy.strong_mean_max:.2f}"
    return [weak, strong, f"gap ≥ {policy.gap_min:.2f}"]


def _add_points(figure: go.Figure, points: pd.DataFrame) -> None:
    for band, marker in BAND_MARKERS.items():
        some = points[points["band"] == band]
        if len(some):
            figure.add_scatter(
                x=some["weak"], y=some["strong"], mode="markers", marker=marker, name=BAND_WORDS[band],
                customdata=some["task_id"], hovertemplate="weak %{x:.2f}, strong %{y:.2f}<extra>%{customdata}</extra>",
            )  # fmt: skip


def _add_density(figure: go.Figure, density: pd.DataFrame, cell: float) -> None:
    cells = density.groupby(["weak", "strong"], as_index=False)["n"].sum()
    bins = round(1 / cell)
    grid: list[list[float | None]] = [[None] * bins for _ in range(bins)]
    counts = [[0] * bins for _ in range(bins)]
    for weak, strong, n in cells.itertuples(index=False):
        at_x, at_y = min(bins - 1, round(weak / cell)), min(bins - 1, round(strong / cell))
        counts[at_y][at_x] += int(n)
        grid[at_y][at_x] = sqrt(counts[at_y][at_x])
    centres = [(at + 0.5) * cell for at in range(bins)]
    scale = [[at / (len(SEQUENTIAL) - 3), colour] for at, colour in enumerate(SEQUENTIAL[2:])]
    figure.add_heatmap(
        x=centres, y=centres, z=grid, customdata=counts, colorscale=scale, showscale=False, xgap=1, ygap=1,
        hovertemplate="weak %{x:.2f}, strong %{y:.2f}: %{customdata} rounds<extra></extra>", zmin=0,
    )  # fmt: skip


def _add_weak_strip(figure: go.Figure, weak_only: pd.DataFrame, cell: float) -> None:
    """Rounds whose strong side was not run have a place on the weak axis only: a strip below the map."""
    counts: dict[int, int] = {}
    for weak, n in weak_only[["weak", "n"]].itertuples(index=False):
        at = min(round(1 / cell) - 1, int(weak / cell + 1e-9))
        counts[at] = counts.get(at, 0) + int(n)
    most = max(counts.values())
    figure.add_bar(
        x=[(at + 0.5) * cell for at in counts],
        y=[0.012 + 0.053 * sqrt(n / most) for n in counts.values()],
        base=-0.105,
        width=cell * 0.9,
        marker={"color": EASY, "line": {"width": 0}},
        opacity=0.75,
        customdata=list(counts.values()),
        hovertemplate="weak %{x:.2f}, strong not run: %{customdata} rounds<extra></extra>",
    )
