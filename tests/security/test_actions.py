"""Every act is refused to a role below its own, by the code that does it, whatever a page hides or shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import orjson
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from autodata.errors import AutodataError
from autodata.home import Home
from autodata.journal import read_records
from autodata.review.team import ROLES, Team, record_team
from autodata.ui.state import get_workbench
from autodata.ui.tree import collect_text
from tests.security.actions import BY_NAME, BY_SESSION, DRAWN
from tests.support.page_driver import use_home

NAMES = {"viewer": "Zoe", "reviewer": "Ada", "lead": "Lea"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with pytest.MonkeyPatch.context() as patch, use_home(tmp_path_factory.mktemp("home"), patch) as opened:
        record_team(opened, Team(others="viewer", roles={"Lea": "lead", "Ada": "reviewer"}), "Lea")
        get_workbench()
        yield opened


def list_below(needed: str) -> list[str]:
    return list(ROLES[: ROLES.index(needed)])


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("act", BY_NAME)
def test_an_act_in_somebodys_name_takes_its_role(home: Home, act: str, role: str) -> None:
    needed, perform = BY_NAME[act]
    before = sum(1 for _ in read_records(home.reviews))
    try:
        perform(home, NAMES[role], get_workbench())
        said = ""
    except AutodataError as error:
        said = str(error)
    refused = f"{NAMES[role]} is a {role} and may not" in said
    assert refused == (role in list_below(needed)), said
    if refused:
        assert sum(1 for _ in read_records(home.reviews)) == before
    if act == "change the team" and not refused:  # put the rules of the test back
        record_team(home, Team(others="viewer", roles={"Lea": "lead", "Ada": "reviewer"}), "Lea")


@pytest.fixture
def as_person() -> Iterator[Callable[[str], None]]:
    """Makes this process's own session, which no page has, somebody's."""
    st.session_state.clear()
    yield lambda name: st.session_state.__setitem__("reviewer.name", name)
    st.session_state.clear()


def act_in_session(home: Home, act: str) -> str:
    returned = BY_SESSION[act][1](home, "", get_workbench())
    return f"{returned!r} {st.session_state.to_dict()!r}"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("act", BY_SESSION)
def test_an_act_of_a_page_takes_its_role(home: Home, act: str, role: str, as_person: Callable[[str], None]) -> None:
    as_person(NAMES[role])
    assert ("and may not" in act_in_session(home, act)) == (role in list_below(BY_SESSION[act][0]))


@pytest.mark.parametrize("act", BY_SESSION)
def test_an_act_of_a_page_takes_a_login_where_others_reach_it(
    home: Home, act: str, as_person: Callable[[str], None], exposed: None
) -> None:
    as_person("Lea")
    assert "without a login" in act_in_session(home, act)


def perform_on_page() -> None:
    import streamlit as st

    from autodata.ui.state import get_workbench
    from tests.security.actions import DRAWN

    bench = get_workbench()
    DRAWN[st.session_state["act"]][1](bench.home, "", bench)


def act_on_page(act: str, name: str) -> str:
    session = AppTest.from_function(perform_on_page, default_timeout=30)
    session.session_state["act"], session.session_state["reviewer.name"] = act, name
    session.run()
    assert not session.exception, [error.message for error in session.exception]
    trees = [orjson.loads(element.proto.json).get("tree", "") for element in session.get("bidi_component")]
    return "\n".join(map(collect_text, trees))


@pytest.mark.parametrize("act", DRAWN)
def test_an_act_that_draws_takes_its_role(home: Home, act: str) -> None:
    assert "Ada is a reviewer and may not" in act_on_page(act, "Ada")
    assert "may not" not in act_on_page(act, "Lea")


@pytest.mark.parametrize("act", DRAWN)
def test_an_act_that_draws_takes_a_login_where_others_reach_it(home: Home, act: str, exposed: None) -> None:
    assert "without a login" in act_on_page(act, "Lea")
