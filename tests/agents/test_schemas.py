"""The forms that replies are bound to are those the parsers read."""

from __future__ import annotations

from typing import Any

import pytest

from autodata.agents.challenger import build_challenger_body, parse_draft
from autodata.agents.request import build_body
from autodata.agents.schemas import make_draft_schema, make_review_schema, make_verdicts_schema
from autodata.agents.verifier import parse_review
from autodata.llm.seat import Seat
from autodata.model import Criterion, Source
from autodata.recipes.recipe import load_recipe

SCHEMA_SEAT = Seat(endpoint="e", model="m", structured="schema")
RUBRIC = (Criterion("c1", "names the bound", 8), Criterion("c2", "calls it safe", -5))


def list_objects(schema: Any) -> list[dict[str, Any]]:
    """Every object in a schema, at any depth."""
    if isinstance(schema, list):
        return [found for item in schema for found in list_objects(item)]
    if not isinstance(schema, dict):
        return []
    own = [schema] if schema.get("type") == "object" else []
    return own + [found for value in schema.values() for found in list_objects(value)]


@pytest.mark.parametrize(
    "schema",
    [
        make_verdicts_schema(RUBRIC),
        make_review_schema({"overall": ("PASS", "FAIL")}),
        make_draft_schema(load_recipe("cs").limits),
    ],
)
def test_every_field_of_every_object_is_required_and_no_other_allowed(schema: dict[str, Any]):
    objects = list_objects(schema)
    assert objects
    for found in objects:
        assert (found["required"], found["additionalProperties"]) == (list(found["properties"]), False)


def test_verdicts_can_only_name_criteria_of_the_rubric():
    item = make_verdicts_schema(RUBRIC)["properties"]["verdicts"]["items"]
    assert (item["properties"]["id"]["enum"], item["properties"]["met"]["enum"]) == (["c1", "c2"], [0, 1])


def test_quote_is_written_before_the_verdict_that_rests_on_it():
    item = make_verdicts_schema(RUBRIC)["properties"]["verdicts"]["items"]
    assert list(item["properties"]) == ["id", "quote", "met"]


def test_draft_thinks_before_it_writes():
    limits = load_recipe("cs").limits
    schema = make_draft_schema(limits)
    assert schema is not None
    assert next(iter(schema["properties"])) == "scratchpad"
    assert set(limits.task_fields) <= set(schema["properties"])


def test_reply_that_keeps_the_draft_schema_is_read():
    limits = load_recipe("cs").limits
    text = (
        '{"scratchpad": "", "tags": ["a"], "question_type": "t", "context": "c", "question": "q", '
        '"reference_answer": "r", "rubric": [{"criterion": "x", "weight": 8, "category": "positive"}]}'
    )
    assert parse_draft(text, limits).rubric[0].weight == 8


def test_reply_that_keeps_the_review_schema_is_read():
    text = (
        '{"leakage": "NO_LEAKAGE", "question": "GOOD", "rubric": "PASS", "type": "CONSISTENT", "overall": "PASS", '
        '"feedback": ""}'
    )
    assert parse_review(text).passed


def test_seat_without_structure_asks_for_none():
    assert "response_format" not in build_body(Seat(endpoint="e", model="m"), [], 1, {"type": "object"})


def test_seat_with_schema_asks_for_a_json_object_where_there_is_none():
    assert build_body(SCHEMA_SEAT, [], 1)["response_format"] == {"type": "json_object"}


def test_json_mode_is_the_same_as_structured_json():
    old, new = Seat(endpoint="e", model="m", json_mode=True), Seat(endpoint="e", model="m", structured="json")
    assert build_body(old, [], 1) == build_body(new, [], 1)


def test_challenger_of_a_schema_seat_is_bound_to_the_draft():
    source = Source(id="s", title="t", text="text")
    body = build_challenger_body(SCHEMA_SEAT, load_recipe("cs"), source, [], seed=1, nonce="00000000")
    assert body["response_format"]["json_schema"]["schema"] == make_draft_schema(load_recipe("cs").limits)
