"""Journals that lie in another's place: every hash holds, and still nothing of them may count twice or be added to."""

import shutil

import pytest
from typer.testing import CliRunner

from autodata.belonging import explain_stranger
from autodata.cli import app
from autodata.errors import JournalDamaged
from autodata.home import Home
from autodata.index import open_index
from autodata.index.ingest import ingest_home
from autodata.journal import JournalWriter
from autodata.review.decisions import record_decision
from autodata.review.shared import read_reviews
from autodata.runs import load_run
from tests.support.journals import write_decision, write_run


@pytest.fixture
def home(tmp_path):
    """Two runs, the second of which is the first one's journal."""
    home = Home(tmp_path / "home")
    write_run(home, "cs-0001", 2, plans=[("accepted",)], words=20)
    home.run("cs-0002").mkdir()
    shutil.copy(home.journal("cs-0001"), home.journal("cs-0002"))
    return home


def test_a_journal_in_its_own_place_is_no_stranger(home):
    write_decision(home, "t1")
    assert explain_stranger(home, home.journal("cs-0001")) == ""
    assert explain_stranger(home, home.reviews) == ""


def test_another_runs_journal_is_named_with_both_runs(home):
    problem = explain_stranger(home, home.journal("cs-0002"))
    assert "holds the records of run cs-0001, not run cs-0002" in problem
    assert "autodata restore" in problem


def test_verify_finds_it(home):
    result = CliRunner().invoke(app, ["verify", "--home", str(home.root)])
    assert result.exit_code == 1
    assert "cs-0002/journal.jsonl: " in result.stderr
    assert "MISPLACED" in result.stderr


def test_it_cannot_be_resumed(home):
    with pytest.raises(JournalDamaged, match="not run cs-0002"):
        load_run(home, "cs-0002")


def test_its_tasks_are_not_counted_twice(home):
    with open_index(home) as index:
        report = ingest_home(index, home)
        assert index.query("SELECT count(*), count(DISTINCT task_id) FROM rounds") == [(2, 2)]
    assert [name for name, _ in report.damaged] == ["runs/cs-0002"]


def test_the_right_journal_put_back_is_taken_in(home):
    with open_index(home) as index:
        ingest_home(index, home)
        home.journal("cs-0002").unlink()
        write_run(home, "cs-0002", 3, plans=[("accepted",)], words=20, seed=7)
        report = ingest_home(index, home)
        assert index.query("SELECT count(*) FROM rounds") == [(5,)]
    assert report.damaged == ()


def test_a_runs_journal_among_the_audits_is_found(home):
    home.audit("cs-0001").mkdir(parents=True)
    shutil.copy(home.journal("cs-0001"), home.audit_journal("cs-0001"))
    assert "not the audits of run cs-0001" in explain_stranger(home, home.audit_journal("cs-0001"))


def test_nothing_is_decided_on_top_of_a_runs_journal(home):
    shutil.copy(home.journal("cs-0001"), home.reviews)
    before = home.reviews.read_bytes()
    with pytest.raises(JournalDamaged, match="not decisions"):
        record_decision(home, task_id="t", run_id="cs-0001", content_sha="x", verdict="approve", reviewer="ann")
    with pytest.raises(JournalDamaged, match="not decisions"):
        read_reviews(home)
    assert home.reviews.read_bytes() == before


def test_a_planted_run_of_an_earlier_version_is_a_copy_on_purpose(home):
    with JournalWriter(home.reviews) as journal:
        journal.append("canaries", {"run_id": "cs-0002", "copied_from": "cs-0001", "tasks": {}, "by": "ann"})
    assert explain_stranger(home, home.journal("cs-0002")) == ""


def test_an_empty_journal_says_what_to_do(home):
    home.journal("cs-0002").write_bytes(b"")
    with pytest.raises(JournalDamaged, match="start a new run"):
        load_run(home, "cs-0002")
