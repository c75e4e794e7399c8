"""Appending to a small journal that several processes share."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from autodata.errors import HeldElsewhere, JournalDamaged
from autodata.journal import JournalWriter, append_once, read_last, read_records, verify_journal


def test_first_record_creates_the_journal(tmp_path: Path):
    record = append_once(tmp_path / "deep" / "reviews.jsonl", "decision", {"task_id": "t1"})
    assert record.seq == 1
    assert verify_journal(tmp_path / "deep" / "reviews.jsonl").ok


def test_chain_goes_on_across_writers_of_both_kinds(tmp_path: Path):
    path = tmp_path / "j.jsonl"
    append_once(path, "a", {})
    with JournalWriter(path) as writer:
        writer.append("b", {})
    append_once(path, "c", {"text": "x" * 200_000})
    append_once(path, "d", {})
    assert [record.seq for record in read_records(path)] == [1, 2, 3, 4]
    assert verify_journal(path).ok


def test_torn_tail_is_set_aside_before_the_append(tmp_path: Path):
    path = tmp_path / "j.jsonl"
    append_once(path, "a", {})
    with path.open("ab") as file:
        file.write(b'{"seq":2,"half')
    append_once(path, "b", {})
    assert verify_journal(path).records == 2
    assert verify_journal(path).ok
    assert path.with_name("j.jsonl.torn").read_bytes() == b'{"seq":2,"half\n'


def test_journal_that_is_one_torn_line_starts_anew(tmp_path: Path):
    path = tmp_path / "j.jsonl"
    path.write_bytes(b'{"half')
    assert append_once(path, "a", {}).seq == 1
    assert verify_journal(path).ok


@pytest.mark.parametrize(
    "edit", [lambda line: line.replace(b"true", b"null"), lambda line: line + b"\n", lambda _: b"[]\n"]
)
def test_edited_last_record_refuses_the_append(tmp_path: Path, edit):
    path = tmp_path / "j.jsonl"
    append_once(path, "a", {"yes": True})
    path.write_bytes(edit(path.read_bytes()))
    before = path.read_bytes()
    with pytest.raises(JournalDamaged, match=r"The last record of .*j\.jsonl is not what was written"):
        append_once(path, "b", {})
    assert path.read_bytes() == before


def test_held_journal_is_waited_for(tmp_path: Path):
    path = tmp_path / "j.jsonl"
    holder = JournalWriter.open_tail(path)
    timer = threading.Timer(0.1, holder.close)
    timer.start()
    assert append_once(path, "a", {}, wait_s=10).seq == 1
    timer.join()


def test_held_journal_is_reported_after_the_wait(tmp_path: Path):
    path = tmp_path / "j.jsonl"
    with JournalWriter.open_tail(path), pytest.raises(HeldElsewhere, match="being written by another process"):
        append_once(path, "a", {}, wait_s=0.02)


def test_last_record_is_read_without_a_lock(tmp_path: Path):
    path = tmp_path / "j.jsonl"
    assert read_last(path) is None
    with JournalWriter.open_tail(path) as writer:
        writer.append("a", {"n": 1})
        last = writer.append("a", {"n": 2})
        found = read_last(path)
    assert found is not None
    assert (found.seq, found.sha, found.data) == (2, last.sha, {"n": 2})
