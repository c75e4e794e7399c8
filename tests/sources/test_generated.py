"""Procedurally generated tasks; what needs the optional package is skipped where it is absent."""

import json
import sys

import pytest
from typer.testing import CliRunner

from autodata.answers import compare_answers
from autodata.cli import app
from autodata.errors import BadInput
from autodata.sources.generated import SINGLE_ANSWER, generate_items

WHY = "reasoning-gym is not installed (requirements-reasoning-gym.txt)"


def invoke(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_absent_package_is_explained_with_its_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "reasoning_gym", None)
    with pytest.raises(BadInput, match="requirements-reasoning-gym"):
        next(generate_items("chain_sum", 1, 0))


def test_a_count_that_makes_no_sense_is_refused():
    with pytest.raises(BadInput, match="count 0"):
        next(generate_items("chain_sum", 0, 0))


def test_same_seed_gives_the_same_items():
    pytest.importorskip("reasoning_gym", reason=WHY)
    assert list(generate_items("chain_sum", 4, 7)) == list(generate_items("chain_sum", 4, 7))
    assert list(generate_items("chain_sum", 4, 7)) != list(generate_items("chain_sum", 4, 8))


def test_items_say_where_they_come_from():
    pytest.importorskip("reasoning_gym", reason=WHY)
    item = next(generate_items("gcd", 1, 7))
    assert item["id"] == "gcd-7-0"
    assert {"package", "version", "task", "seed", "index"} <= item["generated_by"].keys()


@pytest.mark.parametrize("task", ["countdown", "no_such_task"])
def test_a_task_with_several_right_answers_or_none_is_refused(task):
    pytest.importorskip("reasoning_gym", reason=WHY)
    with pytest.raises(BadInput, match="chain_sum"):
        next(generate_items(task, 1, 0))


def test_every_offered_task_exists_and_its_answer_equals_itself():
    pytest.importorskip("reasoning_gym", reason=WHY)
    for task in sorted(SINGLE_ANSWER):
        answer = next(generate_items(task, 1, 3))["answer"]
        assert compare_answers(answer, answer).equal is True


def test_generated_tasks_are_tried_by_both_solvers_against_their_reference(tmp_path):
    pytest.importorskip("reasoning_gym", reason=WHY)
    path = tmp_path / "sums.jsonl"
    made = invoke("generate", "reasoning-gym", path, "--tasks", "chain_sum", "--count", 6, "--seed", 3)
    assert made.exit_code == 0, made.output
    result = invoke("filter", path, "--missing-rubric", "reference", "--home", tmp_path / "home", "--json")
    figures = json.loads(result.stdout.strip().splitlines()[-1])
    assert (figures["sources"], figures["undecided"]) == (6, 0)
    assert sum(figures["outcomes"].values()) == 6


def test_a_file_that_is_there_is_not_overwritten(tmp_path):
    pytest.importorskip("reasoning_gym", reason=WHY)
    path = tmp_path / "kept.jsonl"
    path.write_text("mine")
    assert invoke("generate", "reasoning-gym", path, "--tasks", "gcd").exit_code == 2
    assert path.read_text() == "mine"
