"""Scores over the search: every evaluation with its interval, and what kept versions came to when measured again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from autodata.index.queries.recipes import ScorePoint, VersionRow
from autodata.ui.charts import ACC, MUTED, STRONG, make_figure
from autodata.ui.parts import build_pairs
from autodata.ui.recipes.tree import build_share
from autodata.ui.text import ABSENT, count_of, format_count, format_gap
from autodata.ui.tree import Tree, node


def make_scores(points: Sequence[ScorePoint], versions: Sequence[VersionRow], height: int) -> go.Figure:
    """Share of accepted held-out sources by iteration. Kept versions are diamonds, evaluations again are rings."""
    kept = {one.version for one in versions if one.state in ("candidate", "promoted", "alarmed", "baseline")}
    born = {one.version: one.iteration for one in versions}
    figure = make_figure(height, x_title="iteration", y_title="accepted share")
    groups: dict[str, list[ScorePoint]] = {"again": [], "kept": [], "other": []}
    for point in points:
        if point.share.value is None:
            continue
        again = born.get(point.version) != point.iteration
        groups["again" if again else "kept" if point.version in kept else "other"].append(point)
    looks = (
        ("other", "discarded", {"symbol": "x-thin", "size": 7, "color": MUTED, "line": {"width": 1.4, "color": MUTED}}),
        ("again", "measured again", {"symbol": "circle-open", "size": 7, "color": STRONG, "line": {"width": 1.4}}),
        ("kept", "kept", {"symbol": "diamond", "size": 8, "color": ACC}),
    )
    for name, words, marker in looks:
        own = groups[name]
        if not own:
            continue
        values = [point.share.value or 0.0 for point in own]
        bounds = [point.share.interval for point in own]
        figure.add_scatter(
            x=[point.iteration or 0 for point in own], y=values, mode="markers", marker=marker, name=words,
            error_y={
                "type": "data", "symmetric": False, "thickness": 1, "width": 0, "color": marker["color"],
                "array": [high - value for value, (_, high) in zip(values, bounds, strict=True)],
                "arrayminus": [value - low for value, (low, _) in zip(values, bounds, strict=True)],
            },
            customdata=[f"{p.version[:8]}, {p.share.accepted} of {p.share.of}" for p in own],
            hovertemplate="%{y:.2f}<extra>%{customdata}</extra>",
        )  # fmt: skip
    figure.update_layout(
        showlegend=True, legend={"orientation": "h", "x": 1, "xanchor": "right", "y": 1.14, "font": {"size": 12}}
    )
    figure.update_yaxes(range=[0, 1.02], tickvals=[0, 0.25, 0.5, 0.75, 1])
    return figure


def describe_scores(points: Sequence[ScorePoint]) -> str:
    """The chart for those who cannot see it."""
    values = [point.share.value for point in points if point.share.value is not None]
    if not values:
        return "Nothing was measured yet."
    return (
        f"{len(values)} evaluations on held-out sources, accepted shares from {min(values):.2f} to {max(values):.2f}."
    )


def build_measures(one: VersionRow) -> Tree:
    """What is known of a version: selected by, again, third set, certified share, length and calls."""
    rows: list[tuple[str, Tree]] = [
        (words, node("span", "row", build_share(share), node("span", "small muted", _count(share.accepted, share.of))))
        for words, share in (
            ("Held-out set", one.selected),
            ("Measured again", one.remeasured),
            ("Third set", one.third),
        )
    ]
    certified = f"{one.real} of {one.measured} gaps real on fresh answers" if one.measured else "no gap measured again"
    return build_pairs(
        [
            *rows,
            ("Certified", node("span", None, certified)),
            ("Length", node("span", None, f"{format_count(one.length)} characters")),
            ("Cost", node("span", None, f"{format_count(one.calls)} calls")),
        ],
        width=108,
    )


def describe_confirmation(found: Mapping[str, Any] | None, mode: str) -> str:
    """What the set that nobody selects by says of two recipes, as a sentence; "" before it was asked."""
    if not found:
        return ""
    first, second = ("the first recipe", "the best kept one") if mode == "search" else ("the first", "the second")
    where = "On the third set" if mode == "search" else "On the same sources"
    low, high = (format_gap(found[name]) for name in ("lower", "upper"))
    left_out = f"; {found['incomplete']} left out" if found.get("incomplete") else ""
    return (
        f"{where}, {count_of(found['pairs'], 'pair')}{left_out}: {first} {found['first_rate']:.2f}, {second} "
        f"{found['second_rate']:.2f}, difference {low} to {high} (90 %), one-sided p {found['p']:.2f}."
    )


def _count(accepted: int, of: int) -> str:
    return f"{accepted} of {of}" if of else ABSENT
