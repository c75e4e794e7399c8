"""What labels say of the audit: precision, misses, agreement."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autodata.audit.labelled import LABELS, Label, is_confirmed, measure_labels


def test_counts_of_labels_and_tasks():
    got = measure_labels(
        [Label("a", "Ada", "luck", blind=True), Label("a", "Bo", "luck"), Label("b", "Ada", "unsure")], 9
    )
    assert (got.labels, got.tasks, got.blind, got.doubled) == (3, 2, 1, 1)
    assert got.counts == {name: {"luck": 2, "unsure": 1}.get(name, 0) for name in LABELS}


def test_a_reviewers_later_label_replaces_the_earlier():
    got = measure_labels([Label("a", "Ada", "luck", ("S9",)), Label("a", "Ada", "artefact", ("S9",))], 9)
    assert (got.counts["luck"], got.counts["artefact"], got.precision["S9"].confirmed) == (0, 1, 1)


def test_precision_of_a_detector_is_beta_with_90_percent_bounds():
    labels = [Label(f"t{n}", "Ada", "sabotage" if n < 8 else "honest_hard", ("S12",)) for n in range(10)]
    found = measure_labels(labels, 50).precision["S12"]
    assert (found.confirmed, found.refuted) == (8, 2)
    assert found.mean == pytest.approx(9 / 12)
    assert (found.low, found.high) == (pytest.approx(0.530, abs=0.001), pytest.approx(0.921, abs=0.001))
    assert not found.retire


def test_a_detector_that_is_nearly_always_wrong_is_to_be_retired():
    labels = [Label(f"t{n}", "Ada", "honest_hard", ("S12",)) for n in range(40)]
    assert measure_labels(labels, 50).precision["S12"].retire


@pytest.mark.parametrize(
    ("detector", "label", "right"),
    [
        ("S1", "sabotage", True),
        ("S9", "artefact", True),
        ("K8", "invalid", True),
        ("K1", "luck", True),
        ("Z1", "luck", True),
        ("S12", "luck", False),
        ("S12", "honest_hard", False),
    ],
)
def test_which_labels_say_that_a_detector_was_right(detector, label, right):
    assert is_confirmed(detector, label) is right


def test_unsure_and_contradicting_labels_count_for_no_detector():
    labels = [
        Label("a", "Ada", "unsure", ("S9",)),
        Label("b", "Ada", "artefact", ("S9",)),
        Label("b", "Bo", "honest_hard", ("S9",)),
        Label("c", "Ada", "artefact", ("S9",)),
        Label("c", "Bo", "unsure", ("S9",)),
    ]
    got = measure_labels(labels, 9)
    assert (got.precision["S9"].confirmed, got.precision["S9"].refuted) == (1, 0)
    assert got.disputed == ("b",)


@pytest.mark.parametrize(("looked", "bound"), [(30, 0.095), (60, 0.049), (100, 0.030), (150, 0.020), (300, 0.010)])
def test_bounds_without_a_miss_are_those_of_the_published_simulation(looked, bound):
    labels = [Label(f"t{n}", "Ada", "honest_hard", inclusion=0.05) for n in range(looked)]
    misses = measure_labels(labels, looked * 20).misses
    assert misses.bound == pytest.approx(bound, abs=0.0006)
    assert (misses.rate.estimate, misses.reviewed, misses.misses) == (0.0, looked, 0)


def test_the_miss_rate_is_unbiased_whatever_else_was_labelled():
    rng = np.random.default_rng(51)
    estimates = []
    for _ in range(300):
        bad = rng.random(2000) < 0.04
        drawn = rng.random(2000) < 0.05
        labels = [
            Label(f"t{n}", "Ada", "artefact" if bad[n] else "honest_hard", inclusion=0.05 if drawn[n] else None)
            # Reviewers also looked at bad ones of their own choice: that must not count.
            for n in range(2000)
            if drawn[n] or (bad[n] and rng.random() < 0.5)
        ]
        estimates.append(measure_labels(labels, 2000).misses.rate.estimate)
    assert np.mean(estimates) == pytest.approx(0.04, abs=0.004)


def test_a_drawn_task_that_nobody_labelled_does_not_count_as_clean():
    drawn = [f"t{n}" for n in range(40)]
    labels = [Label(name, "Ada", "artefact" if name == "t0" else "honest_hard", inclusion=0.05) for name in drawn[:20]]
    half = measure_labels(labels, 800, drawn).misses.rate.estimate
    assert half == pytest.approx(1 / (0.05 * 0.5) / 800)
    assert half == pytest.approx(1 / 20)


def test_without_a_random_look_the_miss_rate_is_unknown():
    misses = measure_labels([Label("a", "Ada", "honest_hard")], 100).misses
    assert (misses.rate.estimate, misses.bound) == (None, 1.0)
    assert "unknown" in misses.rate.note


def test_agreement_of_those_who_labelled_the_same_tasks():
    labels = []
    for n in range(40):
        own = ("artefact", "honest_hard")[n % 2]
        other = own if n < 36 else ("honest_hard", "artefact")[n % 2]
        labels += [Label(f"t{n}", "Ada", own), Label(f"t{n}", "Bo", other)]
    got = measure_labels(labels, 100)
    assert got.agreement.alpha == pytest.approx(0.80, abs=0.02)
    assert got.reliable
    assert got.agreement.units == 40


def test_disagreement_is_unreliable_and_a_single_reviewer_is_unknown():
    rng = np.random.default_rng(52)
    torn = [Label(f"t{n}", who, LABELS[rng.integers(5)]) for n in range(60) for who in ("Ada", "Bo")]
    assert not measure_labels(torn, 100).reliable
    alone = measure_labels([Label("t", "Ada", "luck")], 100)
    assert (alone.agreement.alpha, alone.reliable) == (None, False)


@settings(deadline=None)
@given(
    st.lists(
        st.builds(
            Label,
            st.sampled_from("abcd"),
            st.sampled_from(["Ada", "Bo"]),
            st.sampled_from(LABELS),
            st.sampled_from([(), ("S9",), ("S9", "K2")]),
            st.sampled_from([None, 0.05, 0.5]),
        ),
        max_size=12,
    )
)
def test_any_labels_make_a_report(labels):
    got = measure_labels(labels, 4)
    assert sum(got.counts.values()) == got.labels
    assert got.misses.misses <= got.misses.reviewed <= got.tasks


def test_no_labels_make_an_empty_report():
    got = measure_labels([], 0)
    assert (got.labels, got.precision, got.misses.rate.estimate, got.agreement.alpha) == (0, {}, None, None)
