"""Labels and calibration from the command line, on a simulated run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autodata.audit.calibration import list_calibrations, load_calibration
from autodata.audit.reading import read_run
from autodata.cli import app
from autodata.home import Home
from autodata.review.decisions import record_decision
from autodata.review.labels import current_labels
from tests.support.documents import write_documents
from tests.support.journals import write_run

runner = CliRunner()


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A finished simulated run with accepted tasks."""
    folder = tmp_path_factory.mktemp("labels-cli")
    documents = write_documents(folder / "documents", 12)
    args = [
        "run",
        str(documents),
        "--models",
        "simulated",
        "--seed",
        "4",
        "--home",
        str(folder / "home"),
        "--quiet",
    ]
    result = runner.invoke(app, args)
    assert result.exit_code == 0, result.output
    return Home(folder / "home")


@pytest.fixture
def home(finished: Home, tmp_path: Path) -> Home:
    shutil.copytree(finished.root, tmp_path / "home")
    return Home(tmp_path / "home")


def invoke(home: Home, *args: str, code: int = 0) -> dict:
    result = runner.invoke(app, [*args, "--home", str(home.root), "--json"])
    assert result.exit_code == code, result.output
    return json.loads(result.stdout.strip().splitlines()[-1])


def list_accepted(home: Home) -> dict[str, str]:
    """Accepted tasks with their content hashes."""
    (run,) = home.runs.iterdir()
    tasks = [task.task for task in read_run(home.journal(run.name)).tasks]
    assert tasks
    return {task.id: task.content_sha for task in tasks}


def test_a_label_is_kept_with_what_the_audit_said(home):
    task = next(iter(list_accepted(home)))
    got = invoke(home, "label", task, "Honest-Hard", "--reviewer", "Ada", "--note", "hard indeed", "--blind")
    (label,) = current_labels(home)[task]
    assert (got["label_id"], got["recorded"]) == (label.label_id, True)
    assert (label.label, label.reviewer, label.note, label.blind) == ("honest_hard", "Ada", "hard indeed", True)
    assert label.content_sha == list_accepted(home)[task]


def test_a_label_is_taken_back(home):
    task = next(iter(list_accepted(home)))
    invoke(home, "label", task, "luck", "--reviewer", "Ada")
    invoke(home, "label", "--undo", "--reviewer", "Ada")
    assert current_labels(home) == {}


@pytest.mark.parametrize(
    ("args", "wrong"),
    [
        (["t0", "luck", "--reviewer", "Ada"], "task 't0' does not exist"),
        (["--reviewer", "Ada"], "a task and a label are needed"),
        (["t0", "luck", "--undo", "--reviewer", "Ada"], "--undo takes back your latest label"),
        (["--undo", "--reviewer", "Ada"], "nothing to undo"),
    ],
)
def test_wrong_use_is_explained(home, args, wrong):
    assert wrong in invoke(home, "label", *args, code=2)["error"]


def test_an_unknown_label_names_the_known_ones(home):
    task = next(iter(list_accepted(home)))
    error = invoke(home, "label", task, "guilty", "--reviewer", "Ada", code=2)["error"]
    assert "choose one of sabotage, artefact, luck, invalid, honest_hard, unsure" in error


def test_what_the_labels_say_of_the_audit(home):
    tasks = list(list_accepted(home))
    for reviewer in ("Ada", "Bo"):
        invoke(home, "label", tasks[0], "artefact", "--reviewer", reviewer)
    got = invoke(home, "labels")
    assert (got["labels"], got["tasks"], got["counts"]["artefact"]) == (2, 1, 2)
    assert got["cleared"] <= len(tasks)
    assert got["agreement"]["reliable"] is False


def test_labels_of_one_run_only(home):
    task = next(iter(list_accepted(home)))
    invoke(home, "label", task, "luck", "--reviewer", "Ada")
    write_run(home, "another-0001", 1)
    assert invoke(home, "labels", "another-0001")["labels"] == 0
    assert (
        invoke(home, "labels", next(run.name for run in home.runs.iterdir() if run.name != "another-0001"))["labels"]
        == 1
    )


def test_labels_of_an_unknown_run_are_bad_input(home):
    assert "run 'gone-1' does not exist" in invoke(home, "labels", "gone-1", code=2)["error"]


def test_calibration_takes_in_what_people_vouch_for_and_says_why_not(home):
    accepted = list_accepted(home)
    tasks = list(accepted)
    run = next(home.runs.iterdir()).name
    assert invoke(home, "calibration", "list") == {"sets": []}
    invoke(home, "label", tasks[0], "honest-hard", "--reviewer", "Ada")
    assert invoke(home, "calibration", "refresh")["admitted"] == [tasks[0]]
    (own,) = invoke(home, "calibration", "list")["sets"]
    assert (own["domain"], own["weak"], own["strong"], own["tasks"]) == ("cs", "sim-weak", "sim-strong", 1)
    if len(tasks) > 1:
        record_decision(
            home, task_id=tasks[1], run_id=run, content_sha=accepted[tasks[1]], verdict="approve", reviewer="Bo"
        )
        assert "with the audit on screen" in invoke(home, "calibration", "refresh")["refused"][tasks[1]]


def test_a_trusted_run_enters_as_a_whole_and_a_label_takes_a_task_out(home):
    tasks = list(list_accepted(home))
    run = next(home.runs.iterdir()).name
    got = invoke(home, "calibration", "refresh", "--trusted", run, "--reviewer", "Ada")
    assert sorted(got["admitted"]) == sorted(tasks)
    invoke(home, "label", tasks[0], "artefact", "--reviewer", "Bo")
    assert invoke(home, "calibration", "refresh")["withdrawn"] == [tasks[0]]
    again = invoke(home, "calibration", "refresh", "--trusted", run, "--reviewer", "Ada")
    assert "labelled artefact by Bo" in again["refused"][tasks[0]]
    (summary,) = list_calibrations(home)
    assert summary.tasks == len(tasks) - 1
    assert (load_calibration(home, summary.stratum) is not None) == (len(tasks) > 1)


def test_an_unknown_run_cannot_be_trusted_and_trust_has_a_name(home):
    assert (
        "no audited task"
        in invoke(home, "calibration", "refresh", "--trusted", "cs-9999", "--reviewer", "Ada", code=2)["error"]
    )
    run = next(home.runs.iterdir()).name
    assert "reviewer's name" in invoke(home, "calibration", "refresh", "--trusted", run, code=2)["error"]
