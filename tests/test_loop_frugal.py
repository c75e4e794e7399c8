"""Frugal rounds through the loop: what is asked for, what is recorded, what resume repeats."""

from __future__ import annotations

import json
from random import Random

import pytest

from autodata.acceptance import Graded
from autodata.errors import ProviderFailure
from autodata.frugal import Side, foresee_presets, settle_round
from autodata.loop import run_source
from autodata.policy import make_policy, parse_policy
from tests.support.drafts import SOURCE
from tests.support.scripted import ScriptedTransport, Stage, write_reply, write_verdicts

EASY, SOME = write_verdicts(8), write_verdicts(5)
"""Verdicts of an answer that scores 1.00 and of one that scores 0.42."""


async def run(stage):
    journal, context = stage.open()
    with journal:
        outcome = await run_source(SOURCE, context)
        await context.recorder.drain()
    return outcome


def count_solver_calls(stage):
    return stage.transport.count("weak"), stage.transport.count("strong"), stage.transport.count("judge")


@pytest.mark.parametrize(("frugal", "weak"), [("off", 3), ("one_by_one", 1), ("parallel", 2)])
async def test_task_that_one_answer_shows_to_be_too_easy_gets_no_more_answers_than_asked_for(tmp_path, frugal, weak):
    stage = Stage(tmp_path, ScriptedTransport(judge=lambda n, body: EASY), max_rounds=1, frugal=frugal)
    assert await run(stage) == "exhausted"
    assert count_solver_calls(stage) == (weak, 0, weak)
    assert stage.records("round")[0]["outcome"] == "too_easy"


@pytest.mark.parametrize("frugal", ["one_by_one", "parallel"])
async def test_accepted_task_has_every_rollout(tmp_path, frugal):
    stage = Stage(tmp_path, ScriptedTransport(), frugal=frugal)
    assert await run(stage) == "accepted"
    record = stage.records("round")[0]
    assert count_solver_calls(stage) == (3, 3, 6)
    assert record["rollouts"] == {side: {"planned": 3, "asked": 3, "saved": 0} for side in ("weak", "strong")}
    assert (record["calls_saved"], record["reason"]) == (0, "every clause of the policy holds")


async def test_record_says_what_was_planned_asked_for_and_saved(tmp_path):
    stage = Stage(tmp_path, ScriptedTransport(judge=lambda n, body: EASY), max_rounds=1, frugal="one_by_one")
    await run(stage)
    record = stage.records("round")[0]
    assert record["rollouts"] == {
        "weak": {"planned": 3, "asked": 1, "saved": 2},
        "strong": {"planned": 3, "asked": 0, "saved": 0},
    }
    assert record["calls_saved"] == 4
    assert record["reason"] == "best weak ≤ 0.75 fails: 1.00, after 1 of 3 weak answers"
    assert [clause["holds"] for clause in record["clauses"]] == [None, False, True, None, None, None]


async def test_presets_are_undecided_unless_the_answers_at_hand_decide_them(tmp_path):
    stage = Stage(tmp_path, ScriptedTransport(judge=lambda n, body: EASY), max_rounds=1, frugal="one_by_one")
    await run(stage)
    presets = stage.records("round")[0]["presets"]
    assert (presets["deployed"], presets["strict"], presets["prose"]) == ("too_easy", "too_easy", "undecided")
    assert "majority" not in presets


async def test_challenger_learns_that_the_score_is_of_fewer_answers(tmp_path):
    stage = Stage(tmp_path, ScriptedTransport(judge=lambda n, body: EASY), max_rounds=2, frugal="one_by_one")
    await run(stage)
    requests = [body for role, body in stage.transport.calls if role == "challenger"]
    assert "weak 100 %, stopped after 1 of 3 weak answers" in requests[1]["messages"][1]["content"]


async def test_strong_side_that_cannot_reach_the_gap_any_more_is_left_alone(tmp_path):
    def judge(n, body):
        return SOME if "weak answer" in body["messages"][1]["content"] else write_verdicts(4)

    stage = Stage(tmp_path, ScriptedTransport(judge=judge), max_rounds=1, frugal="one_by_one")
    await run(stage)
    record = stage.records("round")[0]
    assert (record["outcome"], record["rollouts"]["strong"]["saved"]) == ("failed_on_strong", 1)


async def test_baseline_asks_for_everything_whatever_the_setting(tmp_path):
    transport = ScriptedTransport(judge=lambda n, body: EASY)
    stage = Stage(tmp_path, transport, baseline=True, frugal="one_by_one")
    await run(stage)
    assert count_solver_calls(stage) == (3, 3, 6)


async def test_call_that_failed_leaves_the_round_undecided_and_resume_asks_on(tmp_path):
    down = ProviderFailure("connection", "nobody listens")
    transport = ScriptedTransport(weak=lambda n, body: down)
    stage = Stage(tmp_path, transport, frugal="one_by_one")
    assert await run(stage) == "undecided"
    record = stage.records("round")[0]
    assert record["reason"] == "1 of 1 weak answers failed for infrastructure reasons"
    assert record["rollouts"]["weak"] == {"planned": 3, "asked": 1, "saved": 0}
    transport.scripts.clear()
    assert await run(stage) == "accepted"


@pytest.mark.parametrize("frugal", ["one_by_one", "parallel"])
async def test_resumed_round_comes_to_the_same_and_repeats_no_call(tmp_path, frugal):
    (tmp_path / "whole").mkdir()
    whole = Stage(tmp_path / "whole", ScriptedTransport(), frugal=frugal)
    await run(whole)
    down = ProviderFailure("connection", "nobody listens")
    transport = ScriptedTransport(strong=lambda n, body: down)
    broken = Stage(tmp_path, transport, frugal=frugal)
    assert await run(broken) == "undecided"
    asked = transport.count("weak")
    transport.scripts.clear()
    assert await run(broken) == "accepted"
    assert transport.count("weak") == asked
    fields = ("outcome", "weak_scores", "strong_scores", "rollouts", "presets", "clauses")
    first, last = whole.records("round")[-1], broken.records("round")[-1]
    assert {name: first[name] for name in fields} == {name: last[name] for name in fields}


def recompute(stage, record):
    """Policy's and presets' verdicts from the rollout records of a round alone."""
    found = {}
    for rollout in stage.records("rollout"):
        if rollout["round"] == record["round"]:
            score = rollout["score"]["value"] if rollout["score"] else None
            found[rollout["solver"], rollout["index"]] = Graded(rollout["status"], score)
    sides = [
        Side(tuple(found[key] for key in sorted(found) if key[0] == solver), record["rollouts"][solver]["planned"])
        for solver in ("weak", "strong")
    ]
    task = next(task for task in stage.records("task") if task["round"] == record["round"])
    scored = not task["task"]["rubric"]
    settled = settle_round(parse_policy(stage.settings.policy.model_dump()), *sides, scored=scored)
    return settled.outcome if settled else "undecided", foresee_presets(*sides, scored=scored)


@pytest.mark.parametrize("frugal", ["off", "one_by_one", "parallel"])
@pytest.mark.parametrize("seed", range(3))
async def test_verdicts_recomputed_from_the_rollouts_are_those_of_the_record(tmp_path, frugal, seed):
    def judge(n, body):
        return write_verdicts(Random(f"{seed}{json.dumps(body['messages'])}").randint(0, 9))

    def solve(n, body):
        kind = Random(f"{seed}{body['seed']}").random()
        if kind < 0.1:
            return write_reply("", "length")
        return write_reply(f"answer {body['seed']}", "length") if kind < 0.3 else f"answer {body['seed']}"

    transport = ScriptedTransport(judge=judge, weak=solve, strong=solve)
    policy = make_policy("deployed", gap_min=0.3)
    stage = Stage(tmp_path, transport, policy=policy, max_rounds=12, frugal=frugal, final_review=False)
    await run(stage)
    records = [record for record in stage.records("round") if record["weak_scores"]]
    assert records
    for record in records:
        assert recompute(stage, record) == (record["outcome"], record["presets"])
