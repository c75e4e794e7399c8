"""The team on the command line: rules, last words, agreement, canaries."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner, Result

from autodata.cli import app
from autodata.cli.output import BAD_INPUT, DONE
from autodata.home import Home
from autodata.review.decisions import record_decision
from autodata.review.team import load_team
from tests.support.journals import write_run


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def call(home: Home, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--home", str(home.root)])


def read(result: Result) -> dict:
    return orjson.loads(result.stdout.splitlines()[-1])


def test_rules_are_shown_where_nobody_set_any(home):
    assert read(call(home, "team", "show", "--json"))["others"] == "lead"


def test_the_first_lead_makes_everybody_else_a_reviewer(home):
    assert call(home, "team", "set", "--quorum", "2", "--lead", "Lea", "--reviewer", "Lea").exit_code == DONE
    team = load_team(home)
    assert (team.quorum, team.role_of("Lea"), team.role_of("Ada")) == (2, "lead", "reviewer")


def test_what_is_not_given_stays_as_it_is(home):
    call(home, "team", "set", "--quorum", "2", "--lead", "Lea", "--viewer", "Zoe", "--open", "--reviewer", "Lea")
    call(home, "team", "set", "--lease-minutes", "5", "--reviewer", "Lea")
    team = load_team(home)
    assert (team.quorum, team.blind, team.lease_minutes, team.role_of("Zoe")) == (2, False, 5.0, "viewer")


def test_a_reviewer_may_not_change_the_rules(home):
    call(home, "team", "set", "--lead", "Lea", "--reviewer", "Lea")
    refused = call(home, "team", "set", "--quorum", "3", "--reviewer", "Ada", "--json")
    assert refused.exit_code == BAD_INPUT
    assert read(refused)["error"] == "Ada is a reviewer and may not change the team; that takes a lead"


def test_a_name_without_a_role_cannot_be_removed(home):
    call(home, "team", "set", "--lead", "Lea", "--reviewer", "Lea")
    assert "known are Lea" in read(call(home, "team", "set", "--remove", "Zoe", "--reviewer", "Lea", "--json"))["error"]


def test_a_lead_has_the_last_word(home):
    task = write_run(home, "cs-1", 1, plans=[("accepted",)]).accepted[0]
    call(home, "team", "set", "--quorum", "2", "--lead", "Lea", "--reviewer", "Lea")
    for name, verdict in (("Ada", "approve"), ("Bo", "reject")):
        record_decision(home, task_id=task, run_id="cs-1", content_sha="s", verdict=verdict, reviewer=name)
    silent = call(home, "decide", task, "approve", "--reviewer", "Lea", "--adjudicate", "--json")
    assert "a last word needs its reason" in read(silent)["error"]
    said = call(home, "decide", task, "approve", "--reviewer", "Lea", "--adjudicate", "--note", "it holds")
    assert said.exit_code == DONE


def test_agreement_refuses_to_speak_of_too_little(home):
    write_run(home, "cs-1", 1)
    report = read(call(home, "agreement", "--json"))
    assert report["everyone"]["value"] is None
    assert "at least 10" in report["everyone"]["note"]


def test_an_export_in_a_team_takes_a_lead(home):
    write_run(home, "cs-1", 1)
    call(home, "team", "set", "--lead", "Lea", "--reviewer", "Lea")
    refused = read(call(home, "export", "set", "--json"))
    assert refused["error"].startswith("somebody without a name is a reviewer and may not export a dataset")


def test_planting_takes_a_run_of_this_home(home):
    write_run(home, "cs-1", 1)
    planted = call(home, "canaries", "plant", "cs-9", "--reviewer", "Lea", "--json")
    assert planted.exit_code == BAD_INPUT
