"""The audit on the Tasks, Overview and Dataset pages: columns, filters, rings, figures, what was approved unseen."""

from __future__ import annotations

import csv
import io

import pytest

from autodata.home import Home
from autodata.index.queries.tasks import TaskFilter, list_tasks
from autodata.ui.review.view import read_view
from autodata.ui.review_link import make_view
from autodata.ui.state import get_workbench
from autodata.ui.tasks.table import make_rows, write_csv
from autodata.ui.tasks.view import explain_nothing, list_parts, make_filter
from tests.support.audit_rows import STATIC_DONE, AuditRow, fill_audit
from tests.support.journals import write_decision, write_run
from tests.support.page_driver import PageDriver

S1 = ("S1", "violation", "the requests differ: the weak request 1 adds “Be brief.”")
S9 = ("S9", "flag", "1 of 3 weak answers was cut off")


def fill(home: Home) -> list[str]:
    tasks = write_run(home, "cs-1", 5, plans=[("accepted",)], words=5).accepted
    rows = [
        AuditRow(tasks[0], (S1,), request=7),
        AuditRow(tasks[1], (S9,), request=7),
        AuditRow(tasks[2], certified=0.05, difficulty="not_real", coverage={**STATIC_DONE, "K1": "done"}),
        AuditRow(tasks[3]),
    ]
    fill_audit(home, "cs-1", rows, audited=4)
    return tasks


def test_table_shows_certified_suspicion_and_verdict(home: Home) -> None:
    tasks = fill(home)
    rows = make_rows(list_tasks(get_workbench().index, TaskFilter(order="risk"))).set_index("Task")
    assert rows["Audit"][tasks[0]] == ["⬣ Violated"]
    assert rows["Audit"][tasks[1]] == ["△ Flagged"]
    assert rows["Audit"][tasks[3]] == ["✓ Clean record"]
    assert rows["Audit"][tasks[4]] == ["◌ Not checked"]
    assert rows["Certified"][tasks[2]] == pytest.approx(0.05)
    assert rows["Difficulty"][tasks[2]] == "Not real"
    assert rows["Integrity"][tasks[4]] == "Not audited"
    assert rows.index[0] == tasks[0]


def test_csv_has_the_audit(home: Home) -> None:
    tasks = fill(home)
    text = write_csv(list_tasks(get_workbench().index, TaskFilter())).read().decode("utf-8-sig")
    rows = {row["task_id"]: row for row in csv.DictReader(io.StringIO(text))}
    assert (rows[tasks[0]]["audit"], rows[tasks[0]]["lead"]) == ("violated", "S1")
    assert float(rows[tasks[2]]["certified"]) == pytest.approx(0.05)
    assert (rows[tasks[4]]["audit"], rows[tasks[4]]["certified"]) == ("unchecked", "")


def test_filters_narrow_the_page(home: Home) -> None:
    fill(home)
    page = PageDriver(home, "tasks")
    assert page.text("tasks.total").startswith("5 tasks")
    assert "Violation1" in page.text("tasks.key")
    page.set("tasks.audit", ["violated", "flagged"])
    assert page.text("tasks.total").startswith("2 tasks")
    page.set("tasks.detector", "S9")
    assert page.text("tasks.total").startswith("1 task")
    page.set("tasks.audit", [])
    page.set("tasks.detector", "")
    page.set("tasks.difficulty", "not_real")
    assert page.text("tasks.total").startswith("1 task")


def test_empty_view_names_the_audit_filter_that_empties_it(home: Home) -> None:
    fill(home)
    page = PageDriver(home, "tasks")
    page.set("tasks.audit", ["violated"])
    page.set("tasks.validity", "ok")
    assert "No task matches" in page.text("tasks.nothing")
    assert "“Validity: ok”" in page.text("tasks.nothing")
    page.click("tasks.remove")
    assert page.text("tasks.total").startswith("1 task")


def test_audit_filters_travel_to_review() -> None:
    view = make_filter(audit=("violated", "unchecked"), detector="S1", difficulty="not_real", validity="doubtful")
    read = read_view(make_view(view)).queue.task_filter
    assert (read.audit, read.detector) == (("violated", "unchecked"), "S1")
    assert (read.integrity, read.difficulty, read.validity) == (None, "not_real", "doubtful")


def test_unknown_audit_values_count_as_not_set() -> None:
    view = make_filter(audit=("evil",), detector="S99", integrity="x", difficulty="x", validity="x")
    assert view == make_filter()
    assert list_parts(view) == []


def test_the_audit_filter_can_be_the_one_to_remove() -> None:
    _, part = explain_nothing(make_filter(audit=("violated",)), lambda other: 0 if other.audit else 9)
    assert part is not None
    assert part.widgets == ("tasks.audit",)


def test_overview_counts_violations_and_certified_gaps(home: Home) -> None:
    fill(home)
    page = PageDriver(home, "overview")
    assert "5 tasks wait for a decision, 1 of them with a violation" in page.text("overview.matter.sentence")
    figures = page.text("overview.figures")
    assert "Certified gap, mean+0.05n = 1, 1 not real" in figures
    assert "1 violated, 1 flagged, 1 not audited" in figures


def test_dataset_says_what_was_approved_without_seeing_its_violation(home: Home) -> None:
    tasks = fill(home)
    write_decision(home, tasks[0], "approve", run_id="cs-1", seen={"violations": None})
    page = PageDriver(home, "dataset")
    assert "1 approved task has a violation that its decision did not see" in page.text("dataset.unseen")
    write_decision(home, tasks[0], "approve", run_id="cs-1", seen={"violations": 1})
    page = PageDriver(home, "dataset")
    assert page.tree("dataset.unseen") is None
