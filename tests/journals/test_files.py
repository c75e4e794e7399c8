"""A journal is whole at every moment, plain or compressed, whoever reads, writes, compresses or is killed meanwhile."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from autodata.errors import JournalDamaged
from autodata.journal import JournalWriter, append_once, read_last, read_records, verify_journal
from autodata.journals.files import (
    find_file,
    has_journal,
    inspect_journal,
    list_journals,
    name_packed,
    open_journal,
    pack_journal,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "runs" / "r1" / "journal.jsonl"
    with JournalWriter(path) as journal:
        for number in range(20):
            journal.append("note", {"number": number})
    return path


@pytest.fixture
def plain(path: Path) -> bytes:
    return path.read_bytes()


def pack(path: Path) -> None:
    with JournalWriter(path):
        pack_journal(path)


def read_plain(path: Path) -> bytes:
    with open_journal(path) as file:
        return file.read()


def test_only_the_compressed_file_is_left(path, plain):
    pack(path)
    assert [file.name for file in path.parent.iterdir()] == ["journal.jsonl.zst"]
    assert (has_journal(path), find_file(path), read_plain(path)) == (True, name_packed(path), plain)


def test_it_verifies_and_reads_as_before(path):
    before = verify_journal(path), list(read_records(path)), read_last(path)
    pack(path)
    assert (verify_journal(path), list(read_records(path)), read_last(path)) == before


def test_reading_goes_on_from_an_offset_of_before(path):
    offset = list(read_records(path))[9].end
    pack(path)
    assert [record.seq for record in read_records(path, offset)] == list(range(11, 21))


def test_it_is_measured_in_plain_bytes(path, plain):
    pack(path)
    state = inspect_journal(path)
    assert (state.size, state.stored) == (len(plain), name_packed(path).stat().st_size)


def test_its_time_stays(path):
    before = path.stat().st_mtime_ns
    pack(path)
    assert inspect_journal(path).mtime_ns == before


def test_journals_are_found_whichever_way_they_lie(path):
    with JournalWriter(path.parents[1] / "r2" / "journal.jsonl") as journal:
        journal.append("note", {})
    (path.parents[1] / "r2" / "journal.jsonl.torn").write_bytes(b"x")
    pack(path)
    assert [found.parent.name for found in list_journals(path.parents[1])] == ["r1", "r2"]


def test_a_writer_unpacks_it_and_goes_on(path, plain):
    pack(path)
    with JournalWriter(path) as journal:
        assert journal.append("note", {}).seq == 21
    assert path.read_bytes().startswith(plain)
    assert not name_packed(path).exists()
    assert verify_journal(path).ok


def test_one_more_record_unpacks_it(path):
    pack(path)
    assert append_once(path, "note", {}).seq == 21


@pytest.mark.parametrize("step", ["rename", "unlink"])
def test_killed_at_any_step_a_whole_journal_lies_there(path, plain, monkeypatch, step):
    def die(*_, **__):
        raise KeyboardInterrupt

    with JournalWriter(path), monkeypatch.context() as patch:
        patch.setattr(Path, step, die)
        with pytest.raises(KeyboardInterrupt):
            pack_journal(path)
    assert (verify_journal(path).records, read_plain(path)) == (20, plain)
    pack(path)
    assert (path.exists(), read_plain(path)) == (False, plain)


def test_killed_between_the_two_files_a_writer_adds_to_the_plain_one(path):
    packed, before = name_packed(path), path.read_bytes()
    pack(path)
    path.write_bytes(before)  # as it is between the rename and the removal
    append_once(path, "note", {"number": 20})
    assert verify_journal(path).records == 21
    with JournalWriter(path):
        assert not packed.exists()


def test_killed_while_unpacking_the_compressed_one_stays(path, plain, monkeypatch):
    pack(path)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            JournalWriter(path)
    assert (path.exists(), read_plain(path)) == (False, plain)
    with JournalWriter(path) as journal:
        assert journal.seq == 20


def test_a_writer_that_waited_does_not_write_into_what_is_gone(path):
    done: list[int] = []
    waiting = threading.Thread(target=lambda: done.append(append_once(path, "note", {}).seq))
    with JournalWriter(path):
        waiting.start()
        while not _is_waited_for(path):
            pass
        pack_journal(path)
    waiting.join()
    assert (done, verify_journal(path).records) == ([21], 21)


def _is_waited_for(path: Path) -> bool:
    """Whether this process has the journal open twice: the holder, and the one that waits."""
    own = path.stat().st_ino
    return sum(_find_inode(fd) == own for fd in Path("/proc/self/fd").iterdir()) > 1


def _find_inode(fd: Path) -> int:
    try:
        return fd.stat().st_ino
    except FileNotFoundError:
        return 0


def test_a_changed_byte_is_found(path):
    pack(path)
    packed = name_packed(path)
    content = bytearray(packed.read_bytes())
    content[len(content) // 3] ^= 0x01
    packed.write_bytes(content)
    report = verify_journal(path)
    assert not report.ok
    with pytest.raises(JournalDamaged):
        JournalWriter(path)
    assert packed.read_bytes() == content


def test_a_file_that_was_cut_off_is_damaged_at_its_first_record(path):
    pack(path)
    packed = name_packed(path)
    packed.write_bytes(packed.read_bytes()[:-30])
    assert verify_journal(path).problems[0].startswith("Record 1 of")


def test_two_writers_of_a_compressed_journal_lose_nothing(path):
    pack(path)
    threads = [threading.Thread(target=append_once, args=(path, "note", {})) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (verify_journal(path).records, verify_journal(path).ok) == (24, True)
