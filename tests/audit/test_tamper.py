"""The tamper test: golden p-values, error rates against the published simulation, pooling, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from autodata.audit.arm import Arm
from autodata.audit.difference import measure_difference
from autodata.audit.tamper import choose_margin, compare_requests, measure_shift, pool_shifts
from autodata.audit.variance import Noise
from autodata.errors import BadInput
from tests.audit.world import ask, draw_accepted

NOISE = Noise(0.12**2)
NEUTRAL = Arm("weak", "neutral", (0.66, 0.61, 0.70, 0.58, 0.64))
AS_RUN = Arm("weak", "as_run", (0.40, 0.55, 0.38, 0.51, 0.41))
arms = st.lists(st.floats(0, 1), min_size=2, max_size=8).map(tuple)


def find_p_values(seed, count, sd, drop, answers, heavy=True):
    rng = np.random.default_rng(seed)
    tasks = draw_accepted(rng, count, sd, (drop, drop), heavy)
    pairs = zip(ask(rng, tasks, "weak", "neutral", answers), ask(rng, tasks, "weak", "as_run", answers), strict=True)
    return np.array([compare_requests(one, other, Noise(sd**2)).p for one, other in pairs])


@pytest.mark.parametrize(("margin", "p"), [(0.0, 0.002367967164473913), (0.05, 0.013011984321560524)])
def test_golden_p_values(margin, p):
    assert compare_requests(NEUTRAL, AS_RUN, NOISE, margin).p == pytest.approx(p, rel=1e-9)


def test_golden_p_value_of_three_answers():
    neutral, as_run = (Arm(a.solver, a.purpose, a.scores[:3]) for a in (NEUTRAL, AS_RUN))
    test = compare_requests(neutral, as_run, NOISE)
    assert test.p == pytest.approx(0.015080102501454284, rel=1e-9)
    assert (test.df, test.answers) == (8, 3)


@pytest.mark.parametrize(
    ("answers", "drop", "at_five", "at_one"),
    [(3, 0.2, 0.79, 0.15), (5, 0.2, 0.88, 0.75), (5, 0.3, 0.95, 0.90), (5, 0.1, 0.65, 0.07)],
)
def test_power_is_that_of_the_published_simulation(answers, drop, at_five, at_one):
    p = find_p_values(11, 2500, 0.12, drop, answers)
    assert np.mean(p < 0.05) == pytest.approx(at_five, abs=0.03)
    assert np.mean(p < 0.01) == pytest.approx(at_one, abs=0.03)


def test_power_under_equal_noise_is_that_of_the_published_simulation():
    p = find_p_values(12, 2500, 0.12, 0.2, 5, heavy=False)
    assert np.mean(p < 0.05) == pytest.approx(0.79, abs=0.03)
    assert np.mean(p < 0.01) == pytest.approx(0.50, abs=0.03)


@pytest.mark.parametrize("sd", [0.08, 0.12, 0.20])
def test_honest_tasks_are_flagged_less_often_than_the_level(sd):
    p = find_p_values(13, 2500, sd, 0.0, 5)
    assert np.mean(p < 0.05) <= 0.05
    assert np.mean(p < 0.01) <= 0.012


def test_p_values_are_uniform_when_nothing_was_changed_and_the_noise_is_as_assumed():
    rng = np.random.default_rng(14)
    # Variances drawn from the prior itself: then the moderated t is exactly t distributed.
    sds = np.sqrt(0.05**2 * 4 / rng.chisquare(4, 3000))
    scores = np.clip(0.5 + rng.normal(size=(3000, 10)) * sds[:, None], 0, 1)
    p = [measure_difference(row[:5], row[5:], Noise(0.05**2)).find_p() for row in scores.tolist()]
    assert stats.kstest(p, "uniform").pvalue > 0.01


@given(arms, arms, st.floats(0.01, 0.3))
def test_p_falls_with_the_shift_and_rises_with_the_margin(first, second, margin):
    test = compare_requests(Arm("weak", "neutral", first), Arm("weak", "as_run", second), NOISE)
    strict = compare_requests(Arm("weak", "neutral", first), Arm("weak", "as_run", second), NOISE, margin)
    assert strict.p >= test.p
    assert (test.shift > 0) == (test.p < 0.5) or test.shift == pytest.approx(0, abs=1e-12)


@given(arms, arms)
def test_strong_is_tested_in_the_opposite_direction(first, second):
    weak = measure_shift(Arm("weak", "neutral", first), Arm("weak", "as_run", second), NOISE)
    strong = measure_shift(Arm("strong", "neutral", first), Arm("strong", "as_run", second), NOISE)
    assert strong.value == pytest.approx(-weak.value)
    assert strong.variance == pytest.approx(weak.variance)


def test_arms_of_two_solvers_are_refused():
    with pytest.raises(BadInput, match="strong as_run"):
        compare_requests(NEUTRAL, Arm("strong", "as_run", (0.5, 0.5)), NOISE)


def test_two_neutral_arms_are_refused():
    with pytest.raises(BadInput, match="belong"):
        compare_requests(NEUTRAL, NEUTRAL, NOISE)


def test_the_margin_is_for_wording_only():
    assert (choose_margin(True), choose_margin(False)) == (0.0, 0.05)


def test_golden_p_value_of_pooled_tasks():
    test = pool_shifts("weak", [0.12, 0.2, 0.05, 0.17, 0.11], 2, NOISE)
    assert test.p == pytest.approx(0.007494207009035216, rel=1e-9)
    assert test.tasks == 5


@pytest.mark.parametrize(
    ("tasks", "drop", "power"), [(5, 0.20, 0.87), (10, 0.20, 0.98), (10, 0.10, 0.67), (10, 0.0, 0.0)]
)
def test_pooling_over_a_request_has_the_published_power(tasks, drop, power):
    rng = np.random.default_rng(15)
    drawn = draw_accepted(rng, tasks * 600, 0.12, (drop, drop))
    pairs = zip(ask(rng, drawn, "weak", "neutral", 2), ask(rng, drawn, "weak", "as_run", 2), strict=True)
    shifts = np.array([one.mean - other.mean for one, other in pairs]).reshape(-1, tasks)
    found = np.mean([pool_shifts("weak", row, 2, NOISE).p < 0.01 for row in shifts.tolist()])
    assert found == pytest.approx(power, abs=0.05)


def test_one_task_cannot_be_pooled():
    with pytest.raises(BadInput, match="at least 2"):
        pool_shifts("weak", [0.2], 5, NOISE)


def test_unequal_noise_uses_a_smaller_number_of_degrees_of_freedom():
    both = measure_difference([0.7, 0.8, 0.9], [0.1, 0.2, 0.1], Noise(0.01), Noise(0.0004))
    one = measure_difference([0.7, 0.8, 0.9], [0.1, 0.2, 0.1], Noise(0.01))
    assert both.df < one.df
    assert both.value == pytest.approx(one.value)


def test_the_interval_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(16)
    sds = np.sqrt(0.05**2 * 4 / rng.chisquare(4, 3000))
    low = np.clip(0.4 + rng.normal(size=(3000, 5)) * sds[:, None], 0, 1).tolist()
    high = np.clip(0.6 + rng.normal(size=(3000, 5)) * sds[:, None], 0, 1).tolist()
    ends = [measure_difference(h, w, Noise(0.05**2)).find_interval(0.90) for h, w in zip(high, low, strict=True)]
    assert np.mean([a <= 0.2 <= b for a, b in ends]) == pytest.approx(0.90, abs=0.02)
