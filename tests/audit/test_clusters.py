"""Near-duplicate clusters: exact similarity decides, the same texts give the same clusters."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autodata.audit.clusters import LONGEST, cut_shingles, find_clusters, measure_similarity
from autodata.errors import BadInput

TEMPLATE = " ".join(f"word{n}" for n in range(200))


def make_copies(count):
    return {f"task{n}": f"{TEMPLATE} ending number {n}" for n in range(count)}


def make_others(count):
    return {f"other{n}": " ".join(f"item{n}x{m}" for m in range(60)) for n in range(count)}


def test_copies_of_a_template_are_one_cluster():
    assert find_clusters({**make_copies(7), **make_others(10)}) == (tuple(sorted(make_copies(7))),)


def test_fewer_than_five_are_no_cluster():
    assert find_clusters(make_copies(4)) == ()
    assert len(find_clusters(make_copies(4), fewest=4)[0]) == 4


def test_the_largest_cluster_comes_first():
    second = {f"z{n}": f"{TEMPLATE[::-1]} tail {n}" for n in range(9)}
    assert [len(group) for group in find_clusters({**make_copies(6), **second})] == [9, 6]


def test_texts_that_share_little_are_not_linked():
    half = TEMPLATE.split()
    texts = {f"t{n}": " ".join(half[:60] + [f"own{n}x{m}" for m in range(140)]) for n in range(8)}
    assert find_clusters(texts) == ()


def test_the_order_of_the_texts_does_not_matter():
    texts = {**make_copies(6), **make_others(5)}
    assert find_clusters(texts) == find_clusters(dict(reversed(texts.items())))


def test_case_and_punctuation_do_not_matter():
    assert cut_shingles("A, b; C d! E f") == cut_shingles("a b c d e f")


def test_texts_without_words_are_in_no_cluster():
    assert find_clusters({f"t{n}": " … !? \u200b" for n in range(9)}) == ()


def test_short_texts_are_compared_whole():
    assert cut_shingles("two words") == {"two words"}


def test_only_the_beginning_of_a_huge_text_counts():
    assert len(cut_shingles("a b c d e f " * 2_000_000)) <= 6
    assert cut_shingles("x " * LONGEST) == cut_shingles("x " * LONGEST * 2)


@settings(max_examples=50)
@given(st.frozensets(st.sampled_from("abcdefgh")), st.frozensets(st.sampled_from("abcdefgh")))
def test_similarity_is_symmetric_and_between_zero_and_one(first, second):
    got = measure_similarity(first, second)
    assert got == measure_similarity(second, first)
    assert 0 <= got <= 1
    assert not first or measure_similarity(first, first) == 1


def test_similarity_by_hand():
    assert measure_similarity(frozenset("abc"), frozenset("bcd")) == 0.5


@pytest.mark.parametrize("bound", [0.0, 1.0, 1.5])
def test_an_impossible_bound_is_refused(bound):
    with pytest.raises(BadInput, match="similar_from"):
        find_clusters({}, bound)
