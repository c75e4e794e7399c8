"""Luck risk and the prior it rests on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.audit.gap_prior import NO_PRIOR, GapPrior, fit_gap_prior, update_gap
from autodata.audit.luck import assess_luck
from autodata.audit.variance import Noise
from autodata.errors import BadInput
from tests.audit.world import keep_accepted, propose_tasks

FLAT = Noise(0.12**2, float("inf"))


def test_the_posterior_by_hand():
    posterior = update_gap(0.3, 0.01, GapPrior(0.1, 0.03, 50))
    assert posterior.mean == pytest.approx((0.1 * 0.01 + 0.3 * 0.03) / 0.04)
    assert posterior.sd == pytest.approx((0.01 * 0.03 / 0.04) ** 0.5)
    assert posterior.find_chance(posterior.mean) == pytest.approx(0.5)


def test_identical_gaps_give_the_smallest_prior_variance():
    assert fit_gap_prior([0.2] * 30, [0.01] * 30).variance == 1e-3


@pytest.mark.parametrize(("gaps", "variances"), [([0.2], [0.1]), ([0.2, 0.3], [0.1]), ([0.2, 0.3], [0.1, 0.0])])
def test_a_prior_that_cannot_be_fitted_is_refused(gaps, variances):
    with pytest.raises(BadInput):
        fit_gap_prior(gaps, variances)


def test_the_published_share_of_accepted_tasks_looks_safe_and_part_of_it_is_not():
    rng = np.random.default_rng(31)
    every = propose_tasks(rng, 30_000, 0.12)
    gaps = every.recorded_strong.mean(axis=1) - every.recorded_weak.mean(axis=1)
    prior = fit_gap_prior(gaps.tolist(), [2 * 0.12**2 / 3] * len(gaps))
    kept = keep_accepted(every)
    rows = zip(kept.recorded_weak.tolist(), kept.recorded_strong.tolist(), strict=True)
    safe = np.array([assess_luck(weak, strong, FLAT, prior).risk <= 0.2 for weak, strong in rows])
    assert safe.mean() == pytest.approx(0.27, abs=0.03)
    # The warning of the docstring: about a tenth of what looks safe has a true gap below the bar.
    assert np.mean(kept.gap[safe] < 0.20) == pytest.approx(0.096, abs=0.03)


def test_accepted_gaps_are_expected_to_shrink():
    luck = assess_luck([0.4, 0.45, 0.38], [0.7, 0.72, 0.66], Noise(0.0144), GapPrior(0.05, 0.02, 500))
    assert luck.expected < luck.claimed
    assert luck.curse == pytest.approx(luck.claimed - luck.expected)


@given(st.floats(0, 0.4), st.floats(0, 0.4))
def test_a_smaller_gap_is_never_less_risky(one, other):
    small, large = sorted((one, other))
    prior = GapPrior(0.1, 0.02, 100)
    risks = [assess_luck([0.4] * 3, [0.4 + gap] * 3, FLAT, prior).risk for gap in (small, large)]
    assert risks[0] >= risks[1] - 1e-12


def test_own_noise_per_solver():
    one = assess_luck([0.4] * 3, [0.65] * 3, Noise(0.04), NO_PRIOR)
    other = assess_luck([0.4] * 3, [0.65] * 3, Noise(0.04), NO_PRIOR, strong_noise=Noise(0.0001))
    assert other.risk < one.risk
