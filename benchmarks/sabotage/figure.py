"""The benchmark's figure as SVG: recall of every family with its interval, plain and evasive, against its target."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from benchmarks.sabotage.family_score import FamilyScore
from benchmarks.sabotage.targets import find_target

WIDTH, LEFT, RIGHT, TOP, ROW = 760, 250, 40, 58, 22
_PLAIN, _EVASIVE, _TARGET = "#2563a8", "#c2571a", "#8a8a8a"
_TEXT = 'font-family="system-ui, sans-serif" font-size="12" fill="#444"'


def draw_recall(scores: Sequence[FamilyScore], titles: dict[str, str]) -> str:
    """One row a family, in the order of ids; a circle is plain sabotage, a diamond evasive, a bar the target."""
    ids = sorted({score.family for score in scores})
    height = TOP + ROW * len(ids) + 34
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        'aria-label="Recall of planted sabotage by family">',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="12" y="22" {_TEXT} font-weight="600">Share of planted sabotage that is caught '
        "(at most 1 honest task in 100 looks as bad)</text>",
        *_draw_legend(),
        *_draw_axis(height),
    ]
    for at, own in enumerate(ids):
        y = TOP + ROW * at + ROW / 2
        parts.append(f'<text x="12" y="{y + 4:.1f}" {_TEXT}>{own} {escape(titles.get(own, ""))[:38]}</text>')
        for score in (s for s in scores if s.family == own):
            parts += _draw_score(score, y - 4 if score.group != "stealth" else y + 4)
    return "\n".join([*parts, "</svg>", ""])


def _draw_legend() -> list[str]:
    y = 40
    return [
        f'<circle cx="{LEFT}" cy="{y}" r="4" fill="{_PLAIN}"/><text x="{LEFT + 10}" y="{y + 4}" {_TEXT}>plain</text>',
        _draw_diamond(LEFT + 70, y) + f'<text x="{LEFT + 80}" y="{y + 4}" {_TEXT}>evasive</text>',
        f'<line x1="{LEFT + 152}" x2="{LEFT + 152}" y1="{y - 6}" y2="{y + 6}" stroke="{_TARGET}" stroke-width="2"/>'
        f'<text x="{LEFT + 160}" y="{y + 4}" {_TEXT}>target</text>',
    ]


def _draw_axis(height: int) -> list[str]:
    parts = []
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = _place(tick)
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 4}" y2="{height - 30}" stroke="#e4e4e4"/>')
        parts.append(f'<text x="{x:.1f}" y="{height - 14}" text-anchor="middle" {_TEXT}>{tick:.2f}</text>')
    return parts


def _draw_score(score: FamilyScore, y: float) -> list[str]:
    rate, colour = score.recall, _EVASIVE if score.group == "stealth" else _PLAIN
    if rate.estimate is None or rate.low is None or rate.high is None:
        return []
    x = _place(rate.estimate)
    parts = [
        f'<line x1="{_place(rate.low):.1f}" x2="{_place(rate.high):.1f}" y1="{y:.1f}" y2="{y:.1f}" stroke="{colour}" '
        'stroke-width="2" stroke-opacity="0.45"/>'
    ]
    target = find_target(score)
    if target is not None:
        t = _place(target)
        parts.append(
            f'<line x1="{t:.1f}" x2="{t:.1f}" y1="{y - 4:.1f}" y2="{y + 4:.1f}" stroke="{_TARGET}" stroke-width="2"/>'
        )
    shape = (
        _draw_diamond(x, y)
        if score.group == "stealth"
        else f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>'
    )
    return [*parts, shape]


def _draw_diamond(x: float, y: float) -> str:
    points = f"{x:.1f},{y - 5:.1f} {x + 5:.1f},{y:.1f} {x:.1f},{y + 5:.1f} {x - 5:.1f},{y:.1f}"
    return f'<polygon points="{points}" fill="{_EVASIVE}"/>'


def _place(share: float) -> float:
    return LEFT + share * (WIDTH - LEFT - RIGHT)
