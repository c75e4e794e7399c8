"""Agreement figures against published worked examples, and their refusal to speak of too little."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.errors import BadInput
from autodata.review.agreement import FEWEST, compare_all, compare_group, compare_two

FLEISS_1971 = [
    [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
]  # fmt: skip
"""Ten subjects, fourteen raters, five categories: kappa 0.210 (the widely reprinted example of the 1971 method)."""

KRIPPENDORFF_2011 = [
    [1, 1, None, 1], [2, 2, 3, 2], [3, 3, 3, 3], [3, 3, 3, 3], [2, 2, 2, 2], [1, 2, 3, 4],
    [4, 4, 4, 4], [1, 1, 2, 1], [2, 2, 2, 2], [None, 5, 5, 5], [None, None, 1, 1], [None, None, 3, None],
]  # fmt: skip
"""Example C of Computing Krippendorff's alpha-reliability: four observers, twelve units, nominal alpha 0.743."""


def tabulate(rows):
    return {f"i{n}": {f"r{m}": value for m, value in enumerate(row) if value is not None} for n, row in enumerate(rows)}


def from_square(counts):
    """Votes of two raters from a table of counts."""
    rows = [[i, j] for i, line in enumerate(counts) for j, n in enumerate(line) for _ in range(n)]
    return tabulate(rows)


def test_cohen_of_a_two_by_two_table():
    # 20 and 15 agreements among 50: p_o = .70, p_e = .50.
    assert compare_two(from_square([[20, 5], [10, 15]]), "r0", "r1").value == pytest.approx(0.400, abs=5e-4)


def test_cohen_of_the_1969_paper():
    # Fleiss, Cohen and Everitt (1969): 200 subjects, p_o = .70, p_e = .475, kappa .429.
    votes = from_square([[106, 10, 4], [22, 28, 10], [2, 12, 6]])
    assert compare_two(votes, "r0", "r1").value == pytest.approx(0.429, abs=5e-4)


def test_cohen_has_an_interval_around_it():
    found = compare_two(from_square([[20, 5], [10, 15]]), "r0", "r1")
    assert found.low < found.value < found.high


def test_fleiss_of_the_published_table():
    rows = [[category for category, n in enumerate(line) for _ in range(n)] for line in FLEISS_1971]
    found = compare_group(tabulate(rows), [f"r{n}" for n in range(14)], np.random.default_rng(0))
    assert found.value == pytest.approx(0.210, abs=5e-4)


def test_krippendorff_of_the_published_table():
    assert compare_all(tabulate(KRIPPENDORFF_2011), np.random.default_rng(0)).value == pytest.approx(0.743, abs=5e-4)


def test_too_few_items_give_no_number():
    found = compare_two(tabulate([[0, 1]] * (FEWEST - 1)), "r0", "r1")
    assert found.value is None
    assert f"at least {FEWEST}" in found.note


def test_verdicts_that_are_all_the_same_give_no_number():
    found = compare_two(tabulate([[0, 0]] * 20), "r0", "r1")
    assert (found.value, found.raw) == (None, 1.0)


def test_a_group_of_one_is_refused():
    with pytest.raises(BadInput, match="at least two"):
        compare_group({}, ["Ada", "Ada"], np.random.default_rng(0))


def test_items_judged_by_one_person_say_nothing():
    votes = tabulate([*KRIPPENDORFF_2011, *([[1, None, None, None]] * 50)])
    assert compare_all(votes, np.random.default_rng(0)).value == pytest.approx(0.743, abs=5e-4)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=FEWEST, max_size=40))
def test_cohen_does_not_depend_on_who_comes_first(rows):
    votes = tabulate(rows)
    assert compare_two(votes, "r0", "r1").value == pytest.approx(compare_two(votes, "r1", "r0").value)
