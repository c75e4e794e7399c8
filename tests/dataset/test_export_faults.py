"""Exports that go wrong in the middle, huge items, names with tricks: nothing half-written is ever visible."""

from __future__ import annotations

import errno
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from autodata.dataset.formats import FORMATS, Format
from autodata.dataset.policies import GATE_PRESETS
from autodata.dataset.versions import export_dataset, list_versions
from autodata.dataset.withdrawing import withdraw_version
from autodata.errors import BadInput, StopRequested
from autodata.home import Home
from autodata.index import Index, open_index
from autodata.index.ingest import ingest_home
from autodata.journal import JournalWriter, read_records
from tests.support.datasets import approve, read_items, write_accepted
from tests.support.journals import WrittenRun


class FillingWriter:
    """Writes part of a file and then meets a full disk: in `write`, or only when it is closed."""

    def __init__(self, folder: Path, when: str) -> None:
        self.written: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()
        self._file = open(folder / "filling.bin", "xb")  # noqa: SIM115 - closed by close()
        self._when = when

    def write(self, entries) -> None:
        self._file.write(b"half")
        if self._when == "write":
            raise OSError(errno.ENOSPC, "No space left on device")

    def close(self) -> None:
        self._file.close()
        if self._when == "close":
            raise OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "data")


@pytest.fixture
def run(home: Home) -> WrittenRun:
    written = write_accepted(home)
    approve(home, written)
    return written


@pytest.fixture
def index(home: Home) -> Iterator[Index]:
    with open_index(home) as opened:
        yield opened


@pytest.mark.parametrize("when", ["write", "close"])
def test_disk_that_fills_up_leaves_no_version(home, run, index, monkeypatch, when):
    kept = export_dataset(home, index, "set")
    filling = Format("filling", "", "filling.bin", "", lambda folder, options, still: FillingWriter(folder, when))
    monkeypatch.setitem(FORMATS, "filling", filling)
    with pytest.raises(StopRequested, match=r"No space left on device\. Nothing half-written was kept"):
        export_dataset(home, index, "set", formats=("jsonl", "filling", "hf"))
    assert sorted(path.name for path in (home.datasets / "set").iterdir()) == [".lock", "v001"]
    assert [version.hash for version in list_versions(home)] == [kept.hash]
    assert len([record for record in read_records(home.reviews) if record.kind == "export"]) == 1
    monkeypatch.delitem(FORMATS, "filling")
    assert export_dataset(home, index, "set").version == "v002"


def test_version_that_could_not_be_recorded_is_not_kept(home, run, index, monkeypatch):
    def refuse(self, kind, data):
        raise StopRequested("disk", "cannot write reviews.jsonl")

    monkeypatch.setattr(JournalWriter, "append", refuse)
    with pytest.raises(StopRequested):
        export_dataset(home, index, "set")
    assert list_versions(home) == []


def test_folder_of_the_next_version_that_is_there_is_not_touched(home, run, index):
    (home.datasets / "set").mkdir(parents=True)
    (home.datasets / "set" / "v001").symlink_to(home.root / "nowhere")
    with pytest.raises(BadInput, match=r"v001 is there already and is not changed"):
        export_dataset(home, index, "set")
    assert (home.datasets / "set" / "v001").is_symlink()


def test_items_of_ten_megabytes_leave_whole(home, index):
    run = write_accepted(home, sources=1)
    approve(home, run)
    ingest_home(index, home)
    with index.write() as db:
        db.execute("UPDATE tasks SET context = repeat('leader ', 1500000), reference_answer = repeat('=1+1 ', 100000)")
    result = export_dataset(home, index, "set", formats=("jsonl", "parquet", "csv", "sft", "grpo", "hf"))
    (item, *_) = read_items(result.path)
    assert len(item["context"]) == 10_500_000
    assert pq.read_table(result.path / "tasks.parquet", columns=["context"]).num_rows == 1


@pytest.mark.parametrize("name", ["..", "a/../b", "a\\b", "a\x00b", "ａｂ", "v001\n", " set", "CON:", "x" * 200])
def test_names_with_path_tricks_are_refused(home, run, index, name):
    with pytest.raises(BadInput, match="name"):
        export_dataset(home, index, name)
    with pytest.raises(BadInput, match="name"):
        withdraw_version(home, "set", name, reason="x", reviewer="Lea")
    assert not home.datasets.exists()


def test_nothing_under_a_stricter_policy_says_what_holds_it(home, run, index):
    with pytest.raises(BadInput, match=r"0 of 4 approved tasks can be exported\. 4 have an alarm .* Nothing can be"):
        export_dataset(home, index, "set", policy=GATE_PRESETS["audited"])


def test_what_is_decided_while_an_export_is_written_waits_for_the_next(home, run, index):
    def change(done: int, total: int) -> None:
        approve(home, run, run.accepted[0], verdict="reject")
        ingest_home(index, home)

    result = export_dataset(home, index, "set", progress=change)
    assert (result.items, export_dataset(home, index, "set").items) == (4, 3)
