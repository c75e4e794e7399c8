"""The commands on datasets as a person types them: what they print, which exit code they end with."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from autodata.cli import app
from autodata.home import Home
from tests.support.datasets import approve, damage, read_items, write_accepted
from tests.support.journals import WrittenRun


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "data")


@pytest.fixture
def run(home: Home) -> WrittenRun:
    written = write_accepted(home, "cs-1", 3)
    approve(home, written)
    return written


def call(home: Home, *arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(app, [*arguments, "--home", str(home.root)])
    assert result.exit_code == code, result.output
    return result


def last_json(result: Result) -> dict:
    return json.loads(result.stdout.splitlines()[-1])


def test_export_compare_verify_and_make_again(home, run):
    first = last_json(call(home, "export", "set", "--format", "jsonl", "--test", "0.5", "--json"))
    assert (first["version"], first["items"]) == ("v001", 3)
    assert sum(first["splits"].values()) == 3
    approve(home, run, run.accepted[0], verdict="reject")
    call(home, "export", "set", "--format", "csv")
    found = last_json(call(home, "dataset", "diff", "set/v001", "set/v002", "--json"))
    assert found["removed"] == [run.accepted[0]]
    assert last_json(call(home, "dataset", "verify", "set/v001", "--json"))["ok"] is True
    assert last_json(call(home, "dataset", "reproduce", "set/v001", "--json"))["same"] is True


def test_a_split_that_got_no_document_is_named(home, run):
    said = call(home, "export", "set", "--format", "jsonl", "--test", "0.001")
    assert "No document fell to test; there are few. Another --split-seed draws others." in said.stderr


def test_dry_run_lists_every_task_with_its_reason(home, run, tmp_path):
    table, lines = tmp_path / "gate.csv", tmp_path / "gate.jsonl"
    said = last_json(call(home, "dataset", "gate", "set", "--policy", "audited", "--tasks", str(table), "--json"))
    assert (said["included"], said["excluded"], said["refused"]) == (0, {"alarm_open": 3}, "")
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["task"]: row["words"] for row in rows} == dict.fromkeys(
        run.accepted, "has an alarm that nobody has settled"
    )
    call(home, "dataset", "gate", "set", "--tasks", str(lines))
    assert [json.loads(line)["leaves"] for line in lines.read_text().splitlines()] == [True] * 3
    assert not home.datasets.exists()


def test_dry_run_says_that_an_export_would_be_refused(home, run):
    call(home, "dataset", "gate", "set")
    damage(home.journal("cs-1"), 4)
    assert "line 4" in last_json(call(home, "dataset", "gate", "set", "--json"))["refused"]
    call(home, "export", "set", code=1)


def test_override_lets_a_task_leave_until_it_is_taken_back(home, run):
    task = run.accepted[0]
    call(home, "dataset", "override", task, "alarm_open", "--reviewer", "Lea", "--reason", "looked at the requests")
    assert last_json(call(home, "dataset", "gate", "set", "--policy", "audited", "--json"))["included"] == 1
    call(home, "dataset", "override", task, "alarm_open", "--reviewer", "Lea", "--undo")
    assert last_json(call(home, "dataset", "gate", "set", "--policy", "audited", "--json"))["included"] == 0
    call(home, "dataset", "override", task, "canary", "--reviewer", "Lea", "--reason", "x", code=2)
    call(home, "dataset", "override", "tnothing", "alarm_open", "--reviewer", "Lea", "--reason", "x", code=2)


def test_withdrawn_version_is_listed_as_such(home, run):
    call(home, "export", "set")
    call(home, "dataset", "withdraw", "set/v001", "--reason", "Wrong source", "--reviewer", "Lea")
    (state,) = last_json(call(home, "dataset", "list", "--json"))["versions"]
    assert state["withdrawn"] == {"reason": "Wrong source", "reviewer": "Lea"}


def test_benchmark_holds_tasks_back_or_is_only_reported(home, run, tmp_path):
    bench = tmp_path / "bench.jsonl"
    first = last_json(call(home, "export", "set", "--json"))
    bench.write_text(json.dumps({"q": read_items(Path(first["path"]))[0]["question"]}) + "\n")
    held = last_json(call(home, "dataset", "gate", "set", "--benchmark", str(bench), "--json"))
    both = last_json(call(home, "dataset", "gate", "set", "--benchmark", str(bench), "--contaminated-too", "--json"))
    assert held["contaminated"] == both["contaminated"] == 3 - held["included"] > 0
    assert both["included"] == 3


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("export", "set", "--format", "xml"), "format 'xml' is unknown"),
        (("export", "set", "--policy", "nope"), "gate policy 'nope' is unknown"),
        (("export", "set", "--test", "0.6", "--validation", "0.6"), "leave nothing for training"),
        (("export", "set", "--benchmark", "nothing.jsonl"), "is not a file"),
        (("export", "set", "--sft-answer", "weak"), "choose strong or reference"),
        (("export", "../set"), "dataset name '../set' cannot be used"),
        (("dataset", "diff", "set", "set/v001"), "'set' is no version"),
        (("dataset", "verify", "set/v001"), "has no version v001"),
        (("dataset", "gate", "set", "--tasks", "gate.xlsx"), "has to end in .csv or .jsonl"),
        (("dataset", "withdraw", "set/../x", "--reason", "x", "--reviewer", "Lea"), "is no version"),
    ],
)
def test_bad_input_names_the_value_and_ends_with_2(home, run, arguments, problem):
    assert problem in call(home, *arguments, "--json", code=2).stdout


def test_changed_file_ends_with_1(home, run):
    path = Path(last_json(call(home, "export", "set", "--json"))["path"]) / "tasks.jsonl"
    path.chmod(0o644)
    path.write_text("{}\n")
    assert "is not what was exported" in call(home, "dataset", "verify", "set/v001", "--json", code=1).stdout
