import json

import pytest

from autodata.errors import ProviderFailure
from autodata.llm.simulator.text import parse_sections
from autodata.loop import run_source
from autodata.policy import make_policy
from tests.support.drafts import SOURCE
from tests.support.legal import IMPROVE, QUESTION, VERDICT, LegalStage, make_writer_reply
from tests.support.scripted import write_verdicts

LONG = QUESTION * 5
FAILURE = ProviderFailure("server_error", "upstream failed", status=500)


async def run(stage):
    journal, context = stage.open()
    with journal:
        outcome = await run_source(SOURCE, context)
        await context.recorder.drain()
    return outcome


def outcomes(stage):
    return [record["outcome"] for record in stage.records("round")]


def improve_first(number, body):
    return json.dumps(IMPROVE if number == 0 else VERDICT)


async def test_accepted_round_costs_two_writings_eight_rollouts_and_one_word(tmp_path):
    stage = LegalStage(tmp_path)
    assert await run(stage) == "accepted"
    assert [stage.transport.count(role) for role in ("weak", "strong", "judge", "loop_judge")] == [5, 3, 8, 1]
    assert stage.records("round")[0]["reason"] == VERDICT["verdict_reason"]


async def test_improve_goes_on_to_a_round_that_reads_packet_and_suggestion(tmp_path):
    stage = LegalStage(tmp_path, loop_judge=improve_first)
    assert await run(stage) == "accepted"
    assert outcomes(stage) == ["improve", "accepted"]
    second = [body for role, body in stage.transport.calls if role == "challenger"][1]["messages"][1]["content"]
    detail = json.loads(parse_sections(second)["last_round"])
    assert detail["suggestion_for_writer"] == IMPROVE["suggestion_for_writer"]
    assert detail["packet"]["target_capabilities"]["rewards"] == "applies the rule"
    assert stage.transport.count("extractor") == 1


async def test_packet_of_a_later_round_has_the_earlier_verdicts(tmp_path):
    stage = LegalStage(tmp_path, loop_judge=improve_first)
    await run(stage)
    packets = [record["packet"] for record in stage.records("loop_verdict")]
    assert packets[0]["previous_verdicts"] == []
    assert [earlier["outcome"] for earlier in packets[1]["previous_verdicts"]] == ["improve"]


async def test_filter_overrules_the_judge_and_the_writer_hears_of_it(tmp_path):
    def write(number, body):
        return make_writer_reply(question=LONG if number == 0 else QUESTION)

    stage = LegalStage(tmp_path, challenger=write)
    assert await run(stage) == "accepted"
    first = stage.records("loop_verdict")[0]
    assert (first["outcome"], first["post_filter_override"]) == ("improve", True)
    second = [body for role, body in stage.transport.calls if role == "challenger"][1]["messages"][1]["content"]
    assert f"{len(LONG.strip()):,} characters" in second


async def test_softer_rubric_reaches_the_loop_judge_as_a_concern(tmp_path):
    def write(number, body):
        values = json.loads(make_writer_reply(question=f"{QUESTION}It is matter {number}."))
        if number == 1:
            for item in values["rubric"][:14]:
                item |= {"weight": 3, "weight_class": "slight"}
        return json.dumps(values)

    stage = LegalStage(tmp_path, challenger=write, loop_judge=improve_first)
    await run(stage)
    softer = stage.records("loop_verdict")[1]["packet"]["softer_rubric"]
    assert "attainable points fell from 84 to 42" in softer
    asked = [body for role, body in stage.transport.calls if role == "loop_judge"][1]["messages"][1]["content"]
    assert "attainable points fell from 84 to 42" in asked


async def test_malformed_word_is_asked_again_with_another_seed(tmp_path):
    stage = LegalStage(tmp_path, loop_judge=lambda n, body: "accept!" if n == 0 else json.dumps(VERDICT))
    assert await run(stage) == "accepted"
    seeds = [body["seed"] for role, body in stage.transport.calls if role == "loop_judge"]
    assert len(set(seeds)) == 2


@pytest.mark.parametrize("answer", ["accept!", FAILURE])
async def test_word_that_cannot_be_had_is_undecided_and_keeps_the_rollouts(tmp_path, answer):
    stage = LegalStage(tmp_path, loop_judge=lambda n, body: answer)
    assert await run(stage) == "undecided"
    assert outcomes(stage) == ["undecided"]
    assert len(stage.records("rollout")) == 8
    assert stage.records("loop_verdict") == []


async def test_undecided_source_is_weighed_again_on_resume_without_new_rollouts(tmp_path):
    stage = LegalStage(tmp_path, loop_judge=lambda n, body: "accept!" if n < 3 else json.dumps(VERDICT))
    assert await run(stage) == "undecided"
    assert await run(stage) == "accepted"
    assert stage.transport.count("weak") == 5


async def test_improving_ends_after_sixteen_rounds_whatever_the_run_asks_for(tmp_path):
    stage = LegalStage(tmp_path, changes={"max_rounds": 40}, loop_judge=lambda n, body: json.dumps(IMPROVE))
    assert await run(stage) == "exhausted"
    assert len(stage.records("round")) == 16


async def test_task_that_fails_the_checks_is_not_tried_and_the_writer_learns_why(tmp_path):
    def write(number, body):
        values = json.loads(make_writer_reply())
        if number == 0:
            values["rubric"][0]["weight"] = 9
        return json.dumps(values)

    stage = LegalStage(tmp_path, challenger=write)
    assert await run(stage) == "accepted"
    assert outcomes(stage) == ["failed_quality", "accepted"]
    second = [body for role, body in stage.transport.calls if role == "challenger"][1]["messages"][1]["content"]
    assert second.startswith("MODE: IMPROVE")
    assert "important is 5 to 7" in second


@pytest.mark.parametrize("key", ["number", "capability", "weight_class"])
async def test_criterion_without_one_of_its_six_keys_is_written_again(tmp_path, key):
    def write(number, body):
        values = json.loads(make_writer_reply())
        if number == 0:
            del values["rubric"][3][key]
        return json.dumps(values)

    stage = LegalStage(tmp_path, challenger=write)
    assert await run(stage) == "accepted"
    assert stage.transport.count("challenger") == 2
    assert outcomes(stage) == ["accepted"]


async def test_spread_that_the_policy_asks_for_fails_the_round_whatever_the_judge_says(tmp_path):
    stage = LegalStage(
        tmp_path,
        changes={"policy": make_policy("two_layer", weak_spread_min=0.1), "max_rounds": 1},
        judge=lambda n, body: write_verdicts(5, 15),
    )
    assert await run(stage) == "exhausted"
    assert outcomes(stage) == ["no_spread"]


async def test_empty_answers_leave_too_few_valid_rollouts_to_weigh(tmp_path):
    stage = LegalStage(tmp_path, weak=lambda n, body: "" if n < 2 else f"weak answer {n}")
    assert await run(stage) == "undecided"
    assert "only 3 of 5 weak answers could be graded, 4 are needed" in stage.records("round")[0]["reason"]
    assert stage.transport.count("loop_judge") == 0


async def test_four_of_five_and_two_of_three_are_enough(tmp_path):
    stage = LegalStage(
        tmp_path,
        weak=lambda n, body: "" if n == 0 else f"weak answer {n}",
        strong=lambda n, body: "" if n == 0 else f"strong answer {n}",
    )
    assert await run(stage) == "accepted"
    packet = stage.records("loop_verdict")[0]["packet"]
    assert (packet["num_valid_weak"], packet["num_valid_strong"]) == (4, 2)
