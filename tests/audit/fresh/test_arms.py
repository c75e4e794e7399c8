"""Fresh answers and their blind grades: recorded, replayed, never zero for a failure, never named to the judge."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from autodata.audit.fresh.arms import explain_ungraded, grade_again, list_scores
from autodata.audit.fresh.blind import UNASKED, grade_blind, load_canonical
from autodata.audit.fresh.certify import roll_neutral
from autodata.errors import MalformedReply, ProviderFailure
from autodata.model import Criterion
from tests.audit.fresh.stage import AuditStage, read_prompt
from tests.support.scripted import write_reply


def fail(kind, times=99):
    """A script that fails `times` times, then answers that four criteria are met."""
    return lambda number, body: ProviderFailure(kind, f"{kind} today") if number < times else "[met 4] at last"


async def test_an_answer_is_graded_and_written_down(stage):
    context = stage.open()
    (rollout,) = await roll_neutral(stage.subject(), context, "weak", 1)
    (record,) = stage.list_records("fresh")
    assert record["source"] == stage.subject().task_id
    assert (record["arm"], record["solver"], record["index"], record["status"]) == ("neutral", "weak", 0, "ok")
    assert (record["judge"], record["score"]["value"]) == ("auditor_judge", rollout.score.value)
    assert sum(mark["met"] for mark in record["verdicts"].values()) == 4


async def test_what_is_recorded_is_not_asked_again(stage):
    first = await roll_neutral(stage.subject(), stage.open(), "weak", 3)
    asked = len(stage.transport.calls)
    assert await roll_neutral(stage.subject(), stage.open(), "weak", 3) == first
    assert len(stage.transport.calls) == asked
    assert len(stage.list_records("fresh")) == 3


async def test_a_failed_call_has_no_score_and_is_asked_again_on_resume(tmp_path, journal):
    stage = AuditStage(tmp_path, journal, weak=fail("server_error"))
    (rollout,) = await roll_neutral(stage.subject(), stage.open(), "weak", 1)
    assert (rollout.status, rollout.score) == ("failed", None)
    assert "server_error today" in explain_ungraded((rollout,))
    stage.transport.scripts["weak"] = fail("server_error", 0)
    (again,) = await roll_neutral(stage.subject(), stage.open(), "weak", 1)
    assert again.score is not None
    assert stage.list_records("fresh")[-1]["status"] == "ok"


async def test_a_judge_that_cannot_be_read_leaves_no_score(tmp_path, journal):
    stage = AuditStage(tmp_path, journal, auditor_judge=lambda number, body: "I would say it is fine.")
    (rollout,) = await roll_neutral(stage.subject(), stage.open(), "weak", 1)
    assert (rollout.status, list_scores((rollout,))) == ("failed", ())
    assert stage.count("auditor_judge") == 3


async def test_an_empty_answer_to_a_rubric_task_has_no_score(tmp_path, journal):
    stage = AuditStage(tmp_path, journal, weak=lambda number, body: write_reply("", "length"))
    (rollout,) = await roll_neutral(stage.subject(), stage.open(), "weak", 1)
    assert (rollout.status, rollout.score) == ("empty", None)
    assert "the answer was empty" in explain_ungraded((rollout,))


@pytest.mark.parametrize("kind", ["auth", "not_found"])
async def test_a_refused_key_or_an_unknown_model_is_raised(tmp_path, journal, kind):
    stage = AuditStage(tmp_path, journal, weak=fail(kind))
    with pytest.raises(ProviderFailure, match="today"):
        await roll_neutral(stage.subject(), stage.open(), "weak", 1)


async def test_another_judges_grades_are_an_arm_of_their_own(stage):
    context = stage.open()
    rollouts = await roll_neutral(stage.subject(), context, "weak", 2)
    again = await grade_again(stage.subject(), context, rollouts, "judge")
    assert list_scores(again) == list_scores(rollouts)
    assert [r["arm"] for r in stage.list_records("fresh")] == ["neutral", "neutral", "neutral@judge", "neutral@judge"]


async def test_the_judge_is_not_told_whose_answer_it_reads(stage):
    context = stage.open()
    for solver in ("weak", "strong"):
        await roll_neutral(stage.subject(), context, solver, 1)
    bodies = [body for role, body in stage.transport.calls if role == "auditor_judge"]
    for body in bodies:
        outside = read_prompt(body).replace(stage.subject().records.task.question, "").casefold()
        assert not any(word in outside for word in ("weak", "strong", "sim-"))
    texts = [read_prompt(body).replace("[met 4]", "[met 9]") for body in bodies]
    assert len({text.split("answer to seed")[0] for text in texts}) == 1


async def test_the_shipped_templates_judge_whatever_the_runs_own_say(stage):
    context = stage.open()
    await roll_neutral(stage.subject(), context, "weak", 1)
    (body,) = [body for role, body in stage.transport.calls if role == "auditor_judge"]
    assert body["messages"][0]["content"] == load_canonical().render("judge.md", {})
    assert stage.records.facts.recipe.files["judge.md"] != load_canonical().files["judge.md"]


async def test_another_rubric_takes_the_place_of_the_tasks_own(stage):
    rubric = (Criterion("own", "Names the lease.", 1.0),)
    task, context = stage.subject().records.task, stage.open()
    score, verdicts, _ = await grade_blind(
        task, "[met 1] the lease", context, purpose="other", subject="weak", attempt=0, rubric=rubric
    )
    assert (score.value, [v.criterion_id for v in verdicts]) == (1.0, ["own"])


async def test_a_verifiable_answer_is_compared_before_anybody_is_asked(stage):
    task = replace(stage.subject().records.task, rubric=(), reference_answer="42")
    context = stage.open()
    score, verdicts, call = await grade_blind(
        task, "So the final answer is \\boxed{42}.", context, purpose="neutral", subject="weak", attempt=0
    )
    assert (score.value, verdicts, call) == (1.0, (), UNASKED)
    assert stage.count("auditor_judge") == 0


async def test_a_verifiable_answer_that_nobody_can_decide_is_asked_and_never_guessed(tmp_path, journal):
    stage = AuditStage(tmp_path, journal, auditor_judge=lambda number, body: json.dumps({"equivalent": "perhaps"}))
    task = replace(stage.subject().records.task, rubric=(), reference_answer="the alternating group on five letters")
    with pytest.raises(MalformedReply, match="gave no readable reply"):
        await grade_blind(task, "It is A5.", stage.open(), purpose="neutral", subject="weak", attempt=0)
