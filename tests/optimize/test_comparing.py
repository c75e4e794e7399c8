import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from autodata.model import Source
from autodata.optimize.comparing import count_pairs, find_sign_tail
from autodata.optimize.evaluations import plan_blocks
from autodata.optimize.keep import Pair

OUTCOMES = st.sampled_from([True, False, None])


@given(st.integers(0, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_tail_is_that_of_fair_coins(drawn):
    successes, trials = drawn
    expected = binomtest(successes, trials, alternative="greater").pvalue if trials else 1.0
    assert find_sign_tail(successes, trials) == pytest.approx(expected)


@given(st.lists(st.tuples(OUTCOMES, OUTCOMES)))
def test_pairs_left_open_count_for_nobody(outcomes):
    found = count_pairs("a", "b", [Pair("s", *own) for own in outcomes])
    assert found.pairs + found.incomplete == len(outcomes)
    difference = found.second_rate - found.first_rate
    assert difference * found.pairs == pytest.approx(found.second_alone - found.first_alone)
    assert -1 <= found.lower <= found.upper <= 1


@given(st.integers(1, 20), st.integers(1, 8), st.integers(1, 60), st.integers(0, 3))
def test_blocks_take_every_source_once_a_pass(count, size, pairs, seed):
    sources = [Source(str(number), "", "") for number in range(count)]
    blocks = plan_blocks(sources, size, pairs, seed)
    assert [block.index for block in blocks] == list(range(len(blocks)))
    assert sum(len(block.sources) for block in blocks) >= pairs
    assert all(len(block.sources) <= size for block in blocks)
    for number in {block.number for block in blocks}:
        taken = [source.id for block in blocks if block.number == number for source in block.sources]
        assert len(taken) == len(set(taken))
        if number < blocks[-1].number:
            assert len(taken) == count
