"""How far people agree beyond chance: two of them, a fixed group, or any number with gaps, each with an interval.

Cohen, J. (1960), doi:10.1177/001316446002000104; interval after Fleiss, Cohen and Everitt (1969), doi:10.1037/h0028106.
Fleiss, J. L. (1971), doi:10.1037/h0031619. Krippendorff's alpha: autodata.audit.reliability.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import isfinite
from typing import Literal

import numpy as np

from autodata.audit.reliability import measure_reliability
from autodata.errors import BadInput

Measure = Literal["cohen", "fleiss", "krippendorff"]

FEWEST = 10
"""Items judged by at least two below which no number is given: it would say more about chance than about people."""

DRAWS = 1000
LEVEL = 0.95

Votes = Mapping[str, Mapping[str, Hashable]]
"""Item → rater → category. A rater who did not judge an item is absent there."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """`value` is 1 for full agreement, 0 for what chance would give; None, with a note, where it cannot be measured.

    `raw` is the plain share of agreeing pairs, beside the measure and never instead of it. `items` were judged by at
    least two.
    """

    measure: Measure
    value: float | None
    low: float | None
    high: float | None
    raw: float | None
    items: int
    level: float = LEVEL
    note: str = ""


def compare_two(votes: Votes, first: str, second: str, *, fewest: int = FEWEST) -> Agreement:
    """Cohen's kappa of two raters over the items that both judged.

    κ = (p_o - p_e)/(1 - p_e), p_e from each rater's own shares; the interval is the asymptotic one.
    """
    pairs = [(given[first], given[second]) for given in votes.values() if first in given and second in given]
    raw = _share_agreeing([list(pair) for pair in pairs])
    if note := _explain_none([list(pair) for pair in pairs], fewest):
        return Agreement("cohen", None, None, None, raw, len(pairs), note=note)
    from statsmodels.stats.inter_rater import cohens_kappa

    names = sorted({category for pair in pairs for category in pair}, key=repr)
    table = np.zeros((len(names), len(names)))
    for one, other in pairs:
        table[names.index(one), names.index(other)] += 1
    with np.errstate(invalid="ignore"):  # a variance below zero by rounding: full agreement, no spread
        found = cohens_kappa(table)  # its interval is at 95 %, LEVEL
    value, low, high = float(found.kappa), float(found.kappa_low), float(found.kappa_upp)
    if not (isfinite(low) and isfinite(high)):
        low = high = value
    return Agreement("cohen", value, max(-1.0, low), min(1.0, high), raw, len(pairs))


def compare_clustered(
    votes: Votes,
    first: str,
    second: str,
    clusters: Mapping[str, str],
    rng: np.random.Generator,
    *,
    fewest: int = FEWEST,
) -> Agreement:
    """Cohen's kappa of items that come in clusters (criteria of one task), with the interval that this takes.

    Items of one cluster are no independent looks, so whole clusters are drawn with replacement; percentile interval.
    `clusters` maps items to clusters.
    """
    found = compare_two(votes, first, second, fewest=fewest)
    if found.value is None:
        return found
    pairs = {item: (given[first], given[second]) for item, given in votes.items() if first in given and second in given}
    names = sorted({category for pair in pairs.values() for category in pair}, key=repr)
    known = sorted({clusters[item] for item in pairs})
    tables = np.zeros((len(known), len(names), len(names)))
    for item, (one, other) in pairs.items():
        tables[known.index(clusters[item]), names.index(one), names.index(other)] += 1
    draws = rng.integers(0, len(known), size=(DRAWS, len(known)))
    sampled = [value for value in (_compute_kappa(tables[draw].sum(axis=0)) for draw in draws) if value is not None]
    note = "" if len(known) > 1 and sampled else "one task only: how far others would differ cannot be told"
    if note:
        return replace(found, low=None, high=None, note=note)
    low, high = (float(end) for end in np.quantile(sampled, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]))
    return replace(found, low=low, high=high)


def compare_group(votes: Votes, raters: Sequence[str], rng: np.random.Generator, *, fewest: int = FEWEST) -> Agreement:
    """Fleiss' kappa over the items that all of `raters` judged; percentile interval over items drawn with replacement.

    Raises BadInput for fewer than two raters.
    """
    if len(set(raters)) < 2:
        raise BadInput(f"{len(set(raters))} raters; agreement takes at least two")
    units = [[given[name] for name in raters] for given in votes.values() if all(name in given for name in raters)]
    raw = _share_agreeing(units)
    if note := _explain_none(units, fewest):
        return Agreement("fleiss", None, None, None, raw, len(units), note=note)
    names = sorted({category for unit in units for category in unit}, key=repr)
    table = np.array([[Counter(unit)[name] for name in names] for unit in units])
    draws = rng.integers(0, len(table), size=(DRAWS, len(table)))
    sampled = [value for value in (_compute_fleiss(table[draw]) for draw in draws) if value is not None]
    low, high = (float(end) for end in np.quantile(sampled, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]))
    return Agreement("fleiss", _compute_fleiss(table), low, high, raw, len(units))


def compare_all(votes: Votes, rng: np.random.Generator, *, fewest: int = FEWEST) -> Agreement:
    """Krippendorff's alpha (nominal) over whoever judged what; items that only one person judged say nothing."""
    units = [list(given.values()) for given in votes.values() if len(given) > 1]
    raw = _share_agreeing(units)
    if note := _explain_none(units, fewest):
        return Agreement("krippendorff", None, None, None, raw, len(units), note=note)
    names = sorted({category for unit in units for category in unit}, key=repr)
    found = measure_reliability([[names.index(one) for one in unit] for unit in units], "nominal", rng, level=LEVEL)
    return Agreement("krippendorff", found.alpha, found.low, found.high, raw, len(units), note=found.note)


def _compute_kappa(table: np.ndarray) -> float | None:
    """None where both raters gave one and the same category throughout."""
    shares = table / table.sum()
    expected = float(shares.sum(axis=0) @ shares.sum(axis=1))
    return None if expected > 1 - 1e-12 else (float(np.trace(shares)) - expected) / (1 - expected)


def _compute_fleiss(table: np.ndarray) -> float | None:
    """None where every vote of the (drawn) items is the same: then chance agrees as fully as people do."""
    if np.count_nonzero(table.sum(axis=0)) < 2:
        return None
    from statsmodels.stats.inter_rater import fleiss_kappa

    return float(fleiss_kappa(table))


def _explain_none(units: Sequence[Sequence[Hashable]], fewest: int) -> str:
    """Why no number is given; "" where one can be."""
    if len(units) < fewest:
        return f"{len(units)} items were judged by both; at least {fewest} are needed"
    if len({category for unit in units for category in unit}) < 2:
        return "every verdict is the same, so agreement beyond chance cannot be measured"
    return ""


def _share_agreeing(units: Sequence[Sequence[Hashable]]) -> float | None:
    pairs = [one == other for unit in units for one, other in combinations(unit, 2)]
    return sum(pairs) / len(pairs) if pairs else None
