"""Counts kept beside the rows: after anything that can change them they are what counting the rows would give."""

from __future__ import annotations

import pytest

from autodata.home import Home
from autodata.index import Index, open_index
from autodata.index.auditing import audit_pending
from autodata.index.ingest import ingest_home
from autodata.index.queries.filters import TaskFilter, build_where, count_where
from autodata.index.queries.task_map import load_map
from autodata.index.queries.tasks import count_tasks, fetch_tasks, list_tasks
from tests.support.journals import write_decision, write_run


@pytest.fixture
def home(tmp_path) -> Home:
    home = Home(tmp_path / "data")
    write_run(home, "r1", 6)
    write_run(home, "r2", 3, parity_broken=True)
    return home


@pytest.fixture
def index(home):
    with open_index(home) as opened:
        ingest_home(opened, home)
        yield opened


def check_counts(index: Index) -> None:
    columns = "outcome, decision, parity, audit, difficulty, integrity <> '', risk > 0"
    kept = "outcome, decision, parity, audit, difficulty, audited, risky"
    for scope, table in (("all", "rounds"), ("last", "trajectories")):
        counted = index.query(
            f"""SELECT run, {columns}, count(*)::BIGINT, count(certified) FROM {table} WHERE key IS NOT NULL
            GROUP BY ALL ORDER BY ALL"""
        )
        assert index.query(
            f"""SELECT run, {kept}, sum(n)::BIGINT, sum(certified)::BIGINT FROM piles WHERE scope = '{scope}'
            GROUP BY ALL ORDER BY ALL"""
        ) == [(*row[:-2], row[-2], row[-1]) for row in counted]
        cells = f"SELECT sum(n), sum(violations) FROM cells WHERE scope = '{scope}'"
        assert index.query(cells) == index.query(
            f"SELECT count(*), count(*) FILTER (audit = 'violated') FROM {table} WHERE weak IS NOT NULL"
        )


def test_counts_are_right_after_ingest(index):
    check_counts(index)


def test_counts_are_right_after_decisions_and_their_loss(home, index):
    said = ("approve", "reject", "flag")
    for (task_id,), verdict in zip(index.query("SELECT task_id FROM trajectories LIMIT 3"), said, strict=True):
        write_decision(home, task_id, verdict)
    ingest_home(index, home)
    check_counts(index)
    assert count_tasks(index, TaskFilter(decision="approved")) == 1
    home.reviews.unlink()
    ingest_home(index, home)
    check_counts(index)
    assert count_tasks(index, TaskFilter(decision="approved")) == 0


def test_counts_are_right_after_the_audit(home, index):
    audit_pending(index, home)
    check_counts(index)


def test_counts_of_a_run_leave_with_it(home, index):
    home.journal("r2").unlink()
    ingest_home(index, home)
    check_counts(index)


@pytest.mark.parametrize(
    "task_filter",
    [
        TaskFilter(),
        TaskFilter(scope="accepted"),
        TaskFilter(scope="all", outcomes=("too_easy", "narrow_gap")),
        TaskFilter(run_id="r2", scope="accepted", decision="open"),
        TaskFilter(audit=("violated", "unchecked"), parity="differs"),
        TaskFilter(difficulty="unchecked"),
    ],
)
def test_a_count_that_is_kept_is_the_count_of_the_rows(index, task_filter):
    assert count_where(task_filter) is not None
    where = build_where(task_filter)
    assert count_tasks(index, task_filter) == index.query(where.select("count(*)"), where.params)[0][0]


def test_a_filter_that_asks_for_more_is_counted_by_its_rows():
    assert count_where(TaskFilter(search="lease")) is None
    assert count_where(TaskFilter(bands=("right",))) is None


@pytest.mark.parametrize("scope", ["last", "all"])
def test_the_map_out_of_the_counts_is_that_of_the_rows(index, scope):
    kept = load_map(index, TaskFilter(scope=scope), cap=0)
    # Every band there is, for which no count is kept: the same tasks by another way.
    counted = load_map(index, TaskFilter(scope=scope, bands=("right", "easy", "hard", "inverted", "none")), cap=0)
    assert (kept.total, kept.weak_only) == (counted.total, counted.weak_only)
    assert kept.density.values.tolist() == counted.density.values.tolist()


def test_rows_that_moved_since_they_were_chosen_are_found_all_the_same(index):
    task_filter = TaskFilter(scope="all", order="gap")
    expected = list_tasks(index, task_filter)
    places = index.query("SELECT run, key FROM rounds WHERE task_id IN (SELECT unnest(?))", [list(expected["task_id"])])
    found = fetch_tasks(index, task_filter, places, rowids=[10_000_000 + at for at in range(len(places))])
    assert sorted(found["task_id"]) == sorted(expected["task_id"])
