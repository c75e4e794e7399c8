"""Boltzmann selection and its greedy limit."""

from __future__ import annotations

from collections import Counter
from math import exp
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.errors import BadInput
from autodata.optimize.selection import Candidate, choose_parent, weigh_candidates

SCORES = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def make(scores: list[float]) -> list[Candidate]:
    return [Candidate(f"{number:064d}", score) for number, score in enumerate(scores)]


@given(scores=SCORES, temperature=st.floats(0.01, 5))
def test_weights_are_probabilities_in_the_order_of_the_scores(scores: list[float], temperature: float) -> None:
    weights = weigh_candidates(make(scores), temperature)
    assert sum(weights) == pytest.approx(1)
    ranked = [weight for _, weight in sorted(zip(scores, weights, strict=True))]
    assert ranked == sorted(ranked)


@given(scores=SCORES, temperature=st.floats(0.05, 2))
def test_ratio_of_two_weights_is_the_boltzmann_factor(scores: list[float], temperature: float) -> None:
    weights = weigh_candidates(make(scores), temperature)
    assert weights[0] / weights[-1] == pytest.approx(exp((scores[0] - scores[-1]) / temperature), rel=1e-6)


@given(scores=SCORES, shift=st.floats(-0.5, 0.5))
def test_only_differences_of_scores_count(scores: list[float], shift: float) -> None:
    moved = weigh_candidates(make([score + shift for score in scores]))
    assert moved == pytest.approx(weigh_candidates(make(scores)), abs=1e-9)


@given(scores=SCORES, seed=st.integers(0, 2**32))
def test_temperature_zero_takes_the_first_of_the_best(scores: list[float], seed: int) -> None:
    chosen = choose_parent(make(scores), Random(seed), temperature=0)
    assert int(chosen.sha) == scores.index(max(scores))


def test_draws_follow_the_weights() -> None:
    candidates, rng = make([0.62, 0.72]), Random(7)
    drawn = Counter(choose_parent(candidates, rng).sha for _ in range(4000))
    assert drawn[candidates[1].sha] / 4000 == pytest.approx(exp(1) / (1 + exp(1)), abs=0.03)


def test_same_seed_same_choice() -> None:
    assert choose_parent(make([0.1, 0.2, 0.3]), Random(5)) == choose_parent(make([0.1, 0.2, 0.3]), Random(5))


@pytest.mark.parametrize(("scores", "temperature"), [([], 0.1), ([0.5], -1.0), ([float("nan")], 0.1)])
def test_nothing_to_choose_from_is_refused(scores: list[float], temperature: float) -> None:
    with pytest.raises(BadInput):
        choose_parent(make(scores), Random(1), temperature)
