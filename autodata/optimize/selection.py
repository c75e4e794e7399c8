"""Which recipe the next iteration starts from: at random with better ones more likely, or simply the best.

Boltzmann selection as in the paper's outer loop (Sec 4): p(i) ∝ exp(score_i / T).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, isfinite
from random import Random

from autodata.errors import BadInput

TEMPERATURE = 0.1


@dataclass(frozen=True, slots=True)
class Candidate:
    """A recipe that may be a parent. `score` is its share of held-out sources with an accepted task, in [0, 1]."""

    sha: str
    score: float


def weigh_candidates(candidates: Sequence[Candidate], temperature: float = TEMPERATURE) -> list[float]:
    """Probability of each candidate, in order; they add up to 1. Temperature 0 is greedy, the first of equals.

    Raises BadInput for no candidates, a temperature below 0, or a score that is no number.
    """
    if not candidates:
        raise BadInput("no recipe to choose a parent from")
    if not temperature >= 0 or not isfinite(temperature):
        raise BadInput(f"temperature {temperature:g} is below 0; 0.1 is usual, 0 always takes the best")
    if bad := next((one for one in candidates if not isfinite(one.score)), None):
        raise BadInput(f"recipe {bad.sha[:8]} has no score ({bad.score}); measure it first")
    best = max(one.score for one in candidates)
    if temperature == 0:
        first = next(index for index, one in enumerate(candidates) if one.score == best)
        return [float(index == first) for index in range(len(candidates))]
    # Differences to the best: exp of a large quotient would overflow, and the constant cancels.
    weights = [exp((one.score - best) / temperature) for one in candidates]
    total = sum(weights)
    return [weight / total for weight in weights]


def choose_parent(candidates: Sequence[Candidate], rng: Random, temperature: float = TEMPERATURE) -> Candidate:
    """One candidate, drawn from `rng` alone, so that the same seed makes the same choice. Raises BadInput as above."""
    return rng.choices(candidates, weigh_candidates(candidates, temperature))[0]
