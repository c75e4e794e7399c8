import pytest

from autodata.errors import BadInput
from autodata.llm.seat import simulated_seats
from autodata.policy import make_policy
from autodata.settings import RunSettings, parse_settings

VALUES = {"domain": "cs", "policy": make_policy("deployed"), "seats": simulated_seats()}


def test_impossible_value_is_named():
    with pytest.raises(BadInput, match="max_rounds"):
        parse_settings({**VALUES, "max_rounds": 0})


def test_unknown_field_is_named():
    with pytest.raises(BadInput, match="rounds_max"):
        parse_settings({**VALUES, "rounds_max": 3})


def test_baseline_has_one_round():
    assert RunSettings(**VALUES, baseline=True, max_rounds=9).rounds == 1


@pytest.mark.parametrize("field", ["seed", "budget_calls", "budget_tokens", "budget_cost"])
def test_number_a_journal_cannot_hold_is_refused_by_name(field):
    with pytest.raises(BadInput, match=rf"run settings: {field}: .*got 1000000000000000000000"):
        parse_settings({"domain": "cs", "policy": make_policy(), "seats": simulated_seats(), field: 10**21})


def test_run_settings_of_before_have_no_prices_and_no_stop_rule():
    settings = parse_settings(dict(VALUES))
    assert settings.prices.models == {}
    assert settings.stop_rule.below is None


def test_baseline_is_never_hopeless_because_it_accepts_nothing():
    assert RunSettings(**VALUES, baseline=True, stop_acceptance_below=0.1).stop_rule.below is None


@pytest.mark.parametrize("share", [0, 1, 5])
def test_share_that_is_none_is_refused(share):
    with pytest.raises(BadInput, match="stop_acceptance_below"):
        parse_settings({**VALUES, "stop_acceptance_below": share})
