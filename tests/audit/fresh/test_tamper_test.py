"""K2 and K3: the recorded request against the neutral one, both fresh, decided on answers that chose nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autodata.audit.fresh.certify import check_certified
from autodata.audit.fresh.factorial import check_factorial
from autodata.audit.fresh.result import Result
from autodata.audit.fresh.tamper_pool import pool_tamper
from autodata.audit.fresh.tamper_test import check_tamper
from tests.audit.fresh.planted import CHEAT
from tests.audit.fresh.stage import AuditStage, answer_met, read_prompt


def obey(told=2, untold=8, told_from=0):
    """A weak solver that does badly where it is told to; its neutral answers get worse from a call on."""
    return answer_met(
        lambda body, number: told if CHEAT in read_prompt(body) else untold - (number >= told_from > 0) * 6
    )


@pytest.fixture
def told(tmp_path, cheated):
    """An audit of the import in which weak is told to be weak, and obeys."""
    return AuditStage(tmp_path, cheated, weak=obey())


async def test_being_told_to_be_weak_is_found(told):
    result = await check_tamper(told.subject(), told.open())
    weak = result.numbers["weak"]
    assert weak["p"] < 0.01
    assert weak["after_screen"]
    assert result.numbers["margin"] == 0.0
    assert "with its recorded request weak scores" in result.findings[0].sentence


async def test_a_solver_that_ignores_it_is_no_finding(tmp_path, cheated):
    stage = AuditStage(tmp_path, cheated, weak=answer_met(lambda body, number: 4 + number % 2))
    result = await check_tamper(stage.subject(), stage.open())
    assert (result.coverage, result.findings) == ("done", ())
    assert not result.numbers["weak"]["after_screen"]


async def test_a_request_that_is_the_neutral_one_needs_no_answer(stage):
    result = await check_tamper(stage.subject(), stage.open())
    assert (result.numbers["weak"], result.numbers["strong"]) == ({"same": True}, {"same": True})
    assert stage.transport.calls == []


async def test_luck_of_the_neutral_answers_that_chose_the_task_does_not_decide(tmp_path, cheated):
    """Weak's first neutral answers are high; those asked for after them are as low as the as-run ones."""
    stage = AuditStage(tmp_path, cheated, weak=obey(told=2, untold=8, told_from=3))
    result = await check_tamper(stage.subject(), stage.open())
    assert result.numbers["weak"]["after_screen"]
    assert result.findings == ()


async def test_harmless_wording_has_a_margin(tmp_path, cheated):
    stage = AuditStage(tmp_path, cheated)
    subject = stage.subject()
    clean = replace(subject, static=replace(subject.static, findings=()))
    assert (await check_tamper(clean, stage.open())).numbers["margin"] == 0.05


async def test_without_requests_nothing_is_tested(stage):
    result = await check_tamper(stage.subject(calls=()), stage.open())
    assert (result.coverage, result.missing) == ("not_recorded", ("the weak requests", "the strong requests"))


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
async def test_recorded_scores_decide_nothing(tmp_path, cheated, value):
    """The same answers come to the same result whatever the record says that the recorded ones scored."""
    stage = AuditStage(tmp_path, cheated, weak=obey())
    plain, context = stage.subject(), stage.open()
    answers = tuple(replace(a, value=value, score=None, verdicts=()) for a in plain.records.answers)
    decision = replace(plain.records.decision, weak_mean=value, strong_mean=value, gap=0.0)
    changed = replace(plain, records=replace(plain.records, answers=answers, decision=decision))
    for check in (check_certified, check_tamper, check_factorial):
        assert await check(plain, context) == await check(changed, context)


async def test_the_parts_of_the_gap_add_up_to_it_exactly(told):
    result = await check_factorial(told.subject(), told.open())
    numbers = result.numbers
    assert numbers["solver_part"] + numbers["prompt_part"] == numbers["gap"]
    assert numbers["prompt_part"] > numbers["gap"] / 3
    assert result.findings[0].severity == "flag"


async def test_the_same_request_has_no_part_in_the_gap(stage):
    result = await check_factorial(stage.subject(), stage.open())
    assert (result.coverage, result.numbers) == ("done", {"same_request": True, "prompt_part": 0.0})
    assert stage.transport.calls == []


async def test_a_prompt_part_within_chance_is_a_note_at_most(tmp_path, cheated):
    stage = AuditStage(tmp_path, cheated, weak=answer_met(lambda body, number: 5 + number % 2), strong=answer_met(6))
    result = await check_factorial(stage.subject(), stage.open())
    assert {finding.severity for finding in result.findings} <= {"note"}


def make_tested(shift, wrapper="w", margin=0.0):
    neutral = [0.9, 0.9, 0.9, 0.5, 0.5]
    weak = {"neutral": neutral, "as_run": [0.5 - shift] * 5, "p": 0.2, "t": 1.0, "means": [0.6, 0.5], "answers": 5}
    return Result("K2", "done", numbers={"wrapper": wrapper, "margin": margin, "weak": weak, "strong": {"same": True}})


def test_tasks_with_the_same_request_around_them_are_tested_as_one():
    tested = {f"t{n}": make_tested(0.15 + 0.01 * (n % 3)) for n in range(8)}
    pooled = pool_tamper(tested, None)
    assert pooled.keys() == tested.keys()
    assert pooled["t0"].numbers["pooled"]["weak"]["tasks"] == 8
    assert "over 8 tasks with this request around them" in pooled["t0"].findings[0].sentence


def test_the_answers_that_chose_the_tasks_are_left_out_of_the_pool():
    """The first three neutral answers of each are far above the as-run ones; the later two are not."""
    pooled = pool_tamper({f"t{n}": make_tested(0.01 * (n % 3 - 1)) for n in range(8)}, None)
    assert all(result.findings == () for result in pooled.values())


def test_pooling_again_replaces_what_was_pooled_before():
    once = pool_tamper({f"t{n}": make_tested(0.2) for n in range(4)}, None)
    assert pool_tamper(once, None) == once


def test_few_tasks_or_other_requests_are_not_pooled():
    assert pool_tamper({f"t{n}": make_tested(0.2, wrapper=f"w{n}") for n in range(8)}, None) == {}
    assert pool_tamper({"t0": make_tested(0.2), "t1": make_tested(0.2)}, None) == {}
