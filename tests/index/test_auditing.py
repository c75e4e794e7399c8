"""The audit inside the index: pieces give what one pass gives, restarts read what is left, damage hides nothing."""

import shutil

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autodata.home import Home
from autodata.index import Index, auditing, open_index
from autodata.index.auditing import Auditor, audit_pending
from autodata.index.following import FollowedRun
from autodata.index.ingest import ingest_home, rebuild
from autodata.index.thread import IngestThread
from autodata.journal import JournalWriter, read_records
from tests.index.audit_world import append_piece, cut, read_rows
from tests.support.journals import RunAuthor, write_run

PLANS = [("too_easy", "accepted"), ("accepted",), ("undecided",), ("narrow_gap", "too_easy")]


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


def list_audited(index: Index) -> list[str]:
    return [row[0] for row in index.query("SELECT task_id FROM audits ORDER BY task_id")]


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shares=st.lists(st.floats(0, 1), max_size=4), restart=st.booleans(), to_end=st.booleans())
def test_audit_in_pieces_equals_one_pass(tmp_path, shares, restart, to_end):
    whole, pieces = Home(tmp_path / "whole"), Home(tmp_path / "pieces")
    for place in (whole, pieces):
        shutil.rmtree(place.root, ignore_errors=True)
    write_run(whole, "r1", 12, plans=PLANS)
    raw = whole.journal("r1").read_bytes()
    with open_index(whole) as one, open_index(pieces) as many:
        bring_up_to_date(one, whole)
        auditor = Auditor(many)
        for piece in cut(raw, shares):
            append_piece(pieces.journal("r1"), piece)
            ingest_home(many, pieces)
            auditor = Auditor(many) if restart else auditor
            auditor.work(None if to_end else 0.01)
        auditor.work()
        assert read_rows(one) == read_rows(many)
        assert len(list_audited(one)) == 6


def test_every_accepted_task_is_audited_and_no_other(home, index):
    written = write_run(home, "r1", 8, plans=PLANS)
    bring_up_to_date(index, home)
    assert list_audited(index) == sorted(written.accepted)


def test_slices_end_and_nothing_is_left(home, index):
    write_run(home, "r1", 12, plans=PLANS)
    ingest_home(index, home)
    auditor, reports = Auditor(index), []
    while not reports or not reports[-1].done:
        reports.append(auditor.work(0.0))
    assert sum(report.tasks for report in reports) == 6
    assert len(reports) > 6
    assert auditor.work(0.0).tasks == 0


def test_run_whose_tasks_are_all_audited_is_not_read_again(home, index, monkeypatch):
    write_run(home, "r1", 4, plans=PLANS)
    bring_up_to_date(index, home)
    monkeypatch.setattr(FollowedRun, "read_on", lambda *_: pytest.fail("the journal was read"))
    before = read_rows(index)
    assert audit_pending(index, home).done
    assert read_rows(index) == before


def test_restart_in_the_middle_measures_what_is_left_only(home, index, monkeypatch):
    write_run(home, "r1", 12, plans=PLANS)
    ingest_home(index, home)
    monkeypatch.setattr(auditing, "WRITE_EVERY", 1)
    first = Auditor(index)
    while not list_audited(index):
        first.work(0.0)
    known = len(list_audited(index))
    measured = []
    monkeypatch.setattr(
        auditing, "examine_task", lambda task, real=auditing.examine_task: measured.append(1) or real(task)
    )
    Auditor(index).work()
    assert (len(measured), len(list_audited(index))) == (6 - known, 6)


def test_live_run_is_audited_as_its_sources_end(home, index):
    with RunAuthor(home, "r1") as author:
        author.start(3)
        author.write_trajectory(0, ["accepted"])
        bring_up_to_date(index, home)
        assert list_audited(index) == sorted(author.written.accepted)
        author.write_trajectory(1, ["too_easy", "accepted"])
        author.end()
    bring_up_to_date(index, home)
    assert list_audited(index) == sorted(author.written.accepted)
    assert index.query("SELECT tasks, audited, settled FROM run_audits") == [(2, 2, True)]


def test_run_that_goes_on_after_its_end_is_settled_again(home, index):
    with RunAuthor(home, "r1") as author:
        author.start(2)
        author.write_trajectory(0, ["accepted"])
        author.end("paused")
        bring_up_to_date(index, home)
        author.resume()
        author.write_trajectory(1, ["accepted"])
        bring_up_to_date(index, home)
        assert index.query("SELECT audited, settled FROM run_audits") == [(2, False)]
        author.end()
    bring_up_to_date(index, home)
    assert index.query("SELECT audited, settled FROM run_audits") == [(2, True)]


def test_task_of_a_source_that_never_ended_is_audited(home, index):
    with RunAuthor(home, "r1") as author:
        author.start(1)
        author.write_round(author.written.sources[0], 1, "accepted")
    bring_up_to_date(index, home)
    assert list_audited(index) == author.written.accepted


def test_what_is_before_the_damage_is_audited_and_says_so(home, index):
    written = write_run(home, "r1", 3, plans=[("accepted",)])
    lines = home.journal("r1").read_bytes().splitlines(keepends=True)
    lines[-4] = lines[-4].replace(b'"t":', b'"t": ', 1)
    home.journal("r1").write_bytes(b"".join(lines))
    bring_up_to_date(index, home)
    assert list_audited(index) == sorted(written.accepted[:2])
    notes = index.query("SELECT DISTINCT severity, sentence FROM findings WHERE detector = 'S15' AND severity = 'note'")
    assert [severity for severity, _ in notes] == ["note"]
    assert "a later record of the journal is damaged" in notes[0][1]
    ((severity, sentence),) = index.query("SELECT severity, sentence FROM run_findings WHERE detector = 'S15'")
    assert severity == "violation"
    assert "does not match its hash" in sentence


def test_damage_that_comes_after_the_audit_is_told(home, index):
    write_run(home, "r1", 2, plans=[("accepted",)])
    bring_up_to_date(index, home)
    append_piece(home.journal("r1"), b'{"kind":"call"}\n')
    bring_up_to_date(index, home)
    assert index.query("SELECT count(*) FROM run_findings WHERE detector = 'S15'") == [(1,)]
    assert index.query("SELECT count(*) FROM findings WHERE detector = 'S15' AND severity = 'note'") == [(2,)]


def test_record_of_a_wrong_form_costs_its_own_task_only(home, index):
    written = write_run(home, "r1", 3, plans=[("accepted",)])
    rows = [(record.kind, record.data) for record in read_records(home.journal("r1"))]
    broken = next(data for kind, data in rows if kind == "rollout" and data["task_id"] == written.accepted[1])
    broken["score"]["rounded"] = 0.5
    home.journal("r1").unlink()
    with JournalWriter(home.journal("r1")) as journal:
        for kind, data in rows:
            journal.append(kind, data)
    bring_up_to_date(index, home)
    assert list_audited(index) == sorted({written.accepted[0], written.accepted[2]})
    ((sentence,),) = index.query("SELECT sentence FROM run_findings WHERE severity = 'violation'")
    assert "a task was not audited: record" in sentence
    assert audit_pending(index, home).done


def test_deleted_run_takes_its_audit_with_it(home, index):
    write_run(home, "r1", 4, plans=PLANS)
    bring_up_to_date(index, home)
    shutil.rmtree(home.run("r1"))
    bring_up_to_date(index, home)
    assert not any(read_rows(index).values())


def test_replaced_journal_is_audited_anew(home, index):
    write_run(home, "r1", 4, plans=PLANS)
    bring_up_to_date(index, home)
    before = list_audited(index)
    home.journal("r1").unlink()
    written = write_run(home, "r1", 4, plans=PLANS, seed=7, words=60)
    bring_up_to_date(index, home)
    assert list_audited(index) == sorted(written.accepted)
    assert list_audited(index) != before or before == sorted(written.accepted)


def test_run_cleared_between_slices_leaves_no_rows(home, index):
    write_run(home, "r1", 12, plans=PLANS)
    ingest_home(index, home)
    auditor = Auditor(index)
    auditor.work(0.0)
    shutil.rmtree(home.run("r1"))
    ingest_home(index, home)
    auditor.work()
    assert not any(read_rows(index).values())


def test_request_of_other_bytes_is_a_violation_named_in_the_row(home, index):
    write_run(home, "r1", 2, plans=[("accepted",)], parity_broken=True)
    bring_up_to_date(index, home)
    rows = index.query("SELECT integrity, cause, severity, violations > 0, sentence FROM audits")
    assert {row[:4] for row in rows} == {("violated", "bytes", "violation", True)}
    assert all("Answer in one short sentence." in sentence for *_, sentence in rows)
    assert all("1 other task shares this request" in sentence for *_, sentence in rows)


def test_tasks_that_share_a_prompt_share_the_request(home, index):
    write_run(home, "r1", 3, plans=[("accepted",)])
    write_run(home, "r2", 3, plans=[("accepted",)], parity_broken=True)
    bring_up_to_date(index, home)
    by_run = index.query("SELECT run, count(DISTINCT request) FROM audits GROUP BY run ORDER BY run")
    assert by_run == [(1, 1), (2, 1)]
    assert index.query("SELECT count(DISTINCT request) FROM audits") == [(2,)]


def test_every_check_over_many_tasks_says_what_became_of_it(home, index):
    write_run(home, "r1", 6, plans=[("accepted",)])
    bring_up_to_date(index, home)
    rows = dict(index.query("SELECT detector, coverage FROM run_findings"))
    assert set(rows) == {"Z2", "Z3", "Z4", "Z5", "Z6", "Z8", "Z9"}
    assert rows["Z2"] == rows["Z8"] == rows["Z6"] == "not_run"
    ((coverage,), *_) = index.query("SELECT coverage FROM audits")
    assert orjson.loads(coverage)["Z2"] == "not_run"


def test_later_run_is_compared_with_earlier_ones(home, index):
    write_run(home, "r1", 40, plans=[("accepted",)])
    write_run(home, "r2", 6, plans=[("accepted",)])
    bring_up_to_date(index, home)
    covered = index.query("SELECT run, detector, coverage FROM run_findings WHERE detector IN ('Z3', 'Z4', 'Z5')")
    # These made-up runs are not the product's own: nothing in them counts as clean for person fit.
    second = {(detector, coverage) for run, detector, coverage in covered if run == 2}
    assert second == {("Z3", "done"), ("Z4", "not_run"), ("Z5", "done")}
    assert {coverage for run, _, coverage in covered if run == 1} == {"not_run"}


def test_ranks_are_within_the_run_without_clean_tasks(home, index):
    write_run(home, "r1", 6, plans=[("accepted",)])
    bring_up_to_date(index, home)
    rows = index.query("SELECT suspicion, basis, severity, flagged FROM audits")
    assert all(suspicion is not None for suspicion, *_ in rows)
    assert all((basis == "violation") == (severity == "violation") == flagged for _, basis, severity, flagged in rows)


def test_index_that_is_deleted_is_audited_again_alike(home):
    write_run(home, "r1", 8, plans=PLANS)
    with open_index(home) as index:
        bring_up_to_date(index, home)
        before = read_rows(index)
    home.database.unlink()
    with open_index(home) as index:
        bring_up_to_date(index, home)
        assert read_rows(index) == before


def test_thread_audits_what_it_takes_in(home, index):
    written = write_run(home, "r1", 4, plans=PLANS)
    thread = IngestThread(index, home, every_s=0.01).start()
    while index.query("SELECT settled FROM run_audits") != [(True,)]:
        thread.nudge()
    thread.stop()
    assert list_audited(index) == sorted(written.accepted)
    assert thread.last_error == ""


def test_audit_that_fails_leaves_the_index_up_to_date_and_says_so(home, index, monkeypatch):
    written = write_run(home, "r1", 4, plans=PLANS)
    monkeypatch.setattr(auditing, "examine_task", lambda _: 1 / 0)
    thread = IngestThread(index, home, every_s=0.01).start()
    while not thread.last_error:
        thread.nudge()
    assert thread.alive
    thread.stop()
    assert "The audit could not go on: division by zero" in thread.last_error
    assert index.query("SELECT count(*) FROM rounds WHERE outcome = 'accepted'") == [(len(written.accepted),)]


def test_rebuild_audits_when_it_is_asked_to(home):
    written = write_run(home, "r1", 4, plans=PLANS)
    rebuild(home, audit=True)
    with open_index(home) as index:
        assert list_audited(index) == sorted(written.accepted)
