"""The verdict strip: what is known about integrity, difficulty and validity; scores; the gap; the policy's clauses."""

from __future__ import annotations

from collections.abc import Sequence

from autodata.acceptance import bound_means
from autodata.index.queries.task import ClauseDetail, RoundDetail, TaskDetail
from autodata.policy import Policy
from autodata.ui.marks import draw_band, draw_severity
from autodata.ui.names import JUDGED, name_rule
from autodata.ui.review.interval import GapInterval, measure_interval
from autodata.ui.text import BAND_WORDS, OUTCOME_WORDS, format_gap, format_score
from autodata.ui.tree import Tree, node

INTEGRITY = {
    "same": ("clear", "", "same requests"),
    "declared": ("clear", "", "as declared"),
    "differs": ("violation", "alarm", "requests differ"),
    "not recorded": ("unchecked", "muted", "not recorded"),
    "one side": ("unchecked", "muted", "one side only"),
}
"""Parity word of the index → mark, tone, words. What it says is about the recorded requests, no more."""


def build_strip(detail: TaskDetail, shown: RoundDetail, policy: Policy | None) -> Tree:
    """The strip of the round that is shown; scores and clauses are that round's."""
    interval = measure_interval(
        [s for s in shown.weak_scores if s is not None], [s for s in shown.strong_scores if s is not None]
    )
    broken = detail.parity == "differs"
    return node(
        "div",
        {"class": "verdict broken" if broken else "verdict"},
        _build_axes(detail, broken),
        _build_scores(shown, policy),
        _build_gap(shown, interval, policy),
        _build_clauses(shown, policy),
    )


def _build_axes(detail: TaskDetail, broken: bool) -> Tree:
    mark, tone, words = INTEGRITY.get(detail.parity, INTEGRITY["not recorded"])
    if detail.incomplete:
        mark, tone, words = "unchecked", "muted", "incomplete records"
    rows = [
        (
            "Integrity",
            mark,
            tone,
            words,
            detail.incomplete or "weak and strong requests, byte for byte but for the model",
        ),
        ("Difficulty", "unchecked", "muted", "not certified", "no fresh rollouts were made"),
        ("Validity", "unchecked", "muted", "not checked", "nobody but the verifier has checked the task"),
    ]
    cells: list[Tree] = []
    for name, severity, colour, text, title in rows:
        weight = " strong-text" if severity == "violation" else ""
        cells.append(node("span", "muted", name))
        cells.append(
            node("span", {"class": f"row tight {colour}{weight}", "title": title}, draw_severity(severity, 12), text)
        )
    return node("div", "axes", *cells)


def _build_scores(shown: RoundDetail, policy: Policy | None) -> Tree:
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


def _build_gap(shown: RoundDetail, interval: GapInterval, policy: Policy | None) -> Tree:
    bounds = "" if interval.low is None else f"{format_gap(interval.low)} to {format_gap(interval.high)}"
    claimed = node(
        "div",
        {"class": "claim", "title": f"{interval.level:.0%} interval of the difference of means (Welch)"},
        node("div", "small muted", "Claimed gap"),
        node("div", "figure", format_gap(shown.gap)),
        node("div", "small muted", bounds or interval.note),
    )
    words = count_rollouts(shown, interval)
    rollouts = node("div", {"class": "rollouts small muted cut", "title": words}, words)
    certified = node(
        "div",
        "claim",
        node("div", "small muted", "Certified gap"),
        node("div", "figure faint", "–"),
        node("div", "row tight small muted", draw_severity("unchecked", 11), "not certified"),
    )
    return node("div", "gap", claimed, certified, _draw_interval(shown.gap, interval, policy), rollouts)


def count_rollouts(shown: RoundDetail, interval: GapInterval) -> str:
    """How many rollouts the gap rests on, of how many where a frugal round asked for fewer, and the weak spread."""
    asked = {
        solver: f"{n} of {side['planned']}" if (side := shown.rollouts.get(solver)) and side["saved"] else str(n)
        for solver, n in (("weak", interval.weak_n), ("strong", interval.strong_n))
    }
    spread = "" if shown.weak_spread is None else f", weak spread {format_score(shown.weak_spread)}"
    return f"{asked['weak']} + {asked['strong']} rollouts{spread}"


def _draw_interval(gap: float | None, interval: GapInterval, policy: Policy | None) -> Tree:
    bar = policy.gap_min if policy and policy.gap_min > -1 else None
    low = min(-0.1, *[v for v in (gap, interval.low) if v is not None], 0)
    high = max(0.6, *[v for v in (gap, interval.high) if v is not None], 0)

    def place(value: float) -> str:
        return f"{100 * (value - low) / (high - low):.2f}%"

    items: list[Tree] = [_rule(place(0.0), "var(--ad-muted)", 1)]
    if bar is not None:
        items.append(_rule(place(bar), "var(--ad-accent)", 1.6))
    if interval.low is not None and interval.high is not None:
        items.append(
            node(
                "line",
                {
                    "x1": place(interval.low),
                    "x2": place(interval.high),
                    "y1": 26,
                    "y2": 26,
                    "stroke": "var(--ad-muted)",
                    "stroke-width": 1.4,
                },
            )
        )
    if gap is not None:
        items.append(
            node(
                "rect",
                {
                    "x": place(gap),
                    "y": 22,
                    "width": 8,
                    "height": 8,
                    "transform": "translate(-4 0)",
                    "fill": "var(--ad-bg)",
                    "stroke": "var(--ad-muted)",
                    "stroke-width": 1.5,
                },
            )
        )
    labels = [(0.0, "0", ""), (high, f"{high:.2f}".rstrip("0").rstrip("."), "")]
    if bar is not None and bar != 0:
        labels.insert(1, (bar, f"{bar:.2f}".rstrip("0").rstrip("."), "accent"))
    for value, text, tone in labels:
        style = "fill:var(--ad-accent)" if tone else None
        items.append(node("text", {"x": place(value), "y": 78, "text-anchor": "middle", "style": style}, text))
    words = f"claimed gap {format_gap(gap)}, bar {format_gap(bar)}; {interval.note or 'interval drawn'}"
    return node(
        "div", "interval", node("svg", {"width": "100%", "height": 84, "role": "img", "aria-label": words}, *items)
    )


def _build_clauses(shown: RoundDetail, policy: Policy | None) -> Tree:
    band = BAND_WORDS.get(shown.band or "none", "Not measured")
    rule = name_rule(shown.policy or (policy.name if policy else ""))
    head = node(
        "div",
        "row tight",
        draw_band(shown.band, 12),
        node("span", None, f"{band}; rule ", node("b", None, rule)),
    )
    cells = [_build_clause(clause) for clause in shown.clauses[:6]]
    if policy is not None and policy.rule == "loop_judge":
        cells.append(_build_judged(shown))
    if not cells:
        cells = [
            node(
                "span", "muted small", f"outcome {OUTCOME_WORDS.get(shown.outcome, shown.outcome)}, no clause recorded"
            )
        ]
    return node("div", "clauses", head, node("div", "grid", *cells))


def _build_judged(shown: RoundDetail) -> Tree:
    """The condition of a loop judge's rule, which has no bounds of its own."""
    holds = True if shown.outcome == "accepted" else False if shown.outcome == "improve" else None
    severity = {True: "clear", False: "failed", None: "unchecked"}[holds]
    mark = node("span", f"mark {'accent' if holds else ''}", draw_severity(severity, 11))
    tone = {True: "", False: " alarm strong-text", None: " muted"}[holds]
    look = {"class": f"row tight small{tone}", "style": "grid-column:1 / -1"}
    title = shown.reason or OUTCOME_WORDS.get(shown.outcome, shown.outcome)
    return node("span", {**look, "title": title}, mark, node("span", "cut", JUDGED))


def _build_clause(clause: ClauseDetail) -> Tree:
    severity = {True: "clear", False: "failed", None: "unchecked"}[clause.holds]
    tone = {True: "", False: " alarm strong-text", None: " muted"}[clause.holds]
    colour = "accent" if clause.holds else ""
    measured = "not measured" if clause.measured is None else f"measured {format_score(clause.measured)}"
    mark = node("span", f"mark {colour}", draw_severity(severity, 11))
    return node("span", {"class": f"row tight small{tone}", "title": measured}, mark, node("span", "cut", clause.text))


def _frame(words: str, items: Sequence[Tree | None]) -> Tree:
    return node("svg", {"width": "100%", "height": 84, "role": "img", "aria-label": words}, *items)


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


def _rule(x: str, colour: str, width: float) -> Tree:
    return node("line", {"x1": x, "x2": x, "y1": 14, "y2": 62, "stroke": colour, "stroke-width": width})
