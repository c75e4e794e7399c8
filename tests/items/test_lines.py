"""Rows of text formats: what can be read is read, what cannot is named by its number."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autodata.items import lines
from autodata.items.lines import read_json, read_json_lines, read_table
from autodata.items.row import BadRow, Row
from autodata.sources.document import Unreadable

CELLS = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | CELLS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(CELLS, inner, max_size=3),
    max_leaves=8,
)
RECORDS = st.lists(st.dictionaries(CELLS, VALUES, min_size=1, max_size=3), min_size=1, max_size=5)


def write(folder: Path, data: bytes, name: str) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def split(rows) -> tuple[list[Row], list[BadRow]]:
    listed = list(rows)
    return [row for row in listed if isinstance(row, Row)], [row for row in listed if isinstance(row, BadRow)]


@given(records=RECORDS, indent=st.none() | st.integers(0, 2), chunk=st.integers(1, 40))
@settings(max_examples=60, deadline=None)
def test_json_list_gives_what_a_whole_parse_gives_at_any_chunk_size(tmp_path_factory, records, indent, chunk):
    path = write(tmp_path_factory.mktemp("list"), json.dumps(records, indent=indent).encode(), "data.json")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "_CHUNK", chunk)
        assert [row.values for row in read_json(path)] == records


@given(records=RECORDS)
@settings(max_examples=30, deadline=None)
def test_json_lines_give_every_object_with_its_line(tmp_path_factory, records):
    text = "\n\n".join(json.dumps(record) for record in records)
    path = write(tmp_path_factory.mktemp("lines"), text.encode(), "data.jsonl")
    assert [(row.number, row.values) for row in read_json_lines(path)] == [
        (2 * at + 1, record) for at, record in enumerate(records)
    ]


@given(rows=st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=5))
@settings(max_examples=40, deadline=None)
def test_csv_written_by_python_comes_back(tmp_path_factory, rows):
    buffer = io.StringIO(newline="")
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerows([["question", "answer"], *rows])
    path = write(tmp_path_factory.mktemp("csv"), buffer.getvalue().encode(), "data.csv")
    assert [list(row.values.values()) for row in read_table(path)] == rows


def test_bad_line_is_named_and_the_rest_goes_on(tmp_path):
    path = write(tmp_path, b'{"a": 1}\n{"a": \n[1]\n{"a": 2}\n', "data.jsonl")
    good, bad = split(read_json_lines(path))
    assert [row.number for row in good] == [1, 4]
    assert [(row.number, row.reason.split(" (")[0]) for row in bad] == [
        (2, "it is not valid JSON"),
        (3, "it is a list, not an object with named fields"),
    ]


def test_broken_element_of_a_list_does_not_take_the_rest_with_it(tmp_path):
    path = write(tmp_path, b'[{"a": 1}, {"a": tru}, 7, {"a": "]}"}]', "data.json")
    good, bad = split(read_json(path))
    assert [row.values for row in good] == [{"a": 1}, {"a": "]}"}]
    assert [row.number for row in bad] == [2, 3]


def test_cut_off_list_gives_its_whole_elements_and_says_so(tmp_path):
    rows = read_json(write(tmp_path, b'[{"a": 1}, {"a": 2', "data.json"))
    assert next(rows) == Row(1, {"a": 1})
    with pytest.raises(Unreadable, match="cut off"):
        next(rows)


def test_json_lines_under_the_name_of_a_list_are_read(tmp_path):
    path = write(tmp_path, b'{"a": 1}\n{"a": 2}\n', "data.json")
    assert [row.values["a"] for row in read_json(path)] == [1, 2]


def test_object_over_several_lines_is_refused_with_the_remedy(tmp_path):
    with pytest.raises(Unreadable, match="neither a JSON list"):
        list(read_json(write(tmp_path, b'{\n "a": 1\n}', "data.json")))


def test_nan_of_pandas_is_read(tmp_path):
    (row,) = read_json_lines(write(tmp_path, b'{"a": NaN}', "data.jsonl"))
    assert row.values["a"] != row.values["a"]


def test_deeply_nested_line_is_a_bad_row(tmp_path):
    path = write(tmp_path, b'{"a": ' + b"[" * 100_000 + b'\n{"a": 1}', "data.jsonl")
    good, bad = split(read_json_lines(path))
    assert (len(good), bad[0].number) == (1, 1)


def test_line_beyond_all_measure_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.setattr(lines, "MAX_ROW_BYTES", 50)
    path = write(tmp_path, b'{"a": "' + b"x" * 500 + b'"}\n{"a": 1}\n', "data.jsonl")
    good, bad = split(read_json_lines(path))
    assert ([row.number for row in good], [row.number for row in bad]) == ([2], [1])


def test_element_beyond_all_measure_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.setattr(lines, "MAX_ROW_BYTES", 50)
    monkeypatch.setattr(lines, "_CHUNK", 16)
    path = write(tmp_path, b'[{"a": "' + b"x" * 500 + b'"}, {"a": 1}]', "data.json")
    good, bad = split(read_json(path))
    assert ([row.number for row in good], [row.number for row in bad]) == ([2], [1])


@pytest.mark.parametrize("read", [read_json_lines, read_json, read_table])
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x7fELF\0\0\0\0binary", "it is not text"),
        ('{"a": 1}'.encode("utf-16"), "UTF-16"),
        (b" \n \n", "it is empty"),
    ],
)
def test_file_that_is_no_text_is_refused(tmp_path, read, data, message):
    with pytest.raises(Unreadable, match=message):
        list(read(write(tmp_path, data, "data.txt")))


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_delimiter_is_found_in_the_header(tmp_path, mark):
    text = f"question{mark}answer\nWhy, then?{mark}x\n" if mark != "," else 'question,answer\n"Why, then?",x\n'
    (row,) = read_table(write(tmp_path, text.encode(), "data.csv"))
    assert row.values == {"question": "Why, then?", "answer": "x"}


def test_byte_order_mark_is_no_part_of_the_first_column(tmp_path):
    (row,) = read_table(write(tmp_path, b"\xef\xbb\xbfquestion,answer\na,b\n", "data.csv"))
    assert row.values == {"question": "a", "answer": "b"}


def test_short_row_is_filled_up_and_a_long_one_reported(tmp_path):
    good, bad = split(read_table(write(tmp_path, b"a,b\n1\n1,2,3\n4,5\n", "data.csv")))
    assert [row.values for row in good] == [{"a": "1", "b": ""}, {"a": "4", "b": "5"}]
    assert [(row.number, row.reason) for row in bad] == [(2, "it has 3 cells, but the header names 2 columns")]


def test_row_that_is_not_utf8_is_reported(tmp_path):
    good, bad = split(read_table(write(tmp_path, b"a,b\nfa\xe7ade,2\nplain,3\n", "data.csv")))
    assert ([row.number for row in good], [row.number for row in bad]) == ([2], [1])


def test_columns_of_one_name_are_told_apart(tmp_path):
    (row,) = read_table(write(tmp_path, b"a,a,\n1,2,3\n", "data.csv"))
    assert row.values == {"a": "1", "a (2)": "2", "column 3": "3"}


def test_quote_in_the_wrong_place_costs_its_row_only(tmp_path):
    good, bad = split(read_table(write(tmp_path, b'a,b\n"x"y,2\n3,4\n', "data.csv")))
    assert ([row.values["a"] for row in good], [row.number for row in bad]) == (["3"], [1])


def test_unclosed_quote_is_said_after_the_last_good_row(tmp_path):
    path = write(tmp_path, b'a,b\n1,2\n3,"open\n5,6\n', "data.csv")
    rows = read_table(path)
    assert next(rows) == Row(1, {"a": "1", "b": "2"})
    with pytest.raises(Unreadable, match="is a quote not closed"):
        list(rows)
