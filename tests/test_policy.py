"""Policies as values: the presets' numbers, changes to them, and rules that nothing can satisfy."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from autodata.acceptance import Graded, decide_acceptance
from autodata.clauses import build_clauses
from autodata.errors import BadInput
from autodata.policy import PRESETS, Policy, list_contradictions, make_policy, parse_policy

BASE = {"weak_mean_max": 0.5, "strong_mean_min": 0.6, "gap_min": 0.2}
bounds = st.one_of(st.sampled_from([0.0, 0.2, 0.5, 0.6, 0.95, 1.0]), st.floats(0.0, 1.0).map(lambda x: round(x, 2)))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("prose", (0.50, False, None, "ignore", 0.65, True, None, 0.20)),
        ("deployed", (0.65, True, 0.75, "not_all_zero", 0.60, True, 0.95, 0.20)),
        ("strict", (0.30, False, None, "ignore", 0.80, False, None, 0.20)),
        ("meta", (0.65, True, 0.75, "ignore", 0.60, True, 0.95, 0.20)),
        ("blog_v1", (0.50, False, None, "ignore", 0.65, True, None, 0.15)),
        ("blog_v1_meta", (0.50, True, None, "ignore", 0.60, True, None, 0.25)),
        ("blog_v2", (0.65, True, None, "ignore", 0.0, True, None, 0.20)),
    ],
)
def test_preset_has_the_numbers_of_its_source(name, values):
    p = PRESETS[name]
    assert values == (
        p.weak_mean_max,
        p.weak_mean_inclusive,
        p.weak_best_max,
        p.zero_rule,
        p.strong_mean_min,
        p.strong_mean_min_inclusive,
        p.strong_mean_max,
        p.gap_min,
    )
    assert (p.name, p.rule, p.weak_rollouts, p.strong_rollouts) == (name, "thresholds", 3, 3)
    assert (p.truncated, p.refused, p.empty) == ("graded", "graded", "excluded")
    assert (p.weak_correct_max, p.strong_correct_min, p.weak_spread_min) == (None, None, None)


@pytest.mark.parametrize(("name", "values"), [("majority", (3, 3, 1, 2)), ("exact", (4, 4, 1, 3))])
def test_preset_of_counts_has_the_numbers_of_its_source(name, values):
    p = PRESETS[name]
    assert values == (p.weak_rollouts, p.strong_rollouts, p.weak_correct_max, p.strong_correct_min)
    assert (p.rule, p.empty, p.needed("weak"), p.needed("strong")) == ("counts", "graded", values[0], values[1])


def test_loop_judge_has_five_weak_and_three_strong_rollouts_and_no_number():
    p = PRESETS["two_layer"]
    assert (p.rule, p.weak_rollouts, p.strong_rollouts) == ("loop_judge", 5, 3)
    assert (p.needed("weak"), p.needed("strong")) == (4, 2)
    assert build_clauses(p, [0.5] * 5, [0.5] * 3) == ()


def test_presets_have_different_hashes():
    assert len({policy.sha for policy in PRESETS.values()}) == len(PRESETS)


def test_hash_survives_being_stored():
    assert parse_policy(PRESETS["deployed"].model_dump()).sha == PRESETS["deployed"].sha


def test_changed_preset_is_called_custom():
    policy = make_policy("deployed", gap_min=0.3)
    assert (policy.name, policy.gap_min, policy.weak_mean_max) == ("custom", 0.3, 0.65)


def test_preset_with_its_own_values_stays_the_preset():
    assert make_policy("deployed", gap_min=0.20) is PRESETS["deployed"]


def test_unknown_preset_is_refused_with_the_names():
    with pytest.raises(BadInput, match="policy 'lax' is unknown; choose one of prose, deployed, strict"):
        make_policy("lax")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weak_mean_max": -0.1}, "weak mean would have to be below 0"),
        ({"weak_mean_max": 0.0, "weak_mean_inclusive": False}, "weak mean would have to be below 0"),
        ({"weak_best_max": -0.1}, "best weak score would have to be below 0"),
        ({"weak_mean_max": 0.0, "zero_rule": "not_all_zero"}, "weak must be 0 and must not be 0"),
        ({"weak_best_max": 0.0, "zero_rule": "no_single_zero"}, "weak must be 0 and must not be 0"),
        ({"weak_spread_min": 0.1, "weak_rollouts": 1}, "a weak spread of 0.1 is out of reach: .* 0.00 at most"),
        (
            {"weak_spread_min": 0.48, "weak_rollouts": 3, "min_graded": 3},
            "a weak spread of 0.48 is out of reach: with 3 rollouts it is 0.47 at most",
        ),
        ({"strong_mean_min": 1.2}, "strong mean would have to exceed 1"),
        ({"strong_mean_min": 1.0, "strong_mean_min_inclusive": False}, "strong mean would have to exceed 1"),
        ({"strong_mean_max": 0.6}, "strong mean would have to be at least 0.6 and below 0.6"),
        ({"strong_mean_min": -1, "strong_mean_max": 0.0}, "strong mean would have to be at least 0.0 and below 0.0"),
        ({"gap_min": 1.01}, r"a gap of 1.01 is out of reach: strong stays at most 1.0, weak is at least 0"),
        ({"gap_min": 0.9, "strong_mean_max": 0.9}, r"a gap of 0.9 is out of reach: strong stays below 0.9"),
        ({"gap_min": 1.0, "zero_rule": "not_all_zero"}, "a gap of 1.0 is out of reach: .* weak is above 0"),
    ],
)
def test_rule_that_no_score_can_satisfy_is_refused_with_the_reason(changes, message):
    with pytest.raises(BadInput, match=f"no score can satisfy this policy: .*{message}"):
        parse_policy({**BASE, **changes})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weak_mean_max": 65}, r"weak_mean_max = 65 is above 1: scores run from 0 to 1, so 65 % is 0\.65"),
        ({"strong_mean_max": 95}, "strong_mean_max = 95 is above 1"),
        ({"weak_best_max": 75}, "weak_best_max = 75 is above 1"),
        ({"gap_min": math.nan}, "gap_min: Input should be a finite number"),
        ({"weak_mean_max": math.inf}, "weak_mean_max: Input should be a finite number"),
        ({"gap_min": "a lot"}, "gap_min: Input should be a valid number"),
        ({"weak_rollouts": 0}, "weak_rollouts: Input should be greater than or equal to 1"),
        ({"zero_rule": "never"}, "zero_rule: Input should be"),
        ({"truncated": "zero"}, "truncated: Input should be"),
        ({"weak_max": 0.4}, "weak_max: Extra inputs are not permitted"),
    ],
)
def test_value_that_cannot_be_used_is_named(changes, message):
    with pytest.raises(BadInput, match=f"policy: {message}"):
        parse_policy({**BASE, **changes})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"rule": "counts", "weak_correct_max": 1}, "rule counts needs weak_correct_max and strong_correct_min"),
        ({"weak_correct_max": 1, "strong_correct_min": 2}, "belong to rule counts, not to thresholds"),
        ({"rule": "loop_judge", "gap_min": 0.2}, "gap_min belongs to rule thresholds, not to loop_judge"),
        (
            {"rule": "counts", "weak_correct_max": 1, "strong_correct_min": 2, "weak_mean_max": 0.5},
            "weak_mean_max belongs to rule thresholds, not to counts",
        ),
        ({"rule": "counts", "weak_correct_max": 3, "strong_correct_min": 2}, "bounds nothing with 3 answers"),
        ({"rule": "counts", "weak_correct_max": 1, "strong_correct_min": 4}, "4 of 3 strong answers cannot be right"),
        ({"weak_spread_min": 0.6}, "weak_spread_min: Input should be less than or equal to 0.5"),
    ],
)
def test_numbers_of_another_rule_are_refused(values, message):
    with pytest.raises(BadInput, match=f"policy: .*{message}"):
        parse_policy(values)


@pytest.mark.parametrize(
    ("status", "rule"), [("ok", "graded"), ("failed", "excluded"), ("empty", "excluded"), ("truncated", "undecided")]
)
def test_only_flagged_answers_are_for_the_policy_to_rule_on(status, rule):
    assert make_policy("deployed", truncated="undecided").rule_for(status) == rule


def test_policy_cannot_be_changed():
    with pytest.raises(ValidationError):
        PRESETS["prose"].gap_min = 0.0


@given(
    weak_mean_max=bounds,
    weak_inclusive=st.booleans(),
    weak_best_max=st.none() | bounds,
    zero_rule=st.sampled_from(["ignore", "not_all_zero", "no_single_zero"]),
    strong_mean_min=bounds,
    strong_inclusive=st.booleans(),
    strong_mean_max=st.none() | bounds,
    gap_min=bounds,
)
def test_policy_without_contradiction_accepts_some_scores_and_one_with_accepts_none(
    weak_mean_max, weak_inclusive, weak_best_max, zero_rule, strong_mean_min, strong_inclusive, strong_mean_max, gap_min
):
    values = Policy.model_construct(
        **{
            **PRESETS["prose"].model_dump(),
            "weak_mean_max": weak_mean_max,
            "weak_mean_inclusive": weak_inclusive,
            "weak_best_max": weak_best_max,
            "zero_rule": zero_rule,
            "strong_mean_min": strong_mean_min,
            "strong_mean_min_inclusive": strong_inclusive,
            "strong_mean_max": strong_mean_max,
            "gap_min": gap_min,
        }
    )
    weak = 1e-6 if zero_rule != "ignore" else 0.0
    ceiling = 1.0 if strong_mean_max is None else strong_mean_max - 1e-6
    assume(ceiling >= 0)
    best = decide_acceptance(values, [Graded("ok", weak)] * 3, [Graded("ok", ceiling)] * 3)
    assert best.accepted == (not list_contradictions(values))
