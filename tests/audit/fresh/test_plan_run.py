"""Which task goes through what: draws with known chances, stages by what was found, recorded scores to screen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autodata.audit.fresh.certify import weigh_again
from autodata.audit.fresh.checks import FRESH_DETECTORS, is_settled, mark_done
from autodata.audit.fresh.plan_run import (
    Board,
    Job,
    ask_for,
    choose_tasks,
    is_doubtful,
    is_unexplained,
    list_stages,
    looks_recovered,
    needs_more,
)
from autodata.audit.fresh.result import Result
from autodata.audit.fresh.stored import Chosen
from autodata.audit.gap_prior import NO_PRIOR
from autodata.audit.plans import CHECK_CALLS, PLANS, estimate_checks
from autodata.audit.verdict import Finding
from autodata.errors import BadInput
from tests.audit.fresh.stage import AuditStage


@pytest.fixture
def stage(tmp_path, journal):
    return AuditStage(tmp_path, journal)


def make_k1(weak=0.4, strong=0.8, count=3):
    scores = {"weak": [weak] * count, "strong": [strong] * count}
    bare = Result("K1", "done", numbers={"scores": scores, "bar": 0.2, "asked": count, "why": "all"})
    return weigh_again(bare, NO_PRIOR, None)


def make_board(stage, plan="default", chosen=None, checks=(), **results):
    subject = stage.subject()
    subject = replace(subject, static=replace(subject.static, findings=()))
    own = chosen or Chosen(subject.task_id, "all")
    found = {subject.task_id: dict(results)} if results else {}
    return Board(PLANS[plan], checks, 5, {subject.task_id: subject}, {own.task_id: own}, stage.noise, results=found)


def list_detectors(board):
    """What each stage would do now."""
    return [job.detector for stage in list_stages(board.checks) for job in stage.list_jobs(board)]


def test_draws_are_the_same_for_a_seed_and_have_their_shares(stage):
    static = stage.subject().static
    tasks = [replace(static, task=replace(static.task, id=f"t{n}"), findings=()) for n in range(2000)]
    chosen = choose_tasks(PLANS["medium"], tasks, seed=4)
    assert chosen == choose_tasks(PLANS["medium"], tasks, seed=4)
    assert sum(own.why == "random" for own in chosen) / 2000 == pytest.approx(0.30, abs=0.04)
    assert sum(own.deep for own in chosen) / 2000 == pytest.approx(0.05, abs=0.02)
    assert {(own.why, own.inclusion) for own in chosen} == {("random", 0.30), ("all", 1.0)}


def test_a_flagged_task_is_certified_by_a_plan_that_samples_and_stays_out_of_the_sample(stage):
    static = stage.subject().static
    flag = Finding("S14", "flag", "look")
    tasks = [replace(static, task=replace(static.task, id=f"t{n}"), findings=(flag,)) for n in range(200)]
    chosen = choose_tasks(PLANS["medium"], tasks, seed=0)
    assert {own.why for own in chosen} == {"random", "flagged"}


def test_the_default_plan_takes_every_task(stage):
    (own,) = choose_tasks(PLANS["default"], [stage.subject().static], seed=0)
    assert (own.why, own.inclusion) == ("all", 1.0)


def test_lean_asks_for_gold_checks_and_a_second_judge_alone(stage):
    assert list_detectors(make_board(stage, "lean")) == ["K8", "K5"]


def test_a_task_that_was_neither_drawn_nor_flagged_is_not_certified(stage):
    assert "K1" not in list_detectors(make_board(stage, "medium"))
    drawn = Chosen(stage.subject().task_id, "random", 0.3)
    assert "K1" in list_detectors(make_board(stage, "medium", drawn))


def test_a_real_gap_without_findings_is_asked_no_more(stage):
    board = make_board(stage, K1=make_k1(weak=0.0, strong=0.9))
    assert list_detectors(board) == ["K8", "K1", "K5"]


def test_an_undecided_gap_gets_more_answers_and_the_tamper_test(stage):
    board = make_board(stage, K1=make_k1(weak=0.0, strong=0.22))
    assert list_detectors(board) == ["K8", "K1", "K5", "K1", "K2"]


def test_a_gap_that_is_not_real_is_explained_by_what_does_not_travel_with_the_task(stage):
    board = make_board(stage, K1=make_k1(weak=0.4, strong=0.4))
    assert list_detectors(board)[-2:] == ["K3", "K10"]


def test_a_finding_calls_for_every_check(stage):
    flagged = Result("K8", "done", (Finding("K8", "flag", "the reference fails"),))
    board = make_board(stage, K1=make_k1(weak=0.0, strong=0.9), K8=flagged)
    assert is_doubtful(board, stage.subject().task_id)
    assert list_detectors(board)[3:] == ["K3", "K10", "K8", "K5", "K9", "K7", "K6"]


def test_a_task_drawn_for_everything_goes_through_everything(stage):
    deep = Chosen(stage.subject().task_id, "all", deep=True)
    board = make_board(stage, chosen=deep, K1=make_k1(weak=0.0, strong=0.9))
    assert {"K2", "K3", "K5", "K6", "K7", "K8", "K9", "K10"} <= set(list_detectors(board))


def test_a_gap_that_could_not_be_measured_goes_no_further(stage):
    board = make_board(stage, K1=Result("K1", "failed"))
    task_id = stage.subject().task_id
    assert [ask(board, task_id) for ask in (needs_more, is_doubtful, is_unexplained)] == [False] * 3


def test_the_screen_compares_with_the_record_and_only_spends_calls(stage):
    subject = stage.subject()
    answers = tuple(replace(answer, value=0.2) for answer in subject.records.answers)
    low = replace(subject, records=replace(subject.records, answers=answers))
    assert looks_recovered(low, make_k1(weak=0.6), stage.noise)
    assert not looks_recovered(low, make_k1(weak=0.1), stage.noise)


def test_named_checks_are_all_there_is(stage):
    board = make_board(stage, checks=("K7", "K4"))
    assert list_detectors(board) == ["K7", "K4"]


def test_tasks_asked_for_by_name_are_no_sample():
    assert [(own.why, own.inclusion) for own in ask_for(["t1", "t2"])] == [("asked", 1.0)] * 2


@pytest.mark.parametrize(
    ("known", "job", "certified", "settled"),
    [
        (Result("K2", "failed"), Job("t", "K2"), True, False),
        (Result("K2", "not_run"), Job("t", "K2"), True, False),
        (Result("K2", "not_recorded"), Job("t", "K2"), True, True),
        (Result("K2", "done"), Job("t", "K2"), True, True),
        (make_k1(), Job("t", "K1", 3, 3), True, True),
        (make_k1(weak=0.0, strong=0.9), Job("t", "K1", 3, 5), True, True),
        (make_k1(strong=0.60), Job("t", "K1", 3, 5), True, False),
        (make_k1(), Job("t", "K1", 5, 5), True, False),
        (mark_done(Result("K5", "done"), Job("t", "K5"), certified=False), Job("t", "K5"), False, True),
        (mark_done(Result("K5", "done"), Job("t", "K5"), certified=False), Job("t", "K5"), True, False),
        (mark_done(Result("K5", "done"), Job("t", "K5"), certified=True), Job("t", "K5", thorough=True), True, False),
        (mark_done(Result("K8", "done"), Job("t", "K8", thorough=True), certified=False), Job("t", "K8"), True, True),
    ],
)
def test_what_is_known_is_not_made_again(known, job, certified, settled):
    assert is_settled(known, job, certified=certified) == settled


def test_named_checks_have_a_price():
    assert {"K1", *CHECK_CALLS} == set(FRESH_DETECTORS)
    cost = estimate_checks(("K1", "K8"), 10, 5)
    assert cost.stages == {"K1": 200, "K8": 90}
    assert cost.solver + cost.judge == cost.calls
    with pytest.raises(BadInput, match="K99"):
        estimate_checks(("K99",), 1, 5)
