"""`autodata audit`: table, sentences, JSON and exit codes."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from autodata.cli import app
from autodata.home import Home
from autodata.importing.store import import_path
from tests.importing.builders import make_generic_round, make_line, write_lines
from tests.support.journals import write_run
from tests.support.made_texts import TOPICS


def invoke(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def last_json(result):
    return json.loads(result.stdout.strip().splitlines()[-1])


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home")


@pytest.fixture
def told_to_be_weak(home, tmp_path):
    """An imported run whose weak requests say more than the strong ones."""
    made = make_generic_round()
    for rollout in made["rollouts"]:
        if rollout["solver"] == "weak":
            rollout["request"]["messages"][0]["content"] += " Pretend to be a novice."
    return import_path(home, write_lines(tmp_path / "line.jsonl", make_line(rounds=[made]))).run_id


def test_unknown_run_is_bad_input(home):
    result = invoke("audit", "cs-0009", "--home", home.root, "--json")
    assert result.exit_code == 2
    assert "does not exist" in last_json(result)["error"]


def test_weak_prompt_of_an_import_is_shown_with_its_bytes(home, told_to_be_weak):
    result = invoke("audit", told_to_be_weak, "--home", home.root, "--json")
    (task,) = last_json(result)["tasks"]
    assert (result.exit_code, task["integrity"], task["cause"]) == (1, "violated", "bytes")
    assert "“Pretend to be a novice.”" in task["sentence"]
    assert task["findings"][0]["severity"] == "violation"


def test_json_has_every_promised_field(home, told_to_be_weak):
    figures = last_json(invoke("audit", told_to_be_weak, "--home", home.root, "--json"))
    promised = {"task_id", "question", "integrity", "difficulty", "validity", "suspicion", "findings"}
    assert promised <= figures["tasks"][0].keys()
    assert (figures["calls"], figures["certified"]) == (0, False)
    assert set(figures["tasks"][0]["findings"][0]) == {"detector", "severity", "cause", "sentence"}


def test_json_says_what_the_tasks_show_together(home):
    write_run(home, "cs-0001", 6, plans=[["accepted"]])
    together = last_json(invoke("audit", "cs-0001", "--home", home.root, "--json"))["together"]
    assert {"Z2", "Z3", "Z4", "Z5", "Z6", "Z8", "Z9"} <= {found["detector"] for found in together}
    versions = next(found for found in together if found["detector"] == "Z8")
    assert (versions["coverage"], versions["severity"]) == ("not_run", "")
    assert "this report knows one run" in versions["sentence"]


def test_near_copies_are_a_finding_of_the_run(home):
    write_run(home, "cs-0001", 5 * len(TOPICS), plans=[["accepted"]], words=10)  # tasks of one topic are near copies
    result = invoke("audit", "cs-0001", "--home", home.root)
    assert result.exit_code == 1
    assert "Z9, flag, over the run's tasks: 5 accepted tasks have nearly the same question" in result.stderr


def test_gap_is_said_to_be_uncertified(home, told_to_be_weak):
    result = invoke("audit", told_to_be_weak, "--home", home.root)
    assert "Gaps are not certified" in result.stderr
    assert "not certified" in result.stdout
    assert "does not mean clean" in result.stderr


def test_run_without_an_accepted_task_has_nothing_to_find(home):
    write_run(home, "cs-1", 1, plans=[("too_easy",)])
    result = invoke("audit", "cs-1", "--home", home.root, "--json")
    assert (result.exit_code, last_json(result)["tasks"]) == (0, [])


def test_all_also_looks_at_rejected_tasks(home):
    write_run(home, "cs-1", 1, plans=[("too_easy",)])
    tasks = last_json(invoke("audit", "cs-1", "--home", home.root, "--all", "--json"))["tasks"]
    assert [task["outcome"] for task in tasks] == ["too_easy"]


def test_edited_journal_is_a_finding_with_its_record(home):
    write_run(home, "cs-1", 1, plans=[("too_easy",)])
    path = home.journal("cs-1")
    path.write_bytes(path.read_bytes().replace(b'"outcome":"too_easy"', b'"outcome":"accepted"', 1))
    result = invoke("audit", "cs-1", "--home", home.root, "--json")
    assert result.exit_code == 1
    assert "does not match its hash" in last_json(result)["journal"]["problem"]
    assert str(home.root) not in last_json(result)["journal"]["problem"]


def test_markup_and_control_characters_of_a_task_stay_text(home, tmp_path):
    made = make_generic_round()
    made["task"]["question"] = "[red]Which[/red] \x1b[31mbound? <!-- hide -->"
    run_id = import_path(home, write_lines(tmp_path / "line.jsonl", make_line(rounds=[made]))).run_id
    result = invoke("audit", run_id, "--home", home.root)
    assert "\x1b" not in result.stderr
