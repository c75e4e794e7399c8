"""Checks of numbers before anything is computed from them: a wrong one is named, never averaged away."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from autodata.errors import BadInput


def check_scores(name: str, scores: Sequence[float], fewest: int = 1) -> tuple[float, ...]:
    """Scores in [0, 1], at least `fewest` of them; raises BadInput naming the first that is not."""
    if len(scores) < fewest:
        raise BadInput(f"{name}: {len(scores)} scores, at least {fewest} are needed")
    return tuple(check_share(name, score) for score in scores)


def check_share(name: str, value: float) -> float:
    """A finite number in [0, 1]; raises BadInput otherwise."""
    if not isfinite(value) or not 0 <= value <= 1:
        raise BadInput(f"{name} = {value} is outside 0 to 1")
    return float(value)


def check_finite(name: str, values: Sequence[float], fewest: int = 1) -> tuple[float, ...]:
    """Finite numbers, at least `fewest` of them; raises BadInput naming the first that is not."""
    if len(values) < fewest:
        raise BadInput(f"{name}: {len(values)} numbers, at least {fewest} are needed")
    for value in values:
        if not isfinite(value):
            raise BadInput(f"{name}: {value} is not a finite number")
    return tuple(float(value) for value in values)


def check_positive(name: str, value: float) -> float:
    """A finite number above 0; raises BadInput otherwise."""
    if not isfinite(value) or value <= 0:
        raise BadInput(f"{name} = {value} must be a finite number above 0")
    return float(value)


def check_probability(name: str, value: float) -> float:
    """A number strictly between 0 and 1, such as a level or a bar for p; raises BadInput otherwise."""
    if not 0 < value < 1:
        raise BadInput(f"{name} = {value} must lie between 0 and 1, both excluded")
    return float(value)


def check_counts(name: str, part: int, whole: int) -> None:
    """`part` of `whole`, both whole numbers with 0 <= part <= whole; raises BadInput otherwise."""
    if not 0 <= part <= whole:
        raise BadInput(f"{name}: {part} of {whole} is no share")
