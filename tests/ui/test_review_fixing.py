"""Fixing a task on the Review page: the editor, its draft, the versions beside each other, and what is offered then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autodata.errors import BadInput
from autodata.home import Home, open_home
from autodata.index.ingest import ingest_home
from autodata.index.queries.task import load_task
from autodata.journal import JournalWriter, read_records
from autodata.model import Criterion, Task
from autodata.review.comments import add_comment
from autodata.review.edits import record_edit
from autodata.review.team import Team, record_team
from autodata.ui.review.changes import build_changes, fold_same, list_changes
from autodata.ui.review.draft import Row, read_changes, start_draft
from autodata.ui.state import close_workbench, get_workbench
from autodata.ui.tree import collect_text
from tests.support.journals import write_run
from tests.support.page_driver import PageDriver
from tests.support.trials import write_trial

TASK = Task(
    id="t1",
    source_id="s1",
    round=2,
    question_type="reasoning",
    context="A lease path serves reads.\r\nIt needs no quorum round.",
    question="Which clock assumption makes the read linearizable?",
    reference_answer="A bound on drift.",
    rubric=(Criterion("c1", "Names bounded drift", 5.0), Criterion("c2", "Claims synchronised clocks", -3.0)),
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    monkeypatch.setenv("AUTODATA_HOME", str(tmp_path / "home"))
    home = open_home()
    home.root.mkdir(parents=True)
    home.root.joinpath("reviewer.json").write_text('{"name": "ann"}')
    write_run(home, "cs-1", 3, plans=[("too_easy", "accepted")])
    yield home
    close_workbench()


def open_review(home: Home, **params: str) -> PageDriver:
    return PageDriver(home, "review", **params)


def read_task(page: PageDriver) -> str:
    found = page.at.query_params["task"]
    return str(found[0] if isinstance(found, list) else found)


def open_editor(page: PageDriver) -> str:
    task = read_task(page)
    page.click(f"review.fix.{task}")
    return task


def list_records(home: Home, kind: str) -> list[dict[str, object]]:
    return [r.data for r in read_records(home.reviews) if r.kind == kind] if home.reviews.exists() else []


def load(home: Home, task_id: str) -> Task:
    index = get_workbench().index
    ingest_home(index, home)
    found = load_task(index, task_id)
    assert found is not None
    return found.task


# ---- the draft


def test_an_untouched_draft_changes_nothing() -> None:
    assert read_changes(start_draft(TASK), TASK) == {}


def test_a_draft_names_the_fields_that_differ() -> None:
    draft = start_draft(TASK)
    draft.texts["question"] = "Which bound?"
    draft.rows[0].weight = 7.0
    assert read_changes(draft, TASK) == {
        "question": "Which bound?",
        "rubric": (Criterion("c1", "Names bounded drift", 7.0), TASK.rubric[1]),
    }


def test_a_new_criterion_gets_a_free_id() -> None:
    draft = start_draft(TASK)
    draft.add_row()
    draft.rows[-1].text = "Gives the bound"
    draft.drop_row(1)
    assert [c.id for c in read_changes(draft, TASK)["rubric"]] == ["c2", "c3"]


def test_a_criterion_without_a_weight_is_named() -> None:
    draft = start_draft(TASK)
    draft.rows[0] = Row(1, "c1", "Names bounded drift", None)
    with pytest.raises(BadInput, match="criterion c1 has no weight"):
        read_changes(draft, TASK)


def test_the_diff_shows_words_weights_and_criteria() -> None:
    after = replace(
        TASK, question="Which drift assumption makes the read linearizable?",
        rubric=(Criterion("c1", "Names bounded drift", 7.0), Criterion("c3", "Gives the bound", 2.0)),
    )  # fmt: skip
    text = collect_text(build_changes(TASK, list_changes(TASK, after)))
    for words in ("clock", "drift", "5 → 7", "Gives the bound", "gone", "Claims synchronised"):
        assert words in text
    assert "Context" not in text


def test_long_unchanged_text_is_folded() -> None:
    spans = fold_same([("same", "a" * 900), ("gone", "x"), ("same", "b" * 900), ("new", "y"), ("same", "c" * 900)], 100)
    assert [len(text) for _, text in spans] == [103, 1, 203, 1, 103]


# ---- the page


def test_an_edit_is_saved_beside_the_original(home: Home) -> None:
    page = open_review(home)
    task = open_editor(page)
    page.set(f"fix.question.{task}", "Which bound holds, and why?")
    assert "Which bound holds" in page.text("fix.changes")
    page.set(f"fix.note.{task}", "too vague")
    page.click("fix.save")
    [record] = list_records(home, "edit")
    assert (record["task_id"], record["changed"], record["reviewer"], record["note"]) == (
        task,
        ["question"],
        "ann",
        "too vague",
    )
    page.click("fix.close").run()
    assert "Version 2question, by annnot tried, no scores" in page.text("review.versions")
    assert "Version 1this one" in page.text("review.versions")


def test_a_refused_edit_says_why_and_loses_nothing(home: Home) -> None:
    page = open_review(home)
    task = open_editor(page)
    page.set(f"fix.note.{task}", "why")
    page.set(f"fix.question.{task}", "   ")
    page.click("fix.save")
    assert "Not saved: the question is empty." in page.text("fix.error")
    assert page.at.text_input(key=f"fix.note.{task}").value == "why"
    assert list_records(home, "edit") == []


def test_what_was_typed_outlives_the_dialog(home: Home) -> None:
    page = open_review(home)
    task = open_editor(page)
    page.set(f"fix.question.{task}", "Half a thought")
    page.click("fix.close").run()
    assert not page.has("fix.save")
    open_editor(page)
    assert page.at.text_area(key=f"fix.question.{task}").value == "Half a thought"


def test_starting_over_shows_the_original_words(home: Home) -> None:
    page = open_review(home)
    task = open_editor(page)
    before = page.at.text_area(key=f"fix.question.{task}").value
    page.set(f"fix.question.{task}", "Half a thought")
    page.click("fix.discard")
    assert page.at.text_area(key=f"fix.question.{task}").value == before


def test_a_click_takes_what_was_typed_a_moment_before(home: Home) -> None:
    page = open_review(home)
    task = open_editor(page)
    page.at.text_area(key=f"fix.question.{task}").set_value("Which bound holds, and why?")
    page.click("fix.save")
    assert list_records(home, "edit")[0]["changed"] == ["question"]
    page.click("fix.close").run()
    page.at.session_state["review.dialog"] = "comments"
    page.run()
    page.at.text_area(key=f"comment.text.{task}").set_value("Better so?")
    page.click("comment.say")
    assert list_records(home, "comment")[0]["text"] == "Better so?"


def test_a_comment_that_was_not_said_is_there_the_next_time(home: Home) -> None:
    page = open_review(home)
    task = read_task(page)
    page.at.session_state["review.dialog"] = "comments"
    page.run()
    page.at.text_area(key=f"comment.text.{task}").set_value("Half a thought")
    page.click("comment.close").run()
    page.at.session_state["review.dialog"] = "comments"
    page.run()
    assert page.at.text_area(key=f"comment.text.{task}").value == "Half a thought"


def test_criteria_can_be_added_and_taken_out(home: Home) -> None:
    page = open_review(home)
    task = open_editor(page)
    old = load(home, task).rubric
    page.click(f"fix.drop.{task}.1").click("fix.add")
    page.set(f"fix.text.{task}.{len(old) + 1}", "Gives the bound").set(f"fix.weight.{task}.{len(old) + 1}", 2.5)
    page.click("fix.save")
    [record] = list_records(home, "edit")
    rubric = record["task"]["rubric"]  # type: ignore[index]
    assert [c["criterion"] for c in rubric] == [c.criterion for c in old[1:]] + ["Gives the bound"]
    assert rubric[-1]["weight"] == 2.5


def test_a_viewer_may_not_edit(home: Home) -> None:
    record_team(home, Team(others="viewer", roles={"Lea": "lead"}), "Lea")
    page = open_review(home)
    page.at.session_state["reviewer.name"] = "ann"
    page.run()
    open_editor(page)
    assert "is a viewer and may not edit tasks" in page.text("fix.refused")
    assert not page.has("fix.save")


def test_an_imported_run_says_what_is_missing_to_try_an_edit(home: Home) -> None:
    path = home.journal("cs-1")
    records = list(read_records(path))
    path.unlink()
    with JournalWriter(path) as journal:
        for record in records:
            more = {"imported": {"format": "generic"}} if record.kind == "run_started" else {}
            journal.append(record.kind, {**record.data, **more})
    page = open_review(home)
    task = open_editor(page)
    page.set(f"fix.question.{task}", "Which bound holds, and why?").click("fix.save")
    assert "it has no seats" in page.text("fix.missing")
    assert not page.has("fix.try")


def test_approving_a_new_version_offers_to_reject_the_original(home: Home) -> None:
    page = open_review(home)
    task = read_task(page)
    trial = write_trial(home, record_edit(home, load(home, task), "cs-1", {"question": "Which bound, and why?"}, "ann"))
    page = open_review(home, task=trial)
    assert f"A new version of {task}" in page.text("review.sentence")
    page.click(f"review.approve.{trial}")
    assert f"It replaces {task}." in page.text("review.sentence")
    page.click("review.replace")
    [approval, rejection] = list_records(home, "decision")
    assert (approval["task_id"], approval["verdict"]) == (trial, "approve")
    assert (rejection["task_id"], rejection["verdict"], rejection["reason"], rejection["note"]) == (
        task,
        "reject",
        "Other",
        f"replaced by {trial}",
    )
    assert not page.has("review.replace")


def test_nothing_is_rejected_unasked(home: Home) -> None:
    page = open_review(home)
    task = read_task(page)
    trial = write_trial(home, record_edit(home, load(home, task), "cs-1", {"question": "Which bound, and why?"}, "ann"))
    page = open_review(home, task=trial)
    page.click(f"review.approve.{trial}")
    assert [record["verdict"] for record in list_records(home, "decision")] == ["approve"]


def test_a_new_version_leads_to_its_original_and_says_what_changed(home: Home) -> None:
    page = open_review(home)
    task = read_task(page)
    trial = write_trial(home, record_edit(home, load(home, task), "cs-1", {"question": "Which bound, and why?"}, "ann"))
    page = open_review(home, task=trial)
    assert "Version 2this onequestion, by annaccepted" in page.text("review.versions")
    page.at.session_state["review.dialog"] = "changed"
    page.at.session_state["review.compared"] = list_records(home, "edit")[0]["edit_id"]
    page.run()
    assert task in page.text("changed.head")
    assert "Which bound, and why?" in page.text("changed.body")


def test_a_trial_whose_process_is_gone_can_be_tried_again(home: Home) -> None:
    page = open_review(home)
    task = read_task(page)
    edit = record_edit(home, load(home, task), "cs-1", {"question": "Which bound, and why?"}, "ann")
    trial = write_trial(home, edit)
    path = home.journal("cs-2")
    begun = [r for r in read_records(path) if r.kind in ("run_started", "source")]
    path.unlink()
    with JournalWriter(path) as journal:
        for record in begun:
            journal.append(record.kind, record.data)
    page = open_review(home, task=task)
    assert "trial failed: its process ended without a result" in page.text("review.versions")
    assert "try it again" in page.text("review.versions")
    assert trial not in page.text("review.versions")


# ---- comments and provenance


def test_a_comment_is_recorded_and_counted(home: Home) -> None:
    page = open_review(home)
    task = read_task(page)
    page.at.session_state["review.dialog"] = "comments"
    page.run()
    page.set(f"comment.text.{task}", "Is <b>c3</b> fair, @bo?").click("comment.say")
    [record] = list_records(home, "comment")
    assert (record["text"], record["author"], record["task_id"]) == ("Is <b>c3</b> fair, @bo?", "ann", task)
    assert page.at.text_area(key=f"comment.text.{task}").value == ""
    assert "Is <b>c3</b> fair, @bo?" in page.text(f"comment.thread.{record['comment_id']}")


def test_a_thread_is_answered_and_settled(home: Home) -> None:
    page = open_review(home)
    task = read_task(page)
    first = add_comment(home, task, "cs-1", "Fair?", "bo")
    page = open_review(home, task=task)
    page.at.session_state["review.dialog"] = "comments"
    page.run()
    page.click(f"comment.answer.{first}").set(f"comment.text.{task}", "Yes.").click("comment.say")
    page.click(f"comment.settle.{first}")
    assert list_records(home, "comment")[1]["answers"] == first
    assert list_records(home, "comment_settled")[0]["by"] == "ann"
    assert "Settled by ann" in page.text(f"comment.thread.{first}")


def test_an_empty_comment_is_refused_in_place(home: Home) -> None:
    page = open_review(home)
    page.at.session_state["review.dialog"] = "comments"
    page.run()
    page.click("comment.say")
    assert "the comment is empty" in page.text("comment.error")


def test_the_queue_of_tasks_with_open_comments(home: Home) -> None:
    page = open_review(home)
    others = read_task(page)
    page.click(f"review.next.{others}")
    task = read_task(page)
    add_comment(home, task, "cs-1", "Fair?", "bo")
    page = open_review(home, comments="open")
    assert read_task(page) == task
    assert "0 of 1 decided" in page.text("review.top")


def test_the_drawer_lists_every_record_and_opens_one(home: Home) -> None:
    page = open_review(home, show="provenance")
    task = read_task(page)
    chain = page.text("provenance.chain")
    for words in ("Source", "Round 1", "Round 2", "this task's round", "Call to the weak", "not exported"):
        assert words in chain
    page.at.session_state["review.provenance"]["raw"] = ("runs/cs-1", 1)
    page.at.session_state["review.dialog"] = "provenance"
    page.run()
    assert "Record 1 of runs/cs-1run_started" in page.text("provenance.raw")
    assert "its hash is that of its bytes" in page.text("provenance.raw")
    assert '{"seq":1,' in page.at.code[1].value
    assert task


def test_tasks_with_open_comments_are_filtered_on_the_tasks_page(home: Home) -> None:
    task = read_task(open_review(home))
    add_comment(home, task, "cs-1", "Fair?", "bo")
    page = PageDriver(home, "tasks", tasks__comments="true")
    shown = page.at.dataframe[0].value
    assert len(shown) == 1
    assert not page.at.exception


def test_an_item_of_a_dataset_version_leads_back(home: Home) -> None:
    page = open_review(home)
    task = read_task(page)
    with JournalWriter(home.reviews) as journal:
        journal.append("export", {"name": "d", "version": "v001", "items": 1, "hash": "ab" * 32, "task_ids": [task]})
    page = open_review(home, task=task, show="provenance")
    assert "Exported in d v001" in page.text("provenance.chain")
    page.at.session_state["review.provenance"]["version"] = ("d", "v001")
    page.at.session_state["review.dialog"] = "provenance"
    page.run()
    assert task in page.text("provenance.chain")
    page.click("provenance.back")
    assert "Round 2" in page.text("provenance.chain")
