"""Krippendorff's alpha against his own worked examples (2011), and its interval."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.audit.reliability import measure_alpha, measure_reliability, name_standing
from autodata.errors import BadInput

# Four observers, twelve units, missing data: sections C and D of the paper.
FOUR_OBSERVERS = [
    [1, 1, 1],
    [2, 2, 3, 2],
    [3, 3, 3, 3],
    [3, 3, 3, 3],
    [2, 2, 2, 2],
    [1, 2, 3, 4],
    [4, 4, 4, 4],
    [1, 1, 2, 1],
    [2, 2, 2, 2],
    [5, 5, 5],
    [1, 1],
    [3],
]
# Two observers, ten units, binary: section A.
MEG = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0]
OWEN = [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
units = st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=4), min_size=2, max_size=12)


def test_binary_data_of_two_observers():
    assert measure_alpha(list(zip(MEG, OWEN, strict=True))) == pytest.approx(0.095, abs=0.001)


def test_nominal_data_with_missing_values():
    assert measure_alpha(FOUR_OBSERVERS) == pytest.approx(0.743, abs=0.001)


def test_interval_data_with_missing_values():
    assert measure_alpha(FOUR_OBSERVERS, "interval") == pytest.approx(0.849, abs=0.001)


def test_perfect_agreement_is_one():
    assert measure_alpha([[1, 1], [0, 0], [1, 1]]) == 1.0


def test_systematic_disagreement_is_below_zero():
    assert measure_alpha([[0, 1], [1, 0], [0, 1]]) < 0


@pytest.mark.parametrize("empty", [[], [[1, 1]], [[1], [0]], [[1, 1], [1, 1]]])
def test_agreement_that_cannot_be_measured_is_none(empty):
    assert measure_alpha(empty) is None


@given(units, st.randoms(use_true_random=False))
def test_the_order_of_units_and_values_does_not_matter(data, random):
    shuffled = [random.sample(unit, len(unit)) for unit in data]
    random.shuffle(shuffled)
    one, other = measure_alpha(data, "interval"), measure_alpha(shuffled, "interval")
    assert one == other or one == pytest.approx(other, abs=1e-9)


@given(units)
def test_interval_alpha_ignores_where_the_scale_begins_and_its_unit(data):
    moved = [[0.25 * value + 3 for value in unit] for unit in data]
    one, other = measure_alpha(data, "interval"), measure_alpha(moved, "interval")
    assert one == other or one == pytest.approx(other, abs=1e-9)


def test_random_grades_have_an_alpha_of_about_zero_inside_their_interval():
    rng = np.random.default_rng(111)
    got = measure_reliability(rng.integers(0, 2, (400, 2)).tolist(), "nominal", rng)
    assert got.alpha == pytest.approx(0, abs=0.12)
    assert got.low < 0 < got.high
    assert got.standing == "unreliable"


def test_the_interval_covers_the_long_run_alpha():
    rng = np.random.default_rng(112)

    def grade(count):
        truth = rng.random(count) < 0.5
        return [[int(t ^ (rng.random() < 0.1)) for _ in range(2)] for t in truth]

    long_run = measure_alpha(grade(40_000))
    inside = [
        (r := measure_reliability(grade(60), "nominal", rng, draws=200)).low <= long_run <= r.high for _ in range(200)
    ]
    assert np.mean(inside) == pytest.approx(0.95, abs=0.05)


def test_the_same_generator_gives_the_same_interval():
    one, other = (measure_reliability(FOUR_OBSERVERS, "nominal", np.random.default_rng(7)) for _ in range(2))
    assert one == other
    assert one.units == 11


def test_equal_values_everywhere_say_nothing_about_the_judge():
    got = measure_reliability([[1, 1]] * 50, "nominal", np.random.default_rng(1))
    assert (got.alpha, got.standing) == (None, "unknown")
    assert "all values are equal" in got.note


@pytest.mark.parametrize(
    ("alpha", "standing"),
    [(None, "unknown"), (0.66, "unreliable"), (0.667, "tentative"), (0.799, "tentative"), (0.8, "reliable")],
)
def test_what_may_be_built_on_an_alpha(alpha, standing):
    assert name_standing(alpha) == standing


def test_a_missing_grade_must_be_left_out():
    with pytest.raises(BadInput, match="leave a missing one out"):
        measure_alpha([[1, float("nan")], [0, 0]])


def test_an_unknown_metric_is_refused():
    with pytest.raises(BadInput, match="choose nominal or interval"):
        measure_alpha([[1, 1], [0, 0]], "ordinal")
