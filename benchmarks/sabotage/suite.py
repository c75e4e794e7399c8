"""What is planted, how much of it, and its collection by two processes.

A cell is one family at one strength: runs are planted and audited until it has the wanted number of rows. Nothing
depends on the order in which cells are done.
"""

from __future__ import annotations

import gc
import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from autodata.canon import derive_seed
from benchmarks.sabotage.clean import HARD, LUCKY, PLAIN, REAL, UNDECLARED
from benchmarks.sabotage.family import Family
from benchmarks.sabotage.harness import Plan
from benchmarks.sabotage.heldout import HELD_OUT
from benchmarks.sabotage.runner import EVERYTHING, Row, Shard, audit_shard
from benchmarks.sabotage.stealth import STEALTH
from benchmarks.sabotage.train import DETERMINISTIC, TRAIN

Group = Literal[
    "calibration", "clean", "undeclared", "train", "deterministic", "held_out", "stealth", "plan", "plan_calibration"
]
STRENGTHS = (0.15, 0.25, 0.40)
PROCESSES = 2
FEWEST, SOURCES = 4, 24
"""Fewest and most sources of one run: a run's own noise is fitted on its rounds."""

RARELY = (100_000, 50, 100)
"""Thresholds of the collector of cycles, which is run by hand after every run."""

FRUITLESS = 12
"""Runs without a single row after which a cell is given up."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Rows of one kind. `spending` is the audit's plan: every check for most, none for what bytes prove, and for the
    group `plan` the default plan, whose cost it measures; `plan_calibration` are clean tasks that went through it.
    """

    group: Group
    family: str
    wanted: int
    strength: float = 0.0
    stealth: bool = False
    seed: int = 0
    spending: str = EVERYTHING

    @property
    def name(self) -> str:
        return f"{self.group}/{self.family}/{self.strength:g}"


@dataclass(frozen=True, slots=True)
class Collected:
    """A cell's rows. `unread`: tasks the harness accepted and no reader of the journal; `sources` tried in all."""

    cell: Cell
    rows: tuple[Row, ...]
    unread: int
    sources: int


@dataclass(frozen=True, slots=True)
class Scale:
    """How much of everything: `per_cell` is rows of one held-out family at one strength, `train` the same of the
    others, on which detectors may be developed; `plan` of each held-out family under the default plan.
    """

    calibration: int
    clean: int
    per_cell: int
    train: int
    plan: int
    strengths: tuple[float, ...]
    families: frozenset[str] | None = None
    """Only these families; None for all."""

    def shrink(self, share: float) -> Scale:
        """The same with a share of the rows everywhere, at least one."""
        counts = (self.calibration, self.clean, self.per_cell, self.train, self.plan)
        return Scale(*(max(1, round(share * n)) for n in counts), self.strengths, self.families)


FULL = Scale(calibration=2000, clean=1000, per_cell=80, train=40, plan=6, strengths=STRENGTHS)
QUICK = Scale(calibration=2000, clean=400, per_cell=8, train=8, plan=3, strengths=STRENGTHS)
"""Every family and the whole calibration, with few rows each: the order of families, with wide intervals."""
SMOKE = Scale(40, 20, per_cell=3, train=3, plan=1, strengths=(0.40,), families=frozenset({"A1", "A4", "B7", "E1"}))

HARD_IN_CALIBRATION = 0.10
"""Share of hard negatives among the clean tasks that are compared with: people find them in order and add them."""


def list_cells(scale: Scale, seed: int = 0) -> list[Cell]:
    """Every cell of the benchmark, in a fixed order."""
    hard = [family.id for family in HARD]
    cells = list_calibration("calibration", scale.calibration)
    cells += [*_share("clean", REAL.id, scale.clean // 2), *_share("clean", LUCKY.id, scale.clean // 5)]
    cells += _spread("clean", hard, scale.clean - scale.clean // 2 - scale.clean // 5)
    cells += [Cell("undeclared", UNDECLARED.id, max(4, scale.clean // 25))]
    for group, families, wanted, spending in (
        ("train", TRAIN, scale.train, EVERYTHING),
        ("deterministic", DETERMINISTIC, scale.train, "static"),
        ("held_out", HELD_OUT, scale.per_cell, EVERYTHING),
    ):
        cells += [
            Cell(group, f.id, wanted, strength, spending=spending)  # type: ignore[arg-type]
            for f in families
            for strength in scale.strengths
            if scale.families is None or f.id in scale.families
        ]
    middle = scale.strengths[len(scale.strengths) // 2]
    cells += [Cell("plan", PLAIN.id, max(4, scale.clean // 10), spending="default")]
    cells += list_calibration("plan_calibration", scale.calibration // 2)
    cells += [
        Cell("plan", f.id, scale.plan, middle, spending="default")
        for f in HELD_OUT
        if scale.families is None or f.id in scale.families
    ]
    cells += [
        Cell("stealth", f.id, _part(scale.per_cell, len(scale.strengths), at), strength, stealth=True)
        for f in STEALTH
        for at, strength in enumerate(scale.strengths)
        if scale.families is None or f.id in scale.families
    ]
    return [
        Cell(c.group, c.family, c.wanted, c.strength, c.stealth, derive_seed(seed, at, c.name), c.spending)
        for at, c in enumerate(cells)
        if c.wanted
    ]


def list_calibration(group: Group, wanted: int) -> list[Cell]:
    """Clean tasks that others are compared with, a tenth of them hard negatives."""
    spending = "default" if group == "plan_calibration" else EVERYTHING
    usual = wanted - int(HARD_IN_CALIBRATION * wanted)
    cells = [*_share(group, PLAIN.id, usual), *_spread(group, [family.id for family in HARD], wanted - usual)]
    return [replace(cell, spending=spending) for cell in cells]


def collect(cells: Sequence[Cell], processes: int = PROCESSES) -> Iterator[Collected]:
    """All cells, as they are done."""
    ordered = sorted(cells, key=lambda cell: -cell.wanted)
    if processes < 2:
        yield from map(collect_cell, ordered)
        return
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        yield from pool.imap_unordered(collect_cell, ordered)


def collect_cell(cell: Cell) -> Collected:
    """Plant and audit runs until the cell has its rows, or a dozen runs in a row gave none."""
    # Few of the many small objects form cycles: the usual thresholds only walk over them again and again.
    gc.set_threshold(*RARELY)
    family = find_family(cell.group, cell.family)
    # What is imported by now lives to the end and need not be walked over either.
    gc.freeze()
    rows: list[Row] = []
    unread = sources = number = fruitless = 0
    while len(rows) < cell.wanted and fruitless < FRUITLESS:
        # Both styles in equal parts, also where one run would do.
        missing = min(cell.wanted - len(rows), -(-cell.wanted // len(family.styles)))
        plan = Plan(
            family=family,
            style=family.styles[(cell.seed + number) % len(family.styles)],
            seed=derive_seed(cell.seed, number),
            sources=min(SOURCES, max(FEWEST, missing + missing // 4)),
            strength=cell.strength,
            stealth=cell.stealth,
        )
        audited = audit_shard(Shard(plan, cell.spending, missing))
        fruitless = 0 if audited.rows else fruitless + 1
        number += 1
        rows += audited.rows
        unread, sources = unread + audited.unread, sources + audited.sources
        gc.collect()
    return Collected(cell, tuple(rows[: cell.wanted]), unread, sources)


def find_family(group: Group, own: str) -> Family:
    """A family of a group by its id."""
    return _register()[group](own)


@lru_cache(maxsize=1)
def _register() -> Mapping[str, Callable[[str], Family]]:
    clean = {family.id: family for family in (PLAIN, REAL, LUCKY, *HARD, UNDECLARED)}
    groups: dict[str, dict[str, Family]] = {
        "calibration": clean,
        "clean": clean,
        "undeclared": clean,
        "train": {family.id: family for family in TRAIN},
        "deterministic": {family.id: family for family in DETERMINISTIC},
        "held_out": {family.id: family for family in HELD_OUT},
        "stealth": {family.id: family for family in STEALTH},
        "plan": clean | {family.id: family for family in HELD_OUT},
        "plan_calibration": clean,
    }
    return {name: families.__getitem__ for name, families in groups.items()}


def _share(group: Group, family: str, wanted: int, most: int = 100) -> list[Cell]:
    """One large number in cells small enough to be spread over processes."""
    parts = max(1, -(-wanted // most))
    return [Cell(group, family, _part(wanted, parts, at)) for at in range(parts)]


def _spread(group: Group, families: Sequence[str], wanted: int) -> list[Cell]:
    return [Cell(group, family, _part(wanted, len(families), at)) for at, family in enumerate(families)]


def _part(total: int, parts: int, at: int) -> int:
    """The share of part `at` when `total` is divided as evenly as it goes."""
    return total // parts + (at < total % parts)
