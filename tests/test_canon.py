from hypothesis import given
from hypothesis import strategies as st

from autodata.canon import derive_seed, hash_text, hash_value, to_canonical_json

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), values))
def test_order_of_keys_does_not_change_the_bytes(value):
    assert to_canonical_json(value) == to_canonical_json(dict(reversed(value.items())))


@given(values, values)
def test_hashes_are_equal_exactly_for_equal_bytes(first, second):
    same = to_canonical_json(first) == to_canonical_json(second)
    assert (hash_value(first) == hash_value(second)) == same


def test_lone_surrogate_has_a_hash():
    assert len(hash_text("\ud800")) == 64


@given(st.lists(st.integers() | st.text(st.characters(exclude_categories=["Cs"])), min_size=1))
def test_seed_is_a_non_negative_31_bit_number(parts):
    assert 0 <= derive_seed(*parts) < 2**31


def test_seed_depends_on_every_part():
    assert len({derive_seed(1, "a", 2), derive_seed(1, "a", 3), derive_seed(1, "b", 2), derive_seed(0, "a", 2)}) == 4
