import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.errors import BadInput
from autodata.model import Source
from autodata.optimize.split import SHARES, split_sources


def make_sources(passages: list[int]) -> list[Source]:
    return [
        Source(f"s{document}-{number}", "", "", f"d{document}")
        for document, count in enumerate(passages)
        for number in range(count)
    ]


@given(st.lists(st.integers(1, 12), min_size=3, max_size=20), st.integers(0, 5))
def test_every_source_is_in_one_set_and_no_document_in_two(passages, seed):
    sources = make_sources(passages)
    sets = split_sources(sources, seed).list_sets()
    dealt = [source.id for own in sets.values() for source in own]
    assert sorted(dealt) == sorted(source.id for source in sources)
    assert all(sets[name] for name in SHARES)
    placed = [document for own in sets.values() for document in {source.document for source in own}]
    assert len(placed) == len(set(placed))


@given(st.permutations(make_sources([3, 1, 4, 1, 5])))
def test_the_order_of_files_does_not_matter(sources):
    expected = split_sources(make_sources([3, 1, 4, 1, 5]), 7).list_sets()
    found = split_sources(sources, 7).list_sets()
    assert {n: {s.id for s in own} for n, own in found.items()} == {
        n: {s.id for s in own} for n, own in expected.items()
    }


def test_many_documents_come_close_to_the_shares():
    sets = split_sources(make_sources([1] * 100), 0).list_sets()
    assert {name: len(own) for name, own in sets.items()} == {
        name: round(100 * share) for name, share in SHARES.items()
    }


def test_another_seed_deals_otherwise():
    sources = make_sources([1] * 30)
    assert split_sources(sources, 1) != split_sources(sources, 2)


def test_two_documents_are_too_few():
    with pytest.raises(BadInput, match="at least 3 documents"):
        split_sources(make_sources([10, 10]), 0)
