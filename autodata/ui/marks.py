"""The marks of states as trees: a shape for every state, so that nothing rests on colour alone (docs: the look)."""

from __future__ import annotations

from collections.abc import Sequence

from autodata.ui.text import format_score
from autodata.ui.tree import Tree, node

OCTAGON = "5,1 11,1 15,5 15,11 11,15 5,15 1,11 1,5"


def draw_solver(solver: str, size: int = 11) -> Tree:
    """Ring for weak, disc for strong."""
    if solver == "weak":
        shape = node(
            "circle", {"cx": 6, "cy": 6, "r": 4.4, "fill": "none", "stroke": "var(--ad-weak)", "stroke-width": 2}
        )
    else:
        shape = node("circle", {"cx": 6, "cy": 6, "r": 5.4, "fill": "var(--ad-strong)"})
    return _svg(shape, size, 12, solver)


def draw_band(band: str | None, size: int = 11) -> Tree:
    """Diamond right, hollow triangle down too easy, filled triangle up too hard, cross inverted, dashed ring none."""
    line = {"fill": "none", "stroke-width": 1.6}
    shapes = {
        "right": node("path", {"d": "M8 1 L15 8 L8 15 L1 8 Z", "fill": "var(--ad-accent)"}),
        "easy": node("path", {"d": "M2 3 L14 3 L8 14 Z", "stroke": "var(--ad-easy)", **line}),
        "hard": node("path", {"d": "M2 13 L14 13 L8 2 Z", "fill": "var(--ad-hard)"}),
        "inverted": node("path", {"d": "M3 3 L13 13 M13 3 L3 13", "stroke": "var(--ad-muted)", **line}),
    }
    return _svg(shapes[band], size, 16, band) if band in shapes else draw_severity("unchecked", size)


def draw_severity(severity: str, size: int = 12) -> Tree:
    """Octagon violation, triangle flag, dashed ring unchecked, tick clear, cross failed, half-open bar undecided."""
    line = {"fill": "none", "stroke": "currentColor", "stroke-width": 1.6, "stroke-linecap": "round"}
    bang = node("path", {"d": "M8 4.4 V8.8 M8 11.4 V11.6", **line})
    if severity == "violation":
        fill = {"points": OCTAGON, "fill": "currentColor", "opacity": 0.25}
        return node("span", "mark", _shape([node("polygon", fill), bang], size))
    if severity == "flag":
        outline = node("path", {"d": "M8 2 L14.6 13.8 L1.4 13.8 Z", **line, "stroke-linejoin": "round"})
        small = node("path", {"d": "M8 6.4 V9.4 M8 11.6 V11.7", **line})
        return node("span", "mark", _shape([outline, small], size))
    if severity == "clear":
        return _svg(node("path", {"d": "M2.5 8.5 L6.3 12.2 L13.5 4", **line}), size, 16, "clear")
    if severity == "failed":
        return _svg(node("path", {"d": "M3.5 3.5 L12.5 12.5 M12.5 3.5 L3.5 12.5", **line}), size, 16, "failed")
    if severity == "undecided":
        return _svg(node("path", {"d": "M2 8 H14 M2 4 V12", **line}), size, 16, "undecided")
    ring = {**line, "stroke-dasharray": "3.2 2.6", "stroke-linecap": "butt"}
    return _svg(node("circle", {"cx": 8, "cy": 8, "r": 6, **ring}), size, 16, "not checked")


def draw_chip(text: str, kind: str = "neutral", *, act: str | None = None, title: str | None = None) -> Tree:
    """A chip. `kind`: violation (filled), flag (outline), unchecked (dashed), clear (tick, no box), neutral, chosen."""
    mark = draw_severity(kind, 12) if kind in ("violation", "flag", "unchecked", "clear") else None
    return node("span", {"class": f"chip {kind}", "act": act, "title": title}, mark, text)


def draw_simulated() -> Tree:
    """The chip every page of simulated data carries, top right."""
    title = "Simulated: these scores come from the built-in models, not from real ones."
    return node("span", {"class": "chip unchecked", "title": title}, "Simulated")


def draw_imported() -> Tree:
    """The chip of what another system made: its record is what its file says."""
    title = "Imported: made by another system; the record is what its file says."
    return node("span", {"class": "chip unchecked", "title": title}, "Imported")


def draw_sparkline(
    values: Sequence[float | None],
    *,
    width: int = 84,
    height: int = 22,
    tone: str = "accent",
    low: float | None = None,
    high: float | None = None,
    label: str = "",
) -> Tree | None:
    """A line with an end dot; `low` and `high` fix the scale across small multiples. None below two values."""
    known = [(at, value) for at, value in enumerate(values) if value is not None and value == value]
    if len(known) < 2:
        return None
    floor = min(v for _, v in known) if low is None else low
    ceiling = max(v for _, v in known) if high is None else high
    span = (ceiling - floor) or 1.0
    points = [
        (
            3 + at * (width - 6) / (len(values) - 1),
            height - 3 - (min(max(v, floor), ceiling) - floor) / span * (height - 6),
        )
        for at, v in known
    ]
    colour = f"var(--ad-{tone})"
    line = node(
        "polyline",
        {
            "points": " ".join(f"{x:.1f},{y:.1f}" for x, y in points),
            "fill": "none",
            "stroke": colour,
            "stroke-width": 1.5,
            "stroke-linejoin": "round",
        },
    )
    dot = node("circle", {"cx": f"{points[-1][0]:.1f}", "cy": f"{points[-1][1]:.1f}", "r": 2.4, "fill": colour})
    attributes = {"width": width, "height": height, "role": "img", "aria-label": label or describe_trend(values)}
    return node("span", "mark", node("svg", attributes, line, dot))


def draw_pips(solver: str, verdicts: Sequence[float | None]) -> Tree:
    """One pip per rollout: filled in the solver's colour when met, hollow when not, dashed when not judged."""
    colour = f"var(--ad-{solver})"
    pips: list[Tree] = []
    for at, met in enumerate(verdicts):
        circle: dict[str, object] = {"cx": 5 + at * 12, "cy": 6, "r": 3.4, "stroke-width": 1.2}
        if met is None:
            circle |= {"fill": "none", "stroke": "var(--ad-line2)", "stroke-dasharray": "1.5 1.5"}
        elif met >= 1:
            circle |= {"fill": colour, "stroke": colour}
        elif met <= 0:
            circle |= {"fill": "none", "stroke": "var(--ad-muted)"}
        else:
            circle |= {"fill": colour, "stroke": colour, "opacity": 0.5}
        pips.append(node("circle", circle))
    judged = [v for v in verdicts if v is not None]
    label = f"{solver} {sum(judged):g} of {len(judged)}"
    return node("svg", {"width": max(12, 12 * len(verdicts)), "height": 12, "role": "img", "aria-label": label}, *pips)


def draw_bar(share: float, *, width: str = "100%", tone: str = "accent", thin: bool = False) -> Tree:
    """A bar filled to `share` in [0, 1]."""
    filled = {"style": f"width:{100 * min(1.0, max(0.0, share)):.1f}%;background:var(--ad-{tone})"}
    return node("div", {"class": "bar thin" if thin else "bar", "style": f"width:{width}"}, node("span", filled))


def describe_trend(values: Sequence[float | None]) -> str:
    """What a sparkline shows, as a sentence for those who cannot see it."""
    known = [value for value in values if value is not None and value == value]
    if not known:
        return "no values"
    return f"{len(known)} values from {format_score(known[0])} to {format_score(known[-1])}"


def _svg(shape: Tree, size: int, box: int, label: str) -> Tree:
    return node("span", {"class": "mark", "aria-label": label, "role": "img"}, _shape([shape], size, box))


def _shape(shapes: list[Tree], size: int, box: int = 16) -> Tree:
    return node("svg", {"width": size, "height": size, "viewBox": f"0 0 {box} {box}"}, *shapes)
