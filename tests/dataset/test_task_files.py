"""tasks.jsonl, tasks.parquet and tasks.csv, read back by the libraries their users have."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autodata.dataset.formats import CSV_COLUMNS, FORMATS, PARQUET_SCHEMA, check_formats
from autodata.dataset.formats.parquet import GROUP_ROWS
from autodata.dataset.items import encode_item, make_item
from autodata.errors import BadInput
from tests.support.export_entries import make_entry, write_format
from tests.support.export_rows import make_row

HOSTILE = '=HYPERLINK("http://x","y")'


@pytest.fixture
def entries():
    return [
        make_entry(),
        make_entry("test", task_id="t2", question=HOSTILE, tags=(), weak=None, gap=None, weak_scores=(), decided=None),
        make_entry(task_id="t3", context='a "b"\nc;d,e\x00', models={}, policy={"name": "custom", "gap_min": 0.3}),
    ]


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_json_lines_are_the_bytes_that_the_hash_is_made_of(tmp_path, entries):
    write_format("jsonl", tmp_path, [entries[:1], entries[1:]])
    content = (tmp_path / "tasks.jsonl").read_bytes()
    assert content == b"".join(encode_item(entry.item) for entry in entries)
    assert [json.loads(line) for line in content.splitlines()] == [entry.item for entry in entries]


def test_json_lines_load_in_pandas(tmp_path, entries):
    write_format("jsonl", tmp_path, [entries])
    frame = pd.read_json(tmp_path / "tasks.jsonl", lines=True)
    assert list(frame["id"]) == ["t1", "t2", "t3"]
    assert frame["rubric"][0] == entries[0].item["rubric"]


def test_json_lines_load_in_duckdb(tmp_path, entries):
    write_format("jsonl", tmp_path, [entries])
    with duckdb.connect() as connection:
        rows = connection.execute(
            "SELECT id, rubric[1].weight FROM read_json(?)", [str(tmp_path / "tasks.jsonl")]
        ).fetchall()
    assert rows == [("t1", 5.0), ("t2", 5.0), ("t3", 5.0)]


def test_parquet_equals_the_json_lines_for_pyarrow(tmp_path, entries):
    write_format("parquet", tmp_path, [entries])
    table = pq.read_table(tmp_path / "tasks.parquet")
    assert table.schema.equals(PARQUET_SCHEMA)
    rows = [{**row, "policy": json.loads(row["policy"])} for row in table.to_pylist()]
    assert rows == [entry.item for entry in entries]


def test_parquet_equals_the_json_lines_for_duckdb(tmp_path, entries):
    write_format("parquet", tmp_path, [entries])
    with duckdb.connect() as connection:
        cursor = connection.execute("SELECT * FROM read_parquet(?)", [str(tmp_path / "tasks.parquet")])
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    assert [{**row, "policy": json.loads(row["policy"])} for row in rows] == [entry.item for entry in entries]


def test_parquet_loads_in_pandas(tmp_path, entries):
    write_format("parquet", tmp_path, [entries])
    frame = pd.read_parquet(tmp_path / "tasks.parquet")
    assert list(frame["question"])[1] == HOSTILE


def test_parquet_columns_are_those_of_an_item(entries):
    assert PARQUET_SCHEMA.names == list(entries[0].item)


def test_csv_has_a_row_per_item_and_no_formula(tmp_path, entries):
    write_format("csv", tmp_path, [entries[:2], entries[2:]])
    rows = read_csv(tmp_path / "tasks.csv")
    assert list(rows[0]) == list(CSV_COLUMNS)
    assert [row["id"] for row in rows] == ["t1", "t2", "t3"]
    assert rows[0]["rubric"] == "names the bound (+5)\nclaims that clocks agree (-3)"
    assert (rows[0]["gap"], rows[0]["tags"], rows[0]["policy"]) == ("0.44", "timing, proofs", "deployed")
    assert [row["split"] for row in rows] == ["train", "test", "train"]
    assert rows[1]["question"] == "'" + HOSTILE
    assert rows[2]["context"] == 'a "b"\nc;d,e\ufffd'


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=40), leader=st.sampled_from(["=", "+", "-", "@", "\t=", "＝", " \u200b-"]))
def test_csv_of_any_text_has_no_formula_in_any_cell(tmp_path_factory, text, leader):
    folder = tmp_path_factory.mktemp("csv")
    hostile = leader + text
    entry = make_entry(
        question=hostile, context=hostile, tags=(hostile,), source_title=hostile, reference_answer=hostile
    )
    write_format("csv", folder, [[entry]])
    (row,) = read_csv(folder / "tasks.csv")
    cells = [row[name] for name in ("question", "context", "tags", "source_title", "reference_answer")]
    assert all(cell.startswith("'") for cell in cells)


@pytest.mark.parametrize("name", list(FORMATS))
def test_file_that_exists_is_not_overwritten(tmp_path, entries, name):
    write_format(name, tmp_path, [entries])
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*") if path.is_file() and ".home" not in path.parts}
    with pytest.raises(FileExistsError):
        write_format(name, tmp_path, [entries])
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize("name", list(FORMATS))
def test_bytes_do_not_depend_on_how_the_entries_arrive(tmp_path, name):
    entries = [make_entry("test" if number % 3 else "train", task_id=f"t{number}") for number in range(11)]
    write_format(name, tmp_path / "a", [entries])
    write_format(name, tmp_path / "b", [entries[:1], [], entries[1:4], entries[4:]])
    assert list_bytes(tmp_path / "a") == list_bytes(tmp_path / "b")


def list_bytes(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and ".home" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_parquet_row_groups_are_cut_by_rows_and_by_text(tmp_path):
    huge = "x" * (9 * 2**20)
    entries = [make_entry(task_id=f"t{number}", context=huge) for number in range(4)]
    write_format("parquet", tmp_path, [entries])
    assert pq.ParquetFile(tmp_path / "tasks.parquet").num_row_groups == 2
    assert GROUP_ROWS > 4


def test_item_of_ten_megabytes_comes_back_whole(tmp_path):
    huge = "ä" * 10_000_000
    write_format("jsonl", tmp_path, [[make_entry(question=huge)]])
    assert json.loads((tmp_path / "tasks.jsonl").read_bytes())["question"] == huge


def test_cell_of_ten_megabytes_is_cut_and_says_so(tmp_path):
    write_format("csv", tmp_path, [[make_entry(question="y" * 10_000_000)]])
    with (tmp_path / "tasks.csv").open(encoding="utf-8-sig", newline="") as file:
        (_, row) = list(csv.reader(file))
    assert "[cut: 10,000,000 characters" in row[CSV_COLUMNS.index("question")]


def test_item_bytes_do_not_depend_on_the_order_of_a_stored_policy():
    row = make_row()
    turned = make_row(policy=dict(reversed(row.policy.items())))
    assert encode_item(make_item(row, "Ada")) == encode_item(make_item(turned, "Ada"))


def test_formats_come_in_one_order_and_once():
    assert check_formats(["csv", "jsonl", "csv"]) == ("jsonl", "csv")


@pytest.mark.parametrize(
    ("formats", "message"),
    [
        (["xlsx"], "format 'xlsx' is unknown; choose from jsonl, parquet, csv, sft, grpo, dpo, hf, raw"),
        ([], "no format was given; choose from"),
    ],
)
def test_unknown_format_is_refused_with_the_list(formats, message):
    with pytest.raises(BadInput, match=message):
        check_formats(formats)
