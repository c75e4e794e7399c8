"""How often a rule keeps a child recipe, by the child's true gain: simulated, for the keep rule and for the naive gate.

A held-out source passes with a probability of its own, drawn from a beta distribution round the recipe's rate; source
by source the child's probability is the same quantile of the distribution round its own rate, so that hard sources stay
hard. The naive gate measures both recipes once on the same few sources and keeps a child that is strictly better.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy

from autodata.errors import BadInput
from autodata.optimize.keep import KeepSettings, Pair, decide

Rule = Literal["sequential", "naive"]

NAIVE_SOURCES = 25
"""Sources of the paper's gate (Sec 4)."""
CONCENTRATION = 2.0
"""How much sources differ: the sum of the beta distribution's parameters. 2 is a wide spread, infinity none."""


@dataclass(frozen=True, slots=True)
class World:
    """What is simulated. Rates and gain are shares; `gain` is what the child's rate is above the parent's."""

    parent_rate: float
    gain: float
    concentration: float | None = CONCENTRATION
    """None: all sources are equally hard, so that pairing helps nothing."""
    sources: int = 70
    """Held-out sources there are; a rule that wants more pairs goes over them again."""

    def __post_init__(self) -> None:
        for name, rate in (("parent_rate", self.parent_rate), ("child rate", self.parent_rate + self.gain)):
            if not 0 <= rate <= 1:
                raise BadInput(f"{name} {rate:g} is outside 0 to 1")
        if self.concentration is not None and self.concentration <= 0:
            raise BadInput(f"concentration {self.concentration:g} must be above 0, or None for equal sources")
        if self.sources < 1:
            raise BadInput(f"{self.sources} sources; at least 1 is needed")


@dataclass(frozen=True, slots=True)
class Kept:
    """Of `trials` children `kept` were kept, after `mean_pairs` pairs on average."""

    trials: int
    kept: int
    mean_pairs: float

    @property
    def share(self) -> float:
        return self.kept / self.trials

    @property
    def error(self) -> float:
        """Standard error of the share."""
        return (self.share * (1 - self.share) / self.trials) ** 0.5


def simulate(
    world: World, rule: Rule, *, trials: int, seed: int, settings: KeepSettings | None = None, longer: bool = True
) -> Kept:
    """Put `trials` children of this world before the rule. The same seed gives the same numbers."""
    if trials < 1:
        raise BadInput(f"{trials} trials; at least 1 is needed")
    rng = np.random.default_rng(seed)
    keep = settings or KeepSettings()
    judge: Callable[[World, np.random.Generator], tuple[bool, int]] = (
        (lambda world, rng: _judge_sequentially(world, rng, keep, longer)) if rule == "sequential" else _judge_naively
    )
    results = [judge(world, rng) for _ in range(trials)]
    return Kept(trials, sum(kept for kept, _ in results), sum(pairs for _, pairs in results) / trials)


def find_naive_share(parent_rate: float, child_rate: float, sources: int = NAIVE_SOURCES) -> float:
    """Chance that the naive gate keeps a child where sources are equally hard: P(X_child > X_parent), two binomials."""
    counts = np.arange(sources + 1)
    parent = scipy.stats.binom.pmf(counts, sources, parent_rate)
    return float(np.sum(parent * scipy.stats.binom.sf(counts, sources, child_rate)))


def _judge_sequentially(
    world: World, rng: np.random.Generator, settings: KeepSettings, longer: bool
) -> tuple[bool, int]:
    parent, child = _draw_rates(world, rng, world.sources)
    at = np.concatenate([rng.permutation(world.sources) for _ in range(-(-settings.pairs_max // world.sources))])
    at = at[: settings.pairs_max]
    outcomes = zip(rng.random(at.size) < parent[at], rng.random(at.size) < child[at], strict=True)
    pairs = [Pair(f"s{source}", bool(one), bool(two)) for source, (one, two) in zip(at, outcomes, strict=True)]
    decision = decide(pairs, settings, longer=longer)
    return decision.state == "keep", decision.n


def _judge_naively(world: World, rng: np.random.Generator) -> tuple[bool, int]:
    parent, child = _draw_rates(world, rng, NAIVE_SOURCES)
    passed = [np.count_nonzero(rng.random(NAIVE_SOURCES) < rates) for rates in (parent, child)]
    return bool(passed[1] > passed[0]), NAIVE_SOURCES


def _draw_rates(world: World, rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Each source's probability to pass with the parent and with the child."""
    rates = (world.parent_rate, world.parent_rate + world.gain)
    if world.concentration is None:
        return np.full(count, rates[0]), np.full(count, rates[1])
    quantiles = rng.random(count)
    parent, child = (_spread(rate, world.concentration, quantiles) for rate in rates)
    return parent, child


def _spread(rate: float, concentration: float, quantiles: np.ndarray) -> np.ndarray:
    if rate in (0.0, 1.0):
        return np.full(quantiles.size, rate)
    return np.asarray(scipy.special.betaincinv(rate * concentration, (1 - rate) * concentration, quantiles))
