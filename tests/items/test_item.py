"""Items: the task of a row with where it comes from, and every reason why a row gives none."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.errors import BadInput
from autodata.items.columns import ColumnMap
from autodata.items.item import (
    ANSWER_FLAG,
    SYSTEM_FLAG,
    TURNS_FLAG,
    UNUSED_FLAG,
    Item,
    Origin,
    build_item,
    make_source,
    read_item,
)
from autodata.items.row import MAX_TEXT_CHARS, Row
from autodata.items.text import find_messages, is_missing, read_conversation, read_text
from autodata.model import Source
from autodata.sources.document import Unreadable

COLUMNS = ColumnMap("q", "a", "r", "c", "id", "s")
RUBRIC = [{"criterion": "States A", "weight": 5}]


def build(grading: str = "rubric", **values: object) -> Item:
    return build_item(Row(3, values), COLUMNS, grading)


def test_parts_are_taken_as_they_stand():
    item = build(q="  Why?\n", a="Because.", r=RUBRIC, c="Given A.", id=7)
    assert (item.prompt, item.answer, item.context, item.given_id) == ("  Why?\n", "Because.", "Given A.", "7")
    assert item.rubric[0].criterion == "States A"
    assert item.flags == ()


def test_system_text_goes_before_context_and_is_flagged():
    item = build(q="Why?", a="x", c="Given A.", s="Be brief.")
    assert item.context == "Be brief.\n\nGiven A."
    assert item.flags == (SYSTEM_FLAG,)


def test_conversation_gives_its_last_question_and_reply():
    turns = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hi"},
        {"role": "user", "content": [{"type": "text", "text": "Why?"}]},
        {"role": "assistant", "content": "Because."},
    ]
    item = build(q=json.dumps(turns))
    assert (item.prompt, item.answer) == ("Why?", "Because.")
    assert item.context == "Be brief.\n\nUser: Hello\n\nAssistant: Hi"
    assert set(item.flags) == {SYSTEM_FLAG, TURNS_FLAG}


def test_answer_column_counts_more_than_the_last_turn():
    turns = [{"from": "human", "value": "Why?"}, {"from": "gpt", "value": "Because."}]
    assert build(q=turns, a="Since.").answer == "Since."


@pytest.mark.parametrize(("value", "text"), [(42, "42"), (0.5, "0.5"), (True, "true"), (["yes"], "yes")])
def test_short_answers_of_other_kinds_become_text(value, text):
    assert build("answer", q="Why?", a=value).answer == text


@pytest.mark.parametrize(
    ("grading", "values", "reason"),
    [
        ("rubric", {"q": "", "a": "x"}, "it has no prompt in 'q'"),
        ("rubric", {"q": "Why?"}, "neither a rubric nor an answer"),
        ("answer", {"q": "Why?", "r": RUBRIC}, "no answer to compare with"),
        ("rubric", {"q": {"text": "Why?"}, "a": "x"}, "its prompt is a dict, not text"),
        ("rubric", {"q": b"\x00\x01", "a": "x"}, "its prompt is a bytes, not text"),
        ("rubric", {"q": "Wh\0y?", "a": "x"}, "its prompt holds binary data"),
        ("rubric", {"q": "x" * (MAX_TEXT_CHARS + 1), "a": "x"}, "its prompt has 200,001 characters"),
        ("answer", {"q": "Why?", "a": ["yes", "no"]}, "its answer is a list, not text"),
        ("rubric", {"q": "Why?", "a": ["yes", "no"]}, "its answer is a list, not text"),
        ("rubric", {"q": "Why?", "r": "be nice"}, "its rubric is text that is no list"),
        ("rubric", {"q": [{"role": "user", "content": [{"type": "image_url"}]}], "a": "x"}, "holds an image"),
        ("rubric", {"q": [{"role": "tool", "content": "x"}], "a": "x"}, "a turn of 'tool'"),
        ("rubric", {"q": [{"role": "assistant", "content": "x"}], "a": "x"}, "no question of a user at its end"),
        ("rubric", {"q": "Why?", "a": "x", "c": "y" * 150_000, "s": "z" * 150_000}, "what stands before its prompt"),
    ],
)
def test_row_that_gives_no_item_says_why(grading, values, reason):
    with pytest.raises(Unreadable) as problem:
        build(grading, **values)
    assert reason in str(problem.value)


def test_answer_that_is_no_text_is_left_out_where_a_rubric_decides():
    item = build(q="Why?", a=["yes", "no"], r=RUBRIC)
    assert (item.answer, item.flags) == ("", (ANSWER_FLAG,))


def test_rubric_is_not_used_where_the_reference_decides():
    item = build("answer", q="Why?", a="x", r="not even a list")
    assert (item.rubric, item.flags) == ((), (UNUSED_FLAG,))


def test_flags_name_the_criteria():
    item = build(q="Why?", r=[{"criterion": "A", "weight": "2"}, {"criterion": "B", "weight": "3"}])
    assert item.flags == ("weight written as text (c1, c2)",)


def test_source_carries_the_item_and_its_origin():
    item = build(q="Why?", a="Because.", r=RUBRIC, c="Given A.", id="x-1")
    source = make_source(item, Origin("data.jsonl", "ab" * 32, 3, "train", {"prompt": "q"}))
    assert (source.text, source.title, source.document, source.id) == ("Why?", "x-1", "data.jsonl", item.id)
    assert source.metadata["origin"] == {
        "id": "x-1",
        "row": 3,
        "file": "data.jsonl",
        "file_sha256": "ab" * 32,
        "split": "train",
        "columns": {"prompt": "q"},
    }
    assert read_item(source) == item


def test_document_is_refused_with_the_remedy():
    with pytest.raises(BadInput, match="use `autodata filter`"):
        read_item(Source("0" * 16, "Leases", "A lease is a promise."))


def test_item_of_other_words_has_another_id():
    ids = {build(q=q, a=a, r=r).id for q in "xy" for a in "xy" for r in (None, RUBRIC)}
    assert len(ids) == 8


def test_lone_surrogates_become_replacement_characters():
    assert read_text("a\ud800b", "prompt") == "a\ufffdb"


@pytest.mark.parametrize("value", [None, "", " \n", float("nan"), [], {}])
def test_missing_values(value):
    assert is_missing(value)
    assert read_text(value, "answer") == ""


@given(st.text(max_size=300))
def test_plain_text_is_no_conversation(text):
    assert find_messages(text) is None or text.lstrip().startswith("[")


CONTENT = st.none() | st.text(max_size=5) | st.integers() | st.lists(st.none() | st.dictionaries(st.text(), st.text()))


@given(st.lists(st.fixed_dictionaries({"role": st.text(max_size=9) | st.just("user"), "content": CONTENT}), min_size=1))
def test_any_conversation_is_read_or_refused(messages):
    try:
        read_conversation(messages)
    except Unreadable:
        return
