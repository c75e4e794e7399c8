"""The expected weak score and the running sum of shortfalls."""

from __future__ import annotations

import numpy as np
import pytest

from autodata.audit.residual import fit_expectation, follow_residuals
from autodata.errors import BadInput


def make_history(rng, tasks=300):
    features = rng.normal(size=(tasks, 2))
    return features, np.clip(0.5 + 0.1 * features[:, 0] + rng.normal(0, 0.05, tasks), 0, 1)


def test_the_fit_finds_the_slope_and_the_spread():
    rng = np.random.default_rng(101)
    features, weak = make_history(rng)
    fit = fit_expectation(features, weak.tolist())
    assert fit.predict([1.0, 0.0]) - fit.predict([0.0, 0.0]) == pytest.approx(0.1, abs=0.01)
    assert fit.sd == pytest.approx(0.05, abs=0.01)


def test_a_huge_penalty_predicts_the_mean():
    features, weak = make_history(np.random.default_rng(102))
    assert fit_expectation(features, weak.tolist(), penalty=1e9).predict([3.0, 0.0]) == pytest.approx(
        weak.mean(), abs=1e-3
    )


def test_a_feature_that_never_varies_has_no_weight():
    features, weak = make_history(np.random.default_rng(103))
    features[:, 1] = 7.0
    assert fit_expectation(features, weak.tolist()).weights[1] == 0


def test_the_expectation_stays_on_the_scale():
    features, weak = make_history(np.random.default_rng(104))
    assert fit_expectation(features, weak.tolist()).predict([100.0, 0.0]) == 1.0


def test_cusum_by_hand():
    got = follow_residuals([-0.1, 0.2, -0.3, -0.3], sd=0.1)
    # 0.5, 0, 2.5, 5.0
    assert got.highest == pytest.approx(5.0)
    assert got.alarm_at in (4, None)


def test_a_lasting_shortfall_raises_the_alarm_and_noise_does_not():
    rng = np.random.default_rng(105)
    assert follow_residuals(rng.normal(-0.1, 0.1, 100).tolist(), 0.1).alarm_at < 40
    assert follow_residuals(rng.normal(0.02, 0.1, 100).tolist(), 0.1).alarm_at is None


def test_scores_above_expectation_never_raise_it():
    assert follow_residuals([0.5] * 50, 0.1).highest == 0


@pytest.mark.parametrize(
    ("features", "weak"), [([[1.0], [2.0]], [0.5, 0.6]), ([[1.0]] * 5, [0.5] * 4), ([[float("nan")]] * 5, [0.5] * 5)]
)
def test_data_that_make_no_fit_are_refused(features, weak):
    with pytest.raises(BadInput):
        fit_expectation(features, weak)


def test_another_number_of_features_is_refused():
    fit = fit_expectation(*(part.tolist() for part in make_history(np.random.default_rng(106))))
    with pytest.raises(BadInput, match="the fit has 2"):
        fit.predict([1.0])
