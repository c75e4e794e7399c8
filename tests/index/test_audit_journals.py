"""Journals of audits and labels in the index: rows, merged verdicts, audits of runs that are not here, damage."""

import shutil

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autodata.home import Home
from autodata.index import Index, open_index
from autodata.index.auditing import Auditor, audit_pending
from autodata.index.ingest import ingest_home, ingest_reviews_now
from autodata.journal import append_once
from tests.index.audit_world import AuditAuthor, append_piece, cut, read_rows
from tests.support.journals import WrittenRun, write_run

FLAG = [{"severity": "flag", "sentence": "the blind judge gives 0.20 less", "cause": None}]


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "data")


@pytest.fixture
def index(home):
    with open_index(home) as opened:
        yield opened


def bring_up_to_date(index: Index, home: Home) -> None:
    ingest_home(index, home)
    audit_pending(index, home)


def write_audit(home: Home, written: WrittenRun, audit_id: str = "a1") -> None:
    """A full audit of the run's first task, and a blind judge's flag on its second."""
    first, second = written.accepted[:2]
    with AuditAuthor(home, written.run_id, audit_id) as author:
        author.start(written.accepted)
        for at in range(2):
            author.answer(first, "weak", at, f"Weak answer {at}.", 0.4)
            author.answer(first, "strong", at, f"Strong answer {at}.", 0.7)
        author.certify(first)
        author.check(second, "K5", findings=FLAG, numbers={"z": 3.5})
        author.end()


def test_session_counts_its_calls_and_its_end(home, index):
    write_audit(home, write_run(home, "r1", 3, plans=[("accepted",)]))
    bring_up_to_date(index, home)
    (row,) = index.records("SELECT * FROM audit_sessions")
    assert (row["run"], row["audit_id"], row["plan"], row["state"], row["planned"]) == (
        1,
        "a1",
        "default",
        "done",
        38.0,
    )
    assert (row["calls"], row["solver_calls"], row["judge_calls"], row["simulated"]) == (8, 4, 4, True)
    assert len(orjson.loads(row["tasks"])) == 3
    assert row["started"] <= row["ended"] == row["last"]


def test_calls_of_an_audit_are_not_calls_of_the_run(home, index):
    written = write_run(home, "r1", 3, plans=[("accepted",)])
    ingest_home(index, home)
    before = index.query("SELECT count(*) FROM calls"), index.query("SELECT * FROM uses ORDER BY role")
    write_audit(home, written)
    ingest_home(index, home)
    assert (index.query("SELECT count(*) FROM calls"), index.query("SELECT * FROM uses ORDER BY role")) == before


def test_fresh_answers_keep_their_text(home, index):
    written = write_run(home, "r1", 3, plans=[("accepted",)])
    write_audit(home, written)
    bring_up_to_date(index, home)
    rows = index.query(
        "SELECT solver, idx, score, judge, t.text FROM fresh f JOIN texts t ON t.no = f.text_no ORDER BY ALL"
    )
    assert rows == [
        ("strong", 0, 0.7, "auditor_judge", "Strong answer 0."),
        ("strong", 1, 0.7, "auditor_judge", "Strong answer 1."),
        ("weak", 0, 0.4, "auditor_judge", "Weak answer 0."),
        ("weak", 1, 0.4, "auditor_judge", "Weak answer 1."),
    ]


def test_certified_gap_joins_the_verdict(home, index):
    written = write_run(home, "r1", 3, plans=[("accepted",)])
    bring_up_to_date(index, home)
    write_audit(home, written)
    bring_up_to_date(index, home)
    (row,) = index.records("SELECT * FROM audits WHERE task_id = ?", [written.accepted[0]])
    assert (row["difficulty"], row["certified"], row["certified_low"], row["fresh_weak"]) == ("real", 0.31, 0.2, 5)
    assert "Certified gap 0.31, real" in row["sentence"]
    assert "blind judge sim-judge-b" in row["sentence"]
    assert orjson.loads(row["coverage"])["K1"] == "done"
    assert "K1" in orjson.loads(row["evidence"])


def test_finding_of_a_fresh_check_is_marked_fresh(home, index):
    written = write_run(home, "r1", 3, plans=[("accepted",)])
    write_audit(home, written)
    bring_up_to_date(index, home)
    rows = index.query("SELECT task_id, severity, cause, fresh FROM findings WHERE detector = 'K5'")
    assert rows == [(written.accepted[1], "flag", "judge", True)]
    assert index.query("SELECT count(*) FROM findings WHERE fresh") == [(1,)]


@pytest.mark.parametrize("first", ["run", "audit"])
def test_order_in_which_run_and_audit_come_does_not_matter(home, index, tmp_path, first):
    written = write_run(home, "r1", 3, plans=[("accepted",)])
    write_audit(home, written)
    late = home.audit_journal("r1") if first == "run" else home.journal("r1")
    raw = late.read_bytes()
    late.unlink()
    bring_up_to_date(index, home)
    append_piece(late, raw)
    bring_up_to_date(index, home)
    whole = Home(tmp_path / "whole")
    shutil.copytree(home.root, whole.root, ignore=shutil.ignore_patterns("*.duckdb*"))
    with open_index(whole) as other:
        bring_up_to_date(other, whole)
        # The numbers of journals differ with the order in which they came.
        strip = "SELECT * EXCLUDE (run) FROM audits ORDER BY key", "SELECT * EXCLUDE (run) FROM checks ORDER BY seq"
        assert [index.query(sql) for sql in strip] == [other.query(sql) for sql in strip]
    assert index.query("SELECT count(*) FROM audit_sessions s JOIN runs u ON u.run = s.run") == [(1,)]


def test_audit_of_a_run_that_is_not_here_is_kept_and_joined_to_nothing(home, index):
    with AuditAuthor(home, "gone-1") as author:
        author.start(["t1"])
        author.certify("t1")
        author.end()
    bring_up_to_date(index, home)
    assert index.query("SELECT count(*) FROM checks") == [(1,)]
    assert index.query("SELECT count(*) FROM audit_sessions s JOIN runs u ON u.run = s.run") == [(0,)]
    assert index.query("SELECT count(*) FROM audits") == [(0,)]


def test_deleted_run_leaves_its_audit_and_no_later_run_inherits_it(home, index):
    write_audit(home, write_run(home, "r1", 3, plans=[("accepted",)]))
    bring_up_to_date(index, home)
    shutil.rmtree(home.run("r1"))
    bring_up_to_date(index, home)
    write_run(home, "r2", 3, plans=[("accepted",)])
    bring_up_to_date(index, home)
    assert index.query("SELECT count(*) FROM checks") == [(2,)]
    assert index.query("SELECT count(*) FROM checks c JOIN runs u ON u.run = c.run") == [(0,)]


def test_deleted_audit_leaves_the_verdict_of_the_record(home, index):
    written = write_run(home, "r1", 3, plans=[("accepted",)])
    bring_up_to_date(index, home)
    before = read_rows(index, ["audits", "findings"])
    write_audit(home, written)
    bring_up_to_date(index, home)
    assert read_rows(index, ["audits", "findings"]) != before
    shutil.rmtree(home.audit("r1"))
    bring_up_to_date(index, home)
    assert read_rows(index, ["audits", "findings"]) == before
    assert not any(read_rows(index, ["audit_sessions", "fresh", "checks"]).values())


def test_later_check_of_a_detector_holds(home, index):
    written = write_run(home, "r1", 2, plans=[("accepted",)])
    task = written.accepted[0]
    with AuditAuthor(home, "r1") as author:
        author.start([task])
        author.certify(task, verdict="undecided", chance=0.5)
        bring_up_to_date(index, home)
        assert index.query("SELECT difficulty FROM audits WHERE task_id = ?", [task]) == [("undecided",)]
        author.certify(task, weak=8, strong=8)
        author.end()
    bring_up_to_date(index, home)
    assert index.query("SELECT difficulty, fresh_weak FROM audits WHERE task_id = ?", [task]) == [("real", 8)]
    assert index.query("SELECT count(*) FROM checks") == [(1,)]


def test_check_without_its_numbers_leaves_the_gap_unchecked(home, index):
    written = write_run(home, "r1", 2, plans=[("accepted",)])
    with AuditAuthor(home, "r1") as author:
        author.start(written.accepted)
        author.check(written.accepted[0], "K1", numbers={"verdict": "real", "gap": "large"})
        author.check(written.accepted[1], "K99")
        author.end()
    bring_up_to_date(index, home)
    (row,) = index.records("SELECT * FROM audits WHERE task_id = ?", [written.accepted[0]])
    assert (row["difficulty"], orjson.loads(row["coverage"])["K1"]) == ("unchecked", "failed")
    assert index.query("SELECT count(*) FROM audits") == [(2,)]


def test_damaged_journal_of_an_audit_is_reported_like_any(home, index):
    written = write_run(home, "r1", 3, plans=[("accepted",)])
    write_audit(home, written)
    lines = home.audit_journal("r1").read_bytes().splitlines(keepends=True)
    at = next(n for n, line in enumerate(lines) if b'"K5"' in line)
    lines[at] = lines[at].replace(b"flag", b"note", 1)
    home.audit_journal("r1").write_bytes(b"".join(lines))
    report = ingest_home(index, home)
    audit_pending(index, home)
    ((name, sentence),) = report.damaged
    assert name == "audits/r1"
    assert f"Record {at + 1:,} of the audit of run r1 does not match its hash" in sentence
    assert index.query("SELECT detector FROM checks") == [("K1",)]
    assert index.query("SELECT damage FROM journals WHERE name = 'runs/r1'") == [("",)]


def test_second_audit_begins_a_session_of_its_own(home, index):
    written = write_run(home, "r1", 3, plans=[("accepted",)])
    write_audit(home, written)
    ingest_home(index, home)
    with AuditAuthor(home, "r1", "a2") as author:
        author.start(written.accepted[:1], why="asked")
        author.answer(written.accepted[0], "weak", 5, "Another one.")
    bring_up_to_date(index, home)
    rows = index.query("SELECT audit_id, calls, state, ended IS NULL FROM audit_sessions ORDER BY seq")
    assert rows == [("a1", 8, "done", False), ("a2", 2, "running", True)]


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shares=st.lists(st.floats(0, 1), min_size=1, max_size=4))
def test_audit_journal_in_pieces_equals_at_once(tmp_path, shares):
    whole, pieces = Home(tmp_path / "whole"), Home(tmp_path / "pieces")
    for place in (whole, pieces):
        shutil.rmtree(place.root, ignore_errors=True)
    write_audit(whole, write_run(whole, "r1", 3, plans=[("accepted",)]))
    append_piece(pieces.journal("r1"), whole.journal("r1").read_bytes())
    with open_index(whole) as one, open_index(pieces) as many:
        bring_up_to_date(one, whole)
        auditor = Auditor(many)
        for piece in cut(whole.audit_journal("r1").read_bytes(), shares):
            append_piece(pieces.audit_journal("r1"), piece)
            ingest_home(many, pieces)
            auditor.work(0.05)
        auditor.work()
        assert read_rows(one) == read_rows(many)


def test_two_versions_of_a_recipe_are_compared_by_their_certified_share(home, index):
    written = write_run(home, "r1", 3, plans=[("accepted",)])
    write_audit(home, written)
    bring_up_to_date(index, home)
    ((coverage, sentence),) = index.query("SELECT coverage, sentence FROM run_findings WHERE detector = 'Z8'")
    assert (coverage, sentence) == ("not_run", "only one version of this recipe has run")


def make_label(**fields):
    label = {"label_id": "l1", "task_id": "t1", "run_id": "r1", "content_sha": "", "label": "artefact", "note": "cut"}
    return {**label, "reviewer": "ann", "blind": True, "inclusion": 0.05, "detectors": ["S9"], "undoes": None, **fields}


def test_label_is_taken_in_beside_decisions(home, index):
    append_once(home.reviews, "label", make_label())
    ingest_reviews_now(index, home)
    (row,) = index.records("SELECT * EXCLUDE (t, key) FROM labels")
    assert row["label"] == "artefact"
    assert (row["blind"], row["inclusion"], orjson.loads(row["detectors"])) == (True, 0.05, ["S9"])
    assert index.query("SELECT count(*) FROM decisions") == [(0,)]


def test_labels_leave_with_the_reviews(home, index):
    append_once(home.reviews, "label", make_label(inclusion=None))
    ingest_home(index, home)
    assert index.query("SELECT inclusion FROM labels") == [(None,)]
    home.reviews.unlink()
    ingest_home(index, home)
    assert index.query("SELECT count(*) FROM labels") == [(0,)]
