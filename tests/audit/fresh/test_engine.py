"""One process working through a plan: one task's trouble is its own, a refused key is everybody's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autodata.audit.fresh.engine import work_through
from autodata.audit.fresh.plan_run import Board
from autodata.audit.fresh.stored import Chosen, describe_result, read_result
from autodata.audit.fresh.wrapper import find_wrappers
from autodata.audit.plans import PLANS
from autodata.audit.verdict import Finding
from autodata.errors import ProviderFailure
from autodata.history import load_history
from autodata.model import Task
from tests.audit.fresh.planted import CHEAT
from tests.audit.fresh.stage import AuditStage


def make_board(stage, subjects, *checks):
    own = {subject.task_id: subject for subject in subjects}
    chosen = {task_id: Chosen(task_id, "all") for task_id in own}
    return Board(PLANS["default"], checks, 3, own, chosen, stage.noise)


async def work(stage, board, request=None):
    context = stage.open()
    return await work_through(board, context, load_history(stage.path), (), read_request=lambda: request)


async def test_a_task_that_cannot_be_audited_does_not_stop_the_others(tmp_path, cheated):
    stage = AuditStage(tmp_path, cheated)
    plain = stage.subject(0)
    calls = tuple(replace(call, request=b'{"messages": [') for call in plain.records.calls)
    broken = replace(plain, records=replace(plain.records, calls=calls))
    board = make_board(stage, [broken, stage.subject(1)], "K2")
    end = await work(stage, board)
    coverage = [board.find(task_id, "K2").coverage for task_id in board.chosen]
    assert (end.state, coverage) == ("done", ["failed", "done"])
    assert "cannot be made" in board.find(stage.subject(0).task_id, "K2").missing[0]


async def test_a_malformed_judge_leaves_every_task_unchecked(tmp_path, journal):
    stage = AuditStage(tmp_path, journal, auditor_judge=lambda number, body: '{"verdicts": "all good"}')
    board = make_board(stage, [stage.subject(0), stage.subject(1)], "K1")
    assert (await work(stage, board)).state == "done"
    assert [r["coverage"] for r in stage.list_records("check")] == ["failed", "failed"]
    assert all(r["score"] is None for r in stage.list_records("fresh"))


@pytest.mark.parametrize("kind", ["auth", "not_found"])
async def test_a_refused_key_or_an_unknown_model_ends_it_with_its_sentence(tmp_path, journal, kind):
    stage = AuditStage(tmp_path, journal, weak=lambda number, body: ProviderFailure(kind, "the lab says no"))
    end = await work(stage, make_board(stage, [stage.subject(0), stage.subject(1)], "K1"))
    assert (end.state, end.reason) == ("failed", "the lab says no")
    assert stage.list_records("check") == []
    assert stage.list_records("audit_ended")[0]["state"] == "failed"


async def test_an_endpoint_that_never_answers_ends_it_before_all_is_spent(tmp_path, journal):
    stage = AuditStage(tmp_path, journal, auditor_judge=lambda number, body: ProviderFailure("connection", "no route"))
    subject = stage.subject(0)
    tasks = [replace(subject.records.task, id=f"t{number:012}") for number in range(60)]
    many = [replace(subject, records=replace(subject.records, task=task)) for task in tasks]
    context, board = stage.open(sources_in_flight=1), make_board(stage, many, "K8")
    end = await work_through(board, context, load_history(stage.path), (), read_request=lambda: None)
    assert (end.state, "20 checks failed one after another" in end.reason, "no route" in end.reason) == (
        "failed",
        True,
        True,
    )
    assert len(stage.list_records("check")) == 19


async def test_every_result_is_committed_once(stage):
    board = make_board(stage, [stage.subject(0), stage.subject(1)], "K1")
    await work(stage, board)
    checks = stage.list_records("check")
    # Once when it was measured, once more because the prior of both tasks was known then.
    assert [r["numbers"]["prior"]["tasks"] for r in checks] == [0, 0, 2, 2]
    asked = len(stage.transport.calls)
    await work(stage, make_board(stage, [stage.subject(0), stage.subject(1)], "K1"))
    assert len(stage.transport.calls) == asked


def test_a_result_is_read_back_as_it_was_written(stage):
    board = make_board(stage, [stage.subject()])
    assert board.find("t", "K1") is None
    data = describe_result("t1", "a1", read_result(make_data()))
    assert data == make_data()


def make_data(**changes):
    finding = {"severity": "flag", "sentence": "weak falls", "cause": "tamper"}
    data = {"source": "t1", "detector": "K2", "audit_id": "a1", "coverage": "done", "findings": [finding]}
    return {**data, "numbers": {"p": 0.001}, "missing": [], **changes}


@pytest.mark.parametrize(
    "changes",
    [{"findings": "none"}, {"findings": [{"severity": "worst", "sentence": "x"}]}, {"numbers": 3}, {"missing": 4}],
)
def test_a_result_that_cannot_be_read_is_as_if_nobody_had_checked(changes):
    assert read_result(make_data(**changes)) is None


def test_a_result_of_an_unknown_detector_with_findings_is_passed_over():
    assert read_result(make_data(detector="K99")) is None
    assert read_result(make_data()).findings == (Finding("K2", "flag", "weak falls", "tamper"),)


def test_what_stands_around_a_task_is_put_around_another(tmp_path, cheated):
    stage = AuditStage(tmp_path, cheated)
    (wrapper, *_) = find_wrappers(stage.records.tasks[0], "weak")
    other = Task("t9", "s9", 1, "", "A clock {drifts}.", "By how much?", "", ())
    (message,) = wrapper.fill(other)["messages"]
    assert message["content"] == f"A clock {{drifts}}.\n\nBy how much?{CHEAT}"
