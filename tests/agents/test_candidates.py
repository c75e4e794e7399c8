import pytest

from autodata.agents.candidates import check_candidate, find_similar
from autodata.agents.challenger import parse_draft
from autodata.recipes.recipe import load_recipe
from tests.support.maths import QUESTIONS, write_candidate

LIMITS = load_recipe("math").limits


def check(**changes):
    return check_candidate(parse_draft(write_candidate(**changes), LIMITS))


def test_a_verifiable_candidate_passes():
    assert check() == []


def test_the_closing_that_says_how_to_answer_is_no_second_ask():
    asked = f"{QUESTIONS[1]} Then write the final answer alone on the last line, after ANSWER:"
    assert check(question=asked) == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"question": f"{QUESTIONS[0]} What is its speed?"}, "more than one thing"),
        ({"question": f"{QUESTIONS[0]} Also prove that this is the only one."}, "more than one thing"),
        (
            {"question": "(a) Find the limit of the sequence; (b) find the rate of its convergence."},
            "more than one thing",
        ),
        ({"reference_answer": "42"}, "bare whole number"),
        ({"reference_answer": "$-1,024$"}, "bare whole number"),
        ({"reference_answer": "0.3679"}, "rounding"),
        ({"reference_answer": "It is compact. It is also connected."}, "one sentence"),
        ({"reference_answer": "x" * 500}, "one sentence"),
        ({"reference_answer": "$ $"}, "empty"),
        ({"reference_answer": "the quadratic form"}, "contains"),
    ],
)
def test_a_weak_candidate_is_named_with_its_reason(changes, reason):
    index = 2 if changes.get("reference_answer") == "the quadratic form" else 0
    assert reason in "; ".join(check(**({"index": index} | changes)))


def test_the_same_problem_with_another_number_is_similar():
    asked = "Let a ball of radius {} roll down a slope of angle a without slipping, with gravity g. What is its speed?"
    assert find_similar(asked.format(3), [QUESTIONS[1], asked.format(5)]) == asked.format(5)
    assert find_similar(QUESTIONS[0], QUESTIONS[1:]) is None
