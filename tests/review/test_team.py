"""Roles and the quorum: rules in the journal, kept where something is written."""

import pytest

from autodata.errors import BadInput
from autodata.home import Home
from autodata.journal import read_records
from autodata.review.decisions import record_decision, undo_last
from autodata.review.shared import current_decisions, read_reviews
from autodata.review.team import ALONE, Team, load_team, parse_team, record_team

TEAM = Team(quorum=2, others="viewer", roles={"Lea": "lead", "Ada": "reviewer", "Bo": "reviewer"})


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


@pytest.fixture
def team(home):
    return record_team(home, TEAM, "Lea")


def decide(home, reviewer, verdict="approve", **more):
    return record_decision(home, task_id="t1", run_id="r", content_sha="s", verdict=verdict, reviewer=reviewer, **more)


def test_a_person_working_alone_needs_no_team(home):
    assert load_team(home) == ALONE
    assert decide(home, "Ada").recorded


def test_the_rules_are_read_back_as_they_were_recorded(home, team):
    assert load_team(home) == parse_team({"quorum": 2, "others": "viewer", "roles": dict(TEAM.roles)})


def test_a_reviewer_may_not_change_the_team(home, team):
    with pytest.raises(BadInput, match="Ada is a reviewer and may not change the team; that takes a lead"):
        record_team(home, Team(), "Ada")


def test_a_team_without_a_lead_is_refused(home):
    with pytest.raises(BadInput, match="no lead"):
        record_team(home, Team(others="reviewer"), "Ada")


def test_a_viewer_may_not_decide(home, team):
    with pytest.raises(BadInput, match="Zoe is a viewer and may not decide"):
        decide(home, "Zoe")
    assert [record.kind for record in read_records(home.reviews)] == ["team"]


def test_the_first_of_two_votes_settles_nothing(home, team):
    assert "1 of 2 votes" in decide(home, "Ada").message
    assert current_decisions(home) == {}


def test_two_agreeing_votes_settle_the_task(home, team):
    decide(home, "Ada")
    decide(home, "Bo")
    assert current_decisions(home)["t1"].verdict == "approve"


def test_a_blind_vote_is_no_second_opinion(home, team):
    decide(home, "Ada")
    assert not decide(home, "Bo", "reject").second_opinion


def test_differing_votes_wait_for_a_lead(home, team):
    decide(home, "Ada")
    assert "a lead settles it" in decide(home, "Bo", "reject").message
    assert read_reviews(home).state.settle("t1").standing == "disputed"


def test_a_reviewer_may_not_adjudicate(home, team):
    with pytest.raises(BadInput, match="may not settle a disagreement"):
        decide(home, "Ada", adjudicates=True)


def test_a_leads_word_settles_the_dispute(home, team):
    decide(home, "Ada")
    decide(home, "Bo", "reject")
    decide(home, "Lea", "reject", adjudicates=True, note="the context names it")
    assert current_decisions(home)["t1"].reviewer == "Lea"


def test_undoing_the_leads_word_brings_the_dispute_back(home, team):
    decide(home, "Ada")
    decide(home, "Bo", "reject")
    decide(home, "Lea", "reject", adjudicates=True, note="the context names it")
    undo_last(home, "Lea")
    assert read_reviews(home).state.settle("t1").standing == "disputed"


def test_the_same_vote_twice_is_recorded_once(home, team):
    decide(home, "Ada")
    assert not decide(home, "Ada").recorded


def test_every_vote_says_which_quorum_was_in_force(home, team):
    decide(home, "Ada")
    assert [record.data.get("quorum") for record in read_records(home.reviews)] == [2, 2]


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"quorum": 0}, "quorum 0"),
        ({"quorum": 1.5}, "quorum 1.5"),
        ({"lease_minutes": 0}, "lease_minutes 0"),
        ({"others": "owner"}, "role 'owner'"),
        ({"roles": {"Ada": "boss"}}, "role 'boss'"),
    ],
)
def test_rules_that_cannot_be_used_are_named(values, named):
    with pytest.raises(BadInput, match=named):
        parse_team(values)
