"""Threshold hugging: an exact binomial comparison of two bins above the bar."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from autodata.audit.hugging import find_hugging
from autodata.errors import BadInput


def test_p_is_the_binomial_tail():
    got = find_hugging([0.205] * 30 + [0.225] * 15)
    assert (got.near, got.far) == (30, 15)
    assert got.p == pytest.approx(stats.binom.sf(29, 45, 0.55))
    assert got.flagged is False


def test_crowding_above_the_bar_is_flagged():
    assert find_hugging([0.201] * 45 + [0.23] * 15).flagged


def test_a_difference_that_is_the_bar_but_for_rounding_counts_as_the_bar():
    assert find_hugging([0.70 - 0.50] * 50).near == 50


def test_gaps_outside_the_two_bins_do_not_count():
    got = find_hugging([0.199, 0.24, 0.9])
    assert (got.near, got.far) == (0, 0)


def test_too_few_gaps_say_so_and_flag_nothing():
    got = find_hugging([0.2] * 39)
    assert (got.p, got.flagged) == (None, False)
    assert "39 gaps near the bar, 40 are needed" in got.note


def test_a_falling_honest_density_is_hardly_ever_flagged():
    rng = np.random.default_rng(71)
    flags = [find_hugging((0.2 + rng.exponential(0.1, 400)).tolist()).flagged for _ in range(400)]
    assert np.mean(flags) <= 0.02


def test_a_gap_that_is_no_number_is_refused():
    with pytest.raises(BadInput, match="nan"):
        find_hugging([0.2, float("nan")])
