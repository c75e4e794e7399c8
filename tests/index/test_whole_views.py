"""Whole views: every task with what a decision rests on, samples, files in parts, searches in answers, next steps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autodata.home import Home
from autodata.index import Index, open_index
from autodata.index.ingest import ingest_home
from autodata.index.queries.filters import TaskFilter
from autodata.index.queries.next_steps import list_jumps, list_open_alarms
from autodata.index.queries.tasks import count_bands_by, count_tasks, list_tasks, load_map
from autodata.index.queries.whole import draw_sample, find_cluster, list_whole, stream_tasks
from tests.support.audit_rows import AuditRow, fill_audit
from tests.support.journals import write_decision, write_run

FLAG = ("S9", "flag", "1 of 3 weak answers was cut off")
VIOLATION = ("S1", "violation", "the requests differ")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def index(home: Home) -> Iterator[Index]:
    with open_index(home) as opened:
        yield opened


def write(index: Index, home: Home, run_id: str = "cs-1", n: int = 6, plans: object = (("accepted",),)) -> list[str]:
    written = write_run(home, run_id, n, plans=plans, words=5)  # type: ignore[arg-type]
    ingest_home(index, home)
    return written.accepted


def test_whole_view_has_every_task_with_its_content(index: Index, home: Home) -> None:
    written = write_run(home, "cs-1", 4, plans=[["accepted"]], words=5)
    ingest_home(index, home)
    whole = list_whole(index, TaskFilter())
    assert {task.task_id: task.content_sha for task in whole} == {
        task: written.content[task] for task in written.accepted
    }
    assert {(task.run_id, task.violated, task.accepted, task.cluster) for task in whole} == {
        ("cs-1", False, True, None)
    }


@pytest.mark.parametrize("scope", ["last", "all", "accepted"])
def test_whole_view_is_the_table_in_the_same_order(index: Index, home: Home, scope: str) -> None:
    write(index, home, n=9, plans=[["too_easy", "accepted"], ["too_easy"]])
    view = TaskFilter(scope=scope, order="risk")  # type: ignore[arg-type]
    assert [task.task_id for task in list_whole(index, view)] == list(list_tasks(index, view)["task_id"])


def test_whole_view_tells_what_was_not_accepted(index: Index, home: Home) -> None:
    write(index, home, n=4, plans=[["accepted"], ["too_easy"]])
    assert sorted(task.accepted for task in list_whole(index, TaskFilter())) == [False, False, True, True]


def test_whole_view_tells_violations_and_copies(index: Index, home: Home) -> None:
    tasks = write(index, home)
    fill_audit(
        home, "cs-1", [AuditRow(tasks[0], (VIOLATION,), cluster=5), AuditRow(tasks[1], (FLAG,), cluster=5)], index=index
    )
    found = {task.task_id: (task.violated, task.cluster) for task in list_whole(index, TaskFilter())}
    assert (found[tasks[0]], found[tasks[1]], found[tasks[2]]) == ((True, 5), (False, 5), (False, None))


def test_sample_is_the_same_every_time_and_no_larger_than_asked(index: Index, home: Home) -> None:
    write(index, home, n=9)
    sample = draw_sample(index, TaskFilter(), 5)
    assert len({task.task_id for task in sample}) == 5
    assert draw_sample(index, TaskFilter(), 5) == sample


def test_sample_of_a_small_view_is_all_of_it(index: Index, home: Home) -> None:
    tasks = write(index, home, n=2)
    assert {task.task_id for task in draw_sample(index, TaskFilter())} == set(tasks)
    assert draw_sample(index, TaskFilter(search="nothing says this")) == []


def test_parts_of_a_file_are_the_table(index: Index, home: Home) -> None:
    write(index, home, n=9)
    view = TaskFilter(order="gap")
    parts = list(stream_tasks(index, view, 4))
    assert [len(part) for part in parts] == [4, 4, 1]
    assert [task for part in parts for task in part["task_id"]] == list(list_tasks(index, view)["task_id"])


def test_copies_are_counted_and_filtered(index: Index, home: Home) -> None:
    tasks = write(index, home)
    fill_audit(home, "cs-1", [AuditRow(task, cluster=5) for task in tasks[:3]] + [AuditRow(tasks[3])], index=index)
    copies = list_tasks(index, TaskFilter()).set_index("task_id")["copies"]
    assert (copies[tasks[0]], copies[tasks[3]], copies[tasks[5]]) == (2, 0, 0)
    cluster = find_cluster(index, tasks[0])
    assert cluster is not None
    assert count_tasks(index, TaskFilter(cluster=cluster)) == 3
    assert find_cluster(index, tasks[3]) is None


def test_search_reads_answers_only_when_asked(index: Index, home: Home) -> None:
    write(index, home)
    answer = index.query("SELECT text FROM texts WHERE no = (SELECT min(text_no) FROM rollouts)")[0][0]
    words = " ".join(answer.split()[:8])
    assert count_tasks(index, TaskFilter(search=words)) == 0
    assert count_tasks(index, TaskFilter(search=words, answers=True)) >= 1


def test_search_reads_sources_too(index: Index, home: Home) -> None:
    write(index, home)
    passage = index.query("SELECT text FROM texts WHERE no = (SELECT min(text_no) FROM sources)")[0][0]
    assert count_tasks(index, TaskFilter(search=passage[:60], answers=True)) >= 1


def test_wildcards_in_a_search_of_answers_are_text(index: Index, home: Home) -> None:
    write(index, home)
    assert count_tasks(index, TaskFilter(search="%", answers=True)) < 6


@pytest.mark.parametrize("scope", ["last", "all"])
def test_round_filter_holds_for_table_map_and_bands(index: Index, home: Home, scope: str) -> None:
    write(index, home, n=6, plans=[["too_easy", "accepted"], ["accepted"]])
    view = TaskFilter(scope=scope, round=2)  # type: ignore[arg-type]
    assert set(list_tasks(index, view)["round"]) == {2}
    assert load_map(index, view).total == count_tasks(index, view) == 3
    assert set(count_bands_by(index, view, "round")["key"]) == {"2"}


def test_runs_with_most_open_alarms_come_first(index: Index, home: Home) -> None:
    for run_id, findings in (("cs-1", (FLAG,)), ("cs-2", (VIOLATION,)), ("cs-3", ())):
        tasks = write(index, home, run_id)
        fill_audit(home, run_id, [AuditRow(task, findings) for task in tasks], index=index)
    found = [(run.run_id, run.violations, run.flags, run.open) for run in list_open_alarms(index)]
    assert found == [("cs-2", 6, 0, 6), ("cs-1", 0, 6, 6)]


def test_decided_alarms_do_not_wait(index: Index, home: Home) -> None:
    tasks = write(index, home)
    fill_audit(home, "cs-1", [AuditRow(task, (FLAG,)) for task in tasks], index=index)
    write_decision(home, tasks[0], "reject", run_id="cs-1")
    ingest_home(index, home)
    assert [(run.flags, run.open) for run in list_open_alarms(index)] == [(5, 5)]


def test_a_jump_is_told_against_the_run_before(index: Index, home: Home) -> None:
    for run_id, n in (("cs-1", 0), ("cs-2", 12)):
        tasks = write(index, home, run_id, 12)
        fill_audit(
            home, run_id, [AuditRow(task, (FLAG,) if at < n else ()) for at, task in enumerate(tasks)], index=index
        )
    (jump,) = list_jumps(index)
    assert (jump.run_id, jump.before, jump.alarms, jump.tasks) == ("cs-2", "cs-1", 12, 12)
    assert jump.p < 0.001


def test_what_chance_explains_is_no_jump(index: Index, home: Home) -> None:
    for run_id, n in (("cs-1", 1), ("cs-2", 4)):
        tasks = write(index, home, run_id, 12)
        fill_audit(
            home, run_id, [AuditRow(task, (FLAG,) if at < n else ()) for at, task in enumerate(tasks)], index=index
        )
    assert list_jumps(index) == []


def test_runs_of_other_recipes_are_not_compared(index: Index, home: Home) -> None:
    for run_id, n, domain in (("cs-1", 0, "cs"), ("law-1", 12, "law")):
        accepted = write_run(home, run_id, 12, plans=[["accepted"]], words=5, domain=domain).accepted
        ingest_home(index, home)
        fill_audit(
            home, run_id, [AuditRow(task, (FLAG,) if at < n else ()) for at, task in enumerate(accepted)], index=index
        )
    assert list_jumps(index) == []
