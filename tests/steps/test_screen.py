"""Several challengers at once, screening, and the next promising candidate in the next round."""

import json

from autodata.journal import read_records
from autodata.loop import run_source
from autodata.recipes.recipe import load_recipe
from tests.support.drafts import SOURCE
from tests.support.maths import QUESTIONS, RIGHT, WRONG, MathStage, is_probe, rank_all, write_candidate


async def run(stage):
    journal, context = stage.open()
    with journal:
        outcome = await run_source(SOURCE, context)
        await context.recorder.drain()
    return outcome


def asked(stage, role):
    return [body["messages"][1]["content"] for made, body in stage.transport.calls if made == role]


def questions(stage):
    return [record["task"]["question"] for record in stage.records("task")]


async def test_challengers_of_a_batch_get_different_angles_and_seeds(tmp_path):
    stage = MathStage(tmp_path, {})
    await run(stage)
    bodies = [body for role, body in stage.transport.calls if role == "challenger"]
    angles = [
        line for text in asked(stage, "challenger") for line in text.splitlines() if line.startswith("Your angle:")
    ]
    assert len(bodies) == len({body["seed"] for body in bodies}) == 4
    assert angles == [f"Your angle: {angle}" for angle in load_recipe("math").limits.angles[:4]]


async def test_the_best_ranked_candidate_is_the_task_and_everything_is_in_the_journal(tmp_path):
    def screen(number, body):
        ranking = json.loads(rank_all(body, keep=lambda name: name != "k1"))["ranking"]
        return json.dumps({"ranking": ranking[::-1]})

    stage = MathStage(tmp_path, {"verifier": screen})
    assert await run(stage) == "accepted"
    assert questions(stage) == [QUESTIONS[3]]
    record = stage.records("screen")[0]
    assert [(one["id"], one["rank"], one["by"]) for one in record["candidates"]] == [
        ("k1", None, "screener"),
        ("k2", 3, "screener"),
        ("k3", 2, "screener"),
        ("k4", 1, "screener"),
    ]
    assert record["candidates"][0]["reason"] == "about k1"
    assert record["candidates"][1]["draft"]["question"] == QUESTIONS[1]


async def test_screening_is_committed_before_the_task_and_the_task_before_any_solver(tmp_path):
    stage = MathStage(tmp_path, {})
    await run(stage)
    kinds = [(r.kind, r.data.get("role")) for r in read_records(stage.path)]
    assert kinds.index(("screen", None)) < kinds.index(("task", None)) < kinds.index(("call", "weak"))


async def test_the_next_promising_candidate_is_tried_before_new_ones_are_written(tmp_path):
    stage = MathStage(tmp_path, {"strong": lambda number, body: WRONG if number < 8 else RIGHT})
    assert await run(stage) == "accepted"
    assert questions(stage) == list(QUESTIONS[:3])
    assert stage.transport.count("challenger") == 4
    assert len(stage.records("screen")) == 1


async def test_a_used_up_batch_is_followed_by_another_that_learns_of_the_answers(tmp_path):
    scripts = {
        "verifier": lambda number, body: rank_all(body, keep=lambda name: name == "k1"),
        "strong": lambda number, body: WRONG if number < 4 else RIGHT,
    }
    stage = MathStage(tmp_path, scripts)
    assert await run(stage) == "accepted"
    second = asked(stage, "challenger")[4]
    assert "[[last_round " in second
    assert "strong: 0 of 4 right" in second
    assert "wrong: x - 1" in second
    assert "Your angle: " + load_recipe("math").limits.angles[4] in second


async def test_code_drops_weak_and_nearly_identical_candidates_before_the_screener_reads_them(tmp_path):
    def write(number, body):
        return [
            write_candidate(index=0, reference_answer="12"),
            write_candidate(index=1),
            write_candidate(index=1),
            "no JSON at all",
            "no JSON at all",
            "no JSON at all",
        ][number]

    stage = MathStage(tmp_path, {"challenger": write})
    assert await run(stage) == "accepted"
    candidates = stage.records("screen")[0]["candidates"]
    assert [one["by"] for one in candidates] == ["checks", "screener", "checks", "checks"]
    assert "bare whole number" in candidates[0]["reason"]
    assert "candidate k2" in candidates[2]["reason"]
    assert "could not be used" in candidates[3]["reason"]


async def test_a_batch_without_a_good_candidate_fails_quality_with_the_reasons(tmp_path):
    scripts = {"verifier": lambda number, body: rank_all(body, keep=lambda name: False)}
    stage = MathStage(tmp_path, scripts, max_rounds=1)
    assert await run(stage) == "exhausted"
    assert stage.records("round")[0]["outcome"] == "failed_quality"
    assert "k1: about k1" in stage.records("round")[0]["reason"]
    assert stage.transport.count("weak") == 0


async def test_a_screener_that_cannot_be_read_leaves_the_round_undecided(tmp_path):
    stage = MathStage(tmp_path, {"verifier": lambda number, body: "k1 looks good"})
    assert await run(stage) == "undecided"
    assert stage.transport.count("verifier") == 3


async def test_a_baseline_asks_one_challenger_and_no_screener(tmp_path):
    stage = MathStage(tmp_path, {}, baseline=True)
    await run(stage)
    assert (stage.transport.count("challenger"), stage.transport.count("verifier")) == (1, 0)
    assert not any(is_probe(body) for _, body in stage.transport.calls)


async def test_a_question_of_an_earlier_round_is_not_tried_again(tmp_path):
    scripts = {
        "challenger": lambda number, body: write_candidate(index=min(number, 3) if number < 4 else 0),
        "verifier": lambda number, body: rank_all(body, keep=lambda name: name == "k1"),
        "strong": lambda number, body: WRONG,
    }
    stage = MathStage(tmp_path, scripts, max_rounds=2)
    await run(stage)
    second = stage.records("screen")[1]["candidates"]
    assert all("round 1" in one["reason"] for one in second)
