"""Comments, edited versions and provenance as the index holds them; raw records as the journals do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.home import Home
from autodata.index import Index, open_index
from autodata.index.ingest import ingest_home
from autodata.index.queries.comments import count_commented, load_comments
from autodata.index.queries.edits import find_parent, load_passage, load_versions
from autodata.index.queries.filters import TaskFilter
from autodata.index.queries.provenance import list_items, load_provenance
from autodata.index.queries.task import load_task
from autodata.index.queries.tasks import list_tasks as fetch
from autodata.index.raw import find_line, read_raw
from autodata.journal import JournalWriter
from autodata.model import Task
from autodata.review.comments import add_comment, settle_thread
from autodata.review.edits import record_edit
from autodata.review.team import Team, record_team
from tests.support.journals import write_decision, write_run
from tests.support.trials import write_trial


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    write_run(home, "cs-1", 3, plans=[("too_easy", "accepted")])
    return home


@pytest.fixture
def index(home: Home) -> Iterator[Index]:
    with open_index(home) as index:
        ingest_home(index, home)
        yield index


def list_tasks(index: Index, **fields: object) -> list[str]:
    return [str(name) for name in fetch(index, TaskFilter(**fields))["task_id"]]  # type: ignore[arg-type]


def find_first(index: Index) -> Task:
    found = load_task(index, list_tasks(index, scope="accepted")[0])
    assert found is not None
    return found.task


def test_open_threads_are_counted_and_filtered(home: Home, index: Index) -> None:
    task = find_first(index)
    add_comment(home, task.id, "cs-1", "Is c3 fair?", "Ada")
    ingest_home(index, home)
    assert count_commented(index) == 1
    assert list_tasks(index, scope="accepted", commented=True) == [task.id]
    assert list_tasks(index, scope="all", commented=True) == [task.id]


def test_a_settled_thread_leaves_the_filter(home: Home, index: Index) -> None:
    task = find_first(index)
    comment = add_comment(home, task.id, "cs-1", "Is c3 fair?", "Ada")
    ingest_home(index, home)
    settle_thread(home, comment, task.id, "Bo")
    ingest_home(index, home)
    assert list_tasks(index, commented=True) == []
    assert [(one.text, one.settled_by) for one in load_comments(index, task.id, "Ada").comments] == [
        ("Is c3 fair?", "Bo")
    ]


def test_a_rebuilt_index_knows_the_same_comments(home: Home, index: Index) -> None:
    task = find_first(index)
    add_comment(home, task.id, "cs-1", "Is c3 fair?", "Ada")
    ingest_home(index, home)
    before = load_comments(index, task.id, "Ada")
    index.close()
    home.database.unlink()
    with open_index(home) as again:
        ingest_home(again, home)
        assert load_comments(again, task.id, "Ada") == before


def test_an_edit_has_no_scores_before_it_was_tried(home: Home, index: Index) -> None:
    task = find_first(index)
    record_edit(home, task, "cs-1", {"question": "Which bound, and why?"}, "Ada", "too vague")
    ingest_home(index, home)
    original, version = load_versions(index, task.id)
    assert (original.number, original.task_id, original.outcome) == (1, task.id, "accepted")
    assert (version.number, version.changed, version.note) == (2, ("question",), "too vague")
    assert (version.task_id, version.outcome, version.gap, version.trial_state) == ("", "", None, "")
    assert version.task is not None
    assert version.task.question == "Which bound, and why?"


def test_a_tried_edit_stands_beside_the_original(home: Home, index: Index) -> None:
    task = find_first(index)
    trial = write_trial(home, record_edit(home, task, "cs-1", {"question": "Which bound, and why?"}, "Ada"))
    ingest_home(index, home)
    version = load_versions(index, task.id)[1]
    assert (version.task_id, version.outcome, version.trial_run, version.trial_state) == (
        trial,
        "accepted",
        "cs-2",
        "done",
    )
    assert version.gap is not None
    assert find_parent(index, trial) == (task.id, version.edit_id)


def test_every_member_of_a_family_shows_the_same_versions(home: Home, index: Index) -> None:
    task = find_first(index)
    trial = write_trial(home, record_edit(home, task, "cs-1", {"question": "Which bound, and why?"}, "Ada"))
    ingest_home(index, home)
    again = load_task(index, trial)
    assert again is not None
    record_edit(home, again.task, "cs-2", {"question": "Which bound holds?"}, "Bo")
    ingest_home(index, home)
    assert [v.parent_id for v in load_versions(index, trial)] == ["", task.id, trial]
    assert load_versions(index, trial) == load_versions(index, task.id)


def test_the_passage_of_an_edited_task_is_its_original_one(home: Home, index: Index) -> None:
    task = find_first(index)
    trial = write_trial(home, record_edit(home, task, "cs-1", {"question": "Which bound, and why?"}, "Ada"))
    ingest_home(index, home)
    original, tried = load_task(index, task.id), load_task(index, trial)
    assert original is not None
    assert tried is not None
    assert load_passage(index, tried.source) == original.source
    assert load_passage(index, original.source) is None


def test_metadata_of_a_stranger_is_no_trial(tmp_path: Path) -> None:
    home = Home(tmp_path)
    write_run(home, "cs-1", 1)
    with JournalWriter(home.journal("cs-1")) as journal:
        journal.append("source", {"source": {"id": "s9", "title": "x", "text": "y", "metadata": {"edit": "mine"}}})
    with open_index(home) as index:
        assert ingest_home(index, home).damaged == ()
        assert index.query("SELECT count(*) FROM trials") == [(0,)]


def test_provenance_runs_from_the_source_to_the_dataset(home: Home, index: Index) -> None:
    task = find_first(index)
    write_decision(home, task.id, run_id="cs-1", content_sha=task.content_sha)
    with JournalWriter(home.reviews) as journal:
        export = {"name": "d", "version": "v001", "items": 1, "hash": "ab" * 32, "task_ids": [task.id]}
        journal.append("export", export)
    ingest_home(index, home)
    found = load_provenance(index, task.id, "ann", opened=2)
    assert found is not None
    assert [step.stage for step in found.steps if step.stage != "round"] == ["source", "source", "people", "dataset"]
    assert {step.round for step in found.steps if step.stage == "round"} == {1, 2}
    assert found.versions == (("d", "v001"),)
    assert [item for item, _ in list_items(index, "d", "v001")] == [task.id]
    assert {call.round for call in found.calls} == {2}
    assert len(found.calls) == found.counts[2] > 0


def test_every_step_leads_to_its_own_record(home: Home, index: Index) -> None:
    task = find_first(index)
    write_decision(home, task.id, run_id="cs-1", content_sha=task.content_sha)
    add_comment(home, task.id, "cs-1", "Fair?", "Ada")
    ingest_home(index, home)
    found = load_provenance(index, task.id, "ann", opened=1)
    assert found is not None
    for step in (*found.steps, *found.calls):
        record = read_raw(home, step.journal, step.seq)
        assert record is not None
        assert (record.seq, record.whole) == (step.seq, True)
        assert task.id in record.line or task.source_id in record.line


def test_a_blind_reviewer_sees_no_decision_of_others_behind_a_task(home: Home, index: Index) -> None:
    task = find_first(index)
    record_team(home, Team(quorum=2, roles={"Lea": "lead"}, others="reviewer"), "Lea")
    write_decision(home, task.id, run_id="cs-1", content_sha=task.content_sha, reviewer="Bo", quorum=2)
    ingest_home(index, home)
    found, own = load_provenance(index, task.id, "Ada"), load_provenance(index, task.id, "Bo")
    assert found is not None
    assert own is not None
    assert [step.title for step in found.steps if step.stage == "people"] == []
    assert [step.title for step in own.steps if step.stage == "people"] == ["Approved by Bo"]


def test_an_unknown_task_has_no_provenance(index: Index) -> None:
    assert load_provenance(index, "t0", "ann") is None


def test_a_changed_record_is_not_whole(home: Home) -> None:
    path = home.journal("cs-1")
    path.write_bytes(path.read_bytes().replace(b'"domain":"cs"', b'"domain":"xx"', 1))
    record = read_raw(home, "runs/cs-1", 1)
    assert record is not None
    assert not record.whole


def test_a_record_that_is_not_there_is_none(home: Home) -> None:
    assert read_raw(home, "runs/cs-1", 1_000_000) is None
    assert read_raw(home, "runs/gone-1", 1) is None


@given(sizes=st.lists(st.integers(0, 150_000), min_size=1, max_size=12), data=st.data())
def test_any_line_is_found_by_its_number(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("lines") / "journal.jsonl"
    lines = [b'{"seq":%d,"x":"%s"}\n' % (number, b"a" * size) for number, size in enumerate(sizes, start=1)]
    path.write_bytes(b"".join(lines))
    wanted = data.draw(st.integers(1, len(lines)))
    assert find_line(path, wanted) == lines[wanted - 1]
    assert find_line(path, len(lines) + 1) is None
