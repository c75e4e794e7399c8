"""A seeded mixture for the review queue: honest tasks of every kind and a small share of sabotage, all families."""

from __future__ import annotations

from collections import Counter
from random import Random

from autodata.canon import derive_seed
from benchmarks.sabotage.clean import HARD, LUCKY, REAL
from benchmarks.sabotage.heldout import HELD_OUT
from benchmarks.sabotage.stealth import STEALTH
from benchmarks.sabotage.suite import STRENGTHS, Cell
from benchmarks.sabotage.train import TRAIN

SHARE = 0.05
HONEST_SHARES = {"real": 0.5, "lucky": 0.2, "hard": 0.3}
"""As in the clean part of the benchmark: plain, lucky, and what only looks like sabotage."""

LARGEST = 100
"""Tasks of one cell: a cell is one process's work."""


def draw_mixed_cells(seed: int = 0, tasks: int = 1000, share: float = SHARE) -> list[Cell]:
    """Cells with `tasks` tasks in all, a `share` of them sabotaged: each drawn from all families, open and evasive,
    and from all strengths.
    """
    rng = Random(derive_seed("mixed", seed))
    planted = Counter(_draw_planted(rng) for _ in range(round(tasks * share)))
    honest = Counter(_draw_honest(rng) for _ in range(tasks - planted.total()))
    cells = [
        Cell(group, family, wanted, strength, group == "stealth")  # type: ignore[arg-type]
        for (group, family, strength), wanted in sorted(planted.items())
    ]
    for family, wanted in sorted(honest.items()):
        parts = -(-wanted // LARGEST)
        cells += [Cell("clean", family, wanted // parts + (at < wanted % parts)) for at in range(parts)]
    return [
        Cell(c.group, c.family, c.wanted, c.strength, c.stealth, derive_seed("mixed", seed, at))
        for at, c in enumerate(cells)
    ]


def _draw_planted(rng: Random) -> tuple[str, str, float]:
    pool = [("train", f.id) for f in TRAIN] + [("held_out", f.id) for f in HELD_OUT]
    pool += [("stealth", f.id) for f in STEALTH]
    return (*rng.choice(pool), rng.choice(STRENGTHS))


def _draw_honest(rng: Random) -> str:
    kind = rng.choices(list(HONEST_SHARES), weights=list(HONEST_SHARES.values()))[0]
    return {"real": REAL.id, "lucky": LUCKY.id}.get(kind) or rng.choice(HARD).id
