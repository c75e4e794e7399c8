"""Loading: items once each, every unusable row by number and reason, limits, uploads."""

from __future__ import annotations

import hashlib
from pathlib import Path

import orjson
import pytest

from autodata.errors import BadInput
from autodata.home import Home
from autodata.items import ColumnMap, LoadedItems, choose_columns, load_items, open_data, preview_data, save_data_upload
from autodata.items import load as loading
from autodata.items.load import SAME_PROMPT_FLAG

GOOD = {"question": "Why?", "answer": "Because."}


def write(folder: Path, *lines: object, name: str = "data.jsonl") -> Path:
    path = folder / name
    path.write_bytes(b"\n".join(line if isinstance(line, bytes) else orjson.dumps(line) for line in lines))
    return path


def load(path: Path, grading: str = "rubric", limit: int | None = None) -> LoadedItems:
    data = open_data(path)
    return load_items(data, choose_columns(preview_data(data), {}), grading, limit)


def test_rows_become_items_with_their_number_and_file_hash(tmp_path):
    path = write(tmp_path, GOOD, b"", {**GOOD, "answer": "Since."})
    found = load(path)
    origins = [source.metadata["origin"] for source in found.loaded.sources]
    assert [origin["row"] for origin in origins] == [1, 3]
    assert {origin["file_sha256"] for origin in origins} == {hashlib.sha256(path.read_bytes()).hexdigest()}
    assert origins[0]["columns"] == {"prompt": "question", "answer": "answer"}
    assert (found.items, found.rows, found.written, found.complete) == (2, 2, 2, True)


def test_unusable_rows_are_named_and_the_rest_goes_on(tmp_path):
    found = load(write(tmp_path, GOOD, b"{", {"question": "How?"}, {"answer": "x"}, [1]))
    assert found.items == 1
    assert [skip.name for skip in found.loaded.skipped] == [f"data.jsonl:{n}" for n in (2, 3, 4, 5)]
    assert found.loaded.skipped[2].reason == "it has no prompt in 'question'"


def test_item_met_again_is_used_once(tmp_path):
    found = load(write(tmp_path, GOOD, {**GOOD, "note": "again"}))
    assert found.items == 1
    assert [(one.name, one.same_as) for one in found.loaded.duplicates] == [("data.jsonl:2", "data.jsonl:1")]


def test_prompt_with_another_answer_is_kept_and_flagged(tmp_path):
    found = load(write(tmp_path, GOOD, {**GOOD, "answer": "Since."}))
    assert (found.items, found.flags) == (2, {SAME_PROMPT_FLAG: 1})


def test_limit_ends_the_reading(tmp_path):
    found = load(write(tmp_path, *({**GOOD, "answer": str(n)} for n in range(9))), limit=4)
    assert (found.items, found.rows, found.complete) == (4, 4, False)


def test_items_beyond_what_memory_should_hold_are_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(loading, "MAX_ITEMS", 3)
    found = load(write(tmp_path, *({**GOOD, "answer": str(n)} for n in range(9))))
    assert (found.items, found.complete) == (3, False)


def test_damaged_file_of_a_folder_is_named_and_the_rest_goes_on(tmp_path):
    write(tmp_path, GOOD, name="a.jsonl")
    (tmp_path / "b.parquet").write_bytes(b"PAR1 broken")
    write(tmp_path, {**GOOD, "answer": "Since."}, name="c.jsonl")
    found = load(tmp_path)
    assert found.items == 2
    assert [skip.name for skip in found.loaded.skipped] == ["b.parquet"]


def test_nothing_usable_says_why(tmp_path):
    path = write(tmp_path, {"question": "Why?", "answer": ""})
    with pytest.raises(BadInput, match=r"no row of .* can be used\n  data.jsonl:1: it has neither a rubric"):
        load(path)


def test_nothing_readable_says_why(tmp_path):
    with pytest.raises(BadInput, match=r"can be read\n  data.jsonl:1: it is not valid JSON"):
        load(write(tmp_path, b"{"))


@pytest.mark.parametrize("limit", [0, -1])
def test_limit_below_one_is_refused(tmp_path, limit):
    with pytest.raises(BadInput, match="give at least 1"):
        load(write(tmp_path, GOOD), limit=limit)


def test_hostile_cells_end_as_text_or_as_a_reason(tmp_path):
    rows = [
        {"question": '=HYPERLINK("http://x")', "answer": "<script>alert(1)</script>"},
        {"question": "x" * 300_000, "answer": "y"},
        {"question": "a\u0000b", "answer": "y"},
        {"question": "ok? \u202e evil", "answer": "'; DROP TABLE runs; --"},
    ]
    found = load(write(tmp_path, *rows))
    assert [source.text for source in found.loaded.sources] == [rows[0]["question"], rows[3]["question"]]
    assert len(found.loaded.skipped) == 2


def test_columns_by_hand_reach_nested_cells(tmp_path):
    path = write(tmp_path, {"x": {"y": ["How?"]}, "z": {"w": "So."}})
    found = load_items(open_data(path), ColumnMap(prompt="x.y.0", answer="z.w"), "answer")
    assert found.loaded.sources[0].text == "How?"


def test_upload_keeps_its_name_and_is_kept_once(tmp_path):
    home = Home(tmp_path)
    first = save_data_upload(home, "../../my data?.JSONL", b"{}")
    assert first == save_data_upload(home, "../../my data?.JSONL", b"{}")
    assert first.name == "my_data.jsonl"
    assert home.uploads in first.parents
    assert save_data_upload(home, "my data?.jsonl", b"[]") != first


@pytest.mark.parametrize(("name", "data"), [("x.exe", b"MZ"), ("x.jsonl", b""), ("jsonl", b"{}")])
def test_upload_that_cannot_be_read_is_refused(tmp_path, name, data):
    with pytest.raises(BadInput):
        save_data_upload(Home(tmp_path), name, data)
