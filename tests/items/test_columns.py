"""Columns: what names are taken for, what a person says instead, and paths into nested ones."""

from __future__ import annotations

import pytest

from autodata.errors import BadInput
from autodata.items.columns import ColumnMap, guess_columns, has_column, list_columns, read_path
from autodata.items.load import Preview, choose_columns
from autodata.items.row import Row


def guess(**values: object) -> ColumnMap:
    return guess_columns([Row(1, values)])


def look(**values: object) -> Preview:
    rows = (Row(1, values),)
    return Preview(rows, tuple(list_columns(rows)), guess_columns(rows))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"question": "q", "answer": "a"}, ColumnMap("question", "answer")),
        ({"Problem": "q", "solution": "s", "Answer": "a"}, ColumnMap("Problem", "Answer")),
        ({"instruction": "i", "input": "c", "output": "o"}, ColumnMap("instruction", "output", context="input")),
        ({"input": "q", "target": "a"}, ColumnMap("input", "target")),
        (
            {"prompt": [{"role": "user", "content": "q"}], "rubrics": [], "prompt_id": "1"},
            ColumnMap("prompt", "", "rubrics", "", "prompt_id"),
        ),
        ({"messages": [], "system_prompt": "s"}, ColumnMap("messages", system="system_prompt")),
        (
            {"prompt": "q", "reward_model": {"ground_truth": "4"}, "extra": {"rubric": []}},
            ColumnMap("prompt", "reward_model.ground_truth", "extra.rubric"),
        ),
        ({"a": 1, "b": 2}, ColumnMap()),
    ],
)
def test_names_are_guessed(values, expected):
    assert guess(**values) == expected


def test_one_column_is_guessed_for_one_part_only():
    found = guess(input="q", answers="a")
    assert (found.prompt, found.context) == ("input", "")


def test_path_leads_through_objects_and_lists():
    values = {"answers": {"text": ["yes", "no"]}, "a.b": 1, "a": {"b": 2}}
    assert read_path(values, "answers.text.1") == "no"
    assert read_path(values, "a.b") == 1
    assert [read_path(values, path) for path in ("answers.text.7", "a.b.c", "x", "answers.text.first")] == [None] * 4


def test_columns_that_hold_a_path_are_those_to_read():
    columns = ColumnMap(prompt="a.b", answer="c")
    assert columns.top_level() == ("a.b", "a", "c")


def test_empty_cell_is_still_a_column():
    assert has_column([Row(1, {"rubric": None})], "rubric")
    assert not has_column([Row(1, {"rubric": None})], "rubrics")


def test_choice_replaces_the_guess_and_takes_its_column_from_other_parts():
    preview = look(question="q", answer="a", text="t")
    chosen = choose_columns(preview, {"prompt": "text", "context": "question"})
    assert chosen == ColumnMap("text", "answer", context="question")
    assert choose_columns(preview, {"prompt": "answer"}) == ColumnMap("answer")


def test_empty_choice_means_none():
    assert choose_columns(look(question="q", answer="a"), {"answer": ""}) == ColumnMap("question")


def test_unknown_column_lists_those_there_are():
    with pytest.raises(BadInput, match="prompt column 'qustion' is not in the data; it has question, answer"):
        choose_columns(look(question="q", answer="a"), {"prompt": "qustion"})


def test_data_without_a_prompt_asks_for_it():
    with pytest.raises(BadInput, match=r"no column looks like a prompt; name it. The data has a, b"):
        choose_columns(look(a=1, b=2), {})
