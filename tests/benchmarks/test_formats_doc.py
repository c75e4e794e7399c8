"""docs/formats.md says what the files hold: the page is what its command writes, and its rows have every column."""

from __future__ import annotations

import json

import pytest

from autodata.dataset.formats import FORMATS
from autodata.dataset.formats.meanings import explain_column
from benchmarks.formats_doc import PAGE, list_columns, read_rows, render_page, shorten
from tests.support.export_entries import make_entry, write_format

PAGE_TEXT = PAGE.read_text(encoding="utf-8")
SHOWN = [name for name in FORMATS if name != "hf"]


def test_page_is_what_the_command_writes_around_its_rows():
    assert render_page(read_rows(PAGE_TEXT)) == PAGE_TEXT


@pytest.mark.parametrize("name", SHOWN)
def test_row_has_exactly_the_columns_of_its_format(name):
    assert list(read_rows(PAGE_TEXT)[name]) == [column for column, _ in list_columns(name)]


@pytest.mark.parametrize("name", SHOWN)
def test_every_row_is_marked_as_simulated(name):
    assert read_rows(PAGE_TEXT)[name]["simulated"] in (True, "true")


@pytest.mark.parametrize("name", ["jsonl", "sft", "grpo", "dpo", "raw"])
def test_files_have_the_columns_of_the_page(tmp_path, name):
    write_format(name, tmp_path, [[make_entry()]])
    path = {"jsonl": "tasks.jsonl", "raw": "raw.jsonl"}.get(name, f"{name}/train.jsonl")
    row = json.loads((tmp_path / path).read_text().splitlines()[0])
    assert list(row) == [column for column, _ in list_columns(name)]


@pytest.mark.parametrize("name", list(FORMATS))
def test_every_column_is_explained(name):
    assert all(explain_column(name, column) for column, _ in list_columns(name))


def test_rows_are_cut_to_fit_a_page():
    assert shorten({"a": ["x" * 200, 1, 2], "b": None}) == {"a": ["x" * 99 + "…", 1], "b": None}
