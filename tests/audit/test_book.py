"""A run taken in record by record: tasks come out when their source is done, whatever lies between its records."""

from __future__ import annotations

import itertools

import pytest

from autodata.audit.book import RunBook
from autodata.audit.reading import read_run
from autodata.audit.records import Chain
from autodata.errors import JournalDamaged
from autodata.home import Home
from autodata.journal import JournalWriter, read_records
from tests.support.journals import RunAuthor, write_run


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "data")


def feed(path, book=None):
    """Tasks in the order in which they come out, each with the kind of the record that brought it."""
    book, start, found = book or RunBook(path), 0, []
    for record in read_records(path):
        found += [(record.kind, task) for task in book.take(record, start)]
        start = record.end
    return found


def rewrite(path, records):
    path.unlink()
    with JournalWriter(path) as journal:
        for kind, data in records:
            journal.append(kind, data)


def list_records(path):
    return [(record.kind, record.data) for record in read_records(path)]


def test_task_comes_out_with_the_end_of_its_source(home):
    written = write_run(home, "r1", 3, plans=[("too_easy", "accepted")])
    found = feed(home.journal("r1"))
    assert [(kind, task.task.id) for kind, task in found] == [("source_done", own) for own in written.accepted]


def test_sources_that_are_worked_on_together_are_kept_apart(home):
    write_run(home, "r1", 2, plans=[("too_easy", "accepted")])
    path = home.journal("r1")
    apart = {task.task.id: task for _, task in feed(path)}
    records = list_records(path)
    sources = sorted({data["source"] for kind, data in records if kind == "round"})
    head = [own for own in records if own[0] in ("run_started", "source")]
    tracks = [[own for own in records if own[1].get("source") == source] for source in sources]
    mixed = [own for pair in itertools.zip_longest(*tracks) for own in pair if own is not None]
    rewrite(path, [*head, *mixed])
    together = {task.task.id: task for _, task in feed(path)}
    assert together.keys() == apart.keys()
    for task_id, task in together.items():
        assert [call.texts for call in task.calls] == [call.texts for call in apart[task_id].calls]
        assert [(a.round, a.text) for a in task.attempts] == [(a.round, a.text) for a in apart[task_id].attempts]


def test_rejected_rounds_are_attempts_and_nothing_more(home):
    write_run(home, "r1", 1, plans=[("too_easy", "failed_quality", "narrow_gap", "accepted")])
    ((_, task),) = feed(home.journal("r1"))
    assert task.task.round == 4
    # The round that failed its review was never put to a solver.
    assert [attempt.round for attempt in task.attempts] == [1, 3]
    assert len(read_run(home.journal("r1"), everything=True).tasks) == 4


def test_undecided_source_comes_out_once_it_is_accepted(home):
    with RunAuthor(home, "r1") as author:
        author.start(1)
        author.write_trajectory(0, ["undecided"])
        assert feed(home.journal("r1")) == []
        author.resume()
        author.write_trajectory(0, ["accepted"], first_round=2)
    ((_, task),) = feed(home.journal("r1"))
    assert (task.task.round, [attempt.round for attempt in task.attempts]) == (2, [1])


def test_source_that_never_ended_stays_open_with_its_task(home):
    with RunAuthor(home, "r1") as author:
        author.start(1)
        author.write_round(author.written.sources[0], 1, "accepted")
    book = RunBook(home.journal("r1"))
    assert feed(home.journal("r1"), book) == []
    (source,) = book.list_open()
    assert [task.task.id for task in book.read_open(source)] == author.written.accepted
    assert book.list_open() == [source]


def test_nothing_is_kept_of_a_source_that_ended(home):
    write_run(home, "r1", 4, plans=[("accepted",), ("too_easy",)])
    book = RunBook(home.journal("r1"))
    feed(home.journal("r1"), book)
    assert book.list_open() == []


def test_malformed_record_is_named_and_other_sources_go_on(home):
    written = write_run(home, "r1", 2, plans=[("accepted",)])
    path = home.journal("r1")
    records = list_records(path)
    next(data for kind, data in records if kind == "rollout")["index"] = "first"
    rewrite(path, records)
    book, start, tasks, errors = RunBook(path), 0, [], []
    for record in read_records(path):
        try:
            tasks += book.take(record, start)
        except JournalDamaged as error:
            errors.append(str(error))
        start = record.end
    assert [task.task.id for task in tasks] == written.accepted[1:]
    assert len(errors) == 1
    assert "(rollout) cannot be read" in errors[0]


def test_journal_that_changes_meanwhile_is_told(home):
    write_run(home, "r1", 1, plans=[("accepted",)])
    path = home.journal("r1")
    *before, (last, _) = [(record, record.end) for record in read_records(path)]
    book, end = RunBook(path), 0
    for record, next_start in before[:-1]:
        book.take(record, end)
        end = next_start
    done = before[-1][0]
    assert (done.kind, last.kind) == ("source_done", "run_ended")
    path.write_bytes(b"x" * path.stat().st_size)
    with pytest.raises(JournalDamaged, match="changed under the audit"):
        book.take(done, end)


def test_facts_need_a_start(tmp_path):
    with pytest.raises(JournalDamaged, match="run_started"):
        RunBook(tmp_path / "journal.jsonl").describe_run(Chain(0))
