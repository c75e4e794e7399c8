"""Areas and calibration error against values worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.sabotage.scoring import measure_auroc, measure_calibration_error, measure_partial_auroc

scores = st.lists(st.floats(0, 10, allow_nan=False), min_size=1, max_size=30)


def test_separated_scores_have_area_one():
    assert measure_auroc([2, 3], [0, 1]) == 1.0


def test_ties_count_half():
    assert measure_auroc([1], [1, 1]) == 0.5


def test_area_counts_pairs():
    # Of 2 x 3 pairs, 3 beats all three and 1 beats one of them.
    assert measure_auroc([3, 1], [0, 2, 2]) == pytest.approx(4 / 6)


@given(scores, scores)
def test_areas_of_swapped_sides_add_to_one(high: list[float], low: list[float]):
    assert measure_auroc(high, low) + measure_auroc(low, high) == pytest.approx(1.0)


def test_an_area_needs_both_sides():
    with pytest.raises(ValueError):
        measure_auroc([], [1.0])


def test_partial_area_of_a_perfect_ranking_is_one():
    assert measure_partial_auroc([5, 6], list(range(4))) == pytest.approx(1.0)


def test_partial_area_of_all_ties_is_half_of_its_width():
    # The curve is the diagonal: recall goes from 0 to 0.05 over the part that counts.
    assert measure_partial_auroc([1] * 10, [1] * 10) == pytest.approx(0.025)


def test_partial_area_sees_only_its_part():
    # One positive is above all negatives, the other below them: recall is 0.5 until the last negative.
    assert measure_partial_auroc([9, 0], [5] * 100, most=0.05) == pytest.approx(0.5)


@given(scores, scores)
def test_partial_area_is_a_share(high: list[float], low: list[float]):
    assert 0 <= measure_partial_auroc(high, low) <= 1


def test_calibration_error_of_true_chances_is_zero():
    assert measure_calibration_error([0.5, 0.5], [True, False]) == 0.0


def test_calibration_error_weighs_bins_by_size():
    # Bin 0 holds two chances of 0.1 that never happen, the last one of 0.9 that does not either.
    assert measure_calibration_error([0.1, 0.1, 0.9], [False, False, False]) == pytest.approx((2 * 0.1 + 0.9) / 3)


def test_no_chances_have_no_error():
    assert measure_calibration_error([], []) == 0.0
