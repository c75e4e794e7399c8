import json

import pytest

from autodata.agents.filters import FilterHit
from autodata.agents.loop_judge import build_loop_judge_body, parse_loop_verdict
from autodata.agents.packet import build_packet
from autodata.agents.weighing import Weighing, decide_weighing, describe_weighing, render_detail, summarise
from autodata.errors import MalformedReply
from autodata.llm.seat import simulated_seats
from autodata.recipes.recipe import load_recipe
from tests.support.legal import IMPROVE, VERDICT, make_legal_task, make_rollout

TASK = make_legal_task()
PACKET = build_packet(TASK, [make_rollout(TASK, "weak", 0, {"c1"})], [make_rollout(TASK, "strong", 0, {"c1", "c2"})])
HIT = FilterHit("phrase", "on appeal", "the question holds 'on appeal', which gives its source away")


def weigh(verdict, hits=()):
    outcome, reason = decide_weighing(hits, verdict)
    return Weighing(TASK, PACKET, tuple(hits), verdict, outcome, reason)


def test_request_holds_question_and_packet_and_no_answer():
    body = build_loop_judge_body(
        simulated_seats().seat("loop_judge"),
        load_recipe("legal"),
        TASK,
        PACKET,
        seed=1,
        nonce="0a1b2c3d4e5f0a1b2c3d4e5f",
    )
    sent = body["messages"][1]["content"]
    assert "[[packet 0a1b2c3d4e5f0a1b2c3d4e5f]]" in sent
    assert TASK.question in sent
    assert '"words"' not in sent


def test_verdict_is_read():
    verdict = parse_loop_verdict("Let me see.\n" + json.dumps(VERDICT))
    assert (verdict.verdict, verdict.grpo_suitability) == ("accept", "high")
    assert verdict.suggestion_for_writer == ""


@pytest.mark.parametrize("field", [name for name in VERDICT if name != "rubric_concerns"])
def test_missing_field_is_malformed_and_named(field):
    with pytest.raises(MalformedReply, match=field):
        parse_loop_verdict(json.dumps({key: value for key, value in VERDICT.items() if key != field}))


@pytest.mark.parametrize("change", [{"verdict": "maybe"}, {"grpo_suitability": 3}, {"rubric_concerns": [1]}])
def test_unknown_word_is_malformed(change):
    with pytest.raises(MalformedReply):
        parse_loop_verdict(json.dumps(VERDICT | change))


def test_improve_without_a_suggestion_is_malformed():
    with pytest.raises(MalformedReply, match="suggestion_for_writer"):
        parse_loop_verdict(json.dumps(IMPROVE | {"suggestion_for_writer": " "}))


def test_two_verdicts_that_differ_are_malformed():
    with pytest.raises(MalformedReply, match="contradict"):
        parse_loop_verdict(json.dumps(VERDICT) + json.dumps(IMPROVE))


def test_word_of_the_judge_holds_without_a_hit():
    assert weigh(parse_loop_verdict(json.dumps(VERDICT))).outcome == "accepted"
    assert weigh(parse_loop_verdict(json.dumps(IMPROVE))).outcome == "improve"


def test_hit_overrules_an_accept_and_is_surfaced():
    weighing = weigh(parse_loop_verdict(json.dumps(VERDICT)), [HIT])
    assert weighing.outcome == "improve"
    assert weighing.reason.startswith("the loop judge's accept is overruled")
    assert describe_weighing(weighing)["post_filter_override"]


def test_hit_beside_an_improve_overrules_nothing():
    weighing = weigh(parse_loop_verdict(json.dumps(IMPROVE)), [HIT])
    assert weighing.outcome == "improve"
    assert not weighing.overridden


def test_writer_gets_the_suggestion_first_and_everything_unchanged():
    detail = json.loads(render_detail(weigh(parse_loop_verdict(json.dumps(IMPROVE)), [HIT])))
    assert next(iter(detail)) == "suggestion_for_writer"
    assert detail["suggestion_for_writer"] == IMPROVE["suggestion_for_writer"]
    assert detail["filter_hits"] == [HIT.sentence]
    assert detail["previous_question"] == TASK.question


def test_earlier_round_in_one_line_has_scores_and_suitability():
    line = summarise(weigh(parse_loop_verdict(json.dumps(IMPROVE))))
    assert (line.round, line.outcome, line.suitability) == (1, "improve", "medium")
    assert line.gap == PACKET.gap
