import json

import pytest

from autodata.agents.challenger import parse_draft
from autodata.agents.screener import build_screener_body, parse_ranking
from autodata.errors import MalformedReply
from autodata.llm.seat import simulated_seats
from autodata.llm.simulator.text import parse_sections
from autodata.recipes.recipe import load_recipe
from tests.support.drafts import SOURCE
from tests.support.maths import write_candidate

RECIPE = load_recipe("math")
DRAFTS = {f"k{n}": parse_draft(write_candidate(index=n), RECIPE.limits) for n in (1, 2)}


def rank(*items):
    return json.dumps({"ranking": [{"id": name, "keep": keep, "reason": "so"} for name, keep in items]})


def test_request_shows_source_and_candidates_with_their_answers():
    body = build_screener_body(simulated_seats().seat("verifier"), RECIPE, SOURCE, DRAFTS, seed=1, nonce="0" * 24)
    sections = parse_sections(body["messages"][1]["content"])
    items = json.loads(sections["candidates"])
    assert sections["document"] == SOURCE.text
    assert [(item["id"], item["reference_answer"]) for item in items] == [("k1", "x + 1"), ("k2", "x + 1")]


def test_ranking_keeps_the_order_of_the_reply():
    ranking = parse_ranking(rank(("k2", True), ("k1", False)), ["k1", "k2"])
    assert [(one.id, one.keep, one.reason) for one in ranking] == [("k2", True, "so"), ("k1", False, "so")]


@pytest.mark.parametrize(
    "text",
    [
        rank(("k1", True)),
        rank(("k1", True), ("k1", True)),
        rank(("k1", True), ("k2", True), ("k3", True)),
        rank(("k1", 1), ("k2", True)),
        json.dumps({"ranking": ["k1", "k2"]}),
        json.dumps({"ranking": "k1, k2"}),
        "k1 is better",
    ],
)
def test_a_ranking_that_is_not_of_every_candidate_once_is_malformed(text):
    with pytest.raises(MalformedReply):
        parse_ranking(text, ["k1", "k2"])


def test_two_rankings_that_differ_are_malformed():
    with pytest.raises(MalformedReply, match="contradict"):
        parse_ranking(f"{rank(('k1', True), ('k2', True))} or {rank(('k2', True), ('k1', True))}", ["k1", "k2"])
