"""The scores of a round on one axis from 0 to 1: every rollout, both means, and where the rule allows the means."""

from __future__ import annotations

from collections.abc import Sequence

from autodata.acceptance import bound_means
from autodata.index.queries.task import RoundDetail
from autodata.policy import Policy
from autodata.ui.text import format_score
from autodata.ui.tree import Tree, node


def build_scores(shown: RoundDetail, policy: Policy | None) -> Tree:
    """Weak as rings, strong as discs; means above, rollouts below, allowed zones on the axis."""
    weak = [s for s in shown.weak_scores if s is not None]
    strong = [s for s in shown.strong_scores if s is not None]
    items: list[Tree | None] = [*_draw_axis(), *_draw_zones(policy)]
    if shown.weak is not None and shown.strong is not None:
        items.append(_line(shown.weak, shown.strong, 32, "var(--ad-ink)", 1.6))
    items += [_dot("weak", at, 48, 3.4) for at in weak]
    items += [_dot("strong", at, 48, 3.4) for at in strong]
    items += [_dot("weak", shown.weak, 32, 6), _dot("strong", shown.strong, 32, 6)]
    items += _draw_labels(shown.weak, shown.strong)
    words = f"weak {format_score(shown.weak)}, strong {format_score(shown.strong)}, on a scale from 0 to 1"
    missing = None
    if shown.strong is None:
        side = "left:14px" if (shown.weak or 0) > 0.5 else "right:14px"
        words_missing = "strong not run" if weak else "not measured"
        missing = node("span", {"class": "notrun muted small", "style": side}, words_missing)
    return node(
        "div",
        "scores",
        node("svg", {"width": "100%", "height": 84, "role": "img", "aria-label": words}, *items),
        missing,
    )


def _draw_axis() -> list[Tree]:
    base: list[Tree] = [
        node("line", {"x1": "0%", "x2": "100%", "y1": 62, "y2": 62, "stroke": "var(--ad-line2)", "stroke-width": 1})
    ]
    for tenth in range(11):
        at = f"{tenth * 10}%"
        base.append(
            node("line", {"x1": at, "x2": at, "y1": 62, "y2": 65, "stroke": "var(--ad-line2)", "stroke-width": 1})
        )
    for value, text in ((0, "0"), (50, "0.5"), (100, "1")):
        base.append(node("text", {"x": f"{value}%", "y": 79, "text-anchor": "middle"}, text))
    return base


def _draw_zones(policy: Policy | None) -> list[Tree]:
    """Where the rule allows each mean to be, as a bar above (weak) and below (strong) the axis."""
    if policy is None or policy.rule == "loop_judge":
        return []
    policy = bound_means(policy)
    top = 1.0 if policy.strong_mean_max is None else policy.strong_mean_max
    zones = [("weak", 0.0, policy.weak_mean_max, 57), ("strong", policy.strong_mean_min, top, 60)]
    return [
        node(
            "rect",
            {
                "x": f"{100 * low:.1f}%",
                "y": y,
                "width": f"{100 * (high - low):.1f}%",
                "height": 3,
                "fill": f"var(--ad-{solver})",
                "opacity": 0.55,
            },
        )
        for solver, low, high, y in zones
        if high > low
    ]


def _draw_labels(weak: float | None, strong: float | None) -> list[Tree]:
    near = weak is not None and strong is not None and abs(strong - weak) < 0.2
    first = "weak" if weak is not None and strong is not None and weak <= strong else "strong"
    labels: list[Tree] = []
    for solver, value in (("weak", weak), ("strong", strong)):
        if value is None:
            continue
        anchor, shift = "middle", 0
        if near:
            anchor, shift = ("end", -2) if solver == first else ("start", 2)
        if value < 0.08:
            anchor, shift = "start", -8
        if value > 0.92:
            anchor, shift = "end", 8
        style = f"fill:var(--ad-{solver});font-size:12.5px;font-weight:600"
        attributes = {"x": f"{100 * value:.2f}%", "dx": shift, "y": 19, "text-anchor": anchor, "style": style}
        labels.append(node("text", attributes, f"{solver} {format_score(value)}"))
    return labels


def _dot(solver: str, value: float | None, y: int, radius: float) -> Tree | None:
    if value is None:
        return None
    big = radius > 5
    fill = f"var(--ad-{solver})" if solver == "strong" else "var(--ad-bg)"
    return node(
        "circle",
        {
            "cx": f"{100 * value:.2f}%",
            "cy": y,
            "r": radius - (1 if solver == "weak" else 0),
            "fill": fill,
            "stroke": f"var(--ad-{solver})",
            "stroke-width": 2.2 if big else 1.5,
        },
    )


def _line(low: float, high: float, y: int, colour: str, width: float) -> Tree:
    at: Sequence[float] = (100 * low, 100 * high)
    return node(
        "line",
        {"x1": f"{at[0]:.2f}%", "x2": f"{at[1]:.2f}%", "y1": y, "y2": y, "stroke": colour, "stroke-width": width},
    )
