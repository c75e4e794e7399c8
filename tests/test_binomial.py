import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.binomial import find_lower_bound, find_upper_bound

counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_bounds_are_those_of_the_published_interval():
    # 3 of 10 at 95 %, two-sided: 0.0667 to 0.6525 (Clopper and Pearson; R's binom.test prints the same).
    assert find_lower_bound(3, 10, 0.975) == pytest.approx(0.06673951, abs=1e-7)
    assert find_upper_bound(3, 10, 0.975) == pytest.approx(0.65245285, abs=1e-7)


def test_none_of_many_has_a_closed_form():
    assert find_upper_bound(0, 50, 0.95) == pytest.approx(1 - 0.05 ** (1 / 50), abs=1e-12)


def test_all_of_many_have_a_closed_form():
    assert find_lower_bound(20, 20, 0.95) == pytest.approx(0.05 ** (1 / 20), abs=1e-12)


def test_nothing_tried_bounds_nothing():
    assert (find_lower_bound(0, 0), find_upper_bound(0, 0)) == (0.0, 1.0)


def test_large_counts_are_close_to_their_share():
    assert find_upper_bound(300_000, 1_000_000) == pytest.approx(0.3, abs=0.001)


@given(counts)
def test_share_lies_between_its_bounds(pair: tuple[int, int]):
    k, n = pair
    assert find_lower_bound(k, n) <= k / n <= find_upper_bound(k, n)


@given(counts, st.floats(0.5, 0.98))
def test_more_confidence_is_a_wider_bound(pair: tuple[int, int], confidence: float):
    k, n = pair
    assert find_upper_bound(k, n, confidence) <= find_upper_bound(k, n, confidence + 0.01) + 1e-9


def test_counts_that_make_no_share_are_refused():
    with pytest.raises(ValueError, match="5 of 3"):
        find_upper_bound(5, 3)
