"""Two arms step by step: early ends clear, doubt asks for more, an answer without a score is replaced and told of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autodata.audit.fresh.arms import SPARE, list_scores, roll_graded
from autodata.audit.fresh.peers import check_peers
from autodata.audit.fresh.sanitise import check_sanitised
from autodata.audit.fresh.stepwise import FEWEST_GRADED, compare_step_by_step
from autodata.audit.variance import Noise
from autodata.errors import ProviderFailure
from autodata.model import Rollout, Score
from tests.audit.fresh.stage import AuditStage, answer_met
from tests.support.scripted import write_reply

NOISE = Noise(0.0144)
OTHER_WORDS = '{"new_context": "", "new_question": "By how much, put otherwise, does it drift?"}'


def make_rollout(index, value, purpose="neutral"):
    score = None if value is None else Score(value, 0.0, 1.0, value)
    status = "empty" if value is None else "ok"
    return Rollout("weak", index, purpose, status, "", "", "", score, (), None, None, "")


def make_roll(values, purpose="neutral"):
    """An arm with these scores in turn; None for an empty answer."""

    async def roll(count, first):
        return tuple(make_rollout(at, values[at], purpose) for at in range(first, first + count))

    return roll


async def compare(higher, lower, **options):
    return await compare_step_by_step(make_roll(higher, "other"), make_roll(lower), lambda scores: NOISE, **options)


async def test_an_arm_that_is_not_higher_ends_at_the_first_step():
    found = await compare([0.4] * 9, [0.4] * 9)
    assert [len(arm) for arm in found.scores] == [3, 3]


async def test_doubt_goes_on_to_the_full_size():
    found = await compare([0.6] * 9, [0.4] * 9)
    assert [len(arm) for arm in found.scores] == [5, 5]
    assert found.difference.value == pytest.approx(0.2)


async def test_an_empty_answer_is_replaced_left_out_and_told_of():
    found = await compare([0.4, None, 0.4, 0.4], [0.4] * 9)
    assert (found.scores, len(found.higher)) == (((0.4,) * 3, (0.4,) * 3), 4)
    assert found.left_out == "; 1 of 4 weak other answers is left out (empty)"


async def test_two_answers_are_enough_and_one_is_not():
    enough = await compare([None, 0.4, None, 0.4, None], [0.4] * 9)
    assert (len(enough.scores[0]), enough.missing) == (FEWEST_GRADED, ())
    short = await compare([None, 0.4, None, None, None], [0.4] * 9)
    assert short.difference is None
    assert "4 of 5 weak other answers have no score" in short.missing[0]


async def test_an_arm_is_the_same_whatever_was_known_of_it():
    roll = make_roll([0.1, None, 0.3, 0.4, None, 0.6, 0.7])
    first = await roll_graded(roll, 3)
    assert await roll_graded(roll, 5, first) == await roll_graded(roll, 5)
    assert list_scores(first) == (0.1, 0.3, 0.4)


async def test_an_arm_of_empty_answers_is_not_asked_for_ever():
    assert len(await roll_graded(make_roll([None] * 20), 3)) == 3 + SPARE


def bare_task(stage):
    task = replace(stage.subject().records.task, context="", question="By how much does it drift, as put here?")
    return stage.subject(task=task)


async def test_nobody_asks_whether_a_paraphrase_says_the_same_while_weak_does_no_better(tmp_path, journal):
    stage = AuditStage(tmp_path, journal, auditor_writer=lambda number, body: OTHER_WORDS)
    result = await check_sanitised(bare_task(stage), stage.open())
    assert (result.coverage, result.numbers["kept"], stage.count("auditor_writer")) == ("done", None, 1)
    assert len(result.numbers["scores"]["sanitised"]) == 2


async def test_a_sanitised_answer_that_is_empty_leaves_the_check_done(tmp_path, journal):
    weak = iter([write_reply("", "stop")])
    stage = AuditStage(
        tmp_path,
        journal,
        auditor_writer=lambda number, body: OTHER_WORDS,
        weak=lambda number, body: next(weak, "[met 4] so"),
    )
    result = await check_sanitised(bare_task(stage), stage.open())
    assert result.coverage == "done"
    assert result.numbers["left_out"] == "; 1 of 3 weak sanitised answers is left out (empty)"


async def test_a_peer_that_fails_once_leaves_the_check_done(tmp_path, journal):
    def fail_once(number, body):
        return ProviderFailure("bad_request", "no") if number == 0 else "[met 4] so"

    stage = AuditStage(tmp_path, journal, peer=fail_once)
    result = await check_peers(stage.subject(), stage.open())
    assert (result.coverage, len(result.numbers["scores"]["peer"])) == ("done", 3)
    assert "1 of 4 weak peer answers is left out (failed)" in result.numbers["left_out"]


async def test_a_peer_that_leads_is_asked_further_and_flagged(tmp_path, journal):
    stage = AuditStage(tmp_path, journal, peer=answer_met(9), weak=answer_met(3))
    result = await check_peers(stage.subject(), stage.open())
    assert len(result.numbers["scores"]["peer"]) == 5
    assert result.findings[0].severity == "flag"
