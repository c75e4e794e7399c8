"""Verifiable answers in a round: letters and algebra first, a model where they do not decide, and silence."""

import json

import pytest

from autodata.errors import ProviderFailure
from autodata.journal import read_records, verify_journal
from autodata.loop import run_source
from tests.support.drafts import SOURCE
from tests.support.maths import QUESTIONS, RIGHT, WRONG, MathStage, is_probe, write_candidate
from tests.support.scripted import write_reply

DOWN = ProviderFailure("connection", "connection refused")


async def run(stage):
    journal, context = stage.open()
    with journal:
        outcome = await run_source(SOURCE, context)
        await context.recorder.drain()
    return outcome


def rollouts(stage, solver):
    return sorted((r for r in stage.records("rollout") if r["solver"] == solver), key=lambda r: r["index"])


def say_equal(number, body):
    return json.dumps({"equivalent": True, "reason": "another name of the same"})


async def test_exact_counts_accept_without_asking_a_model_where_algebra_decides(tmp_path):
    stage = MathStage(tmp_path, {})
    assert await run(stage) == "accepted"
    assert stage.transport.count("judge") == 0
    assert {r["graded_by"] for r in stage.records("rollout")} == {"symbolic"}
    assert [r["score"]["value"] for r in rollouts(stage, "weak")] == [0, 0, 0, 0]
    assert [r["score"]["value"] for r in rollouts(stage, "strong")] == [1, 1, 1, 1]
    assert stage.records("round")[0]["presets"]["exact"] == "accepted"


async def test_a_right_answer_in_another_form_is_right(tmp_path):
    stage = MathStage(tmp_path, {"strong": lambda number, body: r"Hence \boxed{\frac{x^2-1}{x-1}}"})
    assert await run(stage) == "accepted"
    assert rollouts(stage, "strong")[0]["note"] == "boxed answer, compared by algebra"


async def test_the_verifier_reads_what_algebra_cannot_and_only_the_final_answer(tmp_path):
    scripts = {
        "challenger": lambda number, body: write_candidate(index=number, reference_answer="the Klein four-group"),
        "weak": lambda number, body: "I guess.\nANSWER: the cyclic group of order four",
        "strong": lambda number, body: "My work.\nANSWER: the product of two groups of order two",
        "judge": lambda number, body: json.dumps(
            {"equivalent": "product of two" in body["messages"][1]["content"], "reason": "read"}
        ),
    }
    stage = MathStage(tmp_path, scripts)
    assert await run(stage) == "accepted"
    assert {r["graded_by"] for r in stage.records("rollout")} == {"verifier"}
    asked = [body["messages"][1]["content"] for role, body in stage.transport.calls if role == "judge"]
    assert all("My work" not in text and "I guess" not in text for text in asked)
    calls = {record.seq: record.data for record in read_records(stage.path) if record.kind == "call"}
    assert {calls[r["judge_call"]]["purpose"] for r in stage.records("rollout")} == {"verify"}


async def test_several_different_final_answers_go_to_the_verifier_whole(tmp_path):
    both = "ANSWER: x + 1\nOr else:\nANSWER: x - 1"
    stage = MathStage(tmp_path, {"strong": lambda number, body: both}, max_rounds=1)
    assert await run(stage) == "exhausted"
    assert {r["graded_by"] for r in rollouts(stage, "strong")} == {"verifier"}
    assert both in stage.transport.calls[-1][1]["messages"][1]["content"]


async def test_a_last_line_nobody_calls_the_answer_is_never_wrong_by_guess(tmp_path):
    stage = MathStage(tmp_path, {"strong": lambda number, body: "Some work.\n\nx - 7", "judge": say_equal})
    assert await run(stage) == "accepted"
    assert {r["graded_by"] for r in rollouts(stage, "strong")} == {"verifier"}


async def test_a_verifier_that_cannot_be_read_makes_the_round_undecided_and_no_zero(tmp_path):
    scripts = {
        "strong": lambda number, body: "ANSWER: what the symmetry demands",
        "judge": lambda number, body: "I would say so.",
    }
    stage = MathStage(tmp_path, scripts)
    assert await run(stage) == "undecided"
    assert {(r["status"], r["score"] is None) for r in rollouts(stage, "strong")} == {("failed", True)}


async def test_malformed_verdict_is_asked_again_with_another_seed(tmp_path):
    seeds = []

    def judge(number, body):
        seeds.append(body["seed"])
        return "hm" if body["seed"] == seeds[0] else say_equal(number, body)

    stage = MathStage(tmp_path, {"strong": lambda number, body: "ANSWER: what the symmetry demands", "judge": judge})
    assert await run(stage) == "accepted"
    assert (len(seeds), len(set(seeds))) == (8, 2)


async def test_an_empty_answer_counts_as_wrong_where_the_endpoint_answers_two_plus_two(tmp_path):
    def weak(number, body):
        return "4" if is_probe(body) else write_reply("", "length")

    stage = MathStage(tmp_path, {"weak": weak})
    assert await run(stage) == "accepted"
    silent = rollouts(stage, "weak")
    assert {(r["status"], r["score"]["value"], r["graded_by"]) for r in silent} == {("empty", 0, "probe")}
    assert all("2+2" in r["note"] for r in silent)
    probes = [call for call in stage.records("call") if call["purpose"] == "probe"]
    assert len(probes) == 4


async def test_an_empty_answer_of_a_dead_endpoint_is_asked_for_again(tmp_path):
    state = {"down": True}

    def weak(number, body):
        if is_probe(body):
            return DOWN
        if state["down"] and not is_probe(body) and body["seed"] in seen(body):
            return write_reply("")
        return WRONG

    first = set()

    def seen(body):
        if len(first) < 4:
            first.add(body["seed"])
        return first

    stage = MathStage(tmp_path, {"weak": weak})
    assert await run(stage) == "accepted"
    assert {r["status"] for r in rollouts(stage, "weak")} == {"ok"}
    assert verify_journal(stage.path).ok


async def test_an_endpoint_that_stays_down_makes_the_round_undecided_and_a_resume_decides_it(tmp_path):
    state = {"down": True}

    def weak(number, body):
        if not state["down"]:
            return "4" if is_probe(body) else WRONG
        return DOWN if is_probe(body) or state.get("asked", 0) >= 4 else count()

    def count():
        state["asked"] = state.get("asked", 0) + 1
        return write_reply("")

    stage = MathStage(tmp_path, {"weak": weak})
    assert await run(stage) == "undecided"
    assert {r["status"] for r in rollouts(stage, "weak")} == {"failed"}
    state["down"] = False
    assert await run(stage) == "accepted"
    assert [r["score"]["value"] for r in rollouts(stage, "weak") if r["status"] == "ok"] == [0, 0, 0, 0]


@pytest.mark.parametrize("kept", [0.2, 0.4, 0.6, 0.8, 0.95])
async def test_a_run_that_broke_off_anywhere_is_resumed_to_the_same_records(tmp_path, kept):
    def strong(number, body):
        return RIGHT if QUESTIONS[2] in body["messages"][0]["content"] else "ANSWER: what the symmetry demands"

    def make(folder):
        folder.mkdir()
        return MathStage(folder, {"strong": strong})

    whole, broken = make(tmp_path / "whole"), make(tmp_path / "broken")
    assert await run(whole) == "accepted"
    lines = whole.path.read_bytes().splitlines(keepends=True)
    broken.path.write_bytes(b"".join(lines[: int(kept * len(lines))]))
    calls_kept = len(broken.records("call"))
    assert await run(broken) == "accepted"
    assert len(broken.transport.calls) == len(whole.transport.calls) - calls_kept
    for kind in ("screen", "task", "quality", "round", "source_done"):
        assert drop_numbers(broken.records(kind)) == drop_numbers(whole.records(kind))
    scores = [
        [(r["round"], r["solver"], r["index"], r["score"], r["graded_by"]) for r in s.records("rollout")]
        for s in (whole, broken)
    ]
    assert sorted(scores[0], key=str) == sorted(scores[1], key=str)


def drop_numbers(records):
    """Records without what depends on the order in which concurrent calls came back."""
    return [{k: v for k, v in r.items() if k not in ("seq", "t", "prev", "sha", "call", "calls")} for r in records]


@pytest.mark.parametrize("solver", ["weak", "strong"])
async def test_solver_requests_are_the_question_alone(tmp_path, solver):
    stage = MathStage(tmp_path, {})
    await run(stage)
    bodies = [body for role, body in stage.transport.calls if role == solver]
    question = stage.records("task")[0]["task"]["question"]
    assert {body["messages"][0]["content"] for body in bodies} == {question}
