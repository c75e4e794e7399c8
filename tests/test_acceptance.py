"""The acceptance rule: every boundary of every preset, the order of reasons, and answers that were not plain."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.acceptance import (
    Graded,
    bound_means,
    decide_acceptance,
    decide_under_presets,
    exclude_flagged,
    find_band,
    passes_weak_side,
    select_scores,
)
from autodata.model import OUTCOMES
from autodata.policy import PRESETS, Policy, make_policy

DEPLOYED, PROSE, STRICT = PRESETS["deployed"], PRESETS["prose"], PRESETS["strict"]
EXACT, MAJORITY, TWO_LAYER = PRESETS["exact"], PRESETS["majority"], PRESETS["two_layer"]
BOUNDS = [name for name, preset in PRESETS.items() if preset.rule == "thresholds"]

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


@pytest.mark.parametrize(
    ("name", "weak", "strong", "expected"),
    [
        ("meta", (0.65, 0.65, 0.65), (0.85, 0.85, 0.85), "accepted"),
        ("meta", (0.76, 0.1, 0.1), (0.85, 0.85, 0.85), "too_easy"),
        ("meta", (0.0, 0.0, 0.0), (0.6, 0.6, 0.6), "accepted"),
        ("meta", (0.3, 0.3, 0.3), (0.95, 0.95, 0.95), "saturated"),
        ("blog_v1", (0.5, 0.5, 0.5), (0.8, 0.8, 0.8), "too_easy"),
        ("blog_v1", (0.49, 0.49, 0.49), (0.65, 0.65, 0.65), "accepted"),
        ("blog_v1", (0.49, 0.49, 0.49), (0.64, 0.64, 0.64), "failed_on_strong"),
        ("blog_v1_meta", (0.5, 0.5, 0.5), (0.75, 0.75, 0.75), "accepted"),
        ("blog_v1_meta", (0.5, 0.5, 0.5), (0.74, 0.74, 0.74), "narrow_gap"),
        ("blog_v1_meta", (0.3, 0.3, 0.3), (0.59, 0.59, 0.59), "failed_on_strong"),
        ("blog_v2", (0.65, 0.65, 0.65), (0.85, 0.85, 0.85), "accepted"),
        ("blog_v2", (0.1, 0.1, 0.1), (0.3, 0.3, 0.3), "accepted"),
        ("blog_v2", (0.1, 0.1, 0.1), (0.29, 0.29, 0.29), "narrow_gap"),
    ],
)
def test_other_presets_of_bounds_at_their_boundaries(name, weak, strong, expected):
    assert outcome(PRESETS[name], weak, strong) == expected


# Counts


def right(count: int, of: int) -> list[float]:
    return [1.0] * count + [0.0] * (of - count)


def exact_outcome(weak: int, strong: int) -> str:
    """The rule of paper Fig 15 in its own words."""
    if weak > 1:
        return "too_easy"
    if strong < weak:
        return "inverted"
    return "accepted" if strong >= 3 else "failed_on_strong"


@pytest.mark.parametrize("weak", range(5))
@pytest.mark.parametrize("strong", range(5))
def test_exact_counts_right_answers_without_rounding(weak, strong):
    assert outcome(EXACT, right(weak, 4), right(strong, 4)) == exact_outcome(weak, strong)


@pytest.mark.parametrize("weak", range(4))
@pytest.mark.parametrize("strong", range(4))
def test_majority_wants_most_weak_answers_wrong_and_most_strong_ones_right(weak, strong):
    accepted = weak <= 1 and strong >= 2
    assert (outcome(MAJORITY, right(weak, 3), right(strong, 3)) == "accepted") == accepted


def test_nearly_right_is_not_right():
    assert outcome(EXACT, (0.99, 0.99, 0.99, 0.99), (1, 1, 1, 1)) == "accepted"
    assert outcome(EXACT, (0, 0, 0, 0), (1, 1, 0.99, 0.99)) == "failed_on_strong"


def test_exact_decides_nothing_with_an_answer_missing():
    weak = [*ok(0, 0, 0), Graded("empty", None)]
    result = decide_acceptance(EXACT, weak, ok(1, 1, 1, 1))
    assert (result.outcome, result.reason) == ("undecided", "only 3 of 4 weak answers could be graded, 4 are needed")


def test_empty_answer_that_was_scored_zero_is_a_wrong_answer():
    weak = [*ok(0, 0, 0), Graded("empty", 0.0)]
    assert decide_acceptance(EXACT, weak, ok(1, 1, 1, 0)).outcome == "accepted"


def test_reason_of_a_count_is_a_whole_number():
    assert decide_acceptance(EXACT, ok(1, 1, 0, 0), None).reason == "weak right ≤ 1 of 4 fails: 2"


# Loop judge


def test_loop_judge_objects_to_no_score():
    assert outcome(TWO_LAYER, (0.9,) * 5, (0.1,) * 3) == "accepted"


def test_loop_judge_still_needs_enough_graded_answers():
    weak = [*ok(0.2, 0.3, 0.4), Graded("empty", None), Graded("empty", None)]
    result = decide_acceptance(TWO_LAYER, weak, ok(0.7, 0.7, 0.7))
    assert (result.outcome, result.reason) == ("undecided", "only 3 of 5 weak answers could be graded, 4 are needed")


# Spread


@pytest.mark.parametrize("name", ["deployed", "exact", "two_layer"])
def test_weak_answers_that_hardly_differ_are_refused_under_every_rule_that_asks_for_spread(name):
    policy = make_policy(name, weak_spread_min=0.1)
    same = [0.0 if name == "exact" else 0.5] * policy.weak_rollouts
    assert outcome(policy, same, [0.9] * policy.strong_rollouts) == "no_spread"


def test_spread_is_the_standard_deviation_of_the_population():
    policy = make_policy("deployed", weak_spread_min=0.1)
    assert outcome(policy, (0.4, 0.5, 0.6), (0.9, 0.9, 0.9)) == "no_spread"
    result = decide_acceptance(policy, ok(0.3, 0.5, 0.6), ok(0.9, 0.9, 0.9))
    spread = next(clause for clause in result.clauses if clause.name == "weak_spread")
    assert (result.outcome, spread.holds, spread.text) == ("accepted", True, "weak spread ≥ 0.10")
    assert spread.measured == pytest.approx(0.1247219)


def test_spread_at_its_bound_is_enough():
    assert outcome(make_policy("deployed", weak_spread_min=0.25), (0.0, 0.5, 0.25), (0.9,) * 3) == "no_spread"
    policy = make_policy("deployed", weak_rollouts=2, strong_rollouts=2, weak_spread_min=0.25)
    assert outcome(policy, (0.0, 0.5), (0.9, 0.9)) == "accepted"


def test_too_easy_comes_before_no_spread():
    assert outcome(make_policy("deployed", weak_spread_min=0.1), (0.8, 0.8, 0.8), None) == "too_easy"


# Presets that cannot read the answers


def test_counts_are_absent_where_a_score_lies_between_right_and_wrong():
    assert decide_under_presets(ok(0, 0, 0.5), ok(1, 1, 1)).keys() == set(BOUNDS)


@pytest.mark.parametrize(("count", "present"), [(3, "majority"), (4, "exact")])
def test_counts_read_only_their_own_number_of_answers(count, present):
    assert decide_under_presets(ok(*right(0, count)), ok(*right(count, count))).keys() == {*BOUNDS, present}


@given(answers, answers)
def test_loop_judge_is_absent_as_its_word_is_not_in_the_scores(weak, strong):
    assert "two_layer" not in decide_under_presets(weak, strong)


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


@given(scores, scores, st.sampled_from(BOUNDS))
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
    assert decide_acceptance(exclude_flagged(DEPLOYED), weak, strong).outcome == "narrow_gap"


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
    assert select_scores(policy, [*ok(0.4, 0.6), Graded("refused", 0.0)], "weak") == ([0.4, 0.6], "")


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
    assert verdicts == {name: decide_acceptance(PRESETS[name], weak, strong).outcome for name in verdicts}
    assert verdicts.keys() >= set(BOUNDS)


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


@pytest.mark.parametrize(
    ("policy", "weak", "strong", "band"),
    [
        (EXACT, 0.25, 0.75, "right"),
        (EXACT, 0.5, 1.0, "easy"),
        (EXACT, 0.5, None, "easy"),
        (EXACT, 0.25, 0.5, "hard"),
        (EXACT, 0.25, 0.0, "inverted"),
        (MAJORITY, 1 / 3, 2 / 3, "right"),
        (TWO_LAYER, 0.3, 0.7, "right"),
        (TWO_LAYER, 0.3, 0.4, "easy"),
        (TWO_LAYER, 0.7, None, "easy"),
        (TWO_LAYER, 0.5, 0.4, "inverted"),
    ],
)
def test_band_of_counts_and_of_a_loop_judge_reads_shares(policy, weak, strong, band):
    assert find_band(policy, weak, strong) == band


@given(st.integers(0, 4), st.integers(0, 4))
def test_rounds_accepted_by_counts_lie_in_the_right_band(weak, strong):
    result = decide_acceptance(EXACT, ok(*right(weak, 4)), ok(*right(strong, 4)))
    assert (find_band(EXACT, result.weak_mean, result.strong_mean) == "right") == result.accepted


def test_policy_of_bounds_is_its_own_bounds_on_means():
    assert bound_means(DEPLOYED) is DEPLOYED
    assert bound_means(EXACT) == Policy(weak_mean_max=0.25, strong_mean_min=0.75, gap_min=0.0)


@given(scores, scores)
def test_accepted_rounds_lie_in_the_right_band(weak, strong):
    result = decide_acceptance(DEPLOYED, ok(*weak), ok(*strong))
    if result.accepted:
        assert find_band(DEPLOYED, result.weak_mean, result.strong_mean) == "right"
