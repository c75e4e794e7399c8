"""What each role may do, and whose votes it may see."""

import pytest

from autodata.errors import BadInput
from autodata.team import ALONE, ROLES, Team

TEAM = Team(quorum=2, others="viewer", roles={"Lea": "lead", "Ada": "reviewer"})
WRITES = ("decide", "comment", "edit", "label")
LEADS = ("adjudicate", "override", "export", "run", "plant", "lead")


@pytest.mark.parametrize("act", [*WRITES, *LEADS])
def test_a_person_alone_may_do_everything(act):
    assert ALONE.may("", act)


@pytest.mark.parametrize("act", [*WRITES, *LEADS])
def test_a_lead_may_do_everything(act):
    assert TEAM.may("Lea", act)


@pytest.mark.parametrize("act", LEADS)
def test_a_reviewer_may_not_do_what_takes_a_lead(act):
    assert TEAM.may("Ada", "decide")
    assert not TEAM.may("Ada", act)


@pytest.mark.parametrize("act", [*WRITES, *LEADS])
def test_a_viewer_writes_nothing(act):
    with pytest.raises(BadInput, match="Zoe is a viewer and may not"):
        TEAM.require("Zoe", act)


def test_every_role_may_do_what_the_one_below_it_may():
    acts = [*WRITES, *LEADS]
    allowed = [{act for act in acts if Team(others=role).may("x", act)} for role in ROLES]
    assert allowed[0] <= allowed[1] <= allowed[2]


@pytest.mark.parametrize(
    ("name", "standing", "voted", "sees"),
    [
        ("Ada", "open", False, False),
        ("Ada", "waiting", False, False),
        ("Ada", "disputed", False, False),
        ("Ada", "approved", False, False),
        ("Ada", "waiting", True, True),
        ("Ada", "approved", True, True),
        ("Lea", "waiting", False, False),
        ("Lea", "disputed", False, True),
        ("Lea", "approved", False, True),
        ("Zoe", "waiting", False, False),
        ("Zoe", "disputed", False, False),
        ("Zoe", "approved", False, True),
    ],
)
def test_who_sees_votes_under_a_blind_quorum(name, standing, voted, sees):
    assert TEAM.may_see_votes(name, standing, 2, voted=voted) is sees


@pytest.mark.parametrize("standing", ["open", "skipped", "waiting", "disputed", "approved"])
def test_an_open_quorum_hides_nothing(standing):
    assert Team(quorum=2, blind=False).may_see_votes("Ada", standing, 2, voted=False)


@pytest.mark.parametrize("standing", ["open", "skipped", "approved", "rejected"])
def test_where_one_decision_is_enough_nothing_is_hidden(standing):
    assert Team(others="reviewer").may_see_votes("Ada", standing, 1, voted=False)


def test_what_one_person_settled_stays_visible_after_the_quorum_was_raised():
    assert TEAM.may_see_votes("Ada", "approved", 1, voted=False)
