"""The gap at equal answer length."""

from __future__ import annotations

from math import log1p

import numpy as np
import pytest

from autodata.audit.length import adjust_for_length
from autodata.errors import BadInput


def test_a_gap_that_length_does_not_explain_is_left_alone():
    got = adjust_for_length([0.4, 0.42, 0.38], [500, 900, 700], [0.7, 0.72, 0.68], [600, 800, 700])
    assert got.adjusted == pytest.approx(0.30, abs=0.02)
    assert not got.flagged


def test_a_gap_that_is_all_length_is_flagged():
    weak, strong = [100, 200, 400], [300, 600, 1200]
    scores = [[0.1 * log1p(n) for n in side] for side in (weak, strong)]
    got = adjust_for_length(scores[0], weak, scores[1], strong)
    assert got.adjusted == pytest.approx(0, abs=1e-9)
    assert got.slope == pytest.approx(0.1)
    assert got.flagged


def test_lengths_that_go_with_the_solver_cannot_be_told_apart():
    got = adjust_for_length([0.4, 0.5], [100, 100], [0.7, 0.8], [900, 900])
    assert (got.adjusted, got.flagged) == (None, False)
    assert "cannot be told apart" in got.note


def test_equal_lengths_say_nothing():
    assert adjust_for_length([0.4, 0.5], [300, 300], [0.7, 0.8], [300, 300]).adjusted is None


def test_the_standard_error_is_that_of_least_squares():
    rng = np.random.default_rng(121)
    weak, strong = rng.uniform(0.3, 0.5, 40), rng.uniform(0.6, 0.8, 40)
    lengths = rng.integers(100, 2000, 80)
    got = adjust_for_length(weak.tolist(), lengths[:40].tolist(), strong.tolist(), lengths[40:].tolist())
    assert got.error == pytest.approx(np.sqrt(0.2**2 / 12 * 2 / 40), rel=0.25)


@pytest.mark.parametrize(("lengths", "match"), [([100], "length of its answer"), ([100, -1], "negative")])
def test_lengths_that_do_not_match_are_refused(lengths, match):
    with pytest.raises(BadInput, match=match):
        adjust_for_length([0.4, 0.5], lengths, [0.7], [100])
