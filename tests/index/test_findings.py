"""What pages ask of the audit: one task's audit, the queue it orders, filters, columns, and open alarms."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autodata.home import Home
from autodata.index import Index, open_index
from autodata.index.drawing import DRAWN_SHARE, is_drawn
from autodata.index.ingest import ingest_home
from autodata.index.marks import mark_tasks
from autodata.index.queries.alarms import is_audit_pending, load_alarms
from autodata.index.queries.filters import TaskFilter
from autodata.index.queries.finding_names import name_finding
from autodata.index.queries.findings import load_audit
from autodata.index.queries.review import Queue, find_item, find_next, find_previous, load_queue
from autodata.index.queries.tasks import count_tasks, list_tasks, load_map
from tests.support.audit_rows import STATIC_DONE, AuditRow, fill_audit, insert_check, insert_label
from tests.support.journals import write_decision, write_run

S1 = ("S1", "violation", "the requests differ: the weak request 1 adds “Be brief.”")
S9 = ("S9", "flag", "without these answers the round would be too easy: weak 0.70")


@pytest.fixture
def filled(tmp_path) -> Iterator[tuple[Index, Home, list[str]]]:
    """Eight accepted tasks of one run: one violated, one flagged, one not real, four clean, the last not audited."""
    home = Home(tmp_path / "data")
    tasks = write_run(home, "cs-1", 8, plans=[("accepted",)], words=5).accepted
    rows = [
        AuditRow(tasks[0], (S9,), more={"suspicion": 1.4}, request=7),
        AuditRow(tasks[1], (S1,), more={"suspicion": 2.5, "lead": "S1"}, request=7),
        AuditRow(tasks[2], certified=0.05, difficulty="not_real", coverage={**STATIC_DONE, "K1": "done"},
                 more={"suspicion": 0.9, "lead": "K1"}),
        *[AuditRow(task, more={"suspicion": 0.1 * at}) for at, task in enumerate(tasks[3:7], start=1)],
    ]  # fmt: skip
    with open_index(home) as index:
        fill_audit(home, "cs-1", rows, audited=7, index=index)
        yield index, home, tasks


def test_queue_takes_violations_then_suspicion(filled) -> None:
    index, _, tasks = filled
    queue = load_queue(index, Queue())
    first = [item.task_id for item in queue if not is_drawn(item.task_id)][:3]
    assert first == [tasks[1], tasks[0], tasks[2]]
    reasons = {item.task_id: item.reason for item in queue}
    assert reasons[tasks[1]] == "weak request differs"
    assert reasons[tasks[0]] == "without these answers the round would be too…"
    assert reasons[tasks[2]] == "stands out in certified gap"


def test_queue_order_is_the_same_forwards_backwards_and_in_one_piece(filled) -> None:
    index, _, tasks = filled
    queue = Queue()
    whole = [item.task_id for item in load_queue(index, queue)]
    assert sorted(whole) == sorted(tasks)
    walked, item = [], find_next(index, queue)
    while item is not None:
        assert item.position == len(walked) + 1
        walked.append(item.task_id)
        item = find_next(index, queue, item.task_id)
    assert walked == whole
    back = find_previous(index, queue, whole[-1])
    assert back is not None
    assert back.task_id == whole[-2]
    assert find_item(index, queue, "t-none") is None


def test_task_without_an_audit_stands_by_plain_facts(filled) -> None:
    index, _, tasks = filled
    item = find_item(index, Queue(), tasks[7])
    assert item is not None
    assert item.reason != "the audit found nothing"
    assert item.inclusion is None


def test_requests_that_differ_come_first_even_before_the_audit(tmp_path) -> None:
    home = Home(tmp_path / "data")
    clean = write_run(home, "cs-1", 4, plans=[("accepted",)], words=5).accepted
    spoiled = write_run(home, "cs-2", 1, plans=[("accepted",)], words=5, parity_broken=True).accepted
    with open_index(home) as index:
        fill_audit(home, "cs-1", [AuditRow(task, (S9,), more={"suspicion": 4.0}) for task in clean], index=index)
        with index.write() as db:
            db.execute("DELETE FROM audits WHERE run = (SELECT run FROM runs WHERE run_id = 'cs-2')")
            mark_tasks(db, db.execute("SELECT run FROM runs WHERE run_id = 'cs-2'").fetchall()[0][0])
        item = find_next(index, Queue())
        assert item is not None
        assert item.task_id in spoiled


def test_tasks_drawn_by_chance_are_told_and_spread(tmp_path) -> None:
    home = Home(tmp_path / "data")
    tasks = write_run(home, "cs-1", 120, plans=[("accepted",)], words=5).accepted
    with open_index(home) as index:
        rows = [AuditRow(task, more={"suspicion": at / 120}) for at, task in enumerate(tasks)]
        fill_audit(home, "cs-1", rows, index=index)
        queue = load_queue(index, Queue())
    drawn = [item for item in queue if is_drawn(item.task_id)]
    assert drawn
    assert all(item.inclusion == DRAWN_SHARE and item.reason == "drawn at random" for item in drawn)
    assert all(item.inclusion is None for item in queue if not is_drawn(item.task_id))


def test_flagged_task_is_not_one_drawn_by_chance(tmp_path) -> None:
    home = Home(tmp_path / "data")
    tasks = write_run(home, "cs-1", 120, plans=[("accepted",)], words=5).accepted
    with open_index(home) as index:
        fill_audit(home, "cs-1", [AuditRow(task, (S9,)) for task in tasks], index=index)
        assert all(item.inclusion is None for item in load_queue(index, Queue()))


def test_ninety_percent_of_what_stands_out_is_in_the_first_fifth(tmp_path) -> None:
    home = Home(tmp_path / "data")
    tasks = write_run(home, "cs-1", 200, plans=[("accepted",)], words=5).accepted
    bad = set(tasks[::20])
    rows = [
        AuditRow(task, (S1,) if task in bad and at % 40 == 0 else (), more={"suspicion": 2.0 if task in bad else 0.4})
        for at, task in enumerate(tasks)
    ]
    with open_index(home) as index:
        fill_audit(home, "cs-1", rows, index=index)
        queue = load_queue(index, Queue(), limit=len(tasks))
    front = {item.task_id for item in queue[: len(tasks) // 5]}
    assert len(bad & front) >= 0.9 * len(bad)


@pytest.mark.parametrize(
    ("states", "places"),
    [(("violated",), {1}), (("flagged",), {0}), (("unchecked",), {7}), (("clear",), {2, 3, 4, 5, 6}),
     (("violated", "unchecked"), {1, 7}), (("violated", "flagged", "unchecked", "clear"), set(range(8)))],
)  # fmt: skip
def test_audit_states_filter_and_those_without_one_are_unchecked(filled, states, places) -> None:
    index, _, tasks = filled
    frame = list_tasks(index, TaskFilter(audit=states))
    assert set(frame["task_id"]) == {tasks[place] for place in places}
    assert count_tasks(index, TaskFilter(audit=states)) == len(places)
    assert set(frame["audit"]) == set(states)


def test_axes_and_detector_filter(filled) -> None:
    index, _, tasks = filled
    assert list_tasks(index, TaskFilter(difficulty="not_real"))["task_id"].tolist() == [tasks[2]]
    assert count_tasks(index, TaskFilter(difficulty="unchecked")) == 7
    assert list_tasks(index, TaskFilter(integrity="violated"))["task_id"].tolist() == [tasks[1]]
    assert list_tasks(index, TaskFilter(detector="S9"))["task_id"].tolist() == [tasks[0]]
    assert count_tasks(index, TaskFilter(detector="S9", audit=("violated",))) == 0
    assert count_tasks(index, TaskFilter(validity="unchecked", scope="all")) == 8


@pytest.mark.parametrize("order", ["risk", "suspicion", "certified"])
def test_orders_of_the_audit_hold_every_task(filled, order) -> None:
    index, _, tasks = filled
    for scope in ("last", "all"):
        pages = [list_tasks(index, TaskFilter(order=order, scope=scope), 3, at)["task_id"].tolist() for at in (0, 3, 6)]
        assert sorted(task for page in pages for task in page) == sorted(tasks)


def test_rows_carry_what_the_audit_says(filled) -> None:
    index, _, tasks = filled
    frame = list_tasks(index, TaskFilter(order="certified")).set_index("task_id")
    assert frame.index[0] == tasks[2]
    assert frame["certified"][tasks[2]] == pytest.approx(0.05)
    assert frame["certified"].isna().sum() == 7
    assert (frame["lead"][tasks[1]], frame["integrity"][tasks[7]]) == ("S1", "")


def test_map_knows_its_violations(filled) -> None:
    index, *_ = filled
    assert len(load_map(index, TaskFilter()).violated) == 1
    assert load_map(index, TaskFilter(audit=("clear",))).violated.empty


def test_audit_of_a_task_is_read_with_findings_checks_and_siblings(filled) -> None:
    index, _, tasks = filled
    insert_check(index, "cs-1", tasks[2], "K1", numbers={"bar": 0.25})
    insert_check(index, "cs-1", tasks[2], "K5", coverage="failed", missing=["the judge did not answer"], seq=2)
    found = load_audit(index, tasks[1])
    assert found is not None
    assert [finding.severity for finding in found.findings] == ["violation"]
    assert (found.siblings, found.detectors, found.checks) == (1, ("S1",), ())
    certified = load_audit(index, tasks[2])
    assert certified is not None
    assert certified.bar == 0.25
    assert [check.coverage for check in certified.checks] == ["done", "failed"]
    assert load_audit(index, tasks[7]) is None
    assert load_audit(index, "t-none") is None


def test_label_that_was_taken_back_is_gone_and_a_later_one_stands(filled) -> None:
    index, _, tasks = filled
    insert_label(index, "cs-1", tasks[1], "luck", seq=1, label_id="l1")
    insert_label(index, "cs-1", tasks[1], "sabotage", seq=2, label_id="l2")
    insert_label(index, "cs-1", tasks[1], "unsure", seq=3, label_id="l3", reviewer="ben")
    insert_label(index, "cs-1", tasks[1], "undo", seq=4, label_id="l4", reviewer="ben", undoes="l3")
    audit = load_audit(index, tasks[1])
    assert audit is not None
    assert [(label.label, label.reviewer) for label in audit.labels] == [("sabotage", "ann")]


def test_open_alarms_are_counted_and_those_approved_unseen(filled) -> None:
    index, home, tasks = filled
    before = load_alarms(index)
    assert (before.audited, before.violations, before.open_violations, before.open_flags) == (7, 1, 1, 1)
    assert (before.certified, before.refuted, before.passed_unseen) == (1, 1, 0)
    write_decision(home, tasks[1], "approve", run_id="cs-1", seen={"parity": "differs"})
    ingest_home(index, home)
    assert (load_alarms(index).open_violations, load_alarms(index).passed_unseen) == (0, 1)
    write_decision(home, tasks[1], "approve", run_id="cs-1", seen={"violations": 1})
    ingest_home(index, home)
    assert load_alarms(index).passed_unseen == 0


def test_audit_is_pending_until_all_accepted_tasks_were_read(filled) -> None:
    index, home, _ = filled
    assert is_audit_pending(index, "cs-1")
    fill_audit(home, "cs-1", [], index=index)
    assert not is_audit_pending(index, "cs-1")
    assert is_audit_pending(index, "cs-none")


@pytest.mark.parametrize(
    ("detector", "sentence", "words"),
    [
        ("S1", S1[2], "Weak request differs"),
        ("S1", "the requests differ: the strong request 2 adds “x”", "Strong request differs"),
        ("S9", "1 of 3 weak answers was cut off", "1 of 3 weak answers was cut off"),
        ("S13", "the context holds a passage of the rubric: “a very long passage of text”",
         "The context holds a passage of the rubric"),
        ("S4", "the weak seat asked for model-a, model-b answered", "The weak seat asked for model-a, model-b…"),
        ("S8", "X" * 80, "X" * 46 + "…"),
    ],
)  # fmt: skip
def test_findings_have_short_names(detector, sentence, words) -> None:
    assert name_finding(detector, sentence) == words
