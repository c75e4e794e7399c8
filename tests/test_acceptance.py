"""The acceptance rule: every boundary of every preset, the order of reasons, and answers that were not plain."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.acceptance import (
    Graded,
    decide_acceptance,
    decide_under_presets,
    decide_without_flagged,
    find_band,
    passes_weak_side,
    select_scores,
)
from autodata.model import OUTCOMES
from autodata.policy import PRESETS, make_policy

DEPLOYED, PROSE, STRICT = PRESETS["deployed"], PRESETS["prose"], PRESETS["strict"]

scores = st.lists(st.floats(0, 1), min_size=3, max_size=3)
answers = st.lists(
    st.one_of(
        st.builds(Graded, st.sampled_from(["ok", "truncated", "refused"]), st.floats(0, 1)),
        st.just(Graded("empty", None)),
        st.just(Graded("failed", None)),
    ),
    min_size=3,
    max_size=3,
)


def ok(*values: float) -> list[Graded]:
    return [Graded("ok", value) for value in values]


def outcome(policy, weak, strong) -> str:
    return decide_acceptance(policy, ok(*weak), None if strong is None else ok(*strong)).outcome


# Boundaries


@pytest.mark.parametrize(
    ("weak", "strong", "expected"),
    [
        ((0.65, 0.65, 0.65), (0.85, 0.85, 0.85), "accepted"),
        ((0.65, 0.65, 0.6500001), (0.9, 0.9, 0.9), "too_easy"),
        ((0.75, 0.5, 0.5), (0.9, 0.9, 0.9), "accepted"),
        ((0.7500001, 0.1, 0.1), (0.9, 0.9, 0.9), "too_easy"),
        ((0.3, 0.3, 0.3), (0.6, 0.6, 0.6), "accepted"),
        ((0.3, 0.3, 0.3), (0.6, 0.6, 0.5999999), "failed_on_strong"),
        ((0.3, 0.3, 0.3), (0.95, 0.95, 0.95), "saturated"),
        ((0.3, 0.3, 0.3), (0.95, 0.95, 0.9499999), "accepted"),
        ((0.5, 0.5, 0.5), (0.7, 0.7, 0.7), "accepted"),
        ((0.5, 0.5, 0.5), (0.7, 0.7, 0.6999999), "narrow_gap"),
        ((0.0, 0.0, 0.0), (0.8, 0.8, 0.8), "weak_zero"),
        ((0.0, 0.0, 0.1), (0.8, 0.8, 0.8), "accepted"),
        ((0.6, 0.6, 0.6), (0.5, 0.5, 0.5), "inverted"),
        ((0.6, 0.6, 0.6), (0.6, 0.6, 0.6), "narrow_gap"),
    ],
)
def test_deployed_at_its_boundaries(weak, strong, expected):
    assert outcome(DEPLOYED, weak, strong) == expected


@pytest.mark.parametrize(
    ("weak", "strong", "expected"),
    [
        ((0.5, 0.5, 0.5), (0.8, 0.8, 0.8), "too_easy"),
        ((0.4999999, 0.5, 0.5), (0.8, 0.8, 0.8), "accepted"),
        ((0.45, 0.45, 0.45), (0.65, 0.65, 0.65), "accepted"),
        ((0.3, 0.3, 0.3), (0.65, 0.65, 0.6499999), "failed_on_strong"),
        ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0), "accepted"),
        ((0.46, 0.46, 0.46), (0.65, 0.65, 0.65), "narrow_gap"),
    ],
)
def test_prose_at_its_boundaries(weak, strong, expected):
    assert outcome(PROSE, weak, strong) == expected


@pytest.mark.parametrize(
    ("weak", "strong", "expected"),
    [
        ((0.3, 0.3, 0.3), (0.9, 0.9, 0.9), "too_easy"),
        ((0.29, 0.29, 0.29), (0.8, 0.8, 0.8), "failed_on_strong"),
        ((0.29, 0.29, 0.29), (0.8, 0.8, 0.8000003), "accepted"),
    ],
)
def test_strict_at_its_boundaries(weak, strong, expected):
    assert outcome(STRICT, weak, strong) == expected


def test_float_noise_does_not_cost_a_task_its_gap():
    assert 0.7 - 0.5 < 0.2
    result = decide_acceptance(DEPLOYED, ok(0.5, 0.5, 0.5), ok(0.7, 0.7, 0.7))
    assert result.accepted
    assert result.gap == pytest.approx(0.2)


def test_float_noise_of_a_mean_does_not_move_a_bound():
    tenths = (0.1 + 0.2 + 0.35, 0.65, 0.65)
    assert outcome(DEPLOYED, tenths, (0.9, 0.9, 0.9)) == "accepted"
    assert outcome(DEPLOYED, (0.3, 0.3, 0.3), (0.3 + 0.3, 0.1 * 6, 0.6)) == "accepted"


# Weak first


def test_weak_side_that_fails_needs_no_strong_side():
    result = decide_acceptance(DEPLOYED, ok(0.8, 0.8, 0.8), None)
    assert (result.outcome, result.strong_mean, result.gap) == ("too_easy", None, None)
    assert {clause.name: clause.holds for clause in result.clauses} == {
        "weak_mean": False,
        "weak_best": False,
        "weak_zero": True,
        "strong_mean": None,
        "strong_ceiling": None,
        "gap": None,
    }


def test_weak_side_that_passes_without_a_strong_side_is_undecided():
    result = decide_acceptance(DEPLOYED, ok(0.3, 0.3, 0.3), None)
    assert (result.outcome, result.reason) == ("undecided", "the strong side was not run")


@given(scores, scores)
def test_strong_side_never_changes_a_verdict_of_the_weak_side(weak, strong):
    if not passes_weak_side(DEPLOYED, ok(*weak)):
        assert outcome(DEPLOYED, weak, strong) == outcome(DEPLOYED, weak, None)


@given(scores, scores, st.sampled_from(list(PRESETS)))
def test_weak_side_passes_exactly_when_the_weak_clauses_hold(weak, strong, name):
    found = outcome(PRESETS[name], weak, strong)
    assert passes_weak_side(PRESETS[name], ok(*weak)) == (found not in ("too_easy", "weak_zero"))


# Zeros


@pytest.mark.parametrize(
    ("rule", "weak", "expected"),
    [
        ("ignore", (0, 0, 0), "accepted"),
        ("not_all_zero", (0, 0, 0), "weak_zero"),
        ("not_all_zero", (0, 0, 0.3), "accepted"),
        ("no_single_zero", (0, 0.3, 0.3), "weak_zero"),
        ("no_single_zero", (0.1, 0.3, 0.3), "accepted"),
    ],
)
def test_zero_rule_reads_weak_zeros_as_the_policy_says(rule, weak, expected):
    policy = make_policy("deployed", zero_rule=rule, weak_rollouts=3)
    assert outcome(policy, weak, (0.8, 0.8, 0.8)) == expected


def test_zero_of_an_answer_that_was_not_graded_is_no_zero():
    weak = [Graded("empty", None), Graded("ok", 0.3), Graded("ok", 0.4)]
    policy = make_policy("deployed", zero_rule="no_single_zero")
    result = decide_acceptance(policy, weak, ok(0.8, 0.8, 0.8))
    assert (result.outcome, result.weak_mean) == ("accepted", pytest.approx(0.35))


# Answers that were not plain


def test_truncated_answer_counts_under_the_default_and_not_when_flagged_ones_are_left_out():
    weak = [*ok(0.6, 0.6), Graded("truncated", 0.0)]
    strong = ok(0.75, 0.75, 0.75)
    assert decide_acceptance(DEPLOYED, weak, strong).outcome == "accepted"
    assert decide_without_flagged(DEPLOYED, weak, strong) == "narrow_gap"


def test_answer_that_the_policy_does_not_grade_makes_the_round_undecided():
    policy = make_policy("deployed", truncated="undecided")
    result = decide_acceptance(policy, [*ok(0.3, 0.3), Graded("truncated", 0.3)], ok(0.8, 0.8, 0.8))
    assert result.outcome == "undecided"
    assert result.reason == "a weak answer was truncated, which this policy does not grade"
    assert result.weak_mean is None


def test_infrastructure_failure_makes_the_round_undecided_and_never_a_zero():
    result = decide_acceptance(DEPLOYED, [*ok(0.3, 0.3), Graded("failed", None)], ok(0.8, 0.8, 0.8))
    assert result.outcome == "undecided"
    assert result.reason == "1 of 3 weak answers failed for infrastructure reasons"
    assert result.weak_mean == pytest.approx(0.3)


def test_failure_on_the_strong_side_is_undecided_only_after_the_weak_side_passed():
    strong = [*ok(0.8, 0.8), Graded("failed", None)]
    assert decide_acceptance(DEPLOYED, ok(0.3, 0.3, 0.3), strong).outcome == "undecided"
    assert decide_acceptance(DEPLOYED, ok(0.8, 0.8, 0.8), strong).outcome == "too_easy"


def test_too_few_graded_answers_decide_nothing():
    weak = [Graded("empty", None), Graded("empty", None), Graded("ok", 0.3)]
    result = decide_acceptance(DEPLOYED, weak, ok(0.8, 0.8, 0.8))
    assert (result.outcome, result.reason) == (
        "undecided",
        "only 1 of 3 weak answers could be graded, 2 are needed",
    )


def test_one_planned_rollout_needs_one_graded_answer():
    policy = make_policy("deployed", weak_rollouts=1, strong_rollouts=1)
    assert outcome(policy, (0.3,), (0.8,)) == "accepted"


def test_excluded_answer_is_left_out_of_the_scores():
    policy = make_policy("deployed", refused="excluded")
    assert select_scores(policy, [*ok(0.4, 0.6), Graded("refused", 0.0)], "weak", 3) == ([0.4, 0.6], "")


@given(answers, answers)
def test_every_mix_of_answers_has_an_outcome_and_a_reason(weak, strong):
    for policy in PRESETS.values():
        result = decide_acceptance(policy, weak, strong)
        assert result.outcome in OUTCOMES
        assert result.reason
        failed = any(answer.status == "failed" for answer in weak)
        assert not failed or result.outcome == "undecided"


@given(answers, answers)
def test_accepted_means_that_every_clause_holds(weak, strong):
    for policy in PRESETS.values():
        result = decide_acceptance(policy, weak, strong)
        holds = all(clause.holds for clause in result.clauses)
        assert result.accepted == (holds and result.outcome != "undecided" and result.outcome != "inverted")


@given(answers, answers)
def test_presets_verdicts_are_those_of_each_preset(weak, strong):
    verdicts = decide_under_presets(weak, strong)
    assert verdicts == {name: decide_acceptance(preset, weak, strong).outcome for name, preset in PRESETS.items()}


def test_reason_names_the_clause_and_what_was_measured():
    assert decide_acceptance(DEPLOYED, ok(0.8, 0.7, 0.6), None).reason == "weak ≤ 0.65 fails: 0.70"
    assert decide_acceptance(PROSE, ok(0.5, 0.5, 0.5), None).reason == "weak < 0.50 fails: 0.50"


# Bands


@pytest.mark.parametrize(
    ("weak", "strong", "band"),
    [
        (0.3, 0.8, "right"),
        (0.65, 0.85, "right"),
        (0.66, 0.9, "easy"),
        (0.66, None, "easy"),
        (0.3, 0.95, "easy"),
        (0.5, 0.69, "easy"),
        (0.5, 0.7, "right"),
        (0.2, 0.59, "hard"),
        (0.6, 0.5, "inverted"),
        (0.9, 0.8, "inverted"),
        (0.3, None, None),
        (None, None, None),
    ],
)
def test_band_follows_from_the_means_and_the_policy(weak, strong, band):
    assert find_band(DEPLOYED, weak, strong) == band


@given(scores, scores)
def test_accepted_rounds_lie_in_the_right_band(weak, strong):
    result = decide_acceptance(DEPLOYED, ok(*weak), ok(*strong))
    if result.accepted:
        assert find_band(DEPLOYED, result.weak_mean, result.strong_mean) == "right"
