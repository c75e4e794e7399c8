"""Rubrics of other people: every usual shape, kept as it is, with what is odd about it said."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.items.rubric import MAX_CRITERIA, read_rubric
from autodata.sources.document import Unreadable


def pairs(value: object) -> list[tuple[str, float]]:
    return [(criterion.criterion, criterion.weight) for criterion in read_rubric(value).criteria]


TWO = [("States A", 5), ("Claims B", -3)]


@pytest.mark.parametrize(
    "value",
    [
        [{"criterion": "States A", "weight": 5}, {"criterion": "Claims B", "weight": -3}],
        [{"criterion": "States A", "points": 5.0, "tags": ["x"]}, {"criterion": "Claims B", "points": -3}],
        [{"title": "A", "description": "States A", "weight": 5}, {"title": "Claims B", "weight": -3}],
        {"criteria": [{"text": "States A", "score": "+5"}, {"text": "Claims B", "score": "-3 points"}]},
        {"criterion": ["States A", "Claims B"], "weight": [5, -3]},
        {"States A": 5, "Claims B": -3},
        '[{"criterion": "States A", "weight": 5}, {"criterion": "Claims B", "weight": -3}]',
        "[{'criterion': 'States A', 'weight': 5}, {'criterion': 'Claims B', 'weight': -3}]",
    ],
)
def test_shapes_give_the_same_criteria(value):
    assert pairs(value) == TWO


def test_list_of_texts_weighs_one_each():
    rubric = read_rubric(["States A", "States B"])
    assert [criterion.weight for criterion in rubric.criteria] == [1, 1]
    assert list(rubric.flags) == ["no weights: every criterion counts 1"]


@pytest.mark.parametrize("value", [None, "", "  ", [], {}, float("nan"), "[]"])
def test_nothing_is_no_rubric(value):
    assert read_rubric(value).criteria == ()


@pytest.mark.parametrize(
    ("item", "flag", "weight"),
    [
        ({"criterion": "States A", "weight": "+8"}, "weight written as text", 8),
        ({"criterion": "States A", "weight": 0.5}, "weight with a fraction", 0.5),
        ({"criterion": "States A", "weight": 0}, "weight 0: it tests nothing", 0),
        ({"criterion": "States A", "weight": "essential"}, "weight that is no number: 1 is used", 1),
        ({"criterion": "States A", "weight": float("inf")}, "weight that is no number: 1 is used", 1),
        ({"criterion": "States A", "weight": True}, "weight that is no number: 1 is used", 1),
        ({"criterion": "States A"}, "criterion without a weight: 1 is used", 1),
        (
            {"criterion": "Claims B", "weight": 5, "category": "negative"},
            "sign taken from its category, not from its weight",
            -5,
        ),
        (
            {"criterion": "States A", "weight": -5, "category": "Positive"},
            "sign taken from its category, not from its weight",
            5,
        ),
        (
            {"criterion": "Pitfall Criteria: Does not mention A", "weight": -1},
            "negative weight on words that ask for something good: is the sign right?",
            -1,
        ),
        (
            {"criterion": "Fails to mention A", "weight": 3},
            "positive weight on words that describe an error: is the sign right?",
            3,
        ),
        ({"criterion": "States  X", "weight": 2}, "criterion given twice", 2),
    ],
)
def test_odd_criterion_is_kept_and_flagged_by_its_id(item, flag, weight):
    rubric = read_rubric([{"criterion": "States X", "weight": 9}, item])
    assert rubric.criteria[1].weight == weight
    assert "c2" in rubric.flags[flag]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (7, "is a int, not a list"),
        ("be accurate and kind", "text that is no list"),
        ('[{"criterion": ', "text that is no list"),
        ([7], "criterion 1 of its rubric is a int"),
        ([{"weight": 3}], "criterion 1 of its rubric has no text"),
        ([{"criterion": "x" * 9_000, "weight": 1}], "more than 8,000 characters"),
        ([{"criterion": "x", "weight": 1e9}], "weighs 1e\\+09; 1,000,000 is the most"),
        ([{"criterion": "x", "weight": -1}], "no positive weight"),
        (["x"] * (MAX_CRITERIA + 1), "101 criteria; 100 are the most"),
        ("[" * 100_000, "text that is no list"),
        ("(" * 100_000, "text that is no list"),
    ],
)
def test_what_is_no_rubric_is_refused_with_the_reason(value, message):
    with pytest.raises(Unreadable, match=message):
        read_rubric(value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["criterion", "weight", "points", "rubric", "criteria", "category", "title", "x"]), inner
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_value_is_read_or_refused(value):
    try:
        rubric = read_rubric(value)
    except Unreadable:
        return
    assert not rubric.criteria or sum(c.weight for c in rubric.criteria if c.weight > 0) > 0


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text):
    try:
        read_rubric(text)
    except Unreadable:
        return


@given(
    st.lists(
        st.tuples(st.text(st.characters(codec="ascii", categories=["L"]), min_size=1), st.integers(1, 100)),
        min_size=1,
        max_size=20,
    )
)
def test_whole_weights_come_through_as_they_are(items):
    value = [{"criterion": text, "weight": weight} for text, weight in items]
    assert pairs(value) == pairs(json.dumps(value)) == items
