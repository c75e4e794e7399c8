"""Settings, Team: the rules and what they do, agreement, canaries; and who one is, with a login and without."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from streamlit.testing.v1 import AppTest

from autodata.errors import BadInput
from autodata.home import Home
from autodata.index.ingest import ingest_home
from autodata.journal import JournalWriter, read_records
from autodata.llm.seat import simulated_seats
from autodata.policy import PRESETS
from autodata.recipes.recipe import load_recipe
from autodata.review.decisions import record_decision
from autodata.review.team import Team, load_team, record_team
from autodata.runs import create_run, execute_run
from autodata.settings import RunSettings
from autodata.sources import load_sources
from autodata.ui import login as login_module
from autodata.ui.login import Login, name_user
from autodata.ui.reviewer import COOKIE
from autodata.ui.settings.team import _key, read_members
from autodata.ui.state import get_workbench
from tests.support.journals import write_decision, write_run
from tests.support.page_driver import MAIN, ROOT, PageDriver
from tests.ui.page_text import read_text

ADA = {"is_logged_in": True, "email": "Ada@Example.org", "email_verified": True, "sub": "1234567890"}


def open_team(home: Home, name: str = "Lea") -> PageDriver:
    page = PageDriver(home, "settings", settings__tab="Team")
    page.at.session_state["reviewer.name"] = name
    return page.run()


def open_as(user: dict, page: str = "settings") -> AppTest:
    bench = get_workbench()
    ingest_home(bench.index, bench.home)
    at = AppTest.from_file(str(MAIN), default_timeout=60)
    at.user = user
    at.run()
    at.switch_page(str(ROOT / "pages" / f"{page}.py"))
    at.run()
    assert not at.exception
    return at


def make_team(home: Home, **more) -> None:
    values = {"quorum": 2, "others": "reviewer", "roles": {"Lea": "lead"}}
    record_team(home, Team(**{**values, **more}), "Lea")


def vote_on_many(home: Home, tasks: int = 14) -> None:
    for number in range(tasks):
        for name, verdict in (("Ada", "approve"), ("Bo", "reject" if number < 3 or number > 9 else "approve")):
            chosen = "reject" if number > 9 else verdict
            record_decision(home, task_id=f"t{number}", run_id="r", content_sha="s", verdict=chosen, reviewer=name)


def test_without_a_team_one_decision_is_enough(home):
    page = open_team(home)
    assert "One decision settles a task" in page.text("team.ruleshead")
    assert "Nobody has decided on anything yet." in page.text("team.noreviewers")


def test_saved_rules_are_in_force(home):
    page = open_team(home)
    team = load_team(home)
    page.at.number_input(key=_key(team, "quorum")).set_value(2)
    page.at.number_input(key=_key(team, "lease")).set_value(5.0)
    page.at.toggle(key=_key(team, "blind")).set_value(False)
    page.at.button(key="team.save").click().run()
    found = load_team(home)
    assert (found.quorum, found.lease_minutes, found.blind) == (2, 5.0, False)
    assert "In force from now on" in page.text("team.said.rules")


def test_rules_without_a_lead_are_refused_with_a_sentence(home):
    page = open_team(home)
    page.at.selectbox(key=_key(load_team(home), "others")).set_value("reviewer")
    page.at.button(key="team.save").click().run()
    assert "no lead" in page.text("team.said.rules")
    assert load_team(home) == Team()


def test_who_is_no_lead_sees_the_rules_and_why_they_cannot_change_them(home):
    make_team(home)
    page = open_team(home, "Ada")
    button = page.at.button(key="team.save")
    assert button.disabled
    assert "Ada is a reviewer and may not change the team; that takes a lead" in page.text("team.refusal")


def test_rules_changed_elsewhere_are_shown_at_once(home):
    page = open_team(home)
    make_team(home, quorum=3)
    page.run()
    assert page.at.number_input(key=_key(load_team(home), "quorum")).value == 3


def test_edits_of_the_table_of_people():
    team = Team(roles={"Lea": "lead", "Bo": "reviewer", "Zoe": "viewer"})
    edits = {
        "edited_rows": {"1": {"role": "lead"}},
        "deleted_rows": [2],
        "added_rows": [{"name": "Ada"}, {"role": "lead"}, {"name": "Cy", "role": "viewer"}],
    }
    assert read_members(team, edits) == {"Lea": "lead", "Bo": "lead", "Ada": "reviewer", "Cy": "viewer"}


def test_typed_names_under_rules_are_called_what_they_are(home):
    make_team(home)
    assert "anybody can take another’s" in open_team(home).text("team.warnings")


def test_agreement_is_shown_with_its_interval_and_n(home):
    make_team(home)
    vote_on_many(home)
    page = open_team(home)
    assert "14 tasks have votes given without sight of each other" in page.text("team.agreementhead")
    text = page.text("team.agreement")
    assert "Ada and Bo" in text
    assert "Cohen’s κ" in text


def test_too_little_is_said_instead_of_a_number(home):
    make_team(home)
    vote_on_many(home, 5)
    assert "at least 10 are needed" in open_team(home).text("team.agreement")


def test_a_reviewer_sees_their_own_line_only_and_no_recall(home):
    make_team(home)
    vote_on_many(home)
    page = open_team(home, "Ada")
    assert "Bo" not in page.text("team.reviewers")
    assert "Planted" not in page.text("team.reviewers")
    assert not page.has("team.plant")


def test_quick_approvals_are_no_evidence_of_error(home):
    for number in range(6):
        record_decision(home, task_id=f"t{number}", run_id="r", content_sha="s", verdict="approve", reviewer="Ada",
                        seconds_on_item=0.3)  # fmt: skip
    text = open_team(home).text("team.reviewers")
    assert "Half of 6 approvals took under 0.5 s. That is not evidence of error; look at a sample." in text


def test_recall_is_shown_to_leads_with_what_was_missed(home):
    write_run(home, "cs-1", 1)
    with JournalWriter.open_tail(home.reviews) as journal:
        faults = {"t0": "leak", "t1": "weak_request"}
        journal.append("canaries", {"run_id": "cs-2", "copied_from": "cs-1", "tasks": faults, "by": "Lea"})
    for task, verdict in (("t0", "approve"), ("t1", "reject"), ("t9", "approve")):
        record_decision(home, task_id=task, run_id="cs-2", content_sha="s", verdict=verdict, reviewer="Ada")
    text = open_team(home).text("team.reviewers")
    assert "1 of 2 (" in text
    assert "missed: leaked answer" in text


def test_a_lead_plants_canaries(home, simulated):
    page = open_team(home)
    page.at.number_input(key="team.plantcount").set_value(2)
    page.at.button(key="team.plant").click().run()
    page.check()
    assert "2 canaries stand in the queue, as run cs-0002" in page.text("team.said.canaries")


def test_more_canaries_than_tasks_are_refused_with_a_sentence(home, simulated):
    page = open_team(home)
    page.at.number_input(key="team.plantcount").set_value(200)
    page.at.button(key="team.plant").click().run()
    assert "Nothing was planted: 200 canaries of" in page.text("team.said.canaries")


@pytest.fixture
def simulated(home):
    chosen = RunSettings(domain="cs", policy=PRESETS["deployed"], seats=simulated_seats())
    execute_run(home, create_run(home, chosen, load_recipe("cs"), load_sources([ROOT / "samples" / "cs"], limit=6)))


def test_a_new_browser_is_offered_the_name_of_the_one_person_who_used_the_home(home):
    write_run(home, "cs-1", 1)
    home.root.joinpath("reviewer.json").write_bytes(orjson.dumps({"name": "Ada"}))
    assert "Decisions are recorded as Ada" in PageDriver(home, "settings").text("settings.matter.sentence")


def test_where_two_people_decided_a_new_browser_is_nobody(home):
    written = write_run(home, "cs-1", 1)
    for name in ("Ada", "Bo"):
        write_decision(home, written.accepted[0] if written.accepted else "t1", reviewer=name)
    home.root.joinpath("reviewer.json").write_bytes(orjson.dumps({"name": "Bo"}))
    assert "No reviewer is named yet" in PageDriver(home, "settings").text("settings.matter.sentence")


def test_in_a_team_a_new_browser_is_nobody(home):
    make_team(home)
    home.root.joinpath("reviewer.json").write_bytes(orjson.dumps({"name": "Lea"}))
    assert "No reviewer is named yet" in PageDriver(home, "settings").text("settings.matter.sentence")


def test_a_typed_name_is_handed_to_the_browser_to_keep(home):
    page = PageDriver(home, "settings").set("settings.name", "José Ñu").click("settings.savename")
    kept = [element for element in page.at.get("bidi_component") if element.proto.id.endswith("-reviewer.memory")]
    assert orjson.loads(kept[0].proto.json) == {"name": COOKIE, "value": "Jos%C3%A9%20%C3%91u"}


@pytest.fixture
def authlib(monkeypatch):
    monkeypatch.setattr(login_module, "is_authlib_installed", lambda: True)


def test_whoever_is_logged_in_needs_no_name_and_cannot_type_one(home, authlib):
    at = open_as(ADA)
    assert "settings.name" not in [element.key for element in at.text_input]
    assert "Decisions are recorded as ada@example.org" in read_text(at)


def test_what_is_decided_is_recorded_under_the_account(home, authlib):
    write_run(home, "cs-1", 1, plans=[("accepted",)])
    at = open_as(ADA, "review")
    task = str(at.query_params["task"][0] if isinstance(at.query_params["task"], list) else at.query_params["task"])
    at.button(key=f"review.approve.{task}").click().run()
    assert next(iter(read_records(home.reviews))).data["reviewer"] == "ada@example.org"


def test_nobody_gets_in_without_logging_in(home, authlib):
    write_run(home, "cs-1", 1)
    at = open_as({"is_logged_in": False}, "tasks")
    assert [button.label for button in at.button] == ["Log in"]
    assert "Log in to see tasks" in read_text(at)


def test_a_login_that_lacks_its_library_explains_itself(home, monkeypatch):
    monkeypatch.setattr(login_module, "is_authlib_installed", lambda: False)
    text = read_text(open_as({"is_logged_in": False}, "tasks"))
    assert ".venv/bin/pip install -r requirements.txt" in text


def test_a_secrets_file_that_cannot_be_read_lets_nobody_type_a_name(home, tmp_path, monkeypatch):
    secrets = tmp_path / "secrets.toml"
    secrets.write_text("[auth\n")
    monkeypatch.setattr(login_module.config, "get_option", lambda name: [str(secrets)])
    found = login_module.find_login()
    assert found.configured
    assert "cannot be read" in found.problem


def test_an_incomplete_login_names_what_is_missing(authlib):
    problem = login_module._find_problem({"redirect_uri": "http://x/oauth2callback", "client_id": "a"}, ())
    assert problem == (
        "The login is not complete: .streamlit/secrets.toml lacks auth.cookie_secret, auth.client_secret, "
        "auth.server_metadata_url."
    )


def test_several_providers_each_need_their_own(authlib):
    own = {"client_id": "a", "client_secret": "b", "server_metadata_url": "c"}
    section = {"redirect_uri": "r", "cookie_secret": "s", "one": own, "two": {"client_id": "a"}}
    assert "auth.two.client_secret" in login_module._find_problem(section, ("one", "two"))


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"email": "Ada@X.org"}, "ada@x.org"),
        ({"email": "a@x.org", "email_verified": True}, "a@x.org"),
        ({"email": "a@x.org", "email_verified": False, "name": "Ada", "sub": "123456789"}, "Ada (12345678)"),
        ({"sub": "123456789"}, "account (12345678)"),
    ],
)
def test_an_account_is_named_by_what_its_provider_vouches_for(claims, name):
    assert name_user(claims) == name


def test_an_account_without_anything_to_name_it_by_is_refused():
    with pytest.raises(BadInput, match="neither a verified e-mail address nor an id"):
        name_user({"name": "Ada"})


def test_no_login_is_the_default():
    assert Login() == Login(False, ("",), "")


def test_the_secrets_file_is_not_for_the_repository():
    assert ".streamlit/secrets.toml" in Path(ROOT / ".gitignore").read_text().splitlines()
