"""Markdown of a card: names that cannot leave their code span, tables, and numbers as the pages show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

Figures = Mapping[str, str]
"""File name of a figure to its path."""


def quote(name: object) -> str:
    """A name inside a code span, which it cannot leave, and on one line."""
    return "`" + (" ".join(str(name).replace("`", "'").split()) or " ") + "`"


def show_figure(figures: Figures, name: str) -> list[str]:
    """The lines that show a figure; none where it was not drawn."""
    return [f"![{name.removesuffix('.svg')}]({figures[name]})", ""] if name in figures else []


def make_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A Markdown table; a bar inside a cell cannot end it."""
    shown = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    lines = [headings, ["---"] * len(headings), *shown]
    return [f"| {' | '.join(line)} |" for line in lines]


def list_counts(counts: Mapping[str, int]) -> str:
    """Our own words with their counts, in the order given."""
    return ", ".join(f"{(name or 'none').replace('_', ' ')} {n:,}" for name, n in counts.items())


def count_of(n: int, one: str, several: str) -> str:
    """The number with its noun."""
    return f"{n:,} {one if n == 1 else several}"


def format_percent(part: int, whole: int) -> str:
    """A part as a percentage of a whole that may be 0."""
    return format_share(part / whole if whole else None)


def format_share(share: float | None) -> str:
    """A share as a percentage, or an en dash where it is unknown."""
    return "–" if share is None else f"{100 * share:.1f} %"


def format_number(value: float | None) -> str:
    """One decimal, or an en dash where it is unknown."""
    return "–" if value is None else f"{value:.1f}"


def format_gap(gap: float | None) -> str:
    """+0.44 or −0.04 with a true minus, or an en dash."""
    return "–" if gap is None else f"{gap:+.2f}".replace("-", "−")
