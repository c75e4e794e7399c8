"""Which words of a passage a task rests on."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from autodata.ui.review.used import describe_used, find_used, split_used

PASSAGE = (
    "Clocks drift. A lease is safe only while every clock stays within the bound on drift! The leader renews it "
    "half-way. Nothing else matters."
)


def test_a_run_of_shared_words_is_found_whatever_its_case_and_punctuation() -> None:
    task = "Suppose: a LEASE, is safe only while every clock stays within the bound; what then?"
    [(start, end)] = find_used(PASSAGE, [task])
    assert PASSAGE[start:end] == "A lease is safe only while every clock stays within the bound"


def test_a_few_common_words_are_chance() -> None:
    assert find_used(PASSAGE, ["A lease is safe, we hope"]) == []


def test_the_rest_of_the_sentence_is_near() -> None:
    pieces = split_used(PASSAGE, ["a lease is safe only while every clock stays within"])
    assert [(text.strip(), kind) for text, kind in pieces] == [
        ("Clocks drift.", ""),
        ("A lease is safe only while every clock stays within", "used"),
        ("the bound on drift!", "near"),
        ("The leader renews it half-way. Nothing else matters.", ""),
    ]


def test_two_runs_in_a_passage_stay_apart() -> None:
    texts = ["clocks drift a lease is safe", "leader renews it half way nothing"]
    assert len(find_used(PASSAGE, texts)) == 2


def test_signs_without_spaces_count_as_words() -> None:
    assert find_used("租约只有在时钟漂移有界时才安全", ["在时钟漂移有界时"]) == [(4, 12)]


def test_an_empty_passage_rests_on_nothing() -> None:
    assert split_used("", ["some words"]) == []
    assert describe_used([]) == ""


def test_the_share_is_told() -> None:
    assert describe_used([("aaaa", "used"), ("bbbb", "")]).startswith("50 %")
    assert describe_used([("bbbb", "")]) == "no 6 words in a row stand in the task"


@given(st.text(alphabet="ab .\n!é漢", max_size=300), st.lists(st.text(alphabet="ab .é漢", max_size=80), max_size=3))
def test_pieces_are_the_passage_again(passage: str, texts: list[str]) -> None:
    pieces = split_used(passage, texts, 2)
    assert "".join(text for text, _ in pieces) == passage
    used = find_used(passage, texts, 2)
    assert all(low < high for low, high in used)
    assert all(first[1] < second[0] for first, second in pairwise(used))


@given(st.lists(st.sampled_from(["lease", "clock", "drift", "bound"]), min_size=6, max_size=30))
def test_a_copied_passage_is_used_whole(words: list[str]) -> None:
    passage = " ".join(words)
    assert find_used(passage, [passage.upper()]) == [(0, len(passage))]
