"""The commands: one JSON object last, sentences on stderr, exit codes, and lines that come back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from autodata.cli import app
from autodata.runs import list_run_ids
from tests.importing.builders import make_line, make_paper, make_paper_round, write_json, write_lines


@pytest.fixture
def call(home):
    runner = CliRunner()

    def run(*arguments: object) -> Result:
        return runner.invoke(app, [*(str(argument) for argument in arguments), "--home", str(home.root)])

    return run


def read_last(result: Result) -> dict:
    return json.loads(result.stdout.strip().splitlines()[-1])


def test_import_prints_the_fields_that_scripts_rely_on(tmp_path, call, home):
    result = call("import", write_lines(tmp_path / "g.jsonl", make_line(), "{broken"), "--json")
    assert result.exit_code == 0
    value = read_last(result)
    assert list(value)[:5] == ["run_id", "trajectories", "rounds", "rollouts", "unused"]
    assert (value["trajectories"], value["rounds"], value["rollouts"]) == (1, 1, 6)
    assert value["unused"][0]["where"] == "line 2"
    assert list_run_ids(home) == [value["run_id"]]


def test_calls_that_were_not_recorded_are_null(tmp_path, call):
    paper = make_paper(make_paper_round(1, "TOO_EASY", [0.9, 0.9], []))
    assert read_last(call("import", write_json(tmp_path / "p.json", paper), "--json"))["calls"] is None


def test_second_import_says_that_it_is_there_already(tmp_path, call):
    path = write_lines(tmp_path / "g.jsonl", make_line())
    first, second = call("import", path, "--json"), call("import", path, "--json")
    assert (read_last(first)["existing"], read_last(second)["existing"]) == (False, True)
    assert "nothing was written" in second.stderr


def test_dry_run_leaves_the_home_alone(tmp_path, call, home):
    result = call("import", write_lines(tmp_path / "g.jsonl", make_line()), "--dry-run")
    assert "would become imported-generic-" in result.stderr
    assert list_run_ids(home) == []


def test_what_cannot_be_used_is_a_table(tmp_path, call):
    result = call("import", write_lines(tmp_path / "g.jsonl", make_line(), "{broken"))
    assert "1 part could not be used" in result.stdout
    assert "line 2" in result.stdout


def test_bad_input_is_exit_code_two_and_names_the_remedy(tmp_path, call):
    path = tmp_path / "x.txt"
    path.write_text("hello")
    result = call("import", path, "--json")
    assert result.exit_code == 2
    assert "--format" in read_last(result)["error"]


def test_text_of_a_file_cannot_reach_the_terminal(tmp_path, call):
    result = call(
        "import", write_lines(tmp_path / "g.jsonl", make_line(), '{"rounds": [{"outcome": "\\u001b[31mred"}]}')
    )
    assert "\x1b" not in result.stdout + result.stderr


def test_lines_of_a_run_come_back(tmp_path, call):
    run_id = read_last(call("import", write_lines(tmp_path / "g.jsonl", make_line()), "--json"))["run_id"]
    output = tmp_path / "out.jsonl"
    assert call("trajectories", run_id, "--output", output).exit_code == 0
    assert json.loads(output.read_text())["source"]["id"] == "s-1"
    assert call("trajectories", run_id).stdout == output.read_text()
    assert read_last(call("import", output, "--json"))["rollouts"] == 6


def test_output_is_never_overwritten(tmp_path, call):
    run_id = read_last(call("import", write_lines(tmp_path / "g.jsonl", make_line()), "--json"))["run_id"]
    output = tmp_path / "mine.txt"
    output.write_text("mine")
    assert call("trajectories", run_id, "--output", output).exit_code == 2
    assert output.read_text() == "mine"


def test_example_of_the_documentation_imports_whole(tmp_path, call):
    text = (Path(__file__).parents[2] / "docs" / "import.md").read_text()
    example = text.split("```json\n")[1].split("```")[0]
    path = tmp_path / "example.jsonl"
    path.write_text(json.dumps(json.loads(example)) + "\n")
    value = read_last(call("import", path, "--json"))
    assert (value["unused"], value["outcomes"], value["differing"]) == ([], {"too_easy": 1, "accepted": 1}, [])
