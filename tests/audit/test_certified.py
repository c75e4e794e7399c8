"""The certified gap: golden posteriors, error rates against the published simulation, and the ladder of sizes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.audit.arm import Arm
from autodata.audit.certified import (
    DEFAULT_BAR,
    certify_gap,
    find_next_size,
    fit_certified_prior,
    measure_fresh_gap,
)
from autodata.audit.gap_prior import NO_PRIOR, GapPrior
from autodata.audit.variance import Noise
from autodata.errors import BadInput
from tests.audit.world import ask, draw_accepted, join_tasks

NOISE = Noise(0.12**2)
WEAK = ((0.41, 0.38, 0.52, 0.44, 0.40), (0.30, 0.35, 0.28, 0.31, 0.36), (0.60, 0.66, 0.58, 0.71, 0.63))
WEAK += ((0.50, 0.47, 0.55, 0.49, 0.52),)
STRONG = ((0.75, 0.70, 0.66, 0.81, 0.73), (0.62, 0.70, 0.58, 0.66, 0.64), (0.66, 0.70, 0.64, 0.69, 0.72))
STRONG += ((0.78, 0.74, 0.80, 0.71, 0.77),)
arms = st.lists(st.floats(0, 1), min_size=2, max_size=8).map(tuple)


def pair_arms(weak, strong):
    return Arm("weak", "neutral", weak), Arm("strong", "neutral", strong)


def certify_world(seed, count, sd, answers):
    """A pool of 95 % honest and 5 % sabotaged tasks, certified as the published simulation does."""
    rng = np.random.default_rng(seed)
    sabotaged = round(count * 0.05)
    tasks = join_tasks(draw_accepted(rng, count - sabotaged, sd), draw_accepted(rng, sabotaged, sd, (0.15, 0.40)))
    pairs = list(
        zip(ask(rng, tasks, "weak", "neutral", answers), ask(rng, tasks, "strong", "neutral", answers), strict=True)
    )
    noise = Noise(sd**2)
    prior = fit_certified_prior([measure_fresh_gap(weak, strong, noise) for weak, strong in pairs])
    return tasks, [certify_gap(weak, strong, noise, prior) for weak, strong in pairs], count - sabotaged


def test_golden_posteriors():
    pairs = [pair_arms(w, s) for w, s in zip(WEAK, STRONG, strict=True)]
    prior = fit_certified_prior([measure_fresh_gap(w, s, NOISE) for w, s in pairs])
    assert prior.mean == pytest.approx(0.229042960602844)
    assert prior.variance == pytest.approx(0.009382414447394655)
    got = [certify_gap(w, s, NOISE, prior) for w, s in pairs]
    assert [g.chance for g in got] == pytest.approx([0.96586636, 0.99069603, 0.00384951, 0.87781744], rel=1e-6)
    assert [g.verdict for g in got] == ["real", "real", "not_real", "real"]


@pytest.mark.parametrize(
    ("answers", "real", "wrong", "not_real"), [(3, 0.55, 0.062, 0.06), (5, 0.60, 0.049, 0.08), (8, 0.63, 0.040, 0.10)]
)
def test_error_rates_are_those_of_the_published_simulation(answers, real, wrong, not_real):
    tasks, certified, _ = certify_world(21, 6000, 0.12, answers)
    called = np.array([c.verdict == "real" for c in certified])
    refused = np.array([c.verdict == "not_real" for c in certified])
    assert called.mean() == pytest.approx(real, abs=0.025)
    assert np.mean(tasks.gap[called] < DEFAULT_BAR) == pytest.approx(wrong, abs=0.02)
    assert refused.mean() == pytest.approx(not_real, abs=0.02)


def test_sabotaged_tasks_without_a_gap_are_hardly_ever_called_real():
    tasks, certified, honest = certify_world(22, 12_000, 0.12, 5)
    false = [c.verdict == "real" for c, gap in zip(certified[honest:], tasks.gap[honest:], strict=True) if gap < 0.10]
    assert len(false) > 100
    assert np.mean(false) <= 0.03


def test_the_chance_is_calibrated_as_in_the_published_simulation():
    tasks, certified, _ = certify_world(23, 8000, 0.12, 5)
    chance = np.array([c.chance for c in certified])
    for low, share in ((0.0, 0.07), (0.2, 0.22), (0.4, 0.43), (0.6, 0.73), (0.8, 0.95)):
        inside = (chance > low) & (chance <= low + 0.2)
        assert np.mean(tasks.gap[inside] >= DEFAULT_BAR) == pytest.approx(share, abs=0.05)


def test_a_strict_lower_bound_certifies_the_published_share():
    rng = np.random.default_rng(24)
    tasks = draw_accepted(rng, 3000, 0.12)
    pairs = zip(ask(rng, tasks, "weak", "neutral", 5), ask(rng, tasks, "strong", "neutral", 5), strict=True)
    assert np.mean([measure_fresh_gap(w, s, NOISE).find_p(0.20) < 0.05 for w, s in pairs]) == pytest.approx(
        0.36, abs=0.03
    )


@given(arms, arms, st.floats(-1, 1), st.floats(1e-3, 1))
def test_the_belief_lies_between_run_and_measurement(weak, strong, mean, variance):
    got = certify_gap(*pair_arms(weak, strong), NOISE, GapPrior(mean, variance, 100))
    assert min(mean, got.gap) - 1e-9 <= got.expected <= max(mean, got.gap) + 1e-9
    assert got.low <= got.gap <= got.high
    assert 0 <= got.chance <= 1


@given(arms, arms, st.floats(0, 0.5))
def test_a_higher_bar_never_makes_a_gap_more_real(weak, strong, bar):
    one = certify_gap(*pair_arms(weak, strong), NOISE, NO_PRIOR, bar=bar)
    other = certify_gap(*pair_arms(weak, strong), NOISE, NO_PRIOR, bar=bar + 0.1)
    assert other.chance <= one.chance


def test_without_a_prior_the_measurement_stands_alone_and_says_so():
    got = certify_gap(*pair_arms(WEAK[0], STRONG[0]), NOISE, NO_PRIOR)
    assert got.expected == got.gap == pytest.approx(0.30)
    assert "stands alone" in got.note


def test_a_prior_of_few_tasks_says_so():
    fresh = [measure_fresh_gap(*pair_arms(w, s), NOISE) for w, s in zip(WEAK, STRONG, strict=True)]
    assert "4 tasks only" in certify_gap(*pair_arms(WEAK[0], STRONG[0]), NOISE, fit_certified_prior(fresh)).note


def test_identical_answers_do_not_give_an_interval_of_no_width():
    got = certify_gap(*pair_arms((0.4, 0.4, 0.4), (0.7, 0.7, 0.7)), NOISE, NO_PRIOR)
    assert got.high - got.low > 0.2


def test_each_solver_may_have_its_own_noise():
    weak, strong = pair_arms((0.4, 0.4), (0.7, 0.7))
    got = certify_gap(weak, strong, Noise(0.04), NO_PRIOR, strong_noise=Noise(0.0001))
    assert got.variance == pytest.approx((0.04 * 4 / 5 + 0.0001 * 4 / 5) / 2)


def test_an_undecided_gap_is_measured_further_up_to_twelve():
    prior = GapPrior(0.2, 0.01, 100)
    sizes = []
    for count in (3, 4, 8, 12):
        got = certify_gap(*pair_arms((0.4,) * count, (0.6,) * count), NOISE, prior)
        assert got.verdict == "undecided"
        sizes.append(find_next_size(got))
    assert sizes == [5, 5, 12, None]


def test_a_decided_gap_needs_no_more_answers():
    assert find_next_size(certify_gap(*pair_arms((0.1,) * 3, (0.9,) * 3), NOISE, NO_PRIOR)) is None


def test_as_run_answers_certify_nothing():
    with pytest.raises(BadInput, match="belong"):
        certify_gap(Arm("weak", "as_run", (0.4,)), Arm("strong", "neutral", (0.7,)), NOISE, NO_PRIOR)
