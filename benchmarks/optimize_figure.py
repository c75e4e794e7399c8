"""Power curves as SVG: share of children kept over their true gain in points, both axes in percent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 320, 56, 130, 44, 48
COLOURS = ("#2563a8", "#c2571a")
_TEXT = 'font-family="system-ui, sans-serif" font-size="12" fill="#444"'
_GRID = "#e4e4e4"


@dataclass(frozen=True, slots=True)
class Curve:
    """Points (gain in points, share kept in percent), by rising gain."""

    name: str
    points: Sequence[tuple[float, float]]


def draw_power(curves: Sequence[Curve], bound: float) -> str:
    """All curves on one plane, with a dashed line at the share that a child without effect may be kept with."""
    gains = sorted({gain for curve in curves for gain, _ in curve.points})
    low, high = gains[0], gains[-1]

    def place(gain: float, share: float) -> tuple[float, float]:
        x = LEFT + (WIDTH - LEFT - RIGHT) * (gain - low) / (high - low)
        return x, HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share / 100

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'aria-label="Share of child recipes kept, by true gain">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="12" y="22" {_TEXT} font-weight="600">Share of children kept, by what they are truly worth '
        "(parent at 62 %)</text>",
    ]
    for share in (0, 25, 50, 75, 100):
        (x1, y), (x2, _) = place(low, share), place(high, share)
        parts.append(f'<line x1="{x1:.1f}" x2="{x2:.1f}" y1="{y:.1f}" y2="{y:.1f}" stroke="{_GRID}"/>')
        parts.append(f'<text x="{x1 - 8:.1f}" y="{y + 4:.1f}" text-anchor="end" {_TEXT}>{share} %</text>')
    for gain in gains:
        x, y = place(gain, 0)
        tick = f"{gain:+.0f}" if gain else "0"
        parts.append(f'<text x="{x:.1f}" y="{y + 18:.1f}" text-anchor="middle" {_TEXT}>{tick}</text>')
    (x1, y), (x2, _) = place(low, bound), place(high, bound)
    parts.append(
        f'<line x1="{x1:.1f}" x2="{x2:.1f}" y1="{y:.1f}" y2="{y:.1f}" stroke="#8a8a8a" stroke-dasharray="4 4"/>'
        f'<text x="{x2 + 8:.1f}" y="{y + 4:.1f}" {_TEXT}>{bound:.0f} % bound</text>'
    )
    for curve, colour in zip(curves, COLOURS, strict=False):
        spots = [place(*point) for point in curve.points]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in spots]
    parts += _draw_legend(curves)
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 8}" text-anchor="middle" {_TEXT}>true gain, points</text>')
    return "\n".join([*parts, "</svg>", ""])


def _draw_legend(curves: Sequence[Curve]) -> list[str]:
    parts = []
    for number, (curve, colour) in enumerate(zip(curves, COLOURS, strict=False)):
        y = TOP + 20 * number + 6
        x = WIDTH - RIGHT + 16
        parts.append(f'<circle cx="{x}" cy="{y}" r="4" fill="{colour}"/>')
        parts.append(f'<text x="{x + 10}" y="{y + 4}" {_TEXT}>{escape(curve.name)}</text>')
    return parts
