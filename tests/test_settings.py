import pytest

from autodata.errors import BadInput
from autodata.llm.seat import simulated_seats
from autodata.policy import make_policy
from autodata.settings import RunSettings, estimate_calls, parse_settings

VALUES = {"domain": "cs", "policy": make_policy("deployed"), "seats": simulated_seats()}


def test_estimate_of_one_source_is_one_full_round_with_its_final_review_at_least():
    assert estimate_calls(RunSettings(**VALUES), 1)[0] == 15


def test_estimate_of_a_baseline_is_exact():
    assert estimate_calls(RunSettings(**VALUES, baseline=True), 10) == (140, 140, 140)


def test_most_calls_are_every_round_in_full():
    assert estimate_calls(RunSettings(**VALUES, max_rounds=2), 1)[2] == 29


def test_expected_calls_per_accepted_task_have_the_papers_size():
    # Least and most bracket it; the paper's own figures give about 62 calls per accepted task.
    least, expected, most = estimate_calls(RunSettings(**VALUES), 100)
    assert least < expected < most
    assert 50 < expected / 100 < 80


def test_impossible_value_is_named():
    with pytest.raises(BadInput, match="max_rounds"):
        parse_settings({**VALUES, "max_rounds": 0})


def test_unknown_field_is_named():
    with pytest.raises(BadInput, match="rounds_max"):
        parse_settings({**VALUES, "rounds_max": 3})


def test_baseline_has_one_round():
    assert RunSettings(**VALUES, baseline=True, max_rounds=9).rounds == 1


@pytest.mark.parametrize("field", ["seed", "budget_calls", "budget_tokens"])
def test_number_a_journal_cannot_hold_is_refused_by_name(field):
    with pytest.raises(BadInput, match=rf"run settings: {field}: .*got 1000000000000000000000"):
        parse_settings({"domain": "cs", "policy": make_policy(), "seats": simulated_seats(), field: 10**21})
