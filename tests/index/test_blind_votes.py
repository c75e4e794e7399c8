"""Others' votes stay in the index until one has voted: every query that shows them is asked by somebody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autodata.home import Home
from autodata.index import Index, open_index
from autodata.index.ingest import ingest_home
from autodata.index.queries.decisions import list_decisions
from autodata.index.queries.filters import TaskFilter
from autodata.index.queries.review import Queue, find_next, load_progress, load_queue
from autodata.index.queries.task import load_task
from autodata.index.queries.tasks import list_tasks
from autodata.index.queries.votes import load_votes, name_reviewers
from autodata.index.staging import task_key
from autodata.review.decisions import record_decision, undo_last
from autodata.review.team import Team, record_team
from tests.support.journals import write_run

ROLES = {"Lea": "lead", "Ada": "reviewer", "Bo": "reviewer", "Zoe": "viewer"}


class World:
    """A home with accepted tasks and a team of which two must agree."""

    def __init__(self, home: Home, index: Index, tasks: tuple[str, ...]) -> None:
        self.home, self.index, self.tasks = home, index, tasks
        self.task = tasks[0]

    def vote(self, reviewer: str, verdict: str = "approve", task: str = "", **more) -> None:
        chosen = task or self.task
        record_decision(
            self.home, task_id=chosen, run_id="cs-1", content_sha="s", verdict=verdict, reviewer=reviewer, **more
        )
        ingest_home(self.index, self.home)

    def see(self, reviewer: str) -> list[tuple[str, str]]:
        return [(vote.reviewer, vote.verdict) for vote in load_votes(self.index, self.task, reviewer).votes]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    home = Home(tmp_path / "home")
    written = write_run(home, "cs-1", 4, plans=[("accepted",)])
    record_team(home, Team(quorum=2, others="viewer", roles=ROLES), "Lea")
    with open_index(home) as index:
        ingest_home(index, home)
        yield World(home, index, tuple(written.accepted))


def test_nobody_sees_the_first_vote_but_who_gave_it(world):
    world.vote("Ada")
    assert {name: world.see(name) for name in (*ROLES, "")} == {
        "Ada": [("Ada", "approve")], "Bo": [], "Lea": [], "Zoe": [], "": [],
    }  # fmt: skip


def test_the_count_of_hidden_votes_is_told(world):
    world.vote("Ada")
    found = load_votes(world.index, world.task, "Bo")
    assert (found.standing, found.given, found.needed, found.hidden) == ("waiting", 1, 2, 1)


def test_who_has_voted_sees_the_others(world):
    world.vote("Ada")
    world.vote("Bo", "reject", reason="Leak")
    assert world.see("Bo") == world.see("Ada") == [("Ada", "approve"), ("Bo", "reject")]


def test_a_lead_sees_what_is_disputed(world):
    world.vote("Ada")
    world.vote("Bo", "reject")
    assert len(world.see("Lea")) == 2
    assert world.see("Zoe") == []


def test_a_vote_that_was_undone_shows_nothing_any_more(world):
    world.vote("Ada")
    world.vote("Bo")
    undo_last(world.home, "Bo")
    ingest_home(world.index, world.home)
    assert world.see("Bo") == []


def test_the_decision_log_keeps_the_same_silence(world):
    world.vote("Ada")
    assert list_decisions(world.index, world.task, "Bo") == ()
    assert [one.reviewer for one in list_decisions(world.index, world.task, "Ada")] == ["Ada"]


def test_a_task_is_loaded_as_its_reader_may_see_it(world):
    world.vote("Ada", "flag", reason="Leak", note="look at line 3")
    for name in ("Bo", ""):
        detail = load_task(world.index, world.task, name)
        assert (detail.decision, detail.decisions, detail.votes.votes) == ("waiting", (), ())
        assert "look at line 3" not in repr(detail)


def test_the_table_of_tasks_names_nobody_who_is_hidden(world):
    world.vote("Ada")
    view = TaskFilter(decision="waiting")
    assert list(list_tasks(world.index, view, reviewer="Bo")["reviewer"]) == [""]
    assert list(list_tasks(world.index, view, reviewer="Ada")["reviewer"]) == ["Ada"]
    assert name_reviewers(world.index, [task_key(world.task)], "Bo") == {}


def test_both_who_agreed_are_named_once_it_is_settled(world):
    world.vote("Ada")
    world.vote("Bo")
    assert list(list_tasks(world.index, TaskFilter(decision="approved"), reviewer="Bo")["reviewer"]) == ["Ada, Bo"]


def test_an_open_team_hides_nothing(world):
    record_team(world.home, Team(quorum=2, blind=False, others="viewer", roles=ROLES), "Lea")
    world.vote("Ada")
    assert world.see("Bo") == [("Ada", "approve")]


def test_a_task_voted_on_is_not_offered_again_to_the_same_person(world):
    world.vote("Ada", task=world.tasks[0])
    asked = {name: find_next(world.index, Queue(reviewer=name), None) for name in ("Ada", "Bo")}
    left = {name: load_progress(world.index, Queue(reviewer=name)).open for name in ("Ada", "Bo")}
    assert asked["Ada"].task_id != world.tasks[0]
    assert left == {"Ada": 3, "Bo": 4}


def test_a_disputed_task_waits_for_a_lead_only(world):
    for name, verdict in (("Ada", "approve"), ("Bo", "reject")):
        world.vote(name, verdict)
    assert load_progress(world.index, Queue(reviewer="Lea")).disputed == 1
    disputed = Queue(TaskFilter(scope="accepted", decision="disputed"), reviewer="Lea")
    assert find_next(world.index, disputed).task_id == world.task
    assert world.task not in {item.task_id for item in load_queue(world.index, Queue(reviewer="Lea"))}


def test_a_last_word_settles_it_and_stands_beside_the_votes(world):
    for name, verdict in (("Ada", "approve"), ("Bo", "reject")):
        world.vote(name, verdict)
    world.vote("Lea", "reject", adjudicates=True, note="the context names the answer")
    found = load_votes(world.index, world.task, "Ada")
    assert (found.standing, found.votes[-1].adjudicates, found.votes[-1].note) == (
        "rejected", True, "the context names the answer",
    )  # fmt: skip
