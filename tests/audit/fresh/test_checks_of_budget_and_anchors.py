"""K10 and K4: twice the tokens, and tasks with known scores under the request that was really used."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autodata.audit.fresh.anchor_check import check_anchors
from autodata.audit.fresh.anchors import (
    Anchor,
    choose_anchors,
    describe_anchor,
    list_candidates,
    measure_anchor,
    name_solver,
    read_anchors,
)
from autodata.audit.fresh.budget_check import check_budget
from autodata.audit.fresh.wrapper import find_wrappers, name_wrappers
from autodata.errors import ProviderFailure
from autodata.journal import JournalWriter
from autodata.llm.seat import simulated_seats
from tests.audit.fresh.planted import CHEAT
from tests.audit.fresh.stage import AuditStage, answer_met, read_prompt
from tests.support.scripted import write_reply


def by_tokens(cut, whole):
    """A weak solver whose answers are worth more with more than the usual tokens."""
    return answer_met(lambda body, number: whole if body["max_tokens"] > 1200 else cut)


async def test_a_score_that_rises_with_the_tokens_is_found(tmp_path, journal):
    stage = AuditStage(tmp_path, journal, weak=by_tokens(2, 8))
    result = await check_budget(stage.subject(), stage.open())
    assert result.numbers["limits"] == {"max_tokens": 1200}
    assert "with twice the 1,200 tokens weak scores" in result.findings[0].sentence


async def test_a_score_that_does_not_is_no_finding(stage):
    result = await check_budget(stage.subject(), stage.open())
    assert (result.coverage, result.findings) == ("done", ())


async def test_answers_that_are_empty_for_want_of_tokens_are_the_finding(tmp_path, journal):
    def think(number, body):
        return "[met 8] at last" if body["max_tokens"] > 1200 else write_reply("", "length")

    stage = AuditStage(tmp_path, journal, weak=think)
    result = await check_budget(stage.subject(), stage.open())
    assert "5 of 5 weak answers within 1,200 tokens are empty, 0 of 3 with twice as many" in result.findings[0].sentence


async def test_a_larger_budget_that_fails_leaves_it_unchecked(tmp_path, journal):
    def refuse(number, body):
        return ProviderFailure("bad_request", "too many tokens") if body["max_tokens"] > 1200 else "[met 4]"

    stage = AuditStage(tmp_path, journal, weak=refuse)
    result = await check_budget(stage.subject(), stage.open())
    assert (result.coverage, result.findings) == ("failed", ())


async def test_without_a_limit_there_is_nothing_to_enlarge(tmp_path, journal):
    seats = simulated_seats()
    free = {role: seat.model_copy(update={"max_tokens": None}) for role, seat in seats.seats.items()}
    stage = AuditStage(tmp_path, journal, seats.model_copy(update={"seats": free}))
    assert (await check_budget(stage.subject(), stage.open())).coverage == "not_recorded"


def make_anchors(stage, count=8, baseline=0.6, judge="sim-judge-b"):
    task, solver = stage.records.tasks[0].task, name_solver(stage.seats)
    return [
        Anchor(
            replace(task, id=f"a{n}", question=f"What holds in case {n}?"),
            f"topic {n % 3}",
            baseline,
            20,
            solver,
            "sim-weak",
            judge,
            "cs-0007",
        )
        for n in range(count)
    ]


async def test_words_that_lower_known_scores_are_found_and_the_blind_spot_is_told(tmp_path, cheated):
    stage = AuditStage(tmp_path, cheated, weak=answer_met(lambda body, n: 2 if CHEAT in read_prompt(body) else 7))
    result = await check_anchors(stage.subject(), stage.open(), make_anchors(stage))
    assert result.numbers["t"] > 3
    assert "a drop limited to topics that few anchors cover is not seen" in result.findings[0].sentence
    prompts = [read_prompt(body) for role, body in stage.transport.calls if role == "weak"]
    assert len(prompts) == 16
    assert all(CHEAT in prompt and "What holds in case" in prompt for prompt in prompts)
    assert not any(stage.subject().records.task.question in prompt for prompt in prompts)


async def test_calls_on_anchors_go_by_the_audited_task(tmp_path, cheated):
    stage = AuditStage(tmp_path, cheated)
    await check_anchors(stage.subject(), stage.open(), make_anchors(stage))
    assert {r["source"] for kind in ("call", "fresh") for r in stage.list_records(kind)} == {stage.subject().task_id}


async def test_few_anchors_test_nothing(tmp_path, cheated):
    stage = AuditStage(tmp_path, cheated)
    result = await check_anchors(stage.subject(), stage.open(), make_anchors(stage, 3))
    assert (result.coverage, stage.transport.calls) == ("not_run", [])


async def test_a_request_without_the_question_has_no_words_around_it(tmp_path, cheated):
    stage = AuditStage(tmp_path, cheated)
    other = replace(stage.subject().records.task, question="Something that was never asked?")
    result = await check_anchors(stage.subject(task=other), stage.open(), make_anchors(stage))
    assert result.coverage == "not_recorded"


def test_tasks_of_one_prompt_share_what_is_around_them(tmp_path, cheated):
    stage = AuditStage(tmp_path, cheated)
    names = {name_wrappers(find_wrappers(task, "weak")) for task in stage.records.tasks}
    assert len(names) == 1
    assert names != {name_wrappers(find_wrappers(stage.records.tasks[0], "strong"))}


@pytest.mark.parametrize(("met", "kept"), [(5, True), (11, False), (0, False)])
async def test_an_anchor_needs_room_to_fall(tmp_path, journal, met, kept):
    stage = AuditStage(tmp_path, journal, weak=answer_met(met))
    found = await measure_anchor(stage.subject(), stage.open(), "cs")
    assert isinstance(found, Anchor) == kept
    assert stage.count("weak") == 20


def test_anchors_are_spread_over_topics_and_hold_for_their_models_only(tmp_path, journal):
    stage = AuditStage(tmp_path, journal)
    mine, others = make_anchors(stage, 12), make_anchors(stage, 12, judge="another judge")
    chosen = choose_anchors([*others, *mine], stage.seats, seed=0, count=6)
    assert {anchor.topic for anchor in chosen} == {"topic 0", "topic 1", "topic 2"}
    assert {anchor.judge for anchor in chosen} == {"sim-judge-b"}
    assert choose_anchors(mine, stage.seats, seed=1, count=6) != chosen


def test_anchors_are_read_back_and_a_broken_one_is_left_out(tmp_path, journal):
    stage, path = AuditStage(tmp_path, journal), tmp_path / "anchors.jsonl"
    (anchor,) = make_anchors(stage, 1)
    with JournalWriter(path) as writer:
        writer.append("anchor", describe_anchor(anchor))
        writer.append("anchor", {**describe_anchor(anchor), "baseline": "high"})
    (found,) = read_anchors(path)
    assert (found.task, found.baseline) == (anchor.task, 0.6)


def test_tasks_that_weak_never_or_always_does_are_not_tried(tmp_path, journal):
    stage = AuditStage(tmp_path, journal)
    decision = stage.subject().records.decision
    means = (0.02, 0.6, 0.99, None)
    subjects = [stage.subject(decision=replace(decision, weak_mean=mean)) for mean in means]
    assert [s.records.decision.weak_mean for s in list_candidates(subjects)] == [0.6]
