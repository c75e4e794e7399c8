"""The journal: what was written stays, what was changed is found, what was torn is set aside."""

import hashlib
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.errors import HeldElsewhere, JournalDamaged
from autodata.journal import GENESIS, JournalWriter, append_once, read_records, verify_journal

texts = st.text(st.characters(exclude_categories=[]), max_size=30)
payloads = st.dictionaries(
    st.sampled_from(["text", "n", "items", "source"]),
    st.one_of(texts, st.integers(-(2**53), 2**53), st.lists(texts, max_size=3), st.none()),
)


def write(path: Path, count: int = 5) -> bytes:
    """A journal of `count` records; returns its bytes."""
    with JournalWriter(path) as journal:
        for number in range(count):
            journal.append("note", {"number": number, "text": f"line {number} é"})
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runs" / "r1" / "journal.jsonl"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    path = tmp_path_factory.mktemp("journal") / "journal.jsonl"
    return path, write(path, 6)


def test_records_come_back_in_order_with_their_payload(path: Path):
    write(path, 3)
    records = list(read_records(path))
    assert [(r.seq, r.kind, r.data["number"]) for r in records] == [(1, "note", 0), (2, "note", 1), (3, "note", 2)]
    assert records[-1].end == path.stat().st_size


def test_reading_goes_on_from_an_offset(path: Path):
    write(path, 3)
    first, second, third = read_records(path)
    assert [record.seq for record in read_records(path, first.end)] == [2, 3]
    assert list(read_records(path, third.end)) == []
    assert second.sha != first.sha


def test_chain_goes_on_when_a_journal_is_reopened(path: Path):
    write(path, 3)
    with JournalWriter(path) as journal:
        assert journal.append("note", {}).seq == 4
    report = verify_journal(path)
    assert (report.ok, report.records, report.torn_bytes) == (True, 4, 0)


def test_absent_journal_is_empty_and_intact(path: Path):
    assert verify_journal(path) == verify_journal(path.with_name("other"))
    assert verify_journal(path).head == GENESIS
    assert list(read_records(path)) == []


def test_payload_may_not_use_the_fields_of_the_chain(path: Path):
    with JournalWriter(path) as journal, pytest.raises(ValueError, match="prev"):
        journal.append("note", {"prev": "x"})


@given(st.lists(payloads, min_size=1, max_size=6))
def test_any_payload_gives_an_intact_journal(tmp_path_factory: pytest.TempPathFactory, items: list[dict]):
    path = tmp_path_factory.mktemp("any") / "journal.jsonl"
    with JournalWriter(path) as journal:
        for item in items:
            journal.append("note", item)
    report = verify_journal(path)
    assert (report.ok, report.records) == (True, len(items))
    assert [list(record.data) for record in read_records(path)] == [list(item) for item in items]


def test_lone_surrogates_become_replacement_characters(path: Path):
    with JournalWriter(path) as journal:
        journal.append("note", {"text": "a\ud800b", "list": ["\udfff"], "emoji": "\U0001f600"})
    [record] = read_records(path)
    assert record.data == {"text": "a\ufffdb", "list": ["\ufffd"], "emoji": "\U0001f600"}


@given(st.data())
def test_one_changed_byte_is_found(written: tuple[Path, bytes], data: st.DataObject):
    path, original = written
    position = data.draw(st.integers(0, len(original) - 2))
    value = data.draw(st.integers(0, 255).filter(lambda value: value != original[position]))
    changed = path.with_name("changed.jsonl")
    changed.write_bytes(original[:position] + bytes([value]) + original[position + 1 :])
    report = verify_journal(changed)
    assert not report.ok
    assert report.records == original[:position].count(b"\n")


@given(st.data())
def test_missing_line_is_found_unless_it_was_the_last(written: tuple[Path, bytes], data: st.DataObject):
    path, original = written
    lines = original.splitlines(keepends=True)
    gone = data.draw(st.integers(0, len(lines) - 2))
    changed = path.with_name("changed.jsonl")
    changed.write_bytes(b"".join(lines[:gone] + lines[gone + 1 :]))
    report = verify_journal(changed)
    assert not report.ok
    assert report.records == gone
    assert "a line is missing, moved or swapped" in report.problems[0]


@given(st.data())
def test_swapped_lines_are_found(written: tuple[Path, bytes], data: st.DataObject):
    path, original = written
    lines = original.splitlines(keepends=True)
    first, second = sorted(data.draw(st.lists(st.integers(0, len(lines) - 1), min_size=2, max_size=2, unique=True)))
    lines[first], lines[second] = lines[second], lines[first]
    changed = path.with_name("changed.jsonl")
    changed.write_bytes(b"".join(lines))
    report = verify_journal(changed)
    assert (report.ok, report.records) == (False, first)


def test_report_names_the_record_and_what_is_intact(path: Path):
    original = write(path, 5)
    path.write_bytes(original.replace(b'"number":3', b'"number":9'))
    assert verify_journal(path).problems == (
        f"Record 4 of {path} does not match its hash. Everything before it is intact (3 records).",
    )


def test_line_with_a_forged_hash_is_found(path: Path):
    lines = write(path, 3).splitlines()
    record = json.loads(lines[1])
    record["sha"] = "0" * 64
    path.write_bytes(b"\n".join([lines[0], json.dumps(record).encode(), lines[2]]) + b"\n")
    assert not verify_journal(path).ok


def test_damaged_journal_is_not_written_to(path: Path):
    damaged = write(path, 3).replace(b'"number":1', b'"number":7')
    path.write_bytes(damaged)
    with pytest.raises(JournalDamaged, match="Record 2"):
        JournalWriter(path)
    assert path.read_bytes() == damaged


def test_reading_a_line_that_is_no_record_says_where(path: Path):
    original = write(path, 2)
    path.write_bytes(original + b"hello\n")
    with pytest.raises(JournalDamaged, match=f"byte {len(original) + 6:,}"):
        list(read_records(path))


@given(cut=st.integers(1, 60))
def test_torn_last_line_is_not_read_and_set_aside_by_the_next_writer(
    tmp_path_factory: pytest.TempPathFactory, cut: int
):
    path = tmp_path_factory.mktemp("torn") / "journal.jsonl"
    original = write(path, 3)
    path.write_bytes(original[:-cut])
    torn = original[:-cut].rpartition(b"\n")[2]
    assert [record.seq for record in read_records(path)] == [1, 2]
    report = verify_journal(path)
    assert (report.ok, report.records, report.torn_bytes) == (True, 2, len(torn))
    with JournalWriter(path) as journal:
        assert journal.append("note", {}).seq == 3
    assert path.with_name("journal.jsonl.torn").read_bytes() == torn + b"\n"
    assert (verify_journal(path).ok, verify_journal(path).records) == (True, 3)


def test_second_writer_is_told_that_the_journal_is_held(path: Path):
    with JournalWriter(path) as journal:
        with pytest.raises(HeldElsewhere, match="another process"):
            JournalWriter(path)
        journal.append("note", {})
    with JournalWriter(path) as journal:
        assert journal.seq == 1


def test_closing_twice_is_harmless(path: Path):
    journal = JournalWriter(path)
    journal.close()
    journal.close()


def test_many_processes_may_append_to_a_shared_journal(path: Path):
    script = (
        "import sys; from pathlib import Path; from autodata.journal import append_once\n"
        "for n in range(20): append_once(Path(sys.argv[1]), 'decision', {'n': n}, wait_s=60)"
    )
    processes = [subprocess.Popen([sys.executable, "-c", script, str(path)]) for _ in range(3)]
    assert [process.wait(timeout=120) for process in processes] == [0, 0, 0]
    report = verify_journal(path)
    assert (report.ok, report.records) == (True, 60)


def test_shared_journal_that_stays_held_is_given_up(path: Path):
    with JournalWriter(path), pytest.raises(HeldElsewhere):
        append_once(path, "decision", {}, wait_s=0.02)


def test_shared_journal_with_a_changed_last_record_is_not_added_to(path: Path):
    damaged = write(path, 2).replace(b'"number":1', b'"number":7')
    path.write_bytes(damaged)
    with pytest.raises(JournalDamaged, match="autodata verify"):
        append_once(path, "decision", {})
    assert path.read_bytes() == damaged


def test_shared_journal_sets_a_torn_line_aside(path: Path):
    original = write(path, 2)
    path.write_bytes(original[:-9])
    assert append_once(path, "decision", {}).seq == 2
    assert verify_journal(path).ok
    assert path.with_name("journal.jsonl.torn").exists()


def test_full_disk_asks_to_stop_and_leaves_the_journal_intact(path: Path):
    """A file size limit stands for the full disk: the write that crosses it is cut short, the next one refused."""
    script = (
        "import signal, sys; from pathlib import Path\n"
        "from autodata.journal import JournalWriter; from autodata.errors import StopRequested\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "journal = JournalWriter(Path(sys.argv[1]))\n"
        "for n in range(100):\n"
        "    try: journal.append('note', {'n': n, 'text': 'x' * 300})\n"
        "    except StopRequested as stop: print(n, stop.reason, stop); break\n"
        "journal.close()"
    )

    def limit_file_size() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    done = subprocess.run(
        [sys.executable, "-c", script, str(path)],
        preexec_fn=limit_file_size,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    written, reason, message = done.stdout.split(" ", 2)
    assert reason == "disk"
    assert "Free some space, then resume: nothing recorded is lost." in message
    report = verify_journal(path)
    assert (report.ok, report.records, report.torn_bytes) == (True, int(written), 0)
    with JournalWriter(path) as journal:
        assert journal.append("note", {}).seq == int(written) + 1


def test_record_without_a_link_is_damage_not_a_crash(path: Path):
    body = b'{"seq":1,"t":1.0,"kind":"note"'
    path.parent.mkdir(parents=True)
    path.write_bytes(body + b',"sha":"' + hashlib.sha256(body).hexdigest().encode() + b'"}\n')
    assert "does not follow" in verify_journal(path).problems[0]


@pytest.mark.parametrize("damage", [lambda line: line[:-1] + b"\r\n", lambda line: b"\n" + line])
def test_line_ends_of_another_system_and_empty_lines_are_damage_that_is_named(path: Path, damage):
    lines = write(path, 3).splitlines(keepends=True)
    path.write_bytes(lines[0] + damage(lines[1]) + lines[2])
    assert "Record 2 of" in verify_journal(path).problems[0]
