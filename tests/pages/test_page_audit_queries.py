"""What the Audit page asks the index: counts that agree with each other, and filters that mean what they say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autodata.audit.catalogue import DETECTORS
from autodata.home import Home
from autodata.index import Index, open_index
from autodata.index.marks import mark_tasks
from autodata.index.queries import audit_gaps as queries
from autodata.index.queries.audit import count_tasks, find_run_of, list_tasks, list_uncertified, load_standing
from autodata.index.queries.audit_detectors import DetectorCount, list_detectors
from autodata.index.queries.audit_filter import VERDICTS, AuditFilter
from autodata.index.queries.audit_gaps import load_gap_map
from autodata.index.queries.audit_pairs import find_contract, list_pairs, load_pair
from autodata.index.queries.audit_runs import (
    count_p_values,
    find_bar,
    list_anchor_checks,
    list_clusters,
    list_labels,
    list_rates,
    list_sessions,
)
from autodata.index.queries.filters import TaskFilter
from autodata.index.queries.tasks import list_tasks as fetch_tasks
from tests.support.audit_rows import AuditRow, fill_audit, insert_check, insert_label, insert_session
from tests.support.journals import write_run

RUN = "cs-0001"


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    home = Home(tmp_path)
    write_run(home, RUN, 12, plans=[["accepted"], ["too_easy", "accepted"]])
    with open_index(home) as opened:
        fill_audit(home, RUN, index=opened)
        yield opened


def names(index: Index, **view: str) -> list[str]:
    return [line.task_id for line in list_tasks(index, AuditFilter(**view))]  # type: ignore[arg-type]


def find(index: Index, detector: str) -> DetectorCount:
    return next(row for row in list_detectors(index, AuditFilter()) if row.detector == detector)


def test_standing_counts_every_task_once(index: Index) -> None:
    standing = load_standing(index)
    assert (standing.tasks, standing.audited) == (12, 12)
    assert (standing.violated, standing.flagged, standing.clear) == (2, 4, 6)
    assert (standing.certified, standing.uncertified) == (6, 6)


def test_standing_of_an_unknown_run_is_empty(index: Index) -> None:
    assert load_standing(index, "cs-9999").audited == 0


def test_the_worst_tasks_come_first(index: Index) -> None:
    severities = [line.severity for line in list_tasks(index, AuditFilter())]
    assert severities == ["violation"] * 2 + ["flag"] * 4 + [""] * 6


def test_pages_hold_every_task_once(index: Index) -> None:
    seen = [line.task_id for at in range(0, 12, 5) for line in list_tasks(index, AuditFilter(), 5, at)]
    assert len(seen) == len(set(seen)) == 12


def test_a_line_names_its_worst_finding(index: Index) -> None:
    line = list_tasks(index, AuditFilter())[0]
    assert line.lead == "S1"
    assert "Answer in one short sentence" in line.finding
    assert line.question


@pytest.mark.parametrize("verdict", VERDICTS)
def test_every_verdict_filter_counts_what_it_lists(index: Index, verdict: str) -> None:
    view = AuditFilter(verdict=verdict)
    assert count_tasks(index, view) == len(list_tasks(index, view))


def test_tasks_with_an_alarm_and_those_without_make_up_all(index: Index) -> None:
    assert sorted(names(index, verdict="alarm") + names(index, verdict="nothing")) == sorted(names(index))


def test_a_clean_record_is_what_the_tasks_page_calls_so(index: Index) -> None:
    with index.write() as db:
        db.execute("UPDATE audits SET integrity = 'incomplete' WHERE key = (SELECT min(key) FROM audits)")
        mark_tasks(db, 1)
    clean = fetch_tasks(index, TaskFilter(audit=("clear",)))["task_id"].tolist()
    assert sorted(names(index, verdict="clear")) == sorted(clean)
    assert 0 < len(clean) < 12


def test_a_detector_filter_holds_the_tasks_it_found(index: Index) -> None:
    assert len(names(index, detector="K2")) == find(index, "K2").found == 2


def test_filters_narrow_each_other(index: Index) -> None:
    assert names(index, detector="S1", verdict="real") == []


def test_a_group_holds_the_tasks_that_share_it(index: Index) -> None:
    cluster = list_clusters(index)[0]
    assert len(names(index, kind=cluster.kind, group=cluster.group)) == cluster.tasks == 4


def test_a_hostile_filter_is_a_value(index: Index) -> None:
    assert names(index, detector="' OR TRUE --") == []
    assert names(index, run_id="' OR TRUE --") == []


def test_a_detector_no_task_names_was_not_run_on_any(index: Index) -> None:
    row = find(index, "K7")
    assert (row.done, row.not_run, row.found) == (0, 12, 0)


def test_not_recorded_is_not_done(index: Index) -> None:
    row = find(index, "S10")
    assert (row.not_recorded, row.done) == (2, 10)


def test_every_detector_of_tasks_is_counted_on_every_task(index: Index) -> None:
    rows = {row.detector: row for row in list_detectors(index, AuditFilter())}
    wanted = {name for name, detector in DETECTORS.items() if detector.axis != "run"}
    assert wanted <= rows.keys()
    assert {row.done + row.unchecked for row in rows.values()} == {12}


def test_a_task_counts_once_per_detector_by_the_worst(index: Index, tmp_path: Path) -> None:
    found = (("S1", "violation", "a"), ("S1", "flag", "b"), ("S1", "note", "c"))
    fill_audit(index.home, RUN, [AuditRow(names(index)[0], found)], index=index)
    assert (find(index, "S1").violations, find(index, "S1").flags) == (1, 0)


def test_the_map_holds_certified_tasks_with_intervals(index: Index) -> None:
    data = load_gap_map(index, AuditFilter())
    assert data.points is not None
    assert len(data.points) == data.total == 6
    assert (data.points["low"] < data.points["certified"]).all()
    assert (data.real, data.undecided, data.not_real, data.uncertified) == (2, 2, 2, 6)


def test_many_points_become_a_density_of_the_same_tasks(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "POINTS", 3)
    data = load_gap_map(index, AuditFilter())
    assert data.points is None
    assert data.density is not None
    assert int(data.density["n"].sum()) == 6


def test_uncertified_tasks_of_a_run_are_drawn_without_looking_at_suspicion(index: Index) -> None:
    drawn = list_uncertified(index, AuditFilter(RUN), 4)
    keys = dict(index.query("SELECT task_id, key FROM audits WHERE certified IS NULL"))
    assert drawn == sorted(keys, key=lambda name: keys[name])[:4]


def test_uncertified_tasks_of_a_narrow_view_come_by_suspicion(index: Index) -> None:
    view = AuditFilter(RUN, verdict="not_certified")
    assert list_uncertified(index, view, 50) == [line.task_id for line in list_tasks(index, view)]


def test_the_run_of_a_task_is_found_by_its_whole_id(index: Index) -> None:
    task_id = names(index)[0]
    assert (find_run_of(index, task_id), find_run_of(index, task_id[:-1])) == (RUN, "")


def test_alarm_rates_are_shares_of_the_rounds_tasks(index: Index) -> None:
    rate = list_rates(index)[0]
    assert (rate.tasks, rate.alarms, rate.violations) == (12, 6, 2)
    assert sum(share * n for share, n in zip(rate.series, rate.counts, strict=True)) == pytest.approx(6)


def test_rates_over_time_hold_the_same_tasks(index: Index) -> None:
    rate = list_rates(index, "time")[0]
    assert sum(rate.counts) == 12
    assert sum(share * n for share, n in zip(rate.series, rate.counts, strict=True)) == pytest.approx(6)


def test_a_cluster_has_the_means_of_its_tasks(index: Index) -> None:
    found = {cluster.tasks: cluster for cluster in list_clusters(index)}
    assert found[4].certified == pytest.approx(0.06)
    assert found[4].measured == 2


def test_two_tasks_make_no_cluster(index: Index) -> None:
    assert all(cluster.tasks >= 3 for cluster in list_clusters(index))


def test_the_latest_audit_comes_first(index: Index) -> None:
    insert_session(index, RUN, audit_id="old", started=1.0, tasks='[{"task_id": "a"}]')
    insert_session(index, RUN, audit_id="new", started=2.0)
    assert [session.audit_id for session in list_sessions(index)] == ["new", "old"]
    assert list_sessions(index)[1].tasks == 1


def test_the_bar_is_the_one_gaps_were_held_against(index: Index) -> None:
    assert find_bar(index) is None
    insert_check(index, RUN, names(index)[0], "K1", numbers={"bar": 0.25})
    assert find_bar(index, RUN) == 0.25


def test_of_two_anchor_results_the_later_holds(index: Index) -> None:
    task_id = names(index)[0]
    insert_check(index, RUN, task_id, "K4", seq=1, coverage="failed")
    insert_check(index, RUN, task_id, "K4", seq=2, numbers={"drop": 0.1})
    assert [check.coverage for check in list_anchor_checks(index)] == ["done"]


def test_a_label_that_was_taken_back_is_gone(index: Index) -> None:
    task_id = names(index)[0]
    insert_label(index, RUN, task_id, "luck", label_id="l1", seq=1)
    insert_label(index, RUN, task_id, "", label_id="l2", seq=2, undoes="l1")
    assert list_labels(index) == []


def test_of_a_reviewers_labels_the_latest_holds(index: Index) -> None:
    task_id = names(index)[0]
    insert_label(index, RUN, task_id, "luck", label_id="l1", seq=1)
    insert_label(index, RUN, task_id, "artefact", label_id="l2", seq=2, detectors=["S1"])
    assert [(label.label, label.detectors) for label in list_labels(index)] == [("artefact", ("S1",))]


def test_p_values_of_ranks_are_no_p_values(index: Index) -> None:
    assert sum(count_p_values(index)) == 0


def test_p_values_fall_into_their_tenths(index: Index) -> None:
    values = zip(names(index), (0.05, 0.1, 0.11, 1.0), strict=False)
    rows = [AuditRow(name, more={"p": p, "basis": "clean tasks"}) for name, p in values]
    fill_audit(index.home, RUN, rows, index=index)
    assert count_p_values(index) == (2, 1, 0, 0, 0, 0, 0, 0, 0, 1)


def test_a_pair_has_both_recorded_requests(index: Index) -> None:
    task_id = names(index)[0]
    assert list_pairs(index, task_id, RUN) == [0, 1, 2]
    pair = load_pair(index, task_id, RUN, 1)
    assert pair.weak is not None
    assert pair.strong is not None
    assert "sim-weak" in pair.weak.request


def test_a_pair_without_a_journal_has_no_requests(index: Index) -> None:
    task_id = names(index)[0]
    index.home.journal(RUN).unlink()
    assert load_pair(index, task_id, RUN, 0).weak is None


def test_nothing_is_allowed_unless_signed(index: Index) -> None:
    assert find_contract(index, RUN) == ()
