"""raw.jsonl: what stands behind a task leaves with it, names of voters apart; and which judge a task is scored by."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autodata.dataset.entry import Entry
from autodata.dataset.formats import FormatOptions, open_writer
from autodata.dataset.formats.features import SCHEMAS
from autodata.dataset.items import make_item
from autodata.dataset.reward.render import JudgeBook
from autodata.home import Home
from autodata.index import open_index
from autodata.index.auditing import audit_pending
from autodata.index.ingest import ingest_home
from autodata.index.queries.dataset import stream_export_rows
from autodata.index.queries.dataset_provenance import find_recipe_files, load_behind
from autodata.recipes.recipe import load_recipe
from autodata.review.decisions import record_decision
from tests.support.export_rows import make_row
from tests.support.journals import write_run


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "data")
    run = write_run(home, "cs-1", 3, plans=[("too_easy", "narrow_gap", "accepted"), ("accepted",)])
    for task in run.accepted:
        record_decision(
            home,
            task_id=task,
            run_id="cs-1",
            content_sha=run.content[task],
            verdict="approve",
            reviewer="Zoe-the-voter",
        )
    return home


@pytest.fixture
def index(home):
    with open_index(home) as opened:
        ingest_home(opened, home)
        yield opened


def list_entries(index) -> list[Entry]:
    rows = [row for batch in stream_export_rows(index, decisions=("approved",)) for row in batch]
    return [Entry(make_item(row, "reviewer-1"), row) for row in rows]


def write_raw(index, folder: Path, entries: list[Entry]) -> list[dict]:
    folder.mkdir(exist_ok=True)
    writer = open_writer("raw", folder, FormatOptions(), index)
    writer.write(entries)
    writer.close()
    return [json.loads(line) for line in (folder / "raw.jsonl").read_bytes().splitlines()]


def test_all_rounds_of_the_source_leave_with_the_task(index, tmp_path):
    lines = write_raw(index, tmp_path / "out", list_entries(index))
    longest = max(lines, key=lambda line: len(line["rounds"]))
    assert [one["outcome"] for one in longest["rounds"]] == ["too_easy", "narrow_gap", "accepted"]
    assert longest["rounds"][-1]["task_id"] == longest["id"]


def test_rollouts_have_their_verdicts_and_the_parts_of_their_score(index, tmp_path):
    for line in write_raw(index, tmp_path / "out", list_entries(index)):
        assert {one["solver"] for one in line["rollouts"]} == {"weak", "strong"}
        ids = [criterion["id"] for criterion in line["rubric"]]
        for one in line["rollouts"]:
            assert [verdict["id"] for verdict in one["verdicts"]] == ids
            weights = {criterion["id"]: criterion["weight"] for criterion in line["rubric"]}
            earned = sum(weights[v["id"]] * v["met"] for v in one["verdicts"] if weights[v["id"]] > 0)
            assert one["earned"] == pytest.approx(earned)


def test_votes_leave_without_the_names_of_voters(index, tmp_path):
    (line, *_) = write_raw(index, tmp_path / "out", list_entries(index))
    assert [vote["verdict"] for vote in line["votes"]] == ["approve"]
    assert "Zoe-the-voter" not in (tmp_path / "out" / "raw.jsonl").read_text()


def test_audit_is_null_before_one_and_there_after_it(home, index, tmp_path):
    entries = list_entries(index)
    assert [line["audit"] for line in write_raw(index, tmp_path / "a", entries)] == [None] * len(entries)
    audit_pending(index, home)
    lines = write_raw(index, tmp_path / "b", entries)
    assert all(line["audit"]["coverage"] for line in lines)
    assert any(line["findings"] for line in lines)


def test_line_has_the_columns_of_its_schema_down_to_the_last(home, index, tmp_path):
    audit_pending(index, home)
    (line, *_) = write_raw(index, tmp_path / "out", list_entries(index))
    schema = SCHEMAS["raw"]
    assert list(line) == schema.names
    for column in ("rollouts", "rounds", "votes", "findings"):
        fields = [field.name for field in schema.field(column).type.value_type]
        assert all(list(one) == fields for one in line[column])
    assert list(line["audit"]) == [field.name for field in schema.field("audit").type]


def test_task_that_the_index_does_not_hold_leaves_without_what_is_behind_it(index, tmp_path):
    row = make_row()
    (line,) = write_raw(index, tmp_path / "out", [Entry(make_item(row, "Ada"), row)])
    assert (line["rollouts"], line["audit"], line["source_text"], line["clauses"]) == ([], None, None, None)


def test_what_is_behind_two_runs_with_one_task_id_is_kept_apart(index):
    entry = list_entries(index)[0]
    found = load_behind(index, [("cs-1", entry.row.task_id), ("other", entry.row.task_id)])
    assert found["cs-1", entry.row.task_id]["rollouts"]
    assert not found["other", entry.row.task_id]["rollouts"]


def test_judge_of_a_run_is_the_one_its_journal_froze(index):
    files = find_recipe_files(index, "cs-1")
    book = JudgeBook(index)
    name = book.name_judge(list_entries(index)[0].row)
    if "judge.md" in files:
        assert book.judges[name]["system"] == files["judge.md"].strip()
    assert name.startswith("rubric-")


def test_imported_tasks_are_scored_by_the_shipped_judges(index):
    book = JudgeBook(index)
    rubric = book.name_judge(make_row(run_id="imported-1", recipe_sha=""))
    answer = book.name_judge(make_row(run_id="imported-1", recipe_sha="", rubric=()))
    assert book.judges[rubric]["system"] == load_recipe("cs").files["judge.md"].strip()
    assert book.judges[answer]["system"] == load_recipe("math").files["answer_verifier.md"].strip()


def test_recipes_that_share_their_judge_share_its_name(index):
    book = JudgeBook(index)
    names = {book.name_judge(make_row(run_id=run, recipe_sha=sha)) for run, sha in (("a", "1" * 64), ("b", "2" * 64))}
    assert len(names) == len(book.judges) == 1
