"""Figures of a card: bars as SVG, drawn by hand so that the same numbers give the same bytes everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 640, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 46, 40
COLOURS = ("#b4532a", "#2f6f8f", "#6b7280")
"""Told apart in grey too: the second is the darkest."""


@dataclass(frozen=True, slots=True)
class Series:
    """One kind of bars: a name for the legend, a count per bin."""

    name: str
    counts: Sequence[int]


def draw_bars(title: str, series: Sequence[Series], edges: Sequence[str], axis: str) -> bytes:
    """Bars side by side. `edges` label the bins from the left, one more than there are bins, or one each."""
    bins = max(len(one.counts) for one in series)
    top = max((count for one in series for count in one.counts), default=0) or 1
    plot_width, plot_height = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
    slot = plot_width / bins
    bar = slot * 0.84 / len(series)
    base = HEIGHT - _BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'role="img" aria-label="{_quote(title)}" font-family="sans-serif" font-size="11" fill="#374151">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="16" font-size="13" font-weight="600" fill="#111827">{escape(title)}</text>',
    ]
    x = float(_LEFT)
    for number, one in enumerate(series):
        label = f"{one.name} ({sum(one.counts):,})"
        parts.append(f'<rect x="{x:.1f}" y="25" width="10" height="10" fill="{COLOURS[number]}"/>')
        parts.append(f'<text x="{x + 14:.1f}" y="34">{escape(label)}</text>')
        x += 30 + 6.2 * len(label)
    for share in (0.5, 1.0):
        y = base - plot_height * share
        parts.append(f'<line x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#e5e7eb"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{_shorten(top * share)}</text>')
    for number, one in enumerate(series):
        for place, count in enumerate(one.counts):
            height = plot_height * count / top
            left = _LEFT + place * slot + slot * 0.08 + number * bar
            parts.append(
                f'<rect x="{left:.1f}" y="{base - height:.1f}" width="{max(bar - 1, 1):.1f}" height="{height:.1f}" '
                f'fill="{COLOURS[number]}"><title>{escape(one.name)}: {count:,}</title></rect>'
            )
    parts.append(f'<line x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{base}" y2="{base}" stroke="#9ca3af"/>')
    between = 0.0 if len(edges) == bins + 1 else 0.5
    for place, label in enumerate(edges):
        at = _LEFT + (place + between) * slot
        parts.append(f'<text x="{at:.1f}" y="{base + 14}" text-anchor="middle">{escape(label)}</text>')
    parts.append(f'<text x="{WIDTH / 2:.0f}" y="{HEIGHT - 8}" text-anchor="middle">{escape(axis)}</text></svg>')
    return ("\n".join(parts) + "\n").encode()


def _shorten(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"


def _quote(text: str) -> str:
    return escape(text, {'"': "&quot;"})
