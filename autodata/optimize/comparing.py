"""Two recipes on the same sources with a fixed number of pairs: the winner's confirmation, and a person's own test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

from autodata.canon import derive_seed
from autodata.model import Source
from autodata.optimize.evaluations import Slot, evaluate_both, plan_blocks
from autodata.optimize.keep import Pair, find_interval
from autodata.optimize.population import Purpose, Version
from autodata.optimize.search import Search


@dataclass(frozen=True, slots=True)
class Comparison:
    """Paired outcomes of two versions, `first` and `second`. Rates are shares of complete pairs.

    `lower`, `upper`: 90 % interval of the second's rate minus the first's. `p`: chance of at least such a lead of the
    second where both are equally good.
    """

    first: str
    second: str
    pairs: int
    incomplete: int
    first_rate: float
    second_rate: float
    first_alone: int
    second_alone: int
    lower: float
    upper: float
    p: float


async def compare_versions_on(
    search: Search, first: Version, second: Version, sources: Sequence[Source], purpose: Purpose, pairs: int
) -> Comparison:
    """Run both on as many sources as make `pairs` pairs, with the same seeds, and count."""
    seed = derive_seed(search.settings.seed, purpose)
    slots = [Slot(f"{purpose}-{own.sha[:10]}", own, None, purpose, tuple(sources), seed, 2) for own in (first, second)]
    for block in plan_blocks(sources, search.settings.block, pairs, seed):
        await evaluate_both(search, slots, block)
    return count_pairs(first.sha, second.sha, search.population.pair_up(slots[0].name, slots[1].name))


def count_pairs(first: str, second: str, pairs: Sequence[Pair]) -> Comparison:
    """What the pairs come to; a pair that infrastructure left open counts for nobody."""
    complete = [pair for pair in pairs if pair.complete]
    first_alone = sum(bool(pair.parent) and not pair.child for pair in complete)
    second_alone = sum(bool(pair.child) and not pair.parent for pair in complete)
    lower, upper = find_interval(second_alone, first_alone, len(complete), 0.90)
    return Comparison(
        first=first,
        second=second,
        pairs=len(complete),
        incomplete=len(pairs) - len(complete),
        first_rate=_share([bool(pair.parent) for pair in complete]),
        second_rate=_share([bool(pair.child) for pair in complete]),
        first_alone=first_alone,
        second_alone=second_alone,
        lower=lower,
        upper=upper,
        p=find_sign_tail(second_alone, first_alone + second_alone),
    )


def find_sign_tail(successes: int, trials: int) -> float:
    """P(at least `successes` of `trials` fair coins): the exact one-sided McNemar test (doi:10.1007/BF02295996)."""
    return sum(comb(trials, k) for k in range(successes, trials + 1)) / 2**trials


def _share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 0.0
