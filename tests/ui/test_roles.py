"""What a role may not do is off on the page, with the reason, and refused where it would be written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autodata.dataset.versions import export_dataset
from autodata.errors import BadInput
from autodata.home import Home
from autodata.index import open_index
from autodata.index.ingest import ingest_home
from autodata.index.queries.votes import find_team
from autodata.journal import read_records
from autodata.model import Criterion, Task
from autodata.review.bulk import Chosen, decide_all, undo_all
from autodata.review.comments import add_comment
from autodata.review.decisions import record_decision, undo_last
from autodata.review.edits import record_edit
from autodata.review.labels import record_label, undo_label
from autodata.review.team import Team, record_team
from tests.support.journals import write_decision, write_run
from tests.support.page_driver import PageDriver, use_home

TEAM = Team(others="viewer", roles={"Lea": "lead", "Ada": "reviewer"})
TASK = Task(id="t1", source_id="s", round=1, question_type="x", context="c", question="q?", reference_answer="r",
            rubric=(Criterion("c1", "says r", 1),), tags=())  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    with use_home(tmp_path / "home", monkeypatch) as opened:
        yield opened


def open_as(home: Home, name: str, page: str, **params: str) -> PageDriver:
    driver = PageDriver(home, page, **params)
    driver.at.session_state["reviewer.name"] = name
    return driver.run()


def decide(home: Home, name: str) -> None:
    record_decision(home, task_id="t1", run_id="r", content_sha="s", verdict="approve", reviewer=name)


WRITES = {
    "decide": lambda home: decide(home, "Zoe"),
    "undo": lambda home: undo_last(home, "Zoe"),
    "bulk": lambda home: decide_all(home, [Chosen("t1", "r", "s")], "approve", "Zoe"),
    "undo of an act": lambda home: undo_all(home, "b1", "Zoe"),
    "comment": lambda home: add_comment(home, "t1", "r", "words", "Zoe"),
    "edit": lambda home: record_edit(home, TASK, "r", {"question": "why?"}, "Zoe"),
    "label": lambda home: record_label(home, task_id="t1", run_id="r", content_sha="s", label="luck", reviewer="Zoe"),
    "undo of a label": lambda home: undo_label(home, "Zoe"),
    "team": lambda home: record_team(home, Team(), "Zoe"),
}


@pytest.mark.parametrize("act", WRITES)
def test_a_viewer_is_refused_where_it_is_written(home, act):
    record_team(home, TEAM, "Lea")
    with pytest.raises(BadInput, match="Zoe is a viewer and may not"):
        WRITES[act](home)
    assert [record.kind for record in read_records(home.reviews)] == ["team"]


def test_somebody_whose_role_was_taken_cannot_undo_what_they_did(home):
    decide(home, "Zoe")
    record_team(home, TEAM, "Lea")
    with pytest.raises(BadInput, match="Zoe is a viewer"):
        undo_last(home, "Zoe")


def test_a_reviewer_exports_nothing(home):
    write_run(home, "cs-1", 1)
    record_team(home, TEAM, "Lea")
    with open_index(home) as index, pytest.raises(BadInput, match="Ada is a reviewer and may not export"):
        export_dataset(home, index, "set", by="Ada")
    assert not home.datasets.exists()


def test_the_export_button_says_why_it_is_off(home):
    written = write_run(home, "cs-1", 2, plans=[("accepted",)])
    for task in written.accepted:
        write_decision(home, task)
    record_team(home, TEAM, "Lea")
    button = open_as(home, "Ada", "dataset").at.button(key="dataset.export")
    assert button.disabled
    assert button.help == "Ada is a reviewer and may not export a dataset; that takes a lead."


def test_the_start_button_says_why_it_is_off(home):
    write_run(home, "cs-1", 1)
    record_team(home, TEAM, "Lea")
    button = open_as(home, "Ada", "runs", new="1").at.button(key="runs.start.button")
    assert button.disabled
    assert "may not start, pause or stop runs" in button.help


def test_the_resume_button_says_why_it_is_off(home):
    write_run(home, "cs-1", 1, end="paused")
    record_team(home, TEAM, "Lea")
    page = open_as(home, "Ada", "runs", run="cs-1")
    assert page.at.button(key="runs.resume").disabled


def test_a_run_is_not_stopped_by_who_may_not(home):
    write_run(home, "cs-1", 1, end=None)
    record_team(home, TEAM, "Lea")
    with pytest.raises(BadInput, match="Ada is a reviewer and may not start"):
        find_team_of(home).require("Ada", "run")


def find_team_of(home: Home) -> Team:
    with open_index(home) as index:
        ingest_home(index, home)
        return find_team(index)
