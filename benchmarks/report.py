"""What every benchmark ends with: a table on the screen, or with `--json` one object; exit code 0 when every bar holds.

Run a benchmark from the repository's root: `python -m benchmarks.index --json`.
"""

from __future__ import annotations

import json as jsonlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rich.console import Console
from rich.table import Table

PIPED_WIDTH = 150
"""Columns of the table where no terminal says how wide it is."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One measured value against its bar; `sense` is the comparison that must hold."""

    name: str
    value: float
    sense: Literal[">=", "<="]
    bar: float
    unit: str = ""

    @property
    def ok(self) -> bool:
        return self.value >= self.bar if self.sense == ">=" else self.value <= self.bar


def print_report(
    name: str,
    title: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[Any]],
    bars: Sequence[Bar],
    *,
    json: bool = False,
) -> int:
    """Show rows and bars, and return the exit code. With `json` the only line on stdout is one object."""
    ok = all(bar.ok for bar in bars)
    if json:
        listed = [
            {"name": b.name, "value": round(b.value, 6), "bar": b.bar, "sense": b.sense, "unit": b.unit, "ok": b.ok}
            for b in bars
        ]
        table = [dict(zip(headings, row, strict=True)) for row in rows]
        print(jsonlib.dumps({"name": name, "title": title, "ok": ok, "bars": listed, "rows": table}))
        return 0 if ok else 1
    console = Console(width=None if sys.stdout.isatty() else PIPED_WIDTH)
    console.print(f"{name}: {title}", highlight=False)
    _print_table(console, headings, rows)
    shown = [
        [b.name, f"{b.value:,.3g} {b.unit}", f"{b.sense} {b.bar:,g} {b.unit}", "holds" if b.ok else "FAILS"]
        if abs(b.value) < 100
        else [b.name, f"{b.value:,.0f} {b.unit}", f"{b.sense} {b.bar:,g} {b.unit}", "holds" if b.ok else "FAILS"]
        for b in bars
    ]
    _print_table(console, ["bar", "measured", "asked for", ""], shown)
    return 0 if ok else 1


def say(text: str) -> None:
    """Progress, on stderr, so that stdout stays the report's."""
    print(text, file=sys.stderr, flush=True)


def take_p95(values: Sequence[float]) -> float:
    """The 95th percentile (nearest rank from above); raises ValueError for no values."""
    if not values:
        raise ValueError("no values measured")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, -(-95 * len(ordered) // 100) - 1)]


def _print_table(console: Console, headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    shown = Table(box=None, pad_edge=False)
    for number, title in enumerate(headings):
        shown.add_column(title, justify="left" if number == 0 else "right")
    for row in rows:
        shown.add_row(*(f"{cell:,.2f}" if isinstance(cell, float) else str(cell) for cell in row))
    console.print(shown)
