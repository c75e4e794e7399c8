"""Which task goes through what: draws with known chances, stages by what was found, recorded scores to screen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autodata.audit.fresh.board import Board, Job
from autodata.audit.fresh.certify import weigh_again
from autodata.audit.fresh.checks import FRESH_DETECTORS, is_settled, mark_done
from autodata.audit.fresh.needs import looks_moved
from autodata.audit.fresh.plan_run import ask_for, choose_tasks, list_stages
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


REAL, GONE, OPEN = (0.0, 0.9), (0.4, 0.4), (0.0, 0.22)
"""Weak and strong scores of a gap that is there, one that is not, and one that could be either."""

VIOLATION = Finding("S1", "violation", "the requests differ")


def make_k1(weak=0.4, strong=0.8, count=3):
    scores = {"weak": [weak] * count, "strong": [strong] * count}
    bare = Result("K1", "done", numbers={"scores": scores, "bar": 0.2, "asked": count, "why": "all"})
    return weigh_again(bare, NO_PRIOR, None)


def make_board(stage, plan="default", chosen=None, checks=(), findings=(), recorded=None, **results):
    """One task with these static findings and, where `recorded` is given, these recorded weak and strong scores."""
    subject = stage.subject()
    subject = replace(subject, static=replace(subject.static, findings=findings))
    if recorded is not None:
        sides = dict(zip(("weak", "strong"), recorded, strict=True))
        answers = tuple(replace(answer, value=sides[answer.solver]) for answer in subject.records.answers)
        subject = replace(subject, records=replace(subject.records, answers=answers))
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


def test_a_real_gap_is_checked_for_what_travels_with_the_task(stage):
    board = make_board(stage, recorded=REAL, K1=make_k1(*REAL))
    assert list_detectors(board) == ["K1", "K8", "K7"]
    (gold,) = (job for stage in list_stages(()) for job in stage.list_jobs(board) if job.detector == "K8")
    assert gold.thorough


def test_a_gap_that_is_gone_is_checked_for_what_stayed_behind(stage):
    board = make_board(stage, recorded=REAL, K1=make_k1(*GONE))
    assert list_detectors(board) == ["K1", "K5", "K2"]


def test_an_undecided_gap_gets_more_answers(stage):
    board = make_board(stage, recorded=OPEN, K1=make_k1(*OPEN))
    assert list_detectors(board) == ["K1", "K1", "K8", "K5"]


@pytest.mark.parametrize("scores", [(0.0, 0.9), (0.4, 0.4), (0.0, 0.22)])
def test_what_bytes_prove_needs_no_more_than_the_gap(stage, scores):
    own = Chosen(stage.subject().task_id, "all", deep=True, judged=True)
    board = make_board(stage, chosen=own, findings=(VIOLATION,), recorded=REAL, K1=make_k1(*scores))
    assert set(list_detectors(board)) == {"K1"}


def test_only_the_side_whose_answers_came_out_otherwise_is_tested(stage):
    board = make_board(stage, recorded=(0.1, 0.5), K1=make_k1(weak=0.5, strong=0.5))
    (job,) = (job for stage in list_stages(()) for job in stage.list_jobs(board) if job.detector == "K2")
    assert job.solvers == ("weak",)


def test_a_flagged_request_is_tested_whatever_its_effect_seems_to_be(stage):
    board = make_board(stage, findings=(Finding("S12", "flag", "asks for less", "bytes"),), K1=make_k1(*REAL))
    (job,) = (job for stage in list_stages(()) for job in stage.list_jobs(board) if job.detector == "K2")
    assert job.solvers == ("weak", "strong")


@pytest.mark.parametrize(
    ("finding", "check"),
    [
        (Finding("S9", "flag", "cut off"), "K10"),
        (Finding("S14", "flag", "one criterion makes the gap"), "K6"),
        (Finding("S6", "flag", "the judge is told"), "K5"),
    ],
)
def test_a_flag_calls_for_the_check_of_what_it_is_about_and_no_other(stage, finding, check):
    board = make_board(stage, findings=(finding,), recorded=REAL, K1=make_k1(*REAL))
    assert set(list_detectors(board)) == {"K1", "K8", "K7", check}


def test_luck_alone_calls_for_nothing(stage):
    board = make_board(stage, findings=(Finding("Z1", "flag", "lucky"),), recorded=REAL, K1=make_k1(*REAL))
    assert set(list_detectors(board)) == {"K1", "K8", "K7"}


def test_fresh_answers_that_were_cut_call_for_a_larger_budget(stage):
    known = make_k1(*REAL)
    known = replace(known, numbers={**known.numbers, "cut": {"weak": 1, "strong": 0}})
    assert "K10" in list_detectors(make_board(stage, recorded=REAL, K1=known))


def test_a_request_that_moves_the_scores_is_split_into_its_parts(stage):
    moved = Result("K2", "done", (Finding("K2", "flag", "weak falls"),), {"weak": {}, "strong": {}})
    assert "K3" in list_detectors(make_board(stage, recorded=REAL, K1=make_k1(*GONE), K2=moved))


def test_a_task_drawn_for_everything_goes_through_everything(stage):
    deep = Chosen(stage.subject().task_id, "all", deep=True, judged=True)
    board = make_board(stage, chosen=deep, recorded=REAL, K1=make_k1(*REAL))
    assert {"K2", "K3", "K5", "K6", "K7", "K8", "K9", "K10"} <= set(list_detectors(board))


@pytest.mark.parametrize(("judged", "sampled"), [(True, True), (False, False)])
def test_a_task_that_its_gap_brought_to_the_second_judge_is_no_sample_of_him(stage, judged, sampled):
    own = Chosen(stage.subject().task_id, "all", judged=judged)
    board = make_board(stage, chosen=own, recorded=REAL, K1=make_k1(*GONE))
    (job,) = (job for stage in list_stages(()) for job in stage.list_jobs(board) if job.detector == "K5")
    assert job.sampled is sampled


def test_a_gap_that_could_not_be_measured_is_checked_without_fresh_answers(stage):
    board = make_board(stage, K1=Result("K1", "failed"))
    assert list_detectors(board) == ["K1", "K8", "K5"]


def test_the_screen_compares_with_the_record_and_only_spends_calls(stage):
    board = make_board(stage, recorded=(0.2, 0.8))
    (subject,) = board.subjects.values()
    assert looks_moved(subject, make_k1(weak=0.6), stage.noise, "weak")
    assert not looks_moved(subject, make_k1(weak=0.1), stage.noise, "weak")
    assert looks_moved(subject, make_k1(strong=0.4), stage.noise, "strong")


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
        (Result("K2", "done", numbers={"weak": {}, "strong": {}}), Job("t", "K2"), True, True),
        (make_k1(), Job("t", "K1", 3, 3), True, True),
        (make_k1(weak=0.0, strong=0.9), Job("t", "K1", 3, 5), True, True),
        (make_k1(strong=0.60), Job("t", "K1", 3, 5), True, False),
        (make_k1(), Job("t", "K1", 5, 5), True, False),
        (mark_done(Result("K5", "done"), Job("t", "K5"), certified=False), Job("t", "K5"), False, True),
        (mark_done(Result("K5", "done"), Job("t", "K5"), certified=False), Job("t", "K5"), True, False),
        (Result("K2", "done", numbers={"weak": {}}), Job("t", "K2", solvers=("weak",)), True, True),
        (Result("K2", "done", numbers={"weak": {}}), Job("t", "K2"), True, False),
        (mark_done(Result("K8", "done"), Job("t", "K8"), certified=True), Job("t", "K8", thorough=True), True, False),
        (mark_done(Result("K8", "done"), Job("t", "K8", thorough=True), certified=False), Job("t", "K8"), True, True),
    ],
)
def test_what_is_known_is_not_made_again(known, job, certified, settled):
    assert is_settled(known, job, certified=certified) == settled


def test_named_checks_have_a_price():
    assert {"K1", *CHECK_CALLS} == set(FRESH_DETECTORS)
    cost = estimate_checks(("K1", "K8"), 10, 5)
    assert cost.stages == {"K1": 200, "K8": 210}
    assert cost.solver + cost.judge == cost.calls
    with pytest.raises(BadInput, match="K99"):
        estimate_checks(("K99",), 1, 5)
