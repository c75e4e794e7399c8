"""Several reviewers on the Review page: leases, blind votes, last words, roles - from the page's own functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from autodata.home import Home, open_home
from autodata.index.database import Index
from autodata.index.ingest import ingest_home
from autodata.index.queries.comments import Said, load_comments
from autodata.index.queries.provenance import load_provenance
from autodata.index.queries.review import Queue
from autodata.index.queries.task import load_task
from autodata.journal import read_records
from autodata.review.comments import add_comment
from autodata.review.decisions import record_decision
from autodata.review.labels import record_label
from autodata.review.leases import claim_task, list_leases, release_leases
from autodata.review.shared import read_reviews
from autodata.review.team import Team, record_team
from autodata.ui.review.actions import Screen, decide
from autodata.ui.review.audit_view import look_at_audit
from autodata.ui.review.holding import choose_next, hold
from autodata.ui.state import Workbench, close_workbench, get_workbench
from tests.support.audit_rows import AuditRow, fill_audit
from tests.support.journals import write_run
from tests.support.page_driver import ROOT
from tests.ui.page_text import read_text

ROLES = {"Lea": "lead", "Ada": "reviewer", "Bo": "reviewer", "Zoe": "viewer"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    monkeypatch.setenv("AUTODATA_HOME", str(tmp_path / "home"))
    yield open_home()
    close_workbench()


def make_team(home: Home, quorum: int = 2, **more) -> None:
    record_team(home, Team(quorum=quorum, others="viewer", roles=ROLES, **more), "Lea")


def write_tasks(home: Home, count: int = 3) -> tuple[str, ...]:
    return tuple(write_run(home, "cs-1", count, plans=[("accepted",)]).accepted)


def open_bench(home: Home) -> Workbench:
    bench = get_workbench()
    ingest_home(bench.index, bench.home)
    return bench


def open_as(name: str, **params: str) -> AppTest:
    open_bench(open_home())
    at = AppTest.from_file(str(ROOT / "autodata" / "ui" / "main.py"), default_timeout=60)
    at.session_state["reviewer.name"] = name
    at.run()
    at.switch_page(str(ROOT / "pages" / "review.py"))
    for key, value in params.items():
        at.query_params[key] = value
    at.run()
    assert not at.exception
    return at


def task_of(at: AppTest) -> str:
    found = at.query_params["task"]
    return str(found[0] if isinstance(found, list) else found)


def press(at: AppTest, name: str) -> AppTest:
    at.button(key=f"review.{name}.{task_of(at)}").click().run()
    assert not at.exception
    return at


def vote(home: Home, task: str, reviewer: str, verdict: str = "approve", **more) -> None:
    record_decision(home, task_id=task, run_id="cs-1", content_sha="s", verdict=verdict, reviewer=reviewer, **more)


def dispute(home: Home, task: str) -> None:
    vote(home, task, "Ada", note="it holds", seconds_on_item=42.0)
    vote(home, task, "Bo", "reject", reason="Leak", seconds_on_item=7.0)


def standing(home: Home, task: str) -> str:
    return read_reviews(home).state.settle(task).standing


def read_evidence(at: AppTest) -> str:
    """What the evidence component is sent, as JSON."""
    return next(e.proto.json for e in at.get("bidi_component") if e.proto.id.endswith("-review.evidence"))


def list_people(index: Index, task: str, reviewer: str) -> list[str]:
    provenance = load_provenance(index, task, reviewer)
    assert provenance is not None
    return [step.detail for step in provenance.steps if step.stage == "people"]


def find_labels(home: Home, task: str, reviewer: str) -> list[str]:
    index = open_bench(home).index
    detail = load_task(index, task, reviewer)
    assert detail is not None
    audit = look_at_audit(index, detail, reviewer).audit
    assert audit is not None
    return [label.label for label in audit.labels]


def test_a_task_on_screen_is_leased_to_its_reviewer(home):
    write_tasks(home)
    at = open_as("Ada")
    assert [(lease.task_id, lease.reviewer) for lease in list_leases(home)] == [(task_of(at), "Ada")]


def test_the_lease_moves_on_with_the_decision(home):
    write_tasks(home)
    at = open_as("Ada")
    first = task_of(at)
    press(at, "approve")
    assert [(lease.task_id, lease.reviewer) for lease in list_leases(home)] == [(task_of(at), "Ada")]
    assert task_of(at) != first


def test_leaving_the_page_gives_the_task_back(home):
    write_tasks(home)
    at = open_as("Ada")
    at.switch_page(str(ROOT / "pages" / "tasks.py"))
    at.run()
    assert list_leases(home) == ()


def test_the_end_of_the_queue_gives_the_task_back(home):
    write_tasks(home, 1)
    press(open_as("Ada"), "approve")
    assert list_leases(home) == ()


def test_a_task_that_somebody_has_on_screen_is_not_offered(home):
    write_tasks(home)
    assert task_of(open_as("Ada")) != task_of(open_as("Bo"))


def test_who_holds_a_task_is_said_where_it_is_opened_all_the_same(home):
    write_tasks(home)
    task = task_of(open_as("Ada"))
    at = open_as("Bo", task=task)
    assert "Held by Ada" in read_text(at)
    assert [lease.reviewer for lease in list_leases(home)] == ["Ada"]


def test_a_quorum_lets_as_many_look_at_once_as_votes_are_missing(home):
    make_team(home)
    (task,) = write_tasks(home, 1)
    assert [hold(home, task, name) == () for name in ("Ada", "Bo", "Lea")] == [True, True, False]
    release_leases(home, "Ada")
    release_leases(home, "Bo")
    vote(home, task, "Ada")
    assert [hold(home, task, name) == () for name in ("Bo", "Lea")] == [True, False]


def test_when_a_lease_has_run_out_the_decision_counts_and_that_is_said(home):
    write_tasks(home)
    at = open_as("Ada")
    first = task_of(at)
    release_leases(home, "Ada")
    press(at, "approve")
    assert "Your lease had run out." in read_text(at)
    assert standing(home, first) == "approved"


def test_when_somebody_decided_meanwhile_the_vote_is_kept_and_that_is_said(home):
    write_tasks(home)
    at = open_as("Ada")
    first = task_of(at)
    release_leases(home, "Ada")
    vote(home, first, "Bo", "reject")
    press(at, "approve")
    assert "Bo rejected this task" in read_text(at)
    assert "kept as a second opinion" in read_text(at)
    assert [record.data["reviewer"] for record in read_records(home.reviews)] == ["Bo", "Ada"]


def test_the_same_person_in_two_windows_holds_one_task(home):
    write_tasks(home)
    open_as("Ada")
    open_as("Ada")
    assert len(list_leases(home)) == 1


def test_without_a_name_nothing_is_leased(home):
    write_tasks(home)
    open_as("")
    assert list_leases(home) == ()


def test_what_others_voted_is_hidden_until_one_has_voted(home):
    make_team(home)
    (task,) = write_tasks(home, 1)
    vote(home, task, "Ada", "reject", reason="Luck", note="three lucky draws")
    text = read_text(open_as("Bo", task=task))
    assert "1 of 2 votes given, hidden until you have voted" in text
    assert not [word for word in ("Ada", "three lucky draws") if word in text]


def test_after_ones_own_vote_the_others_are_shown(home):
    make_team(home)
    (task,) = write_tasks(home, 1)
    vote(home, task, "Ada", "reject", reason="Luck", note="three lucky draws")
    vote(home, task, "Bo", "reject", reason="Leak")
    text = read_text(open_as("Bo", task=task))
    assert "three lucky draws" in text
    assert "The votes agree" in text


def test_what_others_said_is_hidden_until_one_has_voted(home):
    make_team(home)
    (task,) = write_tasks(home, 1)
    add_comment(home, task, "cs-1", "three lucky draws", "Ada")
    index = open_bench(home).index
    assert load_comments(index, task, "Bo") == Said((), 1)
    at = open_as("Bo", task=task)
    assert "1 comment by others is shown once you have voted." in read_evidence(at)
    assert "three lucky draws" not in read_evidence(at)
    assert not [step for step in list_people(index, task, "Bo") if "three lucky draws" in step]


def test_after_ones_own_vote_everything_said_is_shown(home):
    make_team(home)
    (task,) = write_tasks(home, 1)
    add_comment(home, task, "cs-1", "three lucky draws", "Ada")
    vote(home, task, "Bo", "reject", reason="Leak")
    index = open_bench(home).index
    assert [comment.text for comment in load_comments(index, task, "Bo").comments] == ["three lucky draws"]
    assert [step for step in list_people(index, task, "Bo") if "three lucky draws" in step]


def test_ones_own_comment_is_never_hidden(home):
    make_team(home)
    (task,) = write_tasks(home, 1)
    add_comment(home, task, "cs-1", "is c3 fair?", "Bo")
    add_comment(home, task, "cs-1", "three lucky draws", "Ada")
    said = load_comments(open_bench(home).index, task, "Bo")
    assert ([comment.text for comment in said.comments], said.hidden) == (["is c3 fair?"], 1)


def test_one_person_alone_reads_every_comment(home):
    (task,) = write_tasks(home, 1)
    add_comment(home, task, "cs-1", "three lucky draws", "Ada")
    assert load_comments(open_bench(home).index, task, "Bo").hidden == 0


def test_what_others_called_a_task_is_hidden_until_one_has_voted(home):
    make_team(home)
    (task,) = write_tasks(home, 1)
    fill_audit(home, "cs-1", [AuditRow(task)])
    given = {"run_id": "cs-1", "content_sha": "s", "blind": False, "inclusion": None, "detectors": ()}
    record_label(home, task_id=task, label="luck", reviewer="Ada", **given)
    assert find_labels(home, task, "Bo") == []
    vote(home, task, "Bo")
    assert find_labels(home, task, "Bo") == ["luck"]


def test_two_votes_settle_a_task(home):
    make_team(home)
    (task,) = write_tasks(home, 1)
    for name in ("Ada", "Bo"):
        press(open_as(name), "approve")
    assert standing(home, task) == "approved"


def test_a_task_one_voted_on_is_not_offered_again(home):
    make_team(home)
    write_tasks(home, 1)
    at = press(open_as("Ada"), "approve")
    assert "task" not in at.query_params


def test_a_lead_sees_both_votes_side_by_side(home):
    make_team(home)
    (task,) = write_tasks(home, 1)
    dispute(home, task)
    text = read_text(open_as("Lea", decision="disputed"))
    assert [word for word in ("The votes differ", "it holds", "Leak", "42 s", "7.0 s") if word not in text] == []


def test_a_last_word_needs_its_reason(home):
    make_team(home)
    (task,) = write_tasks(home, 1)
    dispute(home, task)
    at = press(open_as("Lea", decision="disputed"), "approve")
    assert "a last word needs its reason" in read_text(at)
    assert standing(home, task) == "disputed"


def test_a_lead_settles_a_dispute_and_says_why(home):
    make_team(home)
    (task,) = write_tasks(home, 1)
    dispute(home, task)
    at = open_as("Lea", decision="disputed")
    at.text_input(key="review.why").set_value("the leak is a quotation").run()
    press(at, "approve")
    last = list(read_records(home.reviews))[-1].data
    assert (last["adjudicates"], last["verdict"], last["note"]) == (True, "approve", "the leak is a quotation")
    assert standing(home, task) == "approved"


def test_a_reason_key_is_reason_enough(home):
    make_team(home)
    (task,) = write_tasks(home, 1)
    dispute(home, task)
    at = press(open_as("Lea", decision="disputed"), "reject")
    press(at, "reason.3")
    assert standing(home, task) == "rejected"


def test_a_reviewer_who_is_no_lead_does_not_settle(home):
    make_team(home)
    (task,) = write_tasks(home, 1)
    dispute(home, task)
    at = press(open_as("Ada", task=task, decision="disputed"), "reject")
    press(at, "commit")
    assert not [record for record in read_records(home.reviews) if record.data.get("adjudicates")]


def test_a_viewer_sees_why_nothing_can_be_pressed(home):
    make_team(home)
    (task,) = write_tasks(home, 1)
    button = open_as("Zoe").button(key=f"review.approve.{task}")
    assert button.disabled
    assert button.help == "Zoe is a viewer and may not decide on tasks; that takes a reviewer."


def test_a_viewer_is_refused_by_what_writes_whatever_the_page_shows(home):
    (task,) = write_tasks(home, 1)
    bench = open_bench(home)
    make_team(home)
    screen = Screen(bench, Queue(reviewer="Zoe"), "Zoe", task, "cs-1", "s")
    decide(screen, "approve")
    assert "Zoe is a viewer and may not decide" in screen.move.message
    assert standing(home, task) == "open"


def test_an_index_that_lags_hands_out_no_decided_task(home):
    first, second = write_tasks(home, 2)
    bench = open_bench(home)
    chosen = choose_next(bench, Queue(order="newest", reviewer="Ada")).task_id
    release_leases(home, "Ada")
    vote(home, chosen, "Bo")
    other = second if chosen == first else first
    assert choose_next(bench, Queue(order="newest", reviewer="Ada")).task_id == other


def test_more_holders_than_one_looks_ahead_still_leave_a_task(home):
    tasks = write_tasks(home, 40)
    bench = open_bench(home)
    for number, task in enumerate(tasks[:-1]):
        claim_task(home, task, f"R{number}", 600)
    assert choose_next(bench, Queue(reviewer="Ada")).task_id == tasks[-1]


@pytest.mark.parametrize("quorum", [1, 2])
def test_eight_reviewers_at_once_never_get_the_same_task(home, quorum):
    tasks = write_tasks(home, 24)
    record_team(home, Team(quorum=quorum), "Lea")
    bench = open_bench(home)

    def work(name: str) -> None:
        queue = Queue(reviewer=name)
        item = choose_next(bench, queue)
        task = item.task_id if item else None
        while task:
            screen = Screen(bench, queue, name, task, "cs-1", "s", leased=True)
            decide(screen, "approve")
            assert screen.move.alarm is False
            task = screen.move.task_id

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, [f"R{n}" for n in range(8)]))
    votes = [record.data for record in read_records(home.reviews) if record.kind == "decision"]
    assert Counter(data["task_id"] for data in votes) == dict.fromkeys(tasks, quorum)
    assert not [data for data in votes if data["second_opinion"]]
    assert {standing(home, task) for task in tasks} == {"approved"}


def test_a_queue_of_one_person_is_not_anothers(home):
    assert replace(Queue(), reviewer="Ada") != Queue()
