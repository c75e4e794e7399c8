"""The claimed gap and beside it the certified one, with their intervals on one axis."""

from __future__ import annotations

from autodata.audit.certified import DEFAULT_BAR
from autodata.index.queries.findings import AuditDetail
from autodata.index.queries.task import RoundDetail
from autodata.policy import Policy
from autodata.ui.marks import draw_severity
from autodata.ui.review.audit_view import AuditView
from autodata.ui.review.interval import GapInterval, measure_interval
from autodata.ui.text import format_gap, format_score
from autodata.ui.tree import Tree, node


def build_gap(shown: RoundDetail, policy: Policy | None, view: AuditView, *, own: bool) -> Tree:
    """Both gaps of a round; `own`: it is the task's own round, the only one that the certified gap is about."""
    interval = measure_interval(
        [s for s in shown.weak_scores if s is not None], [s for s in shown.strong_scores if s is not None]
    )
    bounds = "" if interval.low is None else f"{format_gap(interval.low)} to {format_gap(interval.high)}"
    claimed = node(
        "div",
        {"class": "claim", "title": f"{interval.level:.0%} interval of the difference of means (Welch)"},
        node("div", "small muted", "Claimed gap"),
        node("div", "figure", format_gap(shown.gap)),
        node("div", "small muted", bounds or interval.note),
    )
    audit = view.audit if own else None
    measured = audit is not None and audit.certified is not None
    words = count_rollouts(shown, interval)
    look = {"class": f"{'' if measured else 'rollouts '}small muted cut", "title": words}
    rollouts = node("div", look, words.partition(",")[0] if measured else words)
    fresh = None
    if audit is not None and measured:
        fresh = node("div", {"class": "small muted cut"}, f"{audit.fresh_weak} + {audit.fresh_strong} fresh answers")
    drawn = _draw_intervals(shown.gap, interval, policy, audit if measured else None)
    return node("div", "gap", claimed, _build_certified(audit, view, own), drawn, rollouts, fresh)


def find_bar(policy: Policy | None, audit: AuditDetail | None) -> float | None:
    """The smallest gap that counts: the one a gap was certified against, else the rule's; None for no such rule."""
    if audit is not None and audit.bar is not None:
        return audit.bar
    if policy is not None and policy.gap_min > -1:
        return policy.gap_min
    return None if audit is None or audit.certified is None else DEFAULT_BAR


def _build_certified(audit: AuditDetail | None, view: AuditView, own: bool) -> Tree:
    head = node("div", "small muted", "Certified gap")
    if audit is None or audit.certified is None:
        words = "hidden until decided" if view.blind else "not certified" if own else "not this round's"
        note = node("div", "row tight small muted keep", draw_severity("unchecked", 11), words)
        return node("div", "claim", head, node("div", "figure faint", "–"), note)
    tone = " alarm" if audit.difficulty == "not_real" else ""
    title = "mean strong minus mean weak on fresh answers to the auditor's own request, graded blind; 90 % interval"
    bounds = f"{format_gap(audit.low)} to {format_gap(audit.high)}"
    figure = node("div", f"figure{tone}", format_gap(audit.certified))
    return node("div", {"class": "claim", "title": title}, head, figure, node("div", "small muted", bounds))


def count_rollouts(shown: RoundDetail, interval: GapInterval) -> str:
    """How many rollouts the gap rests on, of how many where a frugal round asked for fewer, and the weak spread."""
    asked = {
        solver: f"{n} of {side['planned']}" if (side := shown.rollouts.get(solver)) and side["saved"] else str(n)
        for solver, n in (("weak", interval.weak_n), ("strong", interval.strong_n))
    }
    spread = "" if shown.weak_spread is None else f", weak spread {format_score(shown.weak_spread)}"
    return f"{asked['weak']} + {asked['strong']} rollouts{spread}"


def _draw_intervals(gap: float | None, interval: GapInterval, policy: Policy | None, audit: AuditDetail | None) -> Tree:
    """A claim is hollow, a measurement solid: both on one axis, with the bar between what counts and what does not."""
    bar = find_bar(policy, audit)
    fresh = (audit.certified, audit.low, audit.high) if audit else (None, None, None)
    known = [value for value in (gap, interval.low, interval.high, *fresh, 0.0) if value is not None]
    low, high = min(-0.1, *known), max(0.6, *known)

    def place(value: float) -> str:
        return f"{100 * (value - low) / (high - low):.2f}%"

    claimed_at, fresh_at = (26, 26) if audit is None else (24, 46)
    items: list[Tree] = [_rule(place(0.0), "var(--ad-muted)", 1)]
    if bar is not None:
        items.append(_rule(place(bar), "var(--ad-accent)", 1.6))
    if interval.low is not None and interval.high is not None:
        items.append(_reach(place(interval.low), place(interval.high), claimed_at, "var(--ad-muted)", 1.4))
    if gap is not None:
        square = {"x": place(gap), "y": claimed_at - 4, "width": 8, "height": 8, "transform": "translate(-4 0)"}
        items.append(node("rect", {**square, "fill": "var(--ad-bg)", "stroke": "var(--ad-muted)", "stroke-width": 1.5}))
    if audit is not None and audit.certified is not None:
        colour = "var(--ad-alarm)" if audit.difficulty == "not_real" else "var(--ad-ink)"
        if audit.low is not None and audit.high is not None:
            items.append(_reach(place(audit.low), place(audit.high), fresh_at, colour, 1.8))
        items.append(node("circle", {"cx": place(audit.certified), "cy": fresh_at, "r": 5, "fill": colour}))
    labels = [(0.0, "0", ""), (high, _shorten(high), "")]
    if bar is not None and bar != 0:
        labels.insert(1, (bar, _shorten(bar), "accent"))
    for value, text, tone in labels:
        style = "fill:var(--ad-accent)" if tone else None
        items.append(node("text", {"x": place(value), "y": 78, "text-anchor": "middle", "style": style}, text))
    words = f"claimed gap {format_gap(gap)}, bar {format_gap(bar)}; {interval.note or 'interval drawn'}"
    if audit is not None:
        words += f"; certified gap {format_gap(audit.certified)}, {format_gap(audit.low)} to {format_gap(audit.high)}"
    return node(
        "div", "interval", node("svg", {"width": "100%", "height": 84, "role": "img", "aria-label": words}, *items)
    )


def _shorten(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _reach(low: str, high: str, y: int, colour: str, width: float) -> Tree:
    return node("line", {"x1": low, "x2": high, "y1": y, "y2": y, "stroke": colour, "stroke-width": width})


def _rule(x: str, colour: str, width: float) -> Tree:
    return node("line", {"x1": x, "x2": x, "y1": 14, "y2": 62, "stroke": colour, "stroke-width": width})
