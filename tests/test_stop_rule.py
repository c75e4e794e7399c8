import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.stop_rule import NEVER, StopRule

RULE = StopRule(0.10, after=50)


def test_rule_is_off_unless_a_bar_is_set():
    assert NEVER.explain_hopeless({"exhausted": 10_000}) == ""


def test_nothing_is_said_before_enough_sources():
    assert RULE.explain_hopeless({"exhausted": 49}) == ""


def test_hopeless_rate_is_explained_with_counts_bound_and_remedy():
    sentence = RULE.explain_hopeless({"exhausted": 60})
    assert "0 of 60 sources were accepted" in sentence
    assert "at most 7.4 %" in sentence
    assert "below the 10 % asked for" in sentence
    assert "resume with a lower bar or none" in sentence


def test_rate_that_may_still_be_above_the_bar_goes_on():
    assert RULE.explain_hopeless({"accepted": 2, "exhausted": 58}) == ""


@pytest.mark.parametrize("outcome", ["undecided", "skipped"])
def test_sources_that_were_never_decided_say_nothing(outcome: str):
    assert RULE.explain_hopeless({"exhausted": 40, outcome: 500}) == ""


@given(st.integers(0, 300), st.integers(0, 300))
def test_one_more_accepted_source_never_makes_a_run_hopeless(accepted: int, exhausted: int):
    before = {"accepted": accepted, "exhausted": exhausted}
    if accepted + exhausted >= RULE.after and not RULE.explain_hopeless(before):
        assert not RULE.explain_hopeless({**before, "accepted": accepted + 1})
