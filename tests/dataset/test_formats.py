"""The files of a version, written and read back by the libraries their users have."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from autodata.dataset.formats import (
    CSV_COLUMNS,
    PARQUET_SCHEMA,
    WRITERS,
    CsvWriter,
    JsonLinesWriter,
    ParquetWriter,
    check_formats,
)
from autodata.dataset.items import encode_item, make_item
from autodata.errors import BadInput
from tests.support.export_rows import make_row

HOSTILE = '=HYPERLINK("http://x","y")'


def make_items() -> list[dict]:
    rows = [
        make_row(),
        make_row(task_id="t2", question=HOSTILE, tags=(), weak=None, gap=None, weak_scores=(), decided=None),
        make_row(task_id="t3", context='a "b"\nc;d,e\x00', models={}, policy={"name": "custom", "gap_min": 0.3}),
    ]
    return [make_item(row, "Ada") for row in rows]


def write(writer_type, path: Path, items: list[dict]) -> Path:
    writer = writer_type(path)
    writer.write(items[:1])
    writer.write(items[1:])
    writer.close()
    return path


def test_json_lines_hold_the_items(tmp_path: Path):
    items = make_items()
    path = write(JsonLinesWriter, tmp_path / "tasks.jsonl", items)
    assert [json.loads(line) for line in path.read_bytes().splitlines()] == items
    assert path.read_bytes() == b"".join(encode_item(item) for item in items)


def test_parquet_equals_the_json_lines_for_pyarrow(tmp_path: Path):
    items = make_items()
    table = pq.read_table(write(ParquetWriter, tmp_path / "tasks.parquet", items))
    assert table.schema.equals(PARQUET_SCHEMA)
    assert [{**row, "policy": json.loads(row["policy"])} for row in table.to_pylist()] == items


def test_parquet_equals_the_json_lines_for_duckdb(tmp_path: Path):
    items = make_items()
    parquet = write(ParquetWriter, tmp_path / "tasks.parquet", items)
    with duckdb.connect() as connection:
        cursor = connection.execute("SELECT * FROM read_parquet(?)", [str(parquet)])
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    assert [{**row, "policy": json.loads(row["policy"])} for row in rows] == items


def test_parquet_columns_are_those_of_an_item():
    assert PARQUET_SCHEMA.names == list(make_items()[0])


def test_csv_has_a_row_per_item_and_no_formula(tmp_path: Path):
    path = write(CsvWriter, tmp_path / "tasks.csv", make_items())
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(CSV_COLUMNS)
    assert [row["id"] for row in rows] == ["t1", "t2", "t3"]
    assert rows[0]["rubric"] == "names the bound (+5)\nclaims that clocks agree (-3)"
    assert (rows[0]["gap"], rows[0]["tags"], rows[0]["policy"]) == ("0.44", "timing, proofs", "deployed")
    assert rows[1]["question"] == "'" + HOSTILE
    assert rows[2]["context"] == 'a "b"\nc;d,e\ufffd'


def test_file_that_exists_is_not_overwritten(tmp_path: Path):
    for name, writer_type in WRITERS.items():
        path = tmp_path / f"tasks.{name}"
        path.write_text("kept")
        with pytest.raises(FileExistsError):
            writer_type(path)
        assert path.read_text() == "kept"


def test_item_bytes_do_not_depend_on_the_order_of_a_stored_policy():
    row = make_row()
    turned = make_row(policy=dict(reversed(row.policy.items())))
    assert encode_item(make_item(row, "Ada")) == encode_item(make_item(turned, "Ada"))


def test_formats_come_in_one_order_and_once():
    assert check_formats(["csv", "jsonl", "csv"]) == ("jsonl", "csv")


@pytest.mark.parametrize(
    ("formats", "message"),
    [(["xlsx"], "format 'xlsx' is unknown; choose from jsonl, parquet, csv"), ([], "no format was given; choose from")],
)
def test_unknown_format_is_refused_with_the_list(formats, message):
    with pytest.raises(BadInput, match=message):
        check_formats(formats)
