"""Benjamini-Hochberg: the example of the 1995 paper, brute force, and the false-discovery rate of a batch."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.audit.arm import Arm
from autodata.audit.discovery import find_discoveries
from autodata.audit.tamper import compare_requests
from autodata.audit.variance import Noise
from autodata.errors import BadInput
from tests.audit.world import ask, draw_accepted, join_tasks

# Benjamini and Hochberg (1995), section 4.1: fifteen p-values of a thrombolysis trial.
TRIAL = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459]
TRIAL += [0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.000]


def test_the_example_of_the_paper_rejects_four():
    got = find_discoveries(TRIAL, 0.05)
    assert got.flagged == (True,) * 4 + (False,) * 11
    assert got.threshold == 0.0095
    assert got.adjusted[3] == pytest.approx(0.0095 * 15 / 4)


@given(st.lists(st.one_of(st.floats(0, 1), st.sampled_from([0.01, 0.02, 0.05])), max_size=40), st.floats(0.01, 0.5))
def test_the_step_up_equals_brute_force(p_values, q):
    m = len(p_values)
    ordered = sorted(p_values)
    last = max((k for k in range(1, m + 1) if round(ordered[k - 1] * m / k, 12) <= q), default=0)
    bound = ordered[last - 1] if last else -1.0
    assert find_discoveries(p_values, q).flagged == tuple(p <= bound for p in p_values)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.randoms(use_true_random=False))
def test_the_order_of_the_tasks_does_not_matter(p_values, random):
    order = random.sample(range(len(p_values)), len(p_values))
    got = find_discoveries(p_values)
    shuffled = find_discoveries([p_values[i] for i in order])
    assert shuffled.flagged == tuple(got.flagged[i] for i in order)


def test_an_empty_batch_flags_nothing():
    assert find_discoveries([]).flagged == ()


def test_fresh_tests_keep_the_false_discoveries_and_the_recall_of_the_published_simulation():
    rng = np.random.default_rng(141)
    noise, rates, recalls = Noise(0.12**2), [], []
    for _ in range(25):
        tasks = join_tasks(draw_accepted(rng, 380, 0.12), draw_accepted(rng, 20, 0.12, (0.15, 0.40)))
        arms = zip(ask(rng, tasks, "weak", "neutral", 5), ask(rng, tasks, "weak", "as_run", 5), strict=True)
        flagged = np.array(find_discoveries([compare_requests(one, other, noise).p for one, other in arms]).flagged)
        rates.append(flagged[:380].sum() / max(flagged.sum(), 1))
        recalls.append(flagged[380:].mean())
    assert np.mean(rates) == pytest.approx(0.05, abs=0.03)
    assert np.mean(recalls) == pytest.approx(0.81, abs=0.05)


def test_comparing_with_the_selected_answers_would_break_the_rate_which_is_why_arms_refuse_them():
    rng = np.random.default_rng(142)
    noise, rates = Noise(0.12**2), []
    for _ in range(15):
        tasks = join_tasks(draw_accepted(rng, 380, 0.12), draw_accepted(rng, 20, 0.12, (0.15, 0.40)))
        # The mistake, made on purpose: recorded answers under a fresh name.
        selected = [Arm("weak", "as_run", tuple(row)) for row in tasks.recorded_weak.tolist()]
        arms = zip(ask(rng, tasks, "weak", "neutral", 3), selected, strict=True)
        flagged = np.array(find_discoveries([compare_requests(one, other, noise).p for one, other in arms]).flagged)
        rates.append(flagged[:380].sum() / max(flagged.sum(), 1))
    assert np.mean(rates) > 0.18


@pytest.mark.parametrize(
    ("p_values", "q"), [([1.1], 0.1), ([-0.1], 0.1), ([float("nan")], 0.1), ([0.5], 0.0), ([0.5], 1.0)]
)
def test_impossible_input_is_refused(p_values, q):
    with pytest.raises(BadInput):
        find_discoveries(p_values, q)
