"""Frugal rollouts and the required spread from the command line."""

import json

import pytest
from typer.testing import CliRunner

from autodata.cli import app
from autodata.home import Home
from autodata.journal import read_records
from tests.support.documents import write_documents


def invoke(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def last_json(result):
    return json.loads(result.stdout.strip().splitlines()[-1])


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The same documents and seed, with every answer and frugally; each in a home of its own."""
    folder = tmp_path_factory.mktemp("frugal")
    documents = write_documents(folder / "documents")
    return {
        frugal: (
            folder / frugal,
            invoke("run", documents, "--home", folder / frugal, "--json", "--seed", 3, "--frugal", frugal),
        )
        for frugal in ("off", "one_by_one")
    }


def list_ends(home):
    records = list(read_records(Home(home).journal("cs-0001")))
    tasks = {record.data["task"]["id"]: record.data["content_sha"] for record in records if record.kind == "task"}
    ends = [record.data for record in records if record.kind == "source_done"]
    return {(end["source"], end["outcome"], end["accepted_round"], tasks.get(end["task_id"])) for end in ends}


def test_frugal_run_accepts_the_same_tasks(runs):
    assert list_ends(runs["one_by_one"][0]) == list_ends(runs["off"][0])


def test_calls_it_reports_as_saved_are_those_it_did_not_make(runs):
    full, frugal = (last_json(runs[name][1]) for name in ("off", "one_by_one"))
    assert frugal["calls_saved"] > 0
    assert frugal["calls"] + frugal["calls_saved"] == full["calls"]
    assert full["calls_saved"] == 0


def test_status_names_the_calls_saved(runs):
    home, result = runs["one_by_one"]
    sentence = f"{last_json(result)['calls_saved']:,} saved by frugal rollouts"
    said = invoke("status", "cs-0001", "--home", home)
    assert sentence in " ".join((said.stdout + said.stderr).split())


def test_unknown_way_is_refused_with_the_ways_there_are(tmp_path):
    result = invoke("run", write_documents(tmp_path), "--home", tmp_path / "home", "--frugal", "sometimes")
    assert result.exit_code == 2
    assert "one_by_one" in result.stderr


def test_required_spread_becomes_part_of_the_policy(tmp_path):
    documents = write_documents(tmp_path / "documents")
    invoke("run", documents, "--home", tmp_path / "home", "--limit", 1, "--max-rounds", 2, "--weak-spread-min", 0.4)
    records = list(read_records(Home(tmp_path / "home").journal("cs-0001")))
    started = next(record.data for record in records if record.kind == "run_started")
    assert (started["policy"]["name"], started["policy"]["weak_spread_min"]) == ("custom", 0.4)
    tried = [record.data for record in records if record.kind == "round" and record.data["weak_scores"]]
    assert all("weak spread ≥ 0.40" in [clause["text"] for clause in record["clauses"]] for record in tried)
