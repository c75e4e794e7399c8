"""What may go, and above all what may not."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from autodata.errors import BadInput, JournalDamaged
from autodata.home import Home
from autodata.journal import JournalWriter, append_once
from autodata.operations.prune import DAY_S, list_waste, remove_waste
from tests.support.journals import write_decision, write_run


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    write_run(home, "cs-0001", 1, plans=[("accepted",)])
    write_run(home, "cs-0002", 1, plans=[("accepted",)])
    return home


def list_runs(home: Home, days: float = 0.0) -> list[str]:
    waste = list_waste(home, run_days=days, now=time.time() + DAY_S)
    return [entry.path.name for entry in waste if entry.kind == "run"]


def make_old(path: Path, days: float = 40) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_text("x" * 100)
    moment = time.time() - days * DAY_S
    os.utime(path, (moment, moment))
    return path


def test_runs_stay_unless_asked_for(home):
    assert [entry for entry in list_waste(home) if entry.kind == "run"] == []


def test_untouched_runs_can_go(home):
    assert list_runs(home) == ["cs-0001", "cs-0002"]


def test_young_runs_stay(home):
    assert list_runs(home, days=30) == []


def test_a_run_with_a_decision_stays(home):
    write_decision(home, "t1", run_id="cs-0001")
    assert list_runs(home) == ["cs-0002"]


@pytest.mark.parametrize("data", [{"run_id": "cs-0001"}, {"a": [{"b": "cs-0001"}]}, {"tasks": {"cs-0001": 1}}])
def test_a_run_named_anywhere_in_the_reviews_stays(home, data):
    append_once(home.reviews, "other", data)
    assert list_runs(home) == ["cs-0002"]


def test_a_run_that_a_dataset_names_stays(home):
    version = home.datasets / "d" / "v001"
    version.mkdir(parents=True)
    (version / "manifest.json").write_text('{"runs": [{"run_id": "cs-0002"}]}')
    assert list_runs(home) == ["cs-0001"]


def test_a_manifest_that_cannot_be_read_stops_everything(home):
    version = home.datasets / "d" / "v001"
    version.mkdir(parents=True)
    (version / "manifest.json").write_text("{")
    with pytest.raises(BadInput, match=r"manifest\.json cannot be read"):
        list_runs(home)


def test_reviews_that_cannot_be_read_stop_everything(home):
    home.reviews.write_bytes(b"no record\n")
    with pytest.raises(JournalDamaged):
        list_runs(home)


def test_a_run_that_calibrates_stays(home):
    append_once(home.audits / "calibration" / "set.jsonl", "clean", {"run_id": "cs-0001"})
    assert list_runs(home) == ["cs-0002"]


def test_a_working_run_stays(home):
    with JournalWriter(home.journal("cs-0001")):
        assert list_runs(home) == ["cs-0002"]


def test_a_run_that_began_to_work_since_it_was_listed_is_left_alone(home):
    waste = list_waste(home, run_days=0, now=time.time() + DAY_S)
    with JournalWriter(home.journal("cs-0001")):
        remove_waste(home, waste)
    assert home.journal("cs-0001").exists()
    assert not home.run("cs-0002").exists()


def test_a_run_leaves_with_its_audits(home):
    append_once(home.audit_journal("cs-0001"), "audit_started", {})
    remove_waste(home, list_waste(home, run_days=0, now=time.time() + DAY_S))
    assert not home.audit("cs-0001").exists()


def test_listing_deletes_nothing(home):
    path = make_old(home.root / "autodata.duckdb.aside-1")
    assert [entry.path for entry in list_waste(home)] == [path]
    assert path.exists()


def test_an_interrupted_export_can_go(home):
    partial = home.datasets / "d" / ".v001.partial"
    make_old(partial / "tasks.jsonl")
    make_old(partial)
    assert [entry.kind for entry in list_waste(home)] == ["export"]


def test_an_export_that_is_being_written_stays(home):
    partial = home.datasets / "d" / ".v001.partial"
    make_old(partial / "tasks.jsonl")
    assert list_waste(home) == []


def test_an_old_upload_can_go(home):
    path = make_old(home.uploads / "paper.txt")
    assert [entry.path for entry in list_waste(home)] == [path]


def test_an_upload_that_an_interrupted_run_reads_stays(home):
    path = make_old(home.uploads / "paper.txt")
    with JournalWriter(home.journal("cs-0003")) as journal:
        journal.append("run_started", {"settings": {"inputs": [str(path)]}})
    assert [entry for entry in list_waste(home) if entry.kind == "upload"] == []


def test_old_logs_can_go(home):
    path = make_old(home.run("cs-0001") / "run.log")
    make_old(home.run("cs-0002") / "run.log", days=3)
    assert [entry.path for entry in list_waste(home)] == [path]


def test_what_became_free_is_counted(home):
    make_old(home.root / "autodata.duckdb.aside-1")
    assert remove_waste(home, list_waste(home)) == 100
