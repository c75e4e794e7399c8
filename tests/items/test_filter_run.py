"""A filter from a file to an exported data set, played by the simulated models through the command line."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from autodata.cli import app
from autodata.home import Home
from autodata.journal import Record, read_records

RUBRIC = [
    {"criterion": "Names the guarantee of order as the first to break", "weight": "+8"},
    {"criterion": "Says that the state in question is kept only in memory", "weight": 6},
    {"criterion": "Proposes a log that is written before the answer is given", "weight": 7},
    {"criterion": "Claims that nothing breaks at all", "weight": -6},
]
THINGS = (
    "a write-back cache",
    "a hash index",
    "a leader lease",
    "a Bloom filter",
    "a garbage collector",
    "a page table",
)
EVENTS = ("the power fails during a flush", "the number of clients doubles", "clocks drift beyond the bound")


def make_items(rubric: bool = True) -> list[dict[str, Any]]:
    """Eighteen prompts; every other one with a rubric where `rubric` asks for it."""
    items = []
    for thing in THINGS:
        for event in EVENTS:
            item: dict[str, Any] = {
                "item_id": f"q-{len(items)}",
                "question": f"Consider {thing} in a busy service when {event}. Which guarantee breaks first, and why?",
                "reference_answer": f"The order that {thing} promises, because when {event} it is kept in memory only.",
                "rubric": RUBRIC if rubric and len(items) % 2 == 0 else None,
            }
            items.append(item)
    return items


def write_jsonl(folder: Path, items: list[dict[str, Any]]) -> Path:
    path = folder / "questions.jsonl"
    path.write_bytes(b"\n".join(orjson.dumps(item) for item in items) + b"\n")
    return path


def invoke(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def last_json(result: Any) -> dict[str, Any]:
    return json.loads(result.stdout.strip().splitlines()[-1])


def records(home: Path, run_id: str, kind: str = "") -> list[Record]:
    return [record for record in read_records(Home(home).journal(run_id)) if kind in ("", record.kind)]


@pytest.fixture(scope="module")
def by_rubric(tmp_path_factory):
    """A finished filter over a JSONL file in which every other item has a rubric of its own."""
    folder = tmp_path_factory.mktemp("rubric")
    path = write_jsonl(folder, [*make_items(), {"question": ""}, make_items()[0]])
    result = invoke("filter", path, "--home", folder / "home", "--json")
    return folder / "home", result


@pytest.fixture(scope="module")
def by_reference(tmp_path_factory):
    """A finished filter over a Parquet file, right or wrong against the reference."""
    folder = tmp_path_factory.mktemp("reference")
    path = folder / "questions.parquet"
    pq.write_table(pa.Table.from_pylist(make_items(rubric=False)), path)
    result = invoke("filter", path, "--missing-rubric", "reference", "--home", folder / "home", "--json")
    return folder / "home", result


def test_every_item_is_tried_once_and_some_are_kept(by_rubric):
    figures = last_json(by_rubric[1])
    assert by_rubric[1].exit_code == 0
    assert (figures["sources"], figures["rounds"], figures["skipped"], figures["undecided"]) == (18, 18, 1, 0)
    assert 0 < figures["accepted"] < 18
    assert figures["simulated"] is True


def test_unusable_and_double_rows_and_odd_rubrics_are_said(by_rubric):
    said = by_rubric[1].stderr
    assert "not used: questions.jsonl:19: it has no prompt in 'question'" in said
    assert "questions.jsonl:20 is the same item as questions.jsonl:1" in said
    assert "9 with: weight written as text" in said
    assert "rubric:  rubric (guessed)" in said


def test_given_rubric_is_kept_and_a_missing_one_written_within_the_limits(by_rubric):
    home, result = by_rubric
    tasks = [record.data["task"] for record in records(home, last_json(result)["run_id"], "task")]
    given = [task for task in tasks if len(task["rubric"]) == len(RUBRIC)]
    written = [task for task in tasks if len(task["rubric"]) >= 10]
    assert (len(given), len(written)) == (9, 9)
    assert [c["weight"] for c in given[0]["rubric"]] == [8, 6, 7, -6]
    assert {task["question"] for task in tasks} == {item["question"] for item in make_items()}


def test_whole_task_is_committed_before_any_solver_call(by_rubric):
    home, result = by_rubric
    committed: set[str] = set()
    for record in records(home, last_json(result)["run_id"]):
        if record.kind == "task":
            committed.add(record.data["source"])
        if record.kind == "call" and record.data["role"] in ("weak", "strong", "judge"):
            assert record.data["source"] in committed


def test_solvers_get_the_prompt_and_nothing_else(by_rubric):
    home, result = by_rubric
    prompts = {item["question"] for item in make_items()}
    calls = [r.data for r in records(home, last_json(result)["run_id"], "call") if r.data["role"] in ("weak", "strong")]
    assert {call["request"]["messages"][0]["content"] for call in calls} == prompts
    assert all(len(call["request"]["messages"]) == 1 for call in calls)


def test_reference_counts_right_answers_of_a_parquet_file(by_reference):
    home, result = by_reference
    figures = last_json(result)
    rollouts = [record.data for record in records(home, figures["run_id"], "rollout")]
    assert (figures["sources"], figures["undecided"]) == (18, 0)
    assert 0 < figures["accepted"] < 18
    assert {rollout["score"]["value"] for rollout in rollouts} == {0.0, 1.0}
    assert not [record for record in records(home, figures["run_id"], "call") if record.data["role"] == "challenger"]


@pytest.mark.parametrize("finished", ["by_rubric", "by_reference"])
def test_kept_items_go_through_review_to_an_export_that_names_their_origin(finished, request):
    home, result = request.getfixturevalue(finished)
    run_id = last_json(result)["run_id"]
    ends = [record.data for record in records(home, run_id, "source_done")]
    accepted = [end["task_id"] for end in ends if end["outcome"] == "accepted"]
    for task_id in accepted:
        assert invoke("decide", task_id, "approve", "--reviewer", "dana", "--home", home).exit_code == 0
    exported = last_json(invoke("export", f"kept-{finished.replace('_', '-')}", "--home", home, "--json"))
    lines = (Path(exported["path"]) / "tasks.jsonl").read_bytes().splitlines()
    items = [orjson.loads(line) for line in lines]
    assert {item["id"] for item in items} == set(accepted)
    originals = {item["item_id"]: item["question"] for item in make_items()}
    assert all(originals[item["origin"]["id"]] == item["question"] for item in items)
    files = {(item["origin"]["file"], item["origin"]["file_sha256"]) for item in items}
    path = home.parent / items[0]["origin"]["file"]
    assert files == {(path.name, hashlib.sha256(path.read_bytes()).hexdigest())}
    rows = pq.read_table(Path(exported["path"]) / "tasks.parquet", columns=["origin"]).to_pylist()
    assert [row["origin"] for row in rows] == [item["origin"] for item in items]


def test_journal_of_a_filter_verifies(by_rubric):
    assert last_json(invoke("verify", "--home", by_rubric[0], "--json"))["ok"] is True


def test_spent_budget_pauses_and_resume_repeats_no_call(tmp_path):
    path = write_jsonl(tmp_path, make_items()[:6])
    whole = last_json(invoke("filter", path, "--home", tmp_path / "whole", "--json"))
    paused = invoke("filter", path, "--home", tmp_path / "home", "--budget-calls", 20, "--slots", 2, "--json")
    assert paused.exit_code == 3
    resumed = last_json(
        invoke("resume", last_json(paused)["run_id"], "--budget-calls", 0, "--home", tmp_path / "home", "--json")
    )
    assert {key: resumed[key] for key in ("accepted", "rounds", "calls", "outcomes")} == {
        key: whole[key] for key in ("accepted", "rounds", "calls", "outcomes")
    }


def test_resumed_run_replays_the_written_rubric(tmp_path):
    path = write_jsonl(tmp_path, make_items(rubric=False)[:2])
    paused = invoke("filter", path, "--home", tmp_path, "--budget-calls", 4, "--slots", 1, "--json")
    run_id = last_json(paused)["run_id"]
    invoke("resume", run_id, "--budget-calls", 0, "--home", tmp_path, "--json")
    tasks = [record.data["task"]["id"] for record in records(tmp_path, run_id, "task")]
    writing = [record for record in records(tmp_path, run_id, "call") if record.data["role"] == "challenger"]
    assert len(tasks) == len(set(tasks)) == len(writing) == 2


def test_dry_run_starts_nothing_and_tells_all(tmp_path):
    path = write_jsonl(tmp_path, [*make_items(), {"question": "How?"}])
    result = invoke("filter", path, "--home", tmp_path / "home", "--dry-run", "--json")
    told = last_json(result)
    assert result.exit_code == 0
    assert (told["run_id"], told["items"], told["rows"], told["written"]) == (None, 18, 19, 9)
    assert told["unused"] == [
        {"where": "questions.jsonl:19", "reason": "it has neither a rubric nor an answer from which to write one"}
    ]
    assert told["columns"] == {
        "prompt": "question",
        "answer": "reference_answer",
        "rubric": "rubric",
        "context": None,
        "id": "item_id",
        "system": None,
    }
    assert not (tmp_path / "home" / "runs").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--prompt-column", "qestion"], "prompt column 'qestion' is not in the data"),
        (["--prompt-column", ""], "no column looks like a prompt"),
        (["--policy", "exact"], "counts right answers, but recipe filter-rubric grades by rubric"),
        (["--policy", "lenient"], "policy 'lenient' is unknown"),
        (["--domain", "cs"], "writes its tasks itself"),
        (["--domain", "filter-answer", "--missing-rubric", "write"], "so --missing-rubric cannot be write"),
        (["--split", "test"], "has no split 'test'"),
        (["--models", "absent.toml"], "absent.toml does not exist"),
        (["--answer-column", "", "--missing-rubric", "reference"], "it has no answer to compare with"),
    ],
)
def test_bad_input_exits_with_two_and_says_what_to_change(tmp_path, arguments, message):
    path = write_jsonl(tmp_path, make_items())
    result = invoke("filter", path, "--home", tmp_path / "home", *arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("absent.jsonl", None),
        ("empty.jsonl", b""),
        ("program.csv", b"\x7fELF\0\0"),
        ("broken.parquet", b"PAR1"),
        ("notes.docx", b"PK"),
        ("numbers.json", b"[1, 2, 3]"),
    ],
)
def test_file_without_items_exits_with_two(tmp_path, name, data):
    if data is not None:
        (tmp_path / name).write_bytes(data)
    result = invoke("filter", tmp_path / name, "--home", tmp_path / "home", "--json")
    assert result.exit_code == 2
    assert last_json(result)["error"]


def test_own_recipe_for_given_tasks_can_be_used(tmp_path):
    home, path = tmp_path / "home", write_jsonl(tmp_path, make_items()[:3])
    assert invoke("recipes", "copy", "filter-rubric", "mine", "--home", home).exit_code == 0
    result = invoke("filter", path, "--domain", "mine", "--home", home, "--json")
    assert last_json(result)["run_id"].startswith("mine-")


def test_document_domain_refuses_a_recipe_for_given_tasks_in_its_run(tmp_path):
    (tmp_path / "leases.md").write_text("# Leases\n\n" + "A lease is a promise that expires. " * 40)
    result = invoke("run", tmp_path / "leases.md", "--domain", "filter-rubric", "--home", tmp_path / "home")
    assert result.exit_code == 2
