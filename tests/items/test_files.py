"""Files and folders: formats by name, splits by folder and file name, what lies beside the data left alone."""

from __future__ import annotations

from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from autodata.errors import BadInput
from autodata.items import columnar
from autodata.items.files import DataFile, list_splits, open_data, read_rows
from autodata.sources.document import Unreadable

ROWS = [{"question": f"q{n}", "answer": n, "extra": {"rubric": [{"criterion": "x", "weight": 2}]}} for n in range(5)]


def write_stream(path: Path, rows: list[dict]) -> None:
    table = pa.Table.from_pylist(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=2)


def write_parquet(path: Path, rows: list[dict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=2)


def read_all(path: Path, columns: tuple[str, ...] | None = None) -> list[dict]:
    return [row.values for file in open_data(path).files for row in read_rows(file, columns)]


@pytest.mark.parametrize("name", ["data.parquet", "data.arrow", "data.feather", "data.jsonl"])
def test_formats_give_the_same_rows(tmp_path, name):
    path = tmp_path / name
    if name.endswith(".parquet"):
        write_parquet(path, ROWS)
    elif name.endswith(".arrow"):
        write_stream(path, ROWS)
    elif name.endswith(".feather"):
        feather.write_feather(pa.Table.from_pylist(ROWS), path)
    else:
        path.write_bytes(b"\n".join(orjson.dumps(row) for row in ROWS))
    assert read_all(path) == ROWS


@pytest.mark.parametrize(("name", "write"), [("data.parquet", write_parquet), ("data.arrow", write_stream)])
def test_only_wanted_columns_are_read(tmp_path, name, write):
    write(tmp_path / name, ROWS)
    assert read_all(tmp_path / name, ("question", "absent"))[0] == {"question": "q0"}


def test_rows_are_counted_over_batches(tmp_path):
    write_parquet(tmp_path / "data.parquet", ROWS)
    assert [row.number for row in read_rows(DataFile(tmp_path / "data.parquet", "x"))] == [1, 2, 3, 4, 5]


def test_saved_data_set_of_one_split_is_read_without_its_caches(tmp_path):
    write_stream(tmp_path / "data-00000-of-00002.arrow", ROWS[:2])
    write_stream(tmp_path / "data-00001-of-00002.arrow", ROWS[2:])
    write_stream(tmp_path / "cache-abc.arrow", ROWS)
    (tmp_path / "state.json").write_bytes(orjson.dumps({"_data_files": [{"filename": "../../etc/passwd"}]}))
    (tmp_path / "dataset_info.json").write_text("{}")
    assert read_all(tmp_path) == ROWS


def test_saved_data_set_with_splits_wants_a_choice(tmp_path):
    for split in ("train", "test"):
        write_stream(tmp_path / split / "data-00000-of-00001.arrow", ROWS)
    (tmp_path / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    with pytest.raises(BadInput, match=r"several splits: test \(1\), train \(1\)"):
        open_data(tmp_path)
    assert [file.name for file in open_data(tmp_path, "train").files] == ["train/data-00000-of-00001.arrow"]
    assert len(open_data(tmp_path, "all").files) == 2


def test_selection_kept_beside_the_rows_is_not_ignored(tmp_path):
    write_stream(tmp_path / "data-00000-of-00001.arrow", ROWS)
    (tmp_path / "state.json").write_bytes(orjson.dumps({"_indices_data_files": [{"filename": "indices.arrow"}]}))
    with pytest.raises(BadInput, match="flatten_indices"):
        open_data(tmp_path)


def test_downloaded_folder_is_split_by_file_name_and_configuration(tmp_path):
    write_parquet(tmp_path / "main" / "train-00000-of-00001.parquet", ROWS)
    write_parquet(tmp_path / "data" / "validation-00000-of-00001-0123456789abcdef.parquet", ROWS)
    write_parquet(tmp_path / ".cache" / "train.parquet", ROWS)
    (tmp_path / "README.md").write_text("---\nlicense: mit\n---\n")
    assert sorted(list_splits(tmp_path)) == ["main/train", "validation"]


def test_parts_without_a_split_in_their_names_are_one_data_set(tmp_path):
    for number in (1, 2):
        (tmp_path / f"part-{number}.jsonl").write_bytes(orjson.dumps(ROWS[number]))
    assert read_all(tmp_path) == ROWS[1:3]


def test_unknown_split_lists_those_there_are(tmp_path):
    write_parquet(tmp_path / "train.parquet", ROWS)
    with pytest.raises(BadInput, match=r"no split 'dev'; there is train \(1\)"):
        open_data(tmp_path, "dev")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "cannot be opened"),
        (lambda path: path.mkdir(), "holds no data file"),
        (lambda path: path.write_bytes(b""), "is empty"),
    ],
)
def test_nothing_to_read_is_said(tmp_path, make, message):
    path = tmp_path / "data.jsonl"
    make(path)
    with pytest.raises(BadInput, match=message):
        open_data(path)


def test_unknown_ending_lists_the_known_ones(tmp_path):
    (tmp_path / "data.xlsx").write_bytes(b"PK")
    with pytest.raises(BadInput, match=r"readable are \.jsonl"):
        open_data(tmp_path / "data.xlsx")


@pytest.mark.parametrize("name", ["data.parquet", "data.arrow", "data.feather"])
@pytest.mark.parametrize("cut", [0.0, 0.5, 0.9])
def test_damaged_file_is_said_and_never_crashes(tmp_path, name, cut):
    whole = tmp_path / "whole.parquet"
    write_parquet(whole, ROWS)
    data = whole.read_bytes()
    path = tmp_path / name
    path.write_bytes(data[: int(len(data) * cut)] or b"\0" * 64)
    with pytest.raises(Unreadable, match=r"damaged|cannot be read"):
        list(read_rows(DataFile(path, name)))


def test_row_group_beyond_all_measure_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(columnar, "_MAX_GROUP_BYTES", 10)
    write_parquet(tmp_path / "data.parquet", ROWS)
    with pytest.raises(Unreadable, match="smaller row groups"):
        list(read_rows(DataFile(tmp_path / "data.parquet", "x")))


def test_large_cells_make_small_batches(tmp_path, monkeypatch):
    monkeypatch.setattr(columnar, "_BATCH_BYTES", 1)
    write_parquet(tmp_path / "data.parquet", ROWS)
    write_stream(tmp_path / "data.arrow", ROWS)
    assert [row.values for row in read_rows(DataFile(tmp_path / "data.parquet", "x"))] == ROWS
    assert [row.values for row in read_rows(DataFile(tmp_path / "data.arrow", "x"))] == ROWS
