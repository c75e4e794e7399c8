"""Conformal p-values, the smallest of them, and the suspicion that ranks tasks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from autodata.audit.conformal import (
    calibrate,
    combine_p_values,
    convert_to_e,
    merge_e_values,
    rate_suspicion,
)
from autodata.errors import BadInput

numbers = st.floats(-10, 10)


@given(st.lists(numbers, max_size=30), numbers)
def test_p_counts_the_clean_tasks_that_look_as_bad(clean, value):
    upper = (1 + sum(c >= value for c in clean)) / (len(clean) + 1)
    lower = (1 + sum(c <= value for c in clean)) / (len(clean) + 1)
    assert calibrate(clean).find_upper_p(value) == upper
    assert calibrate(clean).find_lower_p(value) == lower


@given(st.lists(numbers, min_size=1, max_size=30), numbers, st.floats(0, 5))
def test_more_evidence_never_raises_p(clean, value, more):
    calibration = calibrate(clean)
    assert calibration.find_upper_p(value + more) <= calibration.find_upper_p(value)


def test_without_clean_tasks_p_is_one():
    assert calibrate([]).find_upper_p(100.0) == 1.0


def test_p_is_uniform_on_honest_tasks_over_calibration_sets():
    rng = np.random.default_rng(131)
    rows = rng.standard_normal((3000, 100)).tolist()
    steps = [round(100 * calibrate(clean).find_upper_p(value)) for value, *clean in rows]
    assert stats.chisquare(np.bincount(steps, minlength=101)[1:]).pvalue > 0.01


def test_a_small_calibration_set_says_what_it_cannot_do():
    assert "p cannot fall below 0.01: use it to rank" in calibrate([0.0] * 99).note
    assert calibrate([0.0] * 1000).note == ""


def test_the_smallest_p_names_its_detector_and_skips_what_did_not_run():
    got = combine_p_values({"K2": 0.03, "K5": 0.002, "K7": None, "Z3": 0.5})
    assert (got.statistic, got.detector, got.detectors) == (0.002, "K5", 3)


def test_ties_go_to_the_first_by_name():
    assert combine_p_values({"K5": 0.01, "K2": 0.01}).detector == "K2"


def test_a_task_nothing_was_run_on_is_not_suspicious():
    got = combine_p_values({"K2": None})
    assert (got.statistic, got.detector) == (1.0, None)


@pytest.mark.parametrize("p", [0.0, -0.1, 1.1, float("nan")])
def test_a_p_that_is_none_is_refused(p):
    with pytest.raises(BadInput, match="K2"):
        combine_p_values({"K2": p})


def test_suspicion_by_hand():
    got = rate_suspicion(combine_p_values({"K2": 0.001}), calibrate([0.002] * 998 + [0.0005]))
    assert got.p == pytest.approx(2 / 1000)
    assert got.score == pytest.approx(2.69897)
    assert (got.detector, got.alone) == ("K2", True)


def test_one_honest_task_in_a_hundred_is_flagged_alone_however_many_detectors_ran():
    rng = np.random.default_rng(132)
    detectors = [calibrate(rng.standard_normal(2000).tolist()) for _ in range(8)]

    def combine():
        values = rng.standard_normal(8)
        return combine_p_values(
            {f"d{n}": d.find_upper_p(v) for n, (d, v) in enumerate(zip(detectors, values, strict=True))}
        )

    clean = calibrate([combine().statistic for _ in range(2000)])
    flags = [rate_suspicion(combine(), clean).alone for _ in range(4000)]
    assert np.mean(flags) == pytest.approx(0.01, abs=0.006)


def test_e_values_average_to_at_most_one_over_uniform_p():
    rng = np.random.default_rng(133)
    assert np.mean([convert_to_e(p) for p in 1 - rng.random(20_000)]) == pytest.approx(1, abs=0.1)


def test_e_values_multiply_over_fresh_data_and_average_over_shared_data():
    assert merge_e_values([[2.0, 4.0], [10.0]]) == 30.0
    assert merge_e_values([]) == 1.0


@pytest.mark.parametrize("groups", [[[]], [[-1.0]], [[float("nan")]]])
def test_impossible_e_values_are_refused(groups):
    with pytest.raises(BadInput):
        merge_e_values(groups)


def test_a_p_of_zero_has_no_e():
    with pytest.raises(BadInput):
        convert_to_e(0.0)
