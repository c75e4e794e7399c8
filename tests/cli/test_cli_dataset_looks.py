"""`autodata dataset stats`, `card`, `sample` and `push` as a person types them."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from autodata.cli import app
from autodata.home import Home
from autodata.review.decisions import record_decision
from tests.support.journals import write_run


@pytest.fixture
def home(tmp_path) -> Home:
    home = Home(tmp_path / "home")
    run = write_run(home, "cs-1", 4, plans=[("too_easy", "accepted")])
    for task in run.accepted:
        record_decision(
            home, task_id=task, run_id="cs-1", content_sha=run.content[task], verdict="approve", reviewer="Ada"
        )
    return home


@pytest.fixture
def invoke(home):
    def run(*arguments):
        return CliRunner().invoke(app, [*arguments, "--home", str(home.root)])

    return run


@pytest.fixture
def exported(invoke):
    assert invoke("export", "lease", "--format", "jsonl").exit_code == 0


def last_json(result):
    return json.loads(result.stdout.strip().splitlines()[-1])


def test_stats_of_a_version(invoke, exported):
    result = invoke("dataset", "stats", "lease/v001", "--json")
    assert result.exit_code == 0
    assert "SIMULATED" in result.stderr
    assert "weak rollouts all 0 (no GRPO signal)" in result.stdout
    figures = last_json(result)
    assert (figures["tasks"], figures["missing"]) == (4, 0)
    assert set(figures["no_signal"]["expected_groups_without_spread"]) == {"4", "8", "16"}


def test_stats_of_what_is_approved(invoke):
    assert last_json(invoke("dataset", "stats", "--approved", "--json"))["tasks"] == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give either a version"),
        (("lease/v001", "--approved"), "give either a version"),
        (("lease",), "is no version; give it as NAME/vN"),
        (("../x/v001",), "is no version"),
        (("lease/v007",), "has no version v007"),
    ],
)
def test_target_that_cannot_be_is_bad_input(invoke, exported, arguments, message):
    result = invoke("dataset", "stats", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_nothing_approved_says_what_to_do(tmp_path):
    home = Home(tmp_path / "other")
    write_run(home, "cs-1", 1)
    result = CliRunner().invoke(app, ["dataset", "stats", "--approved", "--home", str(home.root)])
    assert result.exit_code == 2
    assert "autodata decide" in result.stderr


def test_sample_is_drawn_judged_and_bounded(invoke, exported):
    drawn = last_json(invoke("dataset", "sample", "lease/v001", "--size", "2", "--json"))
    assert (drawn["size"], drawn["judged"], drawn["upper"], drawn["complete"]) == (2, 0, None, False)
    for task in drawn["task_ids"]:
        result = invoke("dataset", "sample", "lease/v001", "--verdict", task, "clean", "--reviewer", "Bo", "--json")
        assert result.exit_code == 0, result.stderr
    done = last_json(result)
    assert (done["sample_id"], done["judged"], done["complete"]) == (drawn["sample_id"], 2, True)
    assert done["upper"] == pytest.approx(1 - 0.05**0.5)
    assert "2 of 2 are clean" in result.stderr
    assert "2 of 2 are clean" in invoke("dataset", "card", "lease/v001").stdout


def test_next_shows_the_task_and_nothing_that_was_said_of_it(invoke, exported):
    result = invoke("dataset", "sample", "lease/v001", "--next", "--reviewer", "Bo")
    assert result.exit_code == 0
    assert "Question" in result.stdout
    assert "Weak answer 1" in result.stdout
    assert "Ada" not in result.stdout
    assert "approve" not in result.stdout.lower()


def test_verdict_that_is_no_verdict_is_bad_input(invoke, exported):
    task = last_json(invoke("dataset", "sample", "lease/v001", "--json"))["task_ids"][0]
    result = invoke("dataset", "sample", "lease/v001", "--verdict", task, "fine", "--reviewer", "Bo")
    assert result.exit_code == 2
    assert "choose clean or defect" in result.stderr


def test_card_is_printed(invoke, exported):
    result = invoke("dataset", "card", "lease/v001")
    assert result.exit_code == 0
    assert "## Known limits" in result.stdout


def test_push_without_the_folder_says_how_to_get_it(invoke, exported):
    result = invoke("dataset", "push", "lease/v001", "ada/lease")
    assert result.exit_code == 2
    assert "--format hf" in result.stderr
