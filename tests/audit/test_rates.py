"""Counted shares: published intervals, what a review proves, and miss rates from unequal samples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from autodata.audit.rates import bound_misses, estimate_miss_rate, measure_precision, measure_rate, plan_sample
from autodata.errors import BadInput

# Newcombe (1998), Statistics in Medicine 17, 857-872, table I: Wilson (3) and Clopper-Pearson (5).
NEWCOMBE = [
    (81, 263, "wilson", 0.2553, 0.3662),
    (15, 148, "wilson", 0.0624, 0.1605),
    (0, 20, "wilson", 0.0, 0.1611),
    (1, 29, "wilson", 0.0061, 0.1718),
    (81, 263, "exact", 0.2527, 0.3676),
    (15, 148, "exact", 0.0578, 0.1617),
    (0, 20, "exact", 0.0, 0.1684),
    (1, 29, "exact", 0.0009, 0.1776),
]
counts = st.integers(0, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(("successes", "trials", "method", "low", "high"), NEWCOMBE)
def test_intervals_are_those_of_the_published_table(successes, trials, method, low, high):
    got = measure_rate(successes, trials, method=method)
    assert (got.low, got.high) == (pytest.approx(low, abs=6e-5), pytest.approx(high, abs=6e-5))


@given(counts, st.sampled_from(["wilson", "exact"]))
def test_an_interval_holds_its_estimate(count, method):
    got = measure_rate(*count, method=method)
    if count[1]:
        assert 0 <= got.low <= got.estimate + 1e-12
        assert got.estimate - 1e-12 <= got.high <= 1
    else:
        assert (got.estimate, got.note) == (None, "nothing was tried")


def test_the_exact_interval_covers_at_least_as_often_as_it_says():
    for share in (0.03, 0.2, 0.5):
        inside = [(r := measure_rate(x, 30, method="exact")).low <= share <= r.high for x in range(31)]
        assert np.dot(inside, stats.binom.pmf(range(31), 30, share)) >= 0.95


@pytest.mark.parametrize(("reviewed", "bound"), [(30, 0.095), (60, 0.049), (100, 0.030), (150, 0.020), (300, 0.010)])
def test_reviews_without_a_miss_bound_the_published_share(reviewed, bound):
    assert bound_misses(reviewed) == pytest.approx(bound, abs=5e-4)
    assert bound_misses(reviewed) == pytest.approx(1 - 0.05 ** (1 / reviewed))


@given(st.integers(1, 300), st.data())
def test_more_misses_never_lower_the_bound(reviewed, data):
    misses = data.draw(st.integers(0, reviewed - 1))
    assert bound_misses(reviewed, misses) < bound_misses(reviewed, misses + 1) <= 1


def test_nothing_reviewed_proves_nothing():
    assert bound_misses(0) == 1.0


@pytest.mark.parametrize(("failures", "tasks"), [(0, 299), (1, 473), (3, 773)])
def test_the_sample_that_proves_one_per_cent_is_the_published_one(failures, tasks):
    assert plan_sample(0.01, failures) == tasks


@given(st.floats(0.005, 0.9), st.integers(0, 5))
def test_the_planned_sample_proves_its_rate_and_one_task_fewer_does_not(rate, failures):
    n = plan_sample(rate, failures)
    assert n == failures + 1 or stats.binom.cdf(failures, n - 1, rate) > 0.05
    assert stats.binom.cdf(failures, n, rate) <= 0.05 or n == failures + 1


def test_horvitz_thompson_is_unbiased_when_likely_misses_are_audited_more_often():
    rng = np.random.default_rng(151)
    miss = rng.random(400) < np.where(np.arange(400) < 100, 0.30, 0.02)
    inclusion = np.where(np.arange(400) < 100, 0.5, 0.1)
    estimates = []
    for _ in range(600):
        drawn = rng.random(400) < inclusion
        estimates.append(estimate_miss_rate(miss[drawn].tolist(), inclusion[drawn].tolist(), 400).estimate)
    assert np.mean(estimates) == pytest.approx(miss.mean(), abs=0.004)


def test_horvitz_thompson_by_hand():
    got = estimate_miss_rate([True, False, True], [0.5, 0.2, 0.25], 50)
    assert got.estimate == pytest.approx((2 + 4) / 50)
    error = (0.5 / 0.25 + 0.75 / 0.0625) ** 0.5 / 50
    assert got.high == pytest.approx(0.12 + 1.959964 * error)


def test_equal_inclusion_gives_the_exact_interval_of_the_counts():
    got = estimate_miss_rate([False] * 60, [0.1] * 60, 600)
    assert got.estimate == 0
    assert got.high == pytest.approx(1 - 0.025 ** (1 / 60))


def test_no_miss_found_with_unequal_inclusion_is_not_no_miss():
    got = estimate_miss_rate([False] * 40, [0.1] * 20 + [0.2] * 20, 300)
    assert got.estimate == 0
    assert 0.05 < got.high < 0.2


def test_without_an_audited_task_the_miss_rate_is_unknown():
    got = estimate_miss_rate([], [], 500)
    assert got.estimate is None
    assert "unknown" in got.note


@pytest.mark.parametrize(
    ("misses", "inclusion", "tasks"),
    [([True], [], 5), ([True], [0.0], 5), ([True], [1.1], 5), ([True, True], [1, 1], 1)],
)
def test_impossible_samples_are_refused(misses, inclusion, tasks):
    with pytest.raises(BadInput):
        estimate_miss_rate(misses, inclusion, tasks)


def test_precision_is_the_beta_posterior():
    got = measure_precision(3, 7)
    assert got.mean == pytest.approx(4 / 12)
    assert got.high == pytest.approx(stats.beta.ppf(0.95, 4, 8))
    assert not got.retire


def test_a_detector_that_is_nearly_always_wrong_is_retired():
    assert measure_precision(0, 30).retire
    assert not measure_precision(0, 5).retire


@pytest.mark.parametrize("arguments", [(5, 4), (-1, 4)])
def test_counts_that_make_no_share_are_refused(arguments):
    with pytest.raises(BadInput, match="no share"):
        measure_rate(*arguments)


def test_an_unknown_method_is_refused():
    with pytest.raises(BadInput, match="choose wilson or exact"):
        measure_rate(1, 2, method="wald")
