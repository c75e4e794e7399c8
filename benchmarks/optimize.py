"""How often the outer loop's keep rule keeps a child recipe, by what the child is truly worth: no model is asked.

Children without effect and children with a gain are put before the keep rule and before the naive gate (both recipes
once on 25 sources, strictly better wins), where sources are equally hard and where they differ.

    python -m benchmarks.optimize                about a minute of one core; exit code 0 when every bar holds
    python -m benchmarks.optimize --write-docs   also writes the table and the figure of docs/outer-loop.md

Bars: of children without effect at most 10 % are kept, in every world; of children 15 points better at least 80 %, in
every world; the naive gate at 62 % agrees with its exact share, or the simulation would be wrong.
"""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autodata.errors import BadInput
from autodata.optimize.false_keeps import NAIVE_SOURCES, Kept, World, find_naive_share, simulate
from autodata.optimize.keep import KeepSettings
from benchmarks.optimize_figure import Curve, draw_power
from benchmarks.report import Bar, print_report, say

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "outer-loop.md"
FIGURE = DOCUMENT.parent / "images" / "outer-loop-power.svg"
BEGIN, END = "<!-- benchmark: begin -->", "<!-- benchmark: end -->"

RATES = (0.10, 0.42, 0.62, 0.80)
"""Of the parent. A rate of .42 with 15 points more leaves most to chance where sources are equally hard."""
SPREADS: tuple[tuple[str, float | None], ...] = (("equal", None), ("different", 2.0))
GAINS = (-0.10, 0.0, 0.05, 0.10, 0.15, 0.20, 0.25, 0.30)
CURVE_RATES = (0.42, 0.62)
TRIALS = {0.0: 8000, 0.15: 3000}
"""Simulated children by their gain; of every other gain OTHER_TRIALS."""
OTHER_TRIALS = 1000
GAIN = 0.15
FALSE_KEEP_MAX, POWER_MIN = 0.10, 0.80

HEADINGS = ("sources", "parent", "gain", "kept", "pairs", "kept by the naive gate")


@dataclass(frozen=True, slots=True)
class Cell:
    """One world and what the two rules made of its children."""

    spread: str
    world: World
    sequential: Kept
    naive: Kept

    def as_row(self) -> list[Any]:
        """As in HEADINGS."""
        return [
            self.spread,
            f"{100 * self.world.parent_rate:.0f} %",
            f"{100 * self.world.gain:+.0f}",
            f"{100 * self.sequential.share:.1f} %",
            f"{self.sequential.mean_pairs:.0f}",
            f"{100 * self.naive.share:.1f} %",
        ]


def main(arguments: list[str] | None = None) -> int:
    """Print the table; exit code 0 only when every bar holds."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.optimize", description=__doc__.split("\n")[0])
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout instead of tables")
    parser.add_argument("--share", type=float, default=1.0, help="of all trials, for a quicker look; bars need all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write-docs", action="store_true", help="write table and figure of docs/outer-loop.md")
    options = parser.parse_args(arguments)
    cells = measure_cells(options.share, options.seed)
    bars = list_bars(cells)
    if options.write_docs:
        write_docs(cells, bars)
    rows = [cell.as_row() for cell in cells]
    return print_report(
        "optimize", "keeping child recipes, by their true gain", HEADINGS, rows, bars, json=options.json
    )


def measure_cells(share: float, seed: int) -> list[Cell]:
    """Every world in order, `share` of its trials."""
    cells = []
    for spread, concentration in SPREADS:
        for rate in RATES:
            for gain in GAINS:
                if rate + gain < 0 or rate + gain > 1 or (gain not in TRIALS and rate not in CURVE_RATES):
                    continue
                world = World(rate, gain, concentration)
                trials = max(1, round(share * TRIALS.get(gain, OTHER_TRIALS)))
                found = [simulate(world, rule, trials=trials, seed=seed) for rule in ("sequential", "naive")]
                cells.append(Cell(spread, world, *found))
                say(f"{spread:9} {rate:.2f} {gain:+.2f}  kept {found[0].share:.3f}  naive {found[1].share:.3f}")
    return cells


def list_bars(cells: Sequence[Cell]) -> list[Bar]:
    """The worst world of each kind against its bar."""
    idle = [cell for cell in cells if cell.world.gain == 0]
    better = [cell for cell in cells if cell.world.gain == GAIN]
    paper = next(cell for cell in idle if cell.world.parent_rate == 0.62 and cell.world.concentration is None)
    off = abs(paper.naive.share - find_naive_share(0.62, 0.62))
    return [
        Bar("kept without effect, worst world", max(cell.sequential.share for cell in idle), "<=", FALSE_KEEP_MAX),
        Bar("kept with 15 points more, worst world", min(cell.sequential.share for cell in better), ">=", POWER_MIN),
        Bar("naive gate, off its exact 44.2 %", off, "<=", max(0.02, 4 * paper.naive.error)),
        Bar("pairs of a child without effect, worst world", max(c.sequential.mean_pairs for c in idle), "<=", 100),
    ]


def write_docs(cells: Sequence[Cell], bars: Sequence[Bar]) -> None:
    """Put table and figure where the document has their place; raises BadInput when it has none."""
    text = DOCUMENT.read_text(encoding="utf-8")
    start, end = text.find(BEGIN), text.find(END)
    if start < 0 or end < start:
        raise BadInput(f"{DOCUMENT} has no lines {BEGIN} and {END}; put them where the table belongs")
    body = render_document(cells, bars)
    DOCUMENT.write_text(f"{text[: start + len(BEGIN)]}\n\n{body}\n{text[end:]}", encoding="utf-8")
    FIGURE.parent.mkdir(parents=True, exist_ok=True)
    FIGURE.write_text(draw_power(list_curves(cells), 100 * FALSE_KEEP_MAX), encoding="utf-8")


def render_document(cells: Sequence[Cell], bars: Sequence[Bar]) -> str:
    """The generated part of the document."""
    rule, held = KeepSettings(), sum(bar.ok for bar in bars)
    idle = [cell for cell in cells if cell.world.gain == 0]
    better = [cell for cell in cells if cell.world.gain == GAIN]
    summary = (
        f"{held} of {len(bars)} bars hold, with α = {rule.false_keep:g}, N = {rule.pairs_max} pairs at most, ρ = "
        f"{rule.spending:g}. {_tell_range('Of children without effect', idle)}, on average after "
        f"{min(c.sequential.mean_pairs for c in idle):.0f} to {max(c.sequential.mean_pairs for c in idle):.0f} pairs. "
        f"{_tell_range('Of children 15 points better', better)}. The naive gate keeps "
        f"{100 * min(c.naive.share for c in idle):.0f} to {100 * max(c.naive.share for c in idle):.0f} % of the "
        f"children without effect, after {NAIVE_SOURCES} pairs."
    )
    lines = [
        textwrap.fill(summary, 120, break_on_hyphens=False),
        "",
        "![Share of children kept by true gain, keep rule and naive gate](images/outer-loop-power.svg)",
        "",
        "| " + " | ".join(HEADINGS) + " |",
        "|" + "---|" * len(HEADINGS),
        *("| " + " | ".join(str(value) for value in cell.as_row()) + " |" for cell in cells),
        "",
    ]
    return "\n".join(lines)


def list_curves(cells: Sequence[Cell]) -> list[Curve]:
    """Two curves, for sources that differ and a parent at 62 %."""
    own = [c for c in cells if c.spread == "different" and c.world.parent_rate == 0.62]
    return [
        Curve("keep rule", [(100 * c.world.gain, 100 * c.sequential.share) for c in own]),
        Curve("naive gate", [(100 * c.world.gain, 100 * c.naive.share) for c in own]),
    ]


def _tell_range(who: str, cells: Sequence[Cell]) -> str:
    shares = [100 * cell.sequential.share for cell in cells]
    return f"{who} {min(shares):.1f} to {max(shares):.1f} % are kept"


if __name__ == "__main__":
    sys.exit(main())
