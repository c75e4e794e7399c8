"""Counts that cannot be right are said; those that can are not."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from autodata.llm.counts import MARGIN, estimate_least_tokens, find_count_warnings
from autodata.model import Usage


def make_body(text: object, **settings: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": text}], **settings}


def test_prompt_cut_to_the_window_is_said_with_both_counts():
    (warning,) = find_count_warnings(make_body("word " * 9000), Usage(2048, 10))
    assert "counted 2,048 prompt tokens for a text of at least 7,200" in warning
    assert "context length" in warning


def test_usual_count_of_english_prose_is_no_matter():
    assert find_count_warnings(make_body("several words of a text " * 400), Usage(2600, 10)) == ()


def test_count_that_joins_some_words_is_no_matter():
    assert find_count_warnings(make_body("word " * 1000), Usage(800, 10)) == ()


def test_missing_count_is_no_matter():
    assert find_count_warnings(make_body("word " * 9000), Usage()) == ()


def test_short_prompt_is_not_checked():
    assert find_count_warnings(make_body("word " * 150), Usage(1, 1)) == ()


def test_blanks_and_rules_of_a_table_count_nothing():
    assert estimate_least_tokens("|   |   |\n" * 500 + "- " * 500) == 0


def test_text_without_blanks_is_counted_by_its_characters():
    assert estimate_least_tokens("数据质量审计" * 100) == int(MARGIN * 150)


def test_cut_prompt_without_blanks_is_said():
    assert find_count_warnings(make_body("数据质量审计" * 2000), Usage(1024, 1))


def test_text_in_parts_is_counted_too():
    body = make_body([{"type": "text", "text": "word " * 5000}, {"type": "image_url"}])
    assert find_count_warnings(body, Usage(1000, 1))


def test_answer_beyond_its_limit_is_said():
    (warning,) = find_count_warnings(make_body("hi", max_completion_tokens=16), Usage(5, 4000))
    assert "4,000 tokens although the request allowed 16" in warning


def test_answer_at_its_limit_is_no_matter():
    assert find_count_warnings(make_body("hi", max_tokens=16), Usage(5, 16)) == ()


@given(st.text(), st.text())
def test_more_text_never_needs_fewer_tokens(one: str, other: str):
    assert estimate_least_tokens(f"{one} {other}") >= estimate_least_tokens(one)


@given(st.text(max_size=2000))
def test_bound_is_below_one_token_a_character(text: str):
    assert estimate_least_tokens(text) <= len(text)


@given(st.lists(st.sampled_from(["word", "数据", "a-b", "--", "\n"]), max_size=600), st.integers(0, 1000))
def test_short_cut_decides_as_the_full_count_does(words: list[str], counted: int):
    text = " ".join(words)
    least = estimate_least_tokens(text)
    said = bool(find_count_warnings(make_body(text), Usage(counted, 0)))
    assert said == (counted < least and least >= MARGIN * 200)


def test_a_text_without_a_letter_has_no_words():
    # By a pattern that looks for a letter behind every character this takes hours.
    assert estimate_least_tokens("\u200b" * 1_000_000) == 0
