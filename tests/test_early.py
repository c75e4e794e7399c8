"""Early warnings: what is usual is passed over, what is wrong is said with counts and an interval."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.early import ROUNDS_MIN, Evidence, find_warnings

USUAL = Evidence(
    rounds=40,
    reviewed=44,
    rejected=3,
    measured=12,
    inverted=0,
    weak_rounds=37,
    solved=5,
    answers_weak=111,
    truncated_weak=2,
    answers_strong=36,
    truncated_strong=0,
    groups=49,
    identical=1,
    calls=400,
    failed=12,
    replies=250,
    asked_again=6,
)


def kinds(evidence: Evidence) -> set[str]:
    return {warning.kind for warning in find_warnings(evidence)}


def test_usual_run_is_warned_of_nothing():
    assert kinds(USUAL) == set()


def test_nothing_is_said_before_enough_rounds():
    assert kinds(replace(USUAL, rounds=ROUNDS_MIN - 1, rejected=0, solved=37, failed=400)) == set()


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("verifier_passes_all", {"reviewed": 20, "rejected": 0}),
        ("weak_above_strong", {"measured": 12, "inverted": 7}),
        ("weak_solves", {"weak_rounds": 20, "solved": 16}),
        ("strong_truncated", {"truncated_strong": 9}),
        ("weak_truncated", {"truncated_weak": 30}),
        ("identical_rollouts", {"identical": 20}),
        ("failed_calls", {"failed": 80}),
        ("malformed_replies", {"asked_again": 50}),
    ],
)
def test_each_trouble_is_found_alone(kind: str, changes: dict[str, int]):
    assert kinds(replace(USUAL, **changes)) == {kind}


def test_sentence_has_counts_share_and_interval():
    [warning] = find_warnings(replace(USUAL, measured=12, inverted=7))
    assert "7 of 12 rounds in which both were measured (58 %, between 32 and 82 %)" in warning.sentence


def test_verifier_that_rejects_nobody_is_told_with_what_it_may_still_be():
    [warning] = find_warnings(replace(USUAL, reviewed=20, rejected=0))
    assert "has rejected none of 20 tasks; its true share may be up to 14 %" in warning.sentence


def test_verifier_that_read_too_few_tasks_is_not_judged():
    assert kinds(replace(USUAL, reviewed=ROUNDS_MIN - 1, rejected=0)) == set()


def test_recipe_without_a_verifier_is_not_blamed_for_it():
    assert kinds(replace(USUAL, reviewed=0, rejected=0)) == set()


def test_weak_above_strong_half_the_time_is_usual_in_a_baseline():
    assert kinds(replace(USUAL, baseline=True, measured=40, inverted=20)) == set()


def test_swapped_seats_are_found_in_a_baseline_too():
    assert kinds(replace(USUAL, baseline=True, measured=40, inverted=34)) == {"weak_above_strong"}


def test_one_bad_answer_of_three_is_too_little_to_speak_of():
    assert kinds(replace(USUAL, answers_strong=3, truncated_strong=1)) == set()


@given(st.integers(0, 200))
def test_more_of_a_trouble_never_silences_its_warning(truncated: int):
    evidence = replace(USUAL, answers_strong=201, truncated_strong=truncated)
    if "strong_truncated" in kinds(evidence):
        assert "strong_truncated" in kinds(replace(evidence, truncated_strong=truncated + 1))
