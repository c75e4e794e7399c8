"""Decisions on a whole filter: recorded one by one, undone as one, never over an alarm."""

import pytest

from autodata.errors import BadInput
from autodata.home import Home
from autodata.journal import verify_journal
from autodata.review.bulk import (
    ALARMED,
    DECIDED,
    REFUSED,
    VOTED,
    Chosen,
    LastAct,
    decide_all,
    find_last_act,
    foresee_all,
    make_act_id,
    pick_one_each,
    undo_all,
)
from autodata.review.decisions import record_decision, undo_last
from autodata.review.shared import current_decisions, forget_reviews
from autodata.review.team import Team, record_team


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


def choose(count=5, alarmed=()):
    return [Chosen(f"t{n}", "r1", "sha", n in alarmed) for n in range(count)]


def decide(home, task, verdict="reject", reviewer="Bo"):
    return record_decision(home, task_id=task, run_id="r1", content_sha="sha", verdict=verdict, reviewer=reviewer)


def test_every_open_task_is_decided(home):
    assert decide_all(home, choose(), "approve", "Ada").recorded == 5
    assert {one.verdict for one in current_decisions(home).values()} == {"approve"}


def test_a_decided_task_is_left_alone(home):
    decide(home, "t1")
    result = decide_all(home, choose(), "approve", "Ada")
    assert (result.recorded, result.left) == (4, {DECIDED: 1})
    assert current_decisions(home)["t1"].verdict == "reject"


def test_an_alarmed_task_is_left_alone(home):
    result = decide_all(home, choose(alarmed={2, 3}), "approve", "Ada")
    assert (result.recorded, result.left) == (3, {ALARMED: 2})


def test_a_skipped_task_is_decided(home):
    decide(home, "t1", "skip")
    assert decide_all(home, choose(), "approve", "Ada").recorded == 5


def test_the_act_is_undone_as_one(home):
    act = decide_all(home, choose(), "approve", "Ada")
    assert undo_all(home, act.bulk_id, "Ada") == 5
    assert current_decisions(home) == {}


def test_undo_leaves_what_was_decided_before(home):
    decide(home, "t1")
    undo_all(home, decide_all(home, choose(), "approve", "Ada").bulk_id, "Ada")
    assert set(current_decisions(home)) == {"t1"}


def test_an_act_is_undone_once(home):
    act = decide_all(home, choose(), "approve", "Ada")
    undo_all(home, act.bulk_id, "Ada")
    with pytest.raises(BadInput, match="nothing to undo"):
        undo_all(home, act.bulk_id, "Ada")


def test_nobody_undoes_another_persons_act(home):
    act = decide_all(home, choose(), "approve", "Ada")
    with pytest.raises(BadInput, match="by Bo"):
        undo_all(home, act.bulk_id, "Bo")


def test_undoing_a_single_decision_passes_over_an_act(home):
    decide(home, "t9", reviewer="Ada")
    decide_all(home, choose(), "approve", "Ada")
    assert undo_last(home, "Ada").task_id == "t9"


def test_the_last_act_is_found_after_a_restart(home):
    decide_all(home, choose(2), "approve", "Ada")
    later = decide_all(home, [Chosen("t9", "r1", "sha")], "reject", "Ada")
    forget_reviews()
    assert find_last_act(home, "Ada") == LastAct(later.bulk_id, "reject", 1)


def test_under_a_quorum_an_act_is_a_vote_on_each(home):
    record_team(home, Team(quorum=2), "Lea")
    decide_all(home, choose(), "approve", "Ada")
    assert decide_all(home, choose(), "approve", "Ada").left == {VOTED: 5}
    decide_all(home, choose(), "approve", "Bo")
    assert len(current_decisions(home)) == 5


def test_many_tasks_cannot_be_skipped(home):
    with pytest.raises(BadInput, match="skip cannot be given to many"):
        decide_all(home, choose(), "skip", "Ada")


def test_a_flag_needs_a_reason(home):
    with pytest.raises(BadInput, match="needs a reason"):
        decide_all(home, choose(), "flag", "Ada")


def test_an_empty_filter_is_refused(home):
    with pytest.raises(BadInput, match="no task"):
        decide_all(home, [], "approve", "Ada")


def test_the_journal_stays_whole(home):
    undo_all(home, decide_all(home, choose(300), "approve", "Ada").bulk_id, "Ada")
    report = verify_journal(home.reviews)
    assert (report.ok, report.records) == (True, 600)


def test_a_task_that_its_policy_refused_is_left_alone(home):
    result = decide_all(home, [Chosen("t1", "r1", "sha", accepted=False), Chosen("t2", "r1", "sha")], "approve", "Ada")
    assert (result.recorded, result.left) == (1, {REFUSED: 1})


def test_what_an_act_would_do_is_told_without_doing_it(home):
    decide(home, "t1")
    told = foresee_all(home, choose(alarmed={2}), "Ada")
    assert (told.recorded, told.left) == (3, {DECIDED: 1, ALARMED: 1})
    assert set(current_decisions(home)) == {"t1"}


def test_parts_of_an_act_are_undone_as_one(home):
    act = make_act_id()
    decide_all(home, choose(3), "approve", "Ada", bulk_id=act)
    decide_all(home, [Chosen("t9", "r1", "sha")], "approve", "Ada", bulk_id=act)
    assert find_last_act(home, "Ada") == LastAct(act, "approve", 4)
    assert undo_all(home, act, "Ada") == 4


def test_an_act_can_be_undone_in_parts(home):
    act = decide_all(home, choose(5), "approve", "Ada").bulk_id
    assert [undo_all(home, act, "Ada", most=2) for _ in range(3)] == [2, 2, 1]
    assert find_last_act(home, "Ada") is None


def choose_copies(*clusters, alarmed=()):
    return [Chosen(f"t{n}", "r1", "sha", n in alarmed, cluster=cluster) for n, cluster in enumerate(clusters)]


def test_one_of_every_cluster_is_picked(home):
    picked = pick_one_each(home, choose_copies(7, 7, None, 8, 8, None), "Ada")
    assert [task.task_id for task in picked] == ["t0", "t2", "t3", "t5"]


def test_an_alarmed_copy_does_not_stand_for_its_cluster(home):
    assert [task.task_id for task in pick_one_each(home, choose_copies(7, 7, alarmed={0}), "Ada")] == ["t1"]


def test_a_cluster_with_a_decided_task_needs_no_other(home):
    decide(home, "t1", "approve")
    assert pick_one_each(home, choose_copies(7, 7, 7), "Ada") == []
