"""The blind re-judge: its z by hand, the published power, and pooling over tasks."""

from __future__ import annotations

import numpy as np
import pytest

from autodata.audit.judge_offset import estimate_rejudge_sd, measure_judge_offset, pool_judge_offsets
from autodata.errors import BadInput


def test_the_statistic_by_hand():
    got = measure_judge_offset(0.30, 0.22, 3, 3, 0.05)
    assert got.error == pytest.approx((4 * 0.05**2 / 3 + 0.02**2) ** 0.5)
    assert got.z == pytest.approx(0.08 / got.error)


@pytest.mark.parametrize(
    ("tasks", "bias", "power"), [(1, 0.10, 0.24), (1, 0.20, 0.83), (5, 0.10, 0.91), (20, 0.05, 0.91), (20, 0.0, 0.01)]
)
def test_power_over_tasks_is_that_of_the_published_simulation(tasks, bias, power):
    rng = np.random.default_rng(61)
    noise = rng.normal(0, np.sqrt(4 * 0.05**2 / 3), (1500, tasks)) + rng.normal(0, 0.02, (1500, tasks))
    p = [
        pool_judge_offsets([measure_judge_offset(0.5 + d, 0.5, 3, 3, 0.05) for d in row]).p
        for row in (bias + noise).tolist()
    ]
    assert np.mean(np.array(p) < 0.01) == pytest.approx(power, abs=0.03)


def test_a_large_and_certain_offset_is_flagged():
    assert measure_judge_offset(0.55, 0.35, 12, 12, 0.03).reasons == ("graded blind the gap is 0.20 smaller",)


def test_a_large_but_uncertain_offset_is_not():
    assert measure_judge_offset(0.55, 0.44, 3, 3, 0.10).reasons == ()


def test_a_gap_that_only_the_original_judge_sees_is_flagged():
    assert "below 0.20" in measure_judge_offset(0.24, 0.18, 3, 3, 0.05).reasons[0]


def test_a_gap_below_the_bar_for_both_judges_is_not():
    assert measure_judge_offset(0.15, 0.12, 3, 3, 0.05).reasons == ()


def test_rejudge_noise_of_one_answer():
    assert estimate_rejudge_sd([0.5, 0.6], [0.6, 0.5]) == pytest.approx((0.01 / 2) ** 0.5)


def test_unequal_sides():
    assert measure_judge_offset(0.3, 0.3, 5, 3, 0.05).error == pytest.approx((0.005 / 5 + 0.005 / 3 + 0.0004) ** 0.5)


@pytest.mark.parametrize("arguments", [(0.3, 0.2, 0, 3, 0.05), (0.3, 0.2, 3, 3, -0.1), (float("nan"), 0.2, 3, 3, 0.1)])
def test_impossible_input_is_refused(arguments):
    with pytest.raises(BadInput):
        measure_judge_offset(*arguments)


def test_grades_that_do_not_pair_are_refused():
    with pytest.raises(BadInput, match="2 first and 1 second"):
        estimate_rejudge_sd([0.5, 0.6], [0.5])


def test_nothing_to_pool_is_refused():
    with pytest.raises(BadInput, match="no task"):
        pool_judge_offsets([])
