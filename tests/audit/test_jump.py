"""Fisher's exact test of a rise: against the reference implementation, and where there is nothing to compare."""

import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from autodata.audit.jump import measure_rise
from autodata.errors import BadInput

groups = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(groups, groups)
def test_p_is_that_of_the_reference_implementation(now, before):
    table = [[now[0], now[1] - now[0]], [before[0], before[1] - before[0]]]
    expected = scipy.stats.fisher_exact(table, alternative="greater").pvalue
    assert measure_rise(*now, *before) == pytest.approx(expected, abs=1e-9)


def test_the_lady_tasting_tea():
    assert measure_rise(3, 4, 1, 4) == pytest.approx(17 / 70)


def test_thousands_of_tasks_do_not_overflow():
    assert 0 <= measure_rise(900, 20_000, 500, 20_000) < 1e-20


def test_an_empty_group_says_nothing():
    assert measure_rise(3, 5, 0, 0) == 1.0


def test_more_hits_than_trials_are_refused():
    with pytest.raises(BadInput, match="hits"):
        measure_rise(4, 3, 0, 1)
