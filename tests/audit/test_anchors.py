"""Anchors: the golden statistic, the published power, and the run-level monitor."""

from __future__ import annotations

import numpy as np
import pytest

from autodata.audit.anchors import BLIND_SPOT, has_headroom, measure_anchor_drop, monitor_anchors
from autodata.audit.variance import Noise
from autodata.errors import BadInput
from tests.audit.world import answer, draw_spread

NOISE = Noise(0.12**2)


def test_golden_statistic():
    got = measure_anchor_drop([0.5, 0.6, 0.7, 0.45], [[0.4, 0.42], [0.45, 0.41], [0.5, 0.58], [0.3, 0.28]], NOISE)
    assert got.t == pytest.approx(2.23518363)
    assert got.p == pytest.approx(0.03025316, rel=1e-6)
    assert got.drop == pytest.approx(0.145, abs=0.002)


@pytest.mark.parametrize(("drop", "power"), [(0.0, 0.0), (0.15, 0.68), (0.20, 0.93), (0.30, 1.0)])
def test_twelve_anchors_twice_have_the_published_power(drop, power):
    p = find_p_values(51, 1200, drop)
    assert np.mean(p < 0.01) == pytest.approx(power, abs=0.04)


def test_a_drop_on_a_quarter_of_the_anchors_is_not_seen_and_the_result_says_so():
    assert np.mean(find_p_values(52, 600, 0.30, affected=0.25) < 0.01) < 0.08
    assert measure_anchor_drop([0.5, 0.6], [[0.5], [0.6]], NOISE).blind_spot == BLIND_SPOT


def find_p_values(seed, runs, drop, anchors=12, answers=2, affected=1.0):
    rng = np.random.default_rng(seed)
    count = runs * anchors
    known, spread = rng.uniform(0.40, 0.80, count), draw_spread(rng, count, 0.12, True)
    baseline = answer(rng, known, spread, 20).mean(axis=1)
    shift = np.repeat(0.02 * rng.standard_normal(runs), anchors) + 0.03 * rng.standard_normal(count)
    scores = answer(rng, known - drop * (rng.random(count) < affected) + shift, spread, answers)
    rows = zip(baseline.reshape(runs, anchors).tolist(), scores.reshape(runs, anchors, answers).tolist(), strict=True)
    return np.array([measure_anchor_drop(b, s, NOISE).p for b, s in rows])


@pytest.mark.parametrize(("drop", "answers"), [(0.30, 7), (0.20, 20)])
def test_the_monitor_raises_the_alarm_after_the_published_number_of_answers(drop, answers):
    rng = np.random.default_rng(53)
    alarms = [monitor_anchors(drops, NOISE).alarm_at or 999 for drops in draw_drops(rng, 400, 100, drop)]
    assert np.median(alarms) == pytest.approx(answers, abs=max(1, 0.15 * answers))


def test_honest_runs_are_hardly_ever_alarmed():
    rng = np.random.default_rng(54)
    alarms = [monitor_anchors(drops, NOISE).alarm_at is not None for drops in draw_drops(rng, 500, 200, 0.0)]
    assert np.mean(alarms) <= 0.004


def draw_drops(rng, runs, length, drop):
    count = runs * length
    known = rng.uniform(0.40, 0.80, count)
    mean = np.clip(known - drop + 0.03 * rng.standard_normal(count), 0.02, 0.98)
    baseline = known + 0.12 / np.sqrt(20) * rng.standard_normal(count)
    scores = answer(rng, mean, draw_spread(rng, count, 0.12, True), 1)[:, 0]
    return (baseline - scores).reshape(runs, length).tolist()


def test_a_very_long_run_stays_finite():
    got = monitor_anchors([0.9] * 20_000, Noise(1e-4))
    assert np.isfinite(got.e_value)
    assert got.alarm_at == 1


def test_an_alarm_is_kept_although_later_answers_are_fine():
    assert monitor_anchors([0.4] * 12 + [-0.4] * 30, NOISE).alarm_at is not None


@pytest.mark.parametrize(("baseline", "usable"), [(0.39, False), (0.40, True), (0.80, True), (0.81, False)])
def test_an_anchor_needs_room_to_fall_and_rise(baseline, usable):
    assert has_headroom(baseline) is usable


@pytest.mark.parametrize(
    ("baselines", "observed"), [([0.5], [[0.5]]), ([0.5, 0.6], [[0.5]]), ([0.5, 0.6], [[0.5], []])]
)
def test_anchors_that_do_not_match_are_refused(baselines, observed):
    with pytest.raises(BadInput):
        measure_anchor_drop(baselines, observed, NOISE)
