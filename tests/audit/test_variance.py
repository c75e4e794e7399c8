"""Moderated variance: the shrinkage formula, its limits, and the empirical-Bayes fit."""

from __future__ import annotations

from math import inf, pi

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.audit.variance import (
    SMALLEST_VARIANCE,
    Noise,
    fit_bands,
    fit_noise,
    invert_trigamma,
    moderate_variance,
    name_band,
    pool_noise,
)
from autodata.errors import BadInput

scores = st.lists(st.floats(0, 1), min_size=2, max_size=12)


def test_the_formula_by_hand():
    spread = moderate_variance(Noise(0.0144, 4), [0.4, 0.5, 0.6], [0.7, 0.7, 0.7])
    assert spread.variance == pytest.approx((4 * 0.0144 + 0.02) / 8)
    assert (spread.df, spread.own_df) == (8, 4)


@given(scores, st.floats(1e-4, 0.2), st.floats(0.1, 100))
def test_the_result_lies_between_prior_and_own_variance(group, prior, df):
    own = float(np.var(group, ddof=1))
    got = moderate_variance(Noise(prior, df), group).variance
    assert min(own, prior) - 1e-12 <= got <= max(own, prior) + 1e-12


def test_infinite_trust_ignores_the_task_itself():
    assert moderate_variance(Noise(0.01, inf), [0.0, 1.0]).variance == 0.01


def test_pooled_variance_weighs_groups_by_degrees_of_freedom():
    assert pool_noise([[0.4, 0.6], [0.5, 0.5, 0.8], [0.3]]).variance == pytest.approx((0.02 + 0.06) / 3)


def test_scores_that_never_vary_get_the_smallest_variance_and_a_note():
    noise = pool_noise([[0.5, 0.5], [0.7, 0.7, 0.7]])
    assert noise.variance == SMALLEST_VARIANCE
    assert "hardly vary" in noise.note


def test_single_scores_say_nothing_about_spread():
    with pytest.raises(BadInput, match="two scores"):
        pool_noise([[0.5], [0.6]])


@pytest.mark.parametrize(("y", "x"), [(pi**2 / 6, 1.0), (pi**2 / 2, 0.5), (pi**2 / 6 - 1, 2.0)])
def test_inverse_of_the_trigamma_function_at_known_points(y, x):
    assert invert_trigamma(y) == pytest.approx(x, rel=1e-9)


@pytest.mark.parametrize(("df", "variance"), [(3.0, 0.004), (8.0, 0.01)])
def test_moment_fit_recovers_the_prior_it_was_drawn_from(df, variance):
    rng = np.random.default_rng(5)
    variances = variance * df / rng.chisquare(df, 6000)
    groups = np.clip(0.5 + rng.normal(size=(6000, 4)) * np.sqrt(variances)[:, None], 0, 1)
    noise = fit_noise(groups.tolist())
    assert noise.df == pytest.approx(df, rel=0.15)
    assert noise.variance == pytest.approx(variance, rel=0.1)


def test_equal_spreads_give_infinite_degrees_of_freedom():
    rng = np.random.default_rng(4)
    noise = fit_noise((0.5 + 0.05 * rng.standard_normal((25, 5))).tolist())
    assert noise.df == inf or noise.df > 20
    assert noise.variance == pytest.approx(0.0025, rel=0.4)


def test_groups_without_spread_make_the_fit_fall_back_to_pooling():
    groups = [[0.5, 0.5, 0.5]] * 12 + [[0.4, 0.5, 0.6]] * 12
    noise = fit_noise(groups)
    assert (noise.variance, noise.df) == (pytest.approx(0.005), 4.0)
    assert "12 of 24 groups have no spread" in noise.note


@pytest.mark.parametrize(
    ("mean", "band"), [(0.0, "low"), (0.19, "low"), (0.2, "middle"), (0.8, "middle"), (0.9, "high")]
)
def test_bands_of_the_scale(mean, band):
    assert name_band(mean) == band


def test_a_band_with_few_groups_borrows_the_overall_spread():
    groups = [[0.4, 0.6]] * 30 + [[0.95, 0.95]] * 3
    bands = fit_bands(groups)
    assert bands["middle"].variance == pytest.approx(0.02)
    assert bands["high"].variance == pytest.approx(pool_noise(groups).variance)
    assert "3 groups in the high band" in bands["high"].note


@pytest.mark.parametrize(("variance", "df"), [(0.0, 4), (-1.0, 4), (0.01, 0), (float("nan"), 4)])
def test_impossible_noise_is_refused(variance, df):
    with pytest.raises(BadInput):
        Noise(variance, df)
