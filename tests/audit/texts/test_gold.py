"""K8: known answers and known grades."""

from __future__ import annotations

import json

import pytest

from autodata.audit.fresh.gold import (
    Gold,
    check_gold,
    choose_off_topic,
    decide_gold,
    decide_verifiable,
    find_agreed,
    take_majority,
)
from autodata.llm.simulator import Faults
from autodata.model import Criterion, Verdict
from tests.audit.texts.changing import change_task
from tests.support.audited import open_audit, read_calls
from tests.support.scripted import ScriptedTransport


def test_known_answers_within_their_bounds_are_clear():
    assert decide_gold(Gold(0.90, 0.05, 0.25), 0.80) == ()


@pytest.mark.parametrize(
    ("gold", "oracle", "words"),
    [
        (Gold(0.89, 0.0, 0.0), 1.0, "the reference answer earns 0.89"),
        (Gold(1.0, 0.06, 0.0), 1.0, "an empty answer earns 0.06"),
        (Gold(1.0, 0.0, 0.26), 1.0, "fluent words about something else earn 0.26"),
        (Gold(None, 0.0, 0.0), 0.79, "an expert with the source in hand earns 0.79"),
    ],
)
def test_each_bound_has_its_flag(gold, oracle, words):
    (found,) = decide_gold(gold, oracle)
    assert words in found.sentence
    assert found.severity == "flag"


def test_the_shortfall_is_the_largest_distance_from_a_bound():
    assert Gold(0.70, 0.10, 0.20).shortfall == pytest.approx(0.20)
    assert Gold(None, 0.0, 0.0).shortfall == 0.0


def test_experts_who_agree_against_the_reference_are_a_flag():
    (found,) = decide_verifiable([False, False, False], "x + 1", "x - 1")
    assert (found.severity, "x + 1" in found.sentence) == ("flag", True)


def test_experts_who_differ_are_a_note():
    (found,) = decide_verifiable([False, False, False], "", "x - 1")
    assert found.severity == "note"


def test_one_expert_who_reaches_the_reference_is_enough():
    assert decide_verifiable([False, True], "x", "y") == ()


def test_equal_expressions_agree():
    assert find_agreed(["x + 1", "1 + x", "x"]) == "x + 1"
    assert find_agreed(["1", "2", "3"]) == ""


def test_most_gradings_decide():
    gradings = [[Verdict("c1", met), Verdict("c2", 1 - met)] for met in (1.0, 0.0, 1.0)]
    assert take_majority(gradings) == {"c1": 1.0, "c2": 0.0}


def test_boilerplate_is_about_something_else():
    assert "choir" in choose_off_topic(("Apple trees that are pruned in late winter",))
    assert "orchard" not in choose_off_topic(("A ladder, an apple, a blossom",))


async def test_honest_tasks_pass(cs_run, cs_tasks, tmp_path):
    async with open_audit(cs_run, tmp_path) as context:
        results = [await check_gold(task, context) for task in cs_tasks]
    assert {result.coverage for result in results} == {"done"}
    assert sum(bool(result.findings) for result in results) <= 1


async def test_the_reference_of_another_task_is_found(cs_run, cs_tasks, tmp_path):
    others = [*cs_tasks[1:], cs_tasks[0]]
    swapped = [
        change_task(task, reference_answer=other.records.task.reference_answer)
        for task, other in zip(cs_tasks, others, strict=True)
    ]
    async with open_audit(cs_run, tmp_path) as context:
        results = [await check_gold(task, context) for task in swapped]
    assert all("the reference answer earns" in result.findings[0].sentence for result in results)


async def test_a_rubric_that_asks_for_errors_is_out_of_the_experts_reach(cs_run, cs_tasks, tmp_path):
    task = cs_tasks[0]
    rubric = task.records.task.rubric
    wrong = tuple(Criterion(c.id, c.criterion, abs(c.weight)) for c in rubric if c.weight < 0)
    reference = " ".join(c.criterion for c in wrong)
    async with open_audit(cs_run, tmp_path) as context:
        result = await check_gold(change_task(task, rubric=wrong, reference_answer=reference), context)
    assert any("an expert with the source" in finding.sentence for finding in result.findings)


async def test_a_judge_that_pays_for_silence_is_found(cs_run, cs_tasks, tmp_path):
    rubric = cs_tasks[0].records.task.rubric
    merits = json.dumps({"verdicts": [{"id": c.id, "met": int(c.weight > 0), "quote": ""} for c in rubric]})
    lenient = ScriptedTransport(
        auditor_judge=lambda number, body: merits, auditor_writer=lambda number, body: "An expert's answer."
    )
    async with open_audit(cs_run, tmp_path, transport=lenient) as context:
        result = await check_gold(cs_tasks[0], context)
    assert [finding.severity for finding in result.findings] == ["flag", "flag"]
    assert result.numbers["empty"] == result.numbers["off_topic"] == 1.0


async def test_known_answers_are_graded_again_only_where_a_bound_is_missed(cs_run, cs_tasks, tmp_path):
    task = change_task(cs_tasks[0], reference_answer="Nothing can be said.")
    async with open_audit(cs_run, tmp_path) as context:
        await check_gold(task, context)
    purposes = [call["purpose"] for call in read_calls(tmp_path) if call["role"] == "auditor_judge"]
    assert purposes.count("gold_reference") == 5
    assert purposes.count("gold_empty") == 1


async def test_a_task_without_a_reference_is_checked_without_one(legal_run, tmp_path):
    async with open_audit(legal_run, tmp_path) as context:
        result = await check_gold(legal_run.list_subjects()[0], context)
    assert result.coverage == "done"
    assert "reference" not in result.numbers


async def test_a_right_final_answer_confirms_the_reference(math_run, tmp_path):
    async with open_audit(math_run, tmp_path) as context:
        result = await check_gold(math_run.list_subjects()[0], context)
    assert (result.coverage, result.findings, result.numbers["shortfall"]) == ("done", (), 0.0)


async def test_a_wrong_final_answer_is_contradicted_by_the_experts(math_run, tmp_path):
    task = change_task(math_run.list_subjects()[0], reference_answer="123456789")
    async with open_audit(math_run, tmp_path) as context:
        result = await check_gold(task, context)
    assert [finding.severity for finding in result.findings] == ["flag"]
    assert "agree on" in result.findings[0].sentence


async def test_a_task_with_nothing_to_grade_by_is_not_recorded(cs_run, cs_tasks, tmp_path):
    async with open_audit(cs_run, tmp_path) as context:
        result = await check_gold(change_task(cs_tasks[0], rubric=(), reference_answer=""), context)
    assert result.coverage == "not_recorded"


async def test_a_failing_judge_leaves_the_task_unchecked(cs_run, cs_tasks, tmp_path):
    faults = Faults(server_error=1.0, models=("sim-judge-b",))
    async with open_audit(cs_run, tmp_path, faults=faults) as context:
        result = await check_gold(cs_tasks[0], context)
    assert (result.coverage, result.findings) == ("failed", ())


async def test_a_failing_expert_leaves_the_task_unchecked(cs_run, cs_tasks, tmp_path):
    faults = Faults(server_error=1.0, models=("sim-auditor",))
    async with open_audit(cs_run, tmp_path, faults=faults) as context:
        result = await check_gold(cs_tasks[0], context)
    assert (result.coverage, result.findings) == ("failed", ())
