"""Marks: rounds and trajectories repeat what the audit says, in whatever order journals, audits and decisions come."""

import shutil

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autodata.home import Home
from autodata.index import Index, open_index
from autodata.index.auditing import Auditor, audit_pending
from autodata.index.ingest import ingest_home, rebuild
from autodata.index.marks import MARKS, SELECT_MARKS
from autodata.journal import JournalWriter, append_once
from tests.index.audit_world import AuditAuthor, append_piece
from tests.index.test_audit_journals import make_label
from tests.support.journals import RunAuthor, write_decision, write_run
from tests.support.made_texts import TOPICS

TABLES = ("rounds", "trajectories")
FLAG = [{"severity": "flag", "sentence": "the blind judge gives 0.20 less", "cause": None}]
PIECES = 3


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "data")


@pytest.fixture
def index(home):
    with open_index(home) as opened:
        yield opened


def read_marks(index: Index) -> dict[str, list[str]]:
    """What the tables say of each task, without the run's number, which depends on which journal came first."""
    columns = ", ".join(("source_id", "round", "key", "decision", *MARKS))
    return {table: sorted(str(row) for row in index.query(f"SELECT {columns} FROM {table}")) for table in TABLES}


def derive_marks(index: Index) -> dict[str, list[str]]:
    """The same, out of the tables that are repeated."""
    return {
        table: sorted(
            str(row)
            for row in index.query(
                f"""SELECT v.source_id, v.round, v.key, coalesce(d.state, 'open'), {SELECT_MARKS} FROM {table} v
                LEFT JOIN verdicts d ON d.key = v.key LEFT JOIN audits a ON a.run = v.run AND a.key = v.key"""
            )
        )
        for table in TABLES
    }


def write_world(home: Home) -> None:
    """A run with rejected rounds, near copies and requests that differ, an audit with model calls, and what people
    said."""
    plans = [("too_easy", "accepted"), ("accepted",), ("undecided",), ("narrow_gap", "accepted")]
    written = write_run(home, "r1", 5, plans=plans, words=20, parity_broken=True)
    first, second, *_ = written.accepted
    with AuditAuthor(home, "r1") as author:
        author.start(written.accepted)
        author.certify(first)
        author.check(second, "K5", findings=FLAG, numbers={"z": 3.5})
        author.end()
    write_decision(home, first)
    write_decision(home, second, "flag")
    append_once(home.reviews, "label", make_label(task_id=second))


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(["run", "audit", "reviews", "work", "reopen"]), max_size=6))
def test_marks_follow_audits_and_decisions_in_any_order(tmp_path, steps):
    whole, pieces = Home(tmp_path / "whole"), Home(tmp_path / "pieces")
    for place in (whole, pieces):
        shutil.rmtree(place.root, ignore_errors=True)
    write_world(whole)
    journals = {
        "run": (whole.journal("r1").read_bytes(), pieces.journal("r1")),
        "audit": (whole.audit_journal("r1").read_bytes(), pieces.audit_journal("r1")),
        "reviews": (whole.reviews.read_bytes(), pieces.reviews),
    }
    given = dict.fromkeys(journals, 0)

    def give(name: str, share: float) -> None:
        raw, path = journals[name]
        append_piece(path, raw[given[name] : int(share * len(raw))])
        given[name] = int(share * len(raw))

    many = open_index(pieces)
    try:
        auditor = Auditor(many)
        for at, step in enumerate(steps):
            if step == "reopen":
                many.close()
                many = open_index(pieces)
                auditor = Auditor(many)
            elif step == "work":
                auditor.work(0.01)
            else:
                give(step, steps[: at + 1].count(step) / max(PIECES, steps.count(step)))
                ingest_home(many, pieces)
            assert read_marks(many) == derive_marks(many)
        for name in journals:
            give(name, 1.0)
        ingest_home(many, pieces)
        auditor.work()
        with open_index(whole) as one:
            ingest_home(one, whole)
            audit_pending(one, whole)
            assert read_marks(many) == derive_marks(many) == read_marks(one)
    finally:
        many.close()


def test_rebuilt_index_has_the_same_marks(home, index):
    write_world(home)
    ingest_home(index, home)
    audit_pending(index, home)
    before = read_marks(index)
    index.close()
    rebuild(home, audit=True)
    with open_index(home) as again:
        assert read_marks(again) == before


def test_task_without_an_audit_has_no_words_of_one(home, index):
    write_run(home, "r1", 2, plans=[("accepted",)])
    ingest_home(index, home)
    rows = index.query("SELECT DISTINCT audit, integrity, difficulty, validity, certified, copies FROM trajectories")
    assert rows == [("unchecked", "", "", "", None, 0)]


def test_deleted_audit_leaves_the_marks_of_the_record(home, index):
    write_world(home)
    audit = home.audit_journal("r1").read_bytes()
    shutil.rmtree(home.audit("r1"))
    ingest_home(index, home)
    audit_pending(index, home)
    before = read_marks(index)
    append_piece(home.audit_journal("r1"), audit)
    ingest_home(index, home)
    audit_pending(index, home)
    assert read_marks(index) != before
    shutil.rmtree(home.audit("r1"))
    ingest_home(index, home)
    audit_pending(index, home)
    assert read_marks(index) == before


def test_round_that_comes_again_keeps_its_marks(home, index):
    with RunAuthor(home, "r1") as author:
        author.start(2)
        author.write_trajectory(0, ["accepted"])
        author.write_trajectory(1, ["undecided"])
        ingest_home(index, home)
        audit_pending(index, home)
        author.resume()
        author.write_trajectory(1, ["too_easy", "accepted"])
        author.end()
    (line,) = [raw for raw in home.journal("r1").read_bytes().splitlines() if b'"kind":"round"' in raw][:1]
    with JournalWriter(home.journal("r1")) as journal:
        record = orjson.loads(line)
        journal.append("round", {k: v for k, v in record.items() if k not in ("seq", "t", "kind", "prev", "sha")})
    ingest_home(index, home)
    assert read_marks(index) == derive_marks(index)
    assert index.query("SELECT count(*) FROM trajectories WHERE integrity <> ''") == [(1,)]


def test_near_copies_are_counted_in_every_row(home, index):
    write_run(home, "r1", 5 * len(TOPICS) - 1, plans=[("accepted",)], words=10)  # tasks of one topic are near copies
    ingest_home(index, home)
    audit_pending(index, home)
    sizes = index.query("SELECT copies, count(DISTINCT cluster), count(*) FROM trajectories GROUP BY 1 ORDER BY 1")
    assert sizes == [(0, 0, 4), (4, len(TOPICS) - 1, 5 * (len(TOPICS) - 1))]
