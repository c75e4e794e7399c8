"""Person fit: Guttman errors, the standardised likelihood, and pooling by prompt."""

from __future__ import annotations

from itertools import combinations
from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.audit.person_fit import (
    count_guttman_errors,
    norm_guttman_errors,
    pool_misfit,
    standardise_likelihood,
)
from autodata.errors import BadInput

EASY_TO_HARD = [0.9, 0.7, 0.5, 0.3]
patterns = st.lists(st.tuples(st.booleans(), st.sampled_from([0.1, 0.3, 0.5, 0.7, 0.9])), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("passes", "errors", "normed"),
    [
        ([True, True, False, False], 0, 0.0),
        ([False, False, True, True], 4, 1.0),
        ([True, False, True, False], 1, 0.25),
        ([False, True, False, False], 1, 1 / 3),
        ([True, True, True, True], 0, None),
        ([False, False, False, False], 0, None),
    ],
)
def test_guttman_errors_by_hand(passes, errors, normed):
    assert count_guttman_errors(passes, EASY_TO_HARD) == errors
    assert norm_guttman_errors(passes, EASY_TO_HARD) == (None if normed is None else pytest.approx(normed))


@given(patterns)
def test_counting_equals_looking_at_every_pair(pattern):
    passes, easiness = [p for p, _ in pattern], [e for _, e in pattern]
    brute = 0
    for (x1, e1), (x2, e2) in combinations(pattern, 2):
        brute += (e1 > e2 and not x1 and x2) or (e2 > e1 and not x2 and x1)
    assert count_guttman_errors(passes, easiness) == brute
    normed = norm_guttman_errors(passes, easiness)
    assert normed is None or 0 <= normed <= 1


def test_criteria_of_equal_easiness_make_no_error():
    assert norm_guttman_errors([True, False], [0.5, 0.5]) is None


def test_standardised_likelihood_by_hand():
    p, q = 0.9, 0.3
    observed = log(p) + log(1 - q)
    expected = p * log(p) + (1 - p) * log(1 - p) + q * log(q) + (1 - q) * log(1 - q)
    variance = p * (1 - p) * log(p / (1 - p)) ** 2 + q * (1 - q) * log(q / (1 - q)) ** 2
    got = standardise_likelihood([True, False], [p, q])
    assert got == pytest.approx((observed - expected) / variance**0.5)


def test_an_aberrant_answer_is_less_likely_than_a_fitting_one():
    fitting = standardise_likelihood([True, True, False, False], EASY_TO_HARD)
    aberrant = standardise_likelihood([False, False, True, True], EASY_TO_HARD)
    assert aberrant < -2 < fitting


def test_criteria_at_one_half_say_nothing():
    assert standardise_likelihood([True, False], [0.5, 0.5]) is None


def test_with_known_chances_the_likelihood_is_standard():
    rng = np.random.default_rng(91)
    chances = rng.uniform(0.1, 0.9, 40)
    values = [standardise_likelihood((rng.random(40) < chances).tolist(), chances.tolist()) for _ in range(2000)]
    assert np.mean(values) == pytest.approx(0, abs=0.08)
    assert np.std(values) == pytest.approx(1, abs=0.08)


def test_pooled_answers_like_clean_ones_are_not_flagged():
    rng = np.random.default_rng(92)
    clean = rng.beta(2, 8, 500)
    p = [pool_misfit(rng.choice(clean, 20).tolist(), clean.tolist(), rng, draws=199).p for _ in range(300)]
    assert np.mean(np.array(p) <= 0.05) <= 0.09


def test_pooled_aberrant_answers_are():
    rng = np.random.default_rng(93)
    assert pool_misfit(rng.beta(4, 6, 20).tolist(), rng.beta(2, 8, 500).tolist(), rng).p < 0.001


def test_too_few_clean_answers_give_no_p():
    got = pool_misfit([0.5], [0.1] * 99, np.random.default_rng(1))
    assert (got.p, got.clean_mean) == (None, pytest.approx(0.1))
    assert "100 are needed" in got.note


@pytest.mark.parametrize("chances", [[1.0, 0.5], [0.0, 0.5], [0.5]])
def test_impossible_chances_are_refused(chances):
    with pytest.raises(BadInput):
        standardise_likelihood([True, False], chances)
