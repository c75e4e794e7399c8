"""Compressing journals of runs that are done: which ones, and that nothing else notices."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from autodata.errors import BadInput, JournalDamaged, StopRequested
from autodata.home import Home
from autodata.index import open_index
from autodata.index.auditing import audit_pending
from autodata.index.ingest import ingest_home, rebuild
from autodata.index.queries.task import load_task
from autodata.index.raw import read_raw
from autodata.journal import JournalWriter, verify_journal
from autodata.journals import files
from autodata.operations.backup import write_backup
from autodata.operations.compress import compress_journals, list_plain
from autodata.operations.doctor import examine_home
from autodata.operations.prune import DAY_S, list_waste
from autodata.operations.restore import restore_backup
from autodata.stored_run import list_run_ids
from tests.index.audit_world import AuditAuthor
from tests.support.journals import write_run


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    write_run(home, "cs-0001", 2, plans=[("too_easy", "accepted")])
    return home


def compress(home: Home, *run_ids: str) -> list:
    return list(compress_journals([one for one in list_plain(home, run_ids) if not one.why_not]))


def find_task(index) -> str:
    return index.query("SELECT task_id FROM trajectories WHERE accepted ORDER BY task_id")[0][0]


def test_a_run_that_is_done_shrinks(home):
    (done,) = compress(home)
    assert not home.journal("cs-0001").exists()
    assert (done.packed < done.bytes / 3, done.records) == (True, verify_journal(home.journal("cs-0001")).records)


def test_its_audits_go_with_it(home):
    with AuditAuthor(home, "cs-0001") as author:
        author.start(["t1"])
        author.end()
    assert [done.path for done in compress(home)] == [home.journal("cs-0001"), home.audit_journal("cs-0001")]


def test_nothing_is_left_to_do_afterwards(home):
    compress(home)
    assert list_plain(home) == []


@pytest.mark.parametrize(("end", "why"), [("paused", "it is paused"), ("stopped", "it is stopped"), (None, "no end")])
def test_a_run_that_may_go_on_is_left_unless_it_is_named(home, end, why):
    write_run(home, "cs-0002", 1, end=end)
    assert [one.why_not for one in list_plain(home) if why in one.why_not]
    compress(home)
    assert home.journal("cs-0002").exists()
    compress(home, "cs-0002")
    assert not home.journal("cs-0002").exists()


def test_a_run_that_somebody_writes_is_left_even_when_named(home):
    with JournalWriter(home.journal("cs-0001")):
        assert [one.why_not for one in list_plain(home, ["cs-0001"])] == ["somebody writes it"]


def test_a_damaged_journal_is_told_and_stays(home):
    path = home.journal("cs-0001")
    path.write_bytes(path.read_bytes().replace(b"Passage", b"passage", 1))
    (told,) = compress(home)
    assert isinstance(told, JournalDamaged)
    assert path.exists()


def test_a_full_disk_leaves_the_plain_journal_alone(home, monkeypatch):
    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "write_frames", refuse)
    with pytest.raises(StopRequested, match="No space left"):
        compress(home)
    assert [file.name for file in home.run("cs-0001").iterdir()] == ["journal.jsonl"]


def test_a_run_that_does_not_exist_is_bad_input(home):
    with pytest.raises(BadInput, match="cs-0009"):
        list_plain(home, ["cs-0009"])


def test_an_index_that_was_built_before_goes_on_unchanged(home):
    with open_index(home) as index:
        ingest_home(index, home)
        task_id = find_task(index)
        before, records = load_task(index, task_id), index.query("SELECT position, records, head FROM journals")
        compress(home)
        report = ingest_home(index, home)
        assert (report.records, report.damaged) == (0, ())
        assert load_task(index, task_id) == before
        assert index.query("SELECT position, records, head FROM journals") == records


def test_after_one_pass_nothing_is_looked_at_again(home):
    with open_index(home) as index:
        ingest_home(index, home)
        compress(home)
        ingest_home(index, home)
        revision = index.revision
        assert ingest_home(index, home).journals == ()
        assert index.revision == revision


def test_a_rebuilt_index_is_the_same(home):
    with open_index(home) as index:
        ingest_home(index, home)
        before = load_task(index, find_task(index))
    compress(home)
    rebuild(home)
    with open_index(home) as index:
        assert load_task(index, find_task(index)) == before


def test_it_is_audited_as_before(home):
    compress(home)
    with open_index(home) as index:
        ingest_home(index, home)
        assert audit_pending(index, home).tasks == 2


def test_single_records_are_found_in_it(home):
    before = read_raw(home, "runs/cs-0001", 7)
    compress(home)
    assert read_raw(home, "runs/cs-0001", 7) == before


def test_a_resumed_run_is_taken_in_further(home):
    with open_index(home) as index:
        ingest_home(index, home)
        compress(home)
        ingest_home(index, home)
        with JournalWriter(home.journal("cs-0001")) as journal:
            journal.append("run_resumed", {"run_id": "cs-0001"})
        report = ingest_home(index, home)
        assert (report.records, report.damaged) == (1, ())


def test_a_backup_holds_it_and_brings_it_back(home, tmp_path):
    compress(home)
    write_backup(home, tmp_path / "b.tar.gz")
    again = Home(tmp_path / "again")
    report = restore_backup(tmp_path / "b.tar.gz", again)
    assert (report.journals, report.problems) == (1, ())
    assert verify_journal(again.journal("cs-0001")) == verify_journal(home.journal("cs-0001"))


def test_a_journal_compressed_while_a_backup_is_made_is_in_it(home, tmp_path, monkeypatch):
    from autodata.operations import backup

    listed = list(backup.list_kept(home))
    compress(home)
    monkeypatch.setattr(backup, "list_kept", lambda home: listed)
    write_backup(home, tmp_path / "b.tar.gz")
    again = Home(tmp_path / "again")
    restore_backup(tmp_path / "b.tar.gz", again)
    assert list_run_ids(again) == ["cs-0001"]


def test_the_doctor_reads_it(home):
    before = [finding.sentence for finding in examine_home(home) if finding.area == "journals"]
    compress(home)
    assert [finding.sentence for finding in examine_home(home) if finding.area == "journals"] == before


def test_an_untouched_run_can_still_go(home):
    compress(home)
    waste = list_waste(home, run_days=0.0, now=time.time() + DAY_S)
    assert [entry.path.name for entry in waste if entry.kind == "run"] == ["cs-0001"]
