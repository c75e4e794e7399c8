"""Checking the judge from the Review page: what is said is kept beside the judge's word and changes no score."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autodata.home import Home
from autodata.index.ingest import ingest_home
from autodata.index.queries.reviewers import find_criterion_checks, list_criterion_checks
from autodata.index.queries.task import TaskDetail, load_task
from autodata.review.team import Team, record_team
from autodata.ui.review.judging import frame_criteria, keep_words, name_answer, spell_met
from autodata.ui.state import Workbench, get_workbench
from tests.support.journals import write_run
from tests.support.page_driver import PageDriver, use_home


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    with use_home(tmp_path / "home", monkeypatch) as opened:
        opened.root.mkdir(parents=True)
        opened.root.joinpath("reviewer.json").write_text('{"name": "ann"}')
        yield opened


@pytest.fixture
def shown(home: Home) -> tuple[Workbench, TaskDetail]:
    task = write_run(home, "cs-1", 1, plans=[("accepted",)]).accepted[0]
    bench = get_workbench()
    ingest_home(bench.index, home)
    return bench, load_task(bench.index, task, "ann")


def test_the_judges_word_stands_beside_an_empty_one(shown):
    _, detail = shown
    one = detail.rollouts_of("weak")[0]
    frame = frame_criteria(detail, one, {})
    assert list(frame["judge"]) == [spell_met(verdict.met) for verdict in one.verdicts]
    assert set(frame["you"]) == {""}


def test_what_is_said_is_kept_and_only_that(shown):
    bench, detail = shown
    one = detail.rollouts_of("strong")[0]
    other = "not met" if one.verdicts[0].met >= 1 else "met"
    severity, words = keep_words(bench, detail, one, {"0": {"you": other}, "1": {"you": ""}}, "ann")
    assert (severity, words) == ("clear", "Kept 1 verdict; the judge was wrong in 1 of them.")
    assert [check.criterion_id for check in list_criterion_checks(bench.index)] == [detail.task.rubric[0].id]


def test_what_was_said_before_is_shown_again(shown):
    bench, detail = shown
    one = detail.rollouts_of("weak")[0]
    keep_words(bench, detail, one, {0: {"you": "met"}}, "ann")
    said = find_criterion_checks(bench.index, detail.task.id, "ann")
    assert frame_criteria(detail, one, said)["you"][0] == "met"


def test_saying_nothing_is_no_record(shown, home):
    bench, detail = shown
    severity, words = keep_words(bench, detail, detail.rollouts_of("weak")[0], {}, "ann")
    assert severity == "flag"
    assert "nothing to keep" in words
    assert not home.reviews.exists()


def test_a_viewer_is_refused(shown, home):
    bench, detail = shown
    record_team(home, Team(others="viewer", roles={"Lea": "lead"}), "Lea")
    _, words = keep_words(bench, detail, detail.rollouts_of("weak")[0], {0: {"you": "met"}}, "ann")
    assert "ann is a viewer" in words


def test_the_dialog_shows_the_answer_and_its_criteria(home):
    write_run(home, "cs-1", 1, plans=[("accepted",)])
    page = PageDriver(home, "review")
    page.at.session_state["review.dialog"] = "judging"
    page.run()
    assert "Answer 0 of the weak model" in page.text("judging.text")
    assert page.has("judging.save")


def test_answers_are_named_as_on_the_page(shown):
    _, detail = shown
    assert [name_answer(one) for one in detail.rollouts_of("weak")] == ["Weak 1", "Weak 2", "Weak 3"]
