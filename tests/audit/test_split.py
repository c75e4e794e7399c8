"""The gap cut into a solver and a prompt part: always exactly the whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.audit.arm import Arm
from autodata.audit.split import split_gap
from autodata.audit.variance import Noise
from autodata.errors import BadInput

NOISE = Noise(0.0144)
cells = st.lists(st.floats(0, 1), min_size=1, max_size=6).map(tuple)


def split(weak_own, weak_swapped, strong_own, strong_swapped):
    return split_gap(
        Arm("weak", "as_run", weak_own),
        Arm("weak", "swapped", weak_swapped),
        Arm("strong", "as_run", strong_own),
        Arm("strong", "swapped", strong_swapped),
        NOISE,
    )


@given(cells, cells, cells, cells)
def test_the_parts_add_up_to_the_gap_exactly(weak_own, weak_swapped, strong_own, strong_swapped):
    got = split(weak_own, weak_swapped, strong_own, strong_swapped)
    assert got.solver_part + got.prompt_part == got.gap
    assert got.gap == pytest.approx(sum(strong_own) / len(strong_own) - sum(weak_own) / len(weak_own), abs=1e-12)


def test_a_prompt_that_does_nothing_leaves_the_gap_to_the_solvers():
    got = split((0.4, 0.4), (0.4, 0.4), (0.7, 0.7), (0.7, 0.7))
    assert (got.solver_part, got.prompt_part) == (pytest.approx(0.3), pytest.approx(0.0))
    assert got.reasons == ()


def test_a_weak_prompt_that_costs_both_solvers_the_same_is_the_whole_gap():
    got = split((0.4, 0.4), (0.7, 0.7), (0.7, 0.7), (0.4, 0.4))
    assert got.prompt_part == pytest.approx(0.3)
    assert len(got.reasons) == 2


def test_the_standard_error_by_hand():
    got = split((0.4, 0.4), (0.4, 0.4), (0.7, 0.7), (0.7, 0.7))
    assert got.error == pytest.approx((4 * (4 * 0.0144 / 8) / 2) ** 0.5 / 2)


def test_a_cell_in_the_wrong_place_is_refused():
    own, swapped = Arm("weak", "as_run", (0.4,)), Arm("weak", "swapped", (0.4,))
    with pytest.raises(BadInput, match="belong"):
        split_gap(own, own, Arm("strong", "as_run", (0.7,)), Arm("strong", "swapped", (0.7,)), NOISE)
    with pytest.raises(BadInput, match="belong"):
        split_gap(own, swapped, swapped, own, NOISE)
