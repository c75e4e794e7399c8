import json

import pytest

from autodata.agents.answer_verifier import build_answer_verifier_body, parse_answer_verdict
from autodata.errors import MalformedReply
from autodata.llm.seat import simulated_seats
from autodata.llm.simulator.text import parse_sections
from autodata.recipes.recipe import load_recipe
from tests.support.drafts import make_task

TASK = make_task(rubric=(), reference_answer="x + 1")


def build(candidate, **changes):
    seat = simulated_seats().seat("judge")
    return build_answer_verifier_body(
        seat, load_recipe("math"), TASK, candidate, **({"seed": 1, "nonce": "0" * 24} | changes)
    )


def test_request_holds_question_reference_and_candidate_and_nothing_of_who_wrote_it():
    body = build("1 + x")
    sections = parse_sections(body["messages"][1]["content"])
    assert sections.keys() == {"question", "reference_answer", "candidate_answer"}
    assert (sections["reference_answer"], sections["candidate_answer"]) == ("x + 1", "1 + x")
    assert "weak" not in json.dumps(body)
    assert "strong" not in json.dumps(body)


def test_requests_for_one_task_differ_in_the_candidate_alone():
    one, other = build("1 + x"), build("x - 1")
    assert json.dumps(one).replace("1 + x", "x - 1") == json.dumps(other)


def test_a_long_answer_is_shown_from_its_end():
    assert build("a" * 50_000 + " the end")["messages"][1]["content"].count("the end") == 1
    assert len(build("a" * 50_000)["messages"][1]["content"]) < 20_000


def test_verdict_is_read_with_its_reason():
    verdict = parse_answer_verdict('Well. {"equivalent": true, "reason": "same value"}')
    assert (verdict.equivalent, verdict.reason) == (True, "same value")


@pytest.mark.parametrize(
    "text", ["", "yes", '{"equivalent": 1}', '{"equivalent": "true"}', '{"equivalent": null}', '{"same": true}']
)
def test_anything_but_true_or_false_is_malformed(text):
    with pytest.raises(MalformedReply):
        parse_answer_verdict(text)


def test_a_reply_that_quotes_a_verdict_and_gives_another_is_malformed():
    with pytest.raises(MalformedReply, match="contradict"):
        parse_answer_verdict('The candidate says {"equivalent": true}, but {"equivalent": false, "reason": "no"}')
