"""K1: more answers while undecided, the prior from a random sample, failed rather than decided on too little."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autodata.audit.fresh.certify import check_certified, fit_prior, measure_neutral, weigh_again
from autodata.audit.fresh.result import Result
from autodata.audit.gap_prior import NO_PRIOR, GapPrior
from autodata.audit.merged import merge_audit, read_certified
from autodata.errors import ProviderFailure
from tests.audit.fresh.stage import AuditStage, answer_met
from tests.support.scripted import write_reply


async def certify(stage, subject=None, **options):
    return await check_certified(subject or stage.subject(), stage.open(), **options)


async def test_a_clear_gap_is_real_after_three_answers_a_side(stage):
    result = await certify(stage)
    assert (result.coverage, result.numbers["verdict"], result.findings) == ("done", "real", ())
    assert stage.count("weak") == stage.count("strong") == 3


async def test_no_gap_is_not_real_and_a_flag(tmp_path, journal):
    result = await certify(AuditStage(tmp_path, journal, strong=answer_met(4)))
    assert result.numbers["verdict"] == "not_real"
    assert [finding.severity for finding in result.findings] == ["flag"]


async def test_an_undecided_gap_is_asked_further_to_the_last_size(tmp_path, journal):
    stage = AuditStage(tmp_path, journal, strong=answer_met(lambda body, number: (4, 9)[number % 2]))
    result = await certify(stage, prior=GapPrior(0.2, 0.001, 30))
    assert result.numbers["verdict"] == "undecided"
    assert (stage.count("weak"), stage.count("strong")) == (12, 12)


@pytest.mark.parametrize("most", [3, 5, 6])
async def test_no_more_is_asked_than_allowed(tmp_path, journal, most):
    stage = AuditStage(tmp_path, journal)
    await certify(stage, prior=GapPrior(0.2, 1e-6, 30), most=most)
    assert stage.count("weak") == most


async def test_a_result_makes_a_certified_gap_of_the_merged_audit(stage):
    result = await certify(stage)
    merged = merge_audit(stage.subject().static, {"K1": result})
    assert merged.verdict.difficulty == "real"
    assert merged.certified == read_certified(result)
    assert "blind judge sim-judge-b" in merged.sentence


async def test_a_failing_endpoint_leaves_the_gap_unchecked(tmp_path, journal):
    stage = AuditStage(tmp_path, journal, auditor_judge=lambda n, body: ProviderFailure("server_error", "down"))
    result = await certify(stage)
    assert result.coverage == "failed"
    assert "have no score" in result.missing[0]
    assert merge_audit(stage.subject().static, {"K1": result}).verdict.difficulty == "unchecked"


async def test_one_answer_that_failed_is_told_replaced_and_not_counted_as_zero(tmp_path, journal):
    stage = AuditStage(
        tmp_path, journal, weak=lambda n, body: ProviderFailure("bad_request", "no") if n == 0 else "[met 4] so"
    )
    result = await certify(stage, fewest=5, most=5)
    assert (result.numbers["weak"], result.numbers["strong"], result.numbers["asked"]) == (5, 5, 5)
    assert min(result.numbers["scores"]["weak"]) > 0
    assert "1 of 6 weak neutral answers has no score" in result.numbers["ungraded"][0]


async def test_an_empty_answer_is_left_out_and_the_sentence_says_so(tmp_path, journal):
    stage = AuditStage(tmp_path, journal, weak=lambda n, body: write_reply("", "length") if n == 1 else "[met 9] so")
    result = await certify(stage, fewest=3, most=3)
    assert (result.coverage, result.numbers["weak"], result.numbers["cut"]["weak"]) == ("done", 3, 1)
    words = "1 of 4 weak neutral answers is left out (empty)"
    assert words in result.findings[0].sentence
    assert words in merge_audit(stage.subject().static, {"K1": result}).sentence
    assert words in weigh_again(result, NO_PRIOR, stage.noise).findings[0].sentence


async def test_a_model_that_answers_nothing_is_not_asked_for_ever(tmp_path, journal):
    stage = AuditStage(tmp_path, journal, weak=lambda n, body: write_reply("", "length"))
    result = await certify(stage, fewest=3, most=3)
    assert (result.coverage, stage.count("weak")) == ("failed", 5)


async def test_answers_that_stood_in_for_empty_ones_are_found_again(tmp_path, journal):
    stage = AuditStage(tmp_path, journal, weak=lambda n, body: write_reply("", "length") if n == 1 else "[met 4] so")
    context = stage.open()
    result = await check_certified(stage.subject(), context, fewest=3, most=3)
    asked = len(stage.transport.calls)
    found = await measure_neutral(stage.subject(), context, result.numbers["asked"])
    assert [len(found.weak), len(found.strong), len(stage.transport.calls)] == [4, 3, asked]


async def test_a_task_that_nobody_could_grade_is_not_recorded(stage):
    bare = replace(stage.subject().records.task, rubric=(), reference_answer="")
    result = await certify(stage, stage.subject(task=bare))
    assert (result.coverage, result.missing) == ("not_recorded", ("a rubric or a reference answer",))
    assert stage.transport.calls == []


def make_result(gap, why="all", count=3):
    scores = {"weak": [0.4] * count, "strong": [round(0.4 + gap, 3)] * count}
    numbers = {"verdict": "real", "scores": scores, "why": why, "bar": 0.2, "asked": count}
    return Result("K1", "done", numbers=numbers)


def test_the_prior_rests_on_tasks_that_nobody_picked():
    picked = [make_result(0.5, "flagged"), make_result(0.5, "asked")]
    prior = fit_prior([make_result(0.1), make_result(0.2, "random"), *picked], None)
    assert (prior.tasks, prior.mean) == (2, pytest.approx(0.15))


def test_one_task_makes_no_prior():
    assert fit_prior([make_result(0.1), Result("K1", "failed")], None) == NO_PRIOR


def test_only_the_first_answers_enter_the_prior():
    longer = make_result(0.1, count=5)
    longer.numbers["scores"]["strong"][3:] = [1.0, 1.0]
    assert fit_prior([longer, make_result(0.3)], None).mean == pytest.approx(0.2)


def test_another_prior_weighs_the_same_answers_again():
    before = weigh_again(make_result(0.24), NO_PRIOR, None)
    after = weigh_again(before, GapPrior(0.0, 0.001, 30), None)
    assert (before.numbers["gap"], after.numbers["gap"]) == (pytest.approx(0.24), pytest.approx(0.24))
    assert after.numbers["chance"] < before.numbers["chance"]
    assert after.numbers["verdict"] == "not_real"
    assert after.findings[0].severity == "flag"
