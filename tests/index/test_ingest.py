"""Ingest: incremental equals one-shot, the last record wins, damage stops a journal without losing what is before."""

import os
import shutil

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autodata.home import Home
from autodata.index import Index, open_index
from autodata.index import ingest as ingest_module
from autodata.index.ingest import ingest_home, ingest_reviews_now, rebuild
from autodata.index.queries.overview import list_needs
from autodata.index.queries.task import load_task
from autodata.index.queries.tasks import TaskFilter, count_tasks, list_tasks
from autodata.journal import JournalWriter, read_records
from tests.support.journals import RunAuthor, write_decision, write_run

TABLES = ("runs", "sources", "skipped", "results", "tasks", "qualities", "rollouts", "calls", "rounds", "trajectories",
          "decisions", "verdicts", "exports", "members", "standings", "cells", "piles", "paces")  # fmt: skip


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "data")


@pytest.fixture
def index(home):
    with open_index(home) as opened:
        yield opened


def read_everything(index: Index) -> dict[str, list[str]]:
    """Every row of every table as text, numbers of texts replaced by the texts."""
    found = {}
    for table in TABLES:
        names = [row[0] for row in index.query(f"DESCRIBE {table}")]
        columns = ", ".join("(SELECT text FROM texts WHERE no = text_no)" if n == "text_no" else n for n in names)
        found[table] = sorted(str(row) for row in index.query(f"SELECT {columns} FROM {table}"))
    return found


def feed(home: Home, source: bytes, target, cuts) -> None:
    """Write the journal bit by bit, ingesting after each."""
    target.parent.mkdir(parents=True, exist_ok=True)
    start = 0
    for cut in [*sorted(cuts), len(source)]:
        with open(target, "ab") as file:
            file.write(source[start:cut])
        start = cut
        with open_index(home) as index:
            ingest_home(index, home)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shares=st.lists(st.floats(0, 1), min_size=1, max_size=4))
def test_ingest_in_pieces_equals_at_once(tmp_path, shares):
    whole, pieces = Home(tmp_path / "whole"), Home(tmp_path / "pieces")
    for place in (whole, pieces):
        shutil.rmtree(place.root, ignore_errors=True)
    written = write_run(whole, "r1", 3, skipped=1, plans=[("too_easy", "accepted"), ("undecided",)])
    write_decision(whole, written.accepted[0])
    raw = whole.journal("r1").read_bytes()
    feed(pieces, raw, pieces.journal("r1"), [int(share * len(raw)) for share in shares])
    shutil.copy(whole.reviews, pieces.reviews)
    with open_index(whole) as one, open_index(pieces) as many:
        ingest_home(one, whole)
        ingest_home(many, pieces)
        assert read_everything(one) == read_everything(many)


def test_small_batches_equal_one_batch(home, index, monkeypatch):
    write_run(home, "r1", 5)
    ingest_home(index, home)
    expected = read_everything(index)
    index.close()
    monkeypatch.setattr(ingest_module, "BATCH_BYTES", 5000)
    rebuild(home)
    with open_index(home) as again:
        assert read_everything(again) == expected


def test_rebuild_gives_the_same_index_decisions_included(home, index):
    written = write_run(home, "r1", 6)
    write_run(home, "r2", 3, end="paused")
    first = write_decision(home, written.accepted[0])
    write_decision(home, written.accepted[1], "reject")
    write_decision(home, written.accepted[0], "undo", undoes=first)
    ingest_home(index, home)
    expected = read_everything(index)
    index.close()
    steps = []
    report = rebuild(home, steps.append)
    assert report.records > 100
    assert (steps[-1].bytes, steps[-1].records, steps[-1].share) == (report.bytes, report.records, 1.0)
    with open_index(home) as again:
        assert read_everything(again) == expected


def test_counts_kept_at_ingest_equal_counts_of_the_rows(home, index, monkeypatch):
    monkeypatch.setattr(ingest_module, "BATCH_BYTES", 20_000)
    with RunAuthor(home, "r1") as author:
        author.start(6)
        for number in range(5):
            author.write_trajectory(number, author.draw_plan())
        author.write_trajectory(5, ["undecided"])
        ingest_home(index, home)
        author.resume()
        author.write_trajectory(5, ["too_easy", "accepted"])
    ingest_home(index, home)
    for kept, counted in (
        ("SELECT sum(n), sum(judged) FROM tallies", "SELECT count(*), count(gap) FROM rounds"),
        ("SELECT sum(n), sum(n) FILTER (strong IS NULL) FROM cells WHERE scope = 'all'",
         "SELECT count(weak), count(*) FILTER (weak IS NOT NULL AND strong IS NULL) FROM rounds"),
        ("SELECT outcome, sum(n) FROM piles WHERE scope = 'last' GROUP BY 1 ORDER BY 1",
         "SELECT outcome, count(*) FROM trajectories GROUP BY 1 ORDER BY 1"),
        ("SELECT sum(calls), sum(errors) FROM uses", "SELECT count(*), count(error_kind) FROM calls"),
        ("SELECT sum(calls), sum(tokens) FROM paces",
         "SELECT count(*), sum(prompt_tokens + completion_tokens) FROM calls"),
        ("SELECT sources, done, undecided FROM standings",
         "SELECT (SELECT count(*) FROM sources), count(*), count(*) FILTER (outcome = 'undecided') FROM results"),
    ):  # fmt: skip
        assert index.query(kept) == index.query(counted)


def test_nothing_new_changes_nothing(home, index):
    write_run(home, "r1", 2)
    ingest_home(index, home)
    revision = index.revision
    assert ingest_home(index, home).records == 0
    assert index.revision == revision


def test_torn_last_line_waits_until_it_is_complete(home, index):
    write_run(home, "r1", 2)
    path = home.journal("r1")
    raw = path.read_bytes()
    path.write_bytes(raw[:-100])
    assert ingest_home(index, home).damaged == ()
    assert index.query("SELECT state FROM runs") == [("running",)]
    with open(path, "ab") as file:
        file.write(raw[-100:])
    ingest_home(index, home)
    assert index.query("SELECT state FROM runs") == [("done",)]


def test_undecided_then_accepted_the_last_record_wins(home, index):
    with RunAuthor(home, "r1") as author:
        author.start(1)
        author.write_trajectory(0, ["undecided"])
        author.end("paused", "the endpoint is down")
        ingest_home(index, home)
        assert list_tasks(index, TaskFilter())["outcome"].tolist() == ["undecided"]
        author.resume()
        author.write_trajectory(0, ["accepted"])
        author.end()
    ingest_home(index, home)
    assert index.query("SELECT outcome FROM rounds") == [("accepted",)]
    assert index.query("SELECT outcome FROM results") == [("accepted",)]
    assert index.query("SELECT count(*) FROM rollouts")[0][0] == 6
    assert list_tasks(index, TaskFilter(scope="accepted"))["round"].tolist() == [1]


def test_altered_record_stops_the_journal_there(home, index):
    written = write_run(home, "cs-1", 3, plans=[("accepted",)])
    path = home.journal("cs-1")
    lines = path.read_bytes().splitlines(keepends=True)
    last_round = max(i for i, line in enumerate(lines) if b'"kind":"round"' in line)
    lines[last_round] = lines[last_round].replace(b'"calls":', b'"calls": ')
    path.write_bytes(b"".join(lines))
    report = ingest_home(index, home)
    sentence = (
        f"Record {last_round + 1:,} of run cs-1 does not match its hash. Everything before it is intact. "
        "Tasks after it are marked incomplete."
    )
    assert report.damaged == (("runs/cs-1", sentence),)
    assert list_needs(index)[0].sentence == sentence
    assert count_tasks(index, TaskFilter(scope="accepted")) == 2
    hurt = load_task(index, written.accepted[2])
    assert hurt is not None
    assert hurt.incomplete == sentence
    whole = load_task(index, written.accepted[0])
    assert whole is not None
    assert whole.incomplete == ""


def test_missing_record_breaks_the_chain(home, index):
    write_run(home, "cs-1", 2)
    path = home.journal("cs-1")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:5] + lines[6:]))
    ((_, sentence),) = ingest_home(index, home).damaged
    assert "Record 6 of run cs-1 does not follow the record before it" in sentence


def test_mended_journal_is_taken_up_again(home, index):
    write_run(home, "cs-1", 2)
    path = home.journal("cs-1")
    raw = path.read_bytes()
    lines = raw.splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:5], b"junk\n", *lines[5:]]))
    assert ingest_home(index, home).damaged
    path.write_bytes(raw)
    os.utime(path, ns=(1, 1))
    assert ingest_home(index, home).damaged == ()
    assert index.query("SELECT state FROM runs") == [("done",)]


def test_a_verdict_that_is_no_number_damages_its_journal_and_no_other(home, index):
    write_run(home, "cs-2", 1)
    with JournalWriter(home.journal("cs-1")) as journal:
        journal.append("run_started", {"run_id": "cs-1"})
        rollout = {"source": "s", "round": 1, "task_id": "t", "solver": "weak", "index": 0, "purpose": "select"}
        journal.append("rollout", {**rollout, "verdicts": {"c1": {"met": "yes"}}})
    ((name, sentence),) = ingest_home(index, home).damaged
    assert name == "runs/cs-1"
    assert "'c1' is 'yes', no number" in sentence
    assert index.query("SELECT count(*) FROM trajectories")[0][0] == 1


def test_record_of_a_wrong_form_is_damage_not_a_crash(home, index):
    with RunAuthor(home, "cs-1") as author:
        author.start(1)
        author.journal.append("round", {"source": "s", "task_id": None})
    ((_, sentence),) = ingest_home(index, home).damaged
    assert "cannot be understood" in sentence


def test_replaced_journal_is_ingested_from_zero(home, index):
    write_run(home, "r1", 4, seed=1)
    ingest_home(index, home)
    home.journal("r1").unlink()
    write_run(home, "r1", 1, seed=2)
    ingest_home(index, home)
    assert index.query("SELECT count(*) FROM sources") == [(1,)]


def test_deleted_run_leaves_the_index(home, index):
    write_run(home, "r1", 2)
    write_run(home, "r2", 2)
    ingest_home(index, home)
    shutil.rmtree(home.run("r1"))
    ingest_home(index, home)
    assert index.query("SELECT run_id FROM runs") == [("r2",)]


def test_decision_reaches_the_index_at_once(home, index):
    written = write_run(home, "r1", 2, plans=[("accepted",)])
    ingest_home(index, home)
    write_decision(home, written.accepted[0])
    assert ingest_reviews_now(index, home) == 1
    assert count_tasks(index, TaskFilter(decision="approved")) == 1


def test_decision_known_before_its_task_counts_once_the_task_comes(home, index):
    other = Home(home.root.parent / "other")
    written = write_run(other, "r1", 1, plans=[("accepted",)])
    write_decision(home, written.accepted[0], "reject")
    ingest_home(index, home)
    shutil.copytree(other.runs, home.runs)
    ingest_home(index, home)
    assert count_tasks(index, TaskFilter(scope="accepted", decision="rejected")) == 1


def test_texts_are_stored_once(home, index):
    write_run(home, "r1", 2, statuses=("ok",))
    shutil.copytree(home.run("r1"), home.run("r2"))
    ingest_home(index, home)
    assert index.query("SELECT count(*) = count(DISTINCT sha) FROM texts") == [(True,)]
    assert isinstance(list_tasks(index, TaskFilter()), pd.DataFrame)


def test_folder_that_is_a_copy_of_a_run_is_passed_over(home, index):
    write_run(home, "cs-0001", 2)
    shutil.copytree(home.run("cs-0001"), home.runs / "cs-0001 (copy)")
    ingest_home(index, home)
    assert index.query("SELECT run_id FROM runs") == [("cs-0001",)]


def test_call_answered_by_a_simulated_model_makes_its_run_simulated(home, index):
    write_run(home, "cs-0001", 1, simulated=False)
    ingest_home(index, home)
    assert index.query("SELECT simulated FROM runs") == [(False,)]
    with JournalWriter(home.journal("cs-0001")) as journal:
        call = next(record.data for record in read_records(home.journal("cs-0001")) if record.kind == "call")
        journal.append("call", {**call, "simulated": True})
    ingest_home(index, home)
    assert index.query("SELECT simulated FROM runs") == [(True,)]
