"""The sequential tamper test: golden e-values, error rates of the published simulation, and stopping."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.audit.arm import Arm
from autodata.audit.sequential import follow_pairs, weigh_pairs
from autodata.errors import BadInput
from tests.audit.world import ask, draw_accepted

NEUTRAL = (0.66, 0.61, 0.70, 0.58, 0.64)
AS_RUN = (0.40, 0.55, 0.38, 0.51, 0.41)


def make_pair(neutral, as_run, solver="weak"):
    return Arm(solver, "neutral", tuple(neutral)), Arm(solver, "as_run", tuple(as_run))


@pytest.mark.parametrize(
    ("pairs", "value"),
    [(2, 1.8469631936020554), (3, 9.494157725726419), (4, 10.431719224905896), (5, 46.942672654377525)],
)
def test_golden_e_values(pairs, value):
    assert weigh_pairs(*make_pair(NEUTRAL[:pairs], AS_RUN[:pairs]), 0.12**2) == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize(
    ("drop", "heavy", "detected", "pairs"),
    [(0.2, True, 0.827, 6.4), (0.3, True, 0.939, 4.7), (0.2, False, 0.695, 8.8), (0.3, False, 0.979, 5.8)],
)
def test_power_and_length_are_those_of_the_published_simulation(drop, heavy, detected, pairs):
    got = follow_world(41, 1500, drop, heavy)
    assert np.mean([g.stop == "tampered" for g in got]) == pytest.approx(detected, abs=0.035)
    assert np.mean([g.pairs for g in got]) == pytest.approx(pairs, abs=0.35)


@pytest.mark.parametrize(("heavy", "pairs"), [(True, 5.2), (False, 6.4)])
def test_honest_tasks_are_hardly_ever_flagged_however_often_one_looks(heavy, pairs):
    got = follow_world(42, 2000, 0.0, heavy)
    assert np.mean([g.stop == "tampered" for g in got]) <= 0.006
    assert np.mean([g.pairs for g in got]) == pytest.approx(pairs, abs=0.35)


@given(st.lists(st.floats(0, 1), min_size=12, max_size=12), st.lists(st.floats(0, 1), min_size=12, max_size=12))
def test_answers_after_the_stop_change_nothing(neutral, as_run):
    whole = follow_pairs(*make_pair(neutral, as_run), 0.0144)
    again = follow_pairs(*make_pair(neutral[: whole.pairs], as_run[: whole.pairs]), 0.0144)
    assert again.e_value == whole.e_value
    assert again.pairs == whole.pairs


def test_strong_is_followed_in_the_opposite_direction():
    weak = weigh_pairs(*make_pair(NEUTRAL, AS_RUN), 0.0144)
    assert weigh_pairs(*make_pair(AS_RUN, NEUTRAL, "strong"), 0.0144) == pytest.approx(weak)


def test_an_open_question_asks_for_one_more_pair():
    assert follow_pairs(*make_pair(NEUTRAL[:2], AS_RUN[:2]), 0.0144).stop == "more"


def test_the_cap_ends_an_open_question():
    got = follow_pairs(*make_pair([0.5, 0.6] * 6, [0.4, 0.56] * 6), 0.04)
    assert (got.stop, got.pairs) == ("unresolved", 12)


def test_equal_answers_stop_clear():
    assert follow_pairs(*make_pair([0.5] * 12, [0.5] * 12), 0.0064).stop == "clear"


@pytest.mark.parametrize(("neutral", "as_run"), [((0.5,), (0.5,)), ((0.5, 0.5), (0.5, 0.5, 0.5))])
def test_answers_that_make_no_pairs_are_refused(neutral, as_run):
    with pytest.raises(BadInput, match="pairs"):
        follow_pairs(*make_pair(neutral, as_run), 0.0144)


def test_noise_of_zero_is_refused():
    with pytest.raises(BadInput, match="noise variance"):
        weigh_pairs(*make_pair(NEUTRAL, AS_RUN), 0.0)


def follow_world(seed, count, drop, heavy):
    rng = np.random.default_rng(seed)
    tasks = draw_accepted(rng, count, 0.12, (drop, drop), heavy)
    pairs = zip(ask(rng, tasks, "weak", "neutral", 12), ask(rng, tasks, "weak", "as_run", 12), strict=True)
    return [follow_pairs(neutral, as_run, 0.12**2) for neutral, as_run in pairs]
