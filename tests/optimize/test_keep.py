"""The keep rule: exact false-keep rate, early stops, and what it says about them."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autodata.errors import BadInput
from autodata.optimize.keep import Boundary, KeepSettings, Pair, decide, find_conditional_power, find_interval

SMALL = KeepSettings(false_keep=0.2, pairs_max=10, pairs_min=3, futility=0.0, gain=0.01)
"""So few pairs that all outcomes can be gone through; the gain is so small that nothing is called futile."""
OUTCOMES = st.lists(st.tuples(st.booleans(), st.booleans()), max_size=160)


def make_pairs(outcomes: list[tuple[bool, bool]]) -> list[Pair]:
    return [Pair(f"s{number}", parent, child) for number, (parent, child) in enumerate(outcomes)]


def test_false_keep_rate_over_all_fair_walks_is_below_alpha_and_close_to_it() -> None:
    kept = 0
    for signs in product((True, False), repeat=SMALL.pairs_max):
        kept += decide([Pair("s", not up, up) for up in signs], SMALL).state == "keep"
    share = kept / 2**SMALL.pairs_max
    assert 0.1 < share <= SMALL.false_keep


@given(discordant=st.lists(st.booleans(), min_size=1, max_size=160))
@settings(max_examples=40, deadline=None)
def test_boundary_never_spends_more_than_allowed_by_then(discordant: list[bool]) -> None:
    rule, boundary = KeepSettings(), Boundary(KeepSettings())
    for number, found in enumerate(discordant, 1):
        boundary.take(discordant=found)
        assert boundary.spent <= rule.false_keep * min(1.0, number / rule.pairs_max) ** rule.spending + 1e-12


@given(outcomes=OUTCOMES)
@settings(max_examples=60, deadline=None)
def test_looking_after_every_pair_decides_as_looking_once(outcomes: list[tuple[bool, bool]]) -> None:
    pairs = make_pairs(outcomes)
    whole = decide(pairs)
    assert decide(pairs[: whole.n]) == whole
    if whole.n > 1:
        assert decide(pairs[: whole.n - 1]).state == "more"


@given(outcomes=OUTCOMES)
@settings(max_examples=40, deadline=None)
def test_child_and_parent_are_never_both_kept(outcomes: list[tuple[bool, bool]]) -> None:
    swapped = [(child, parent) for parent, child in outcomes]
    states = {decide(make_pairs(one)).state for one in (outcomes, swapped)}
    assert states != {"keep"}


@given(outcomes=OUTCOMES)
@settings(max_examples=40, deadline=None)
def test_pairs_that_infrastructure_left_open_change_nothing(outcomes: list[tuple[bool, bool]]) -> None:
    pairs = make_pairs(outcomes)
    holes = [hole for pair in pairs for hole in (Pair("s", None, True), pair, Pair("s", False, None))]
    assert decide(holes) == decide(pairs)


def test_clear_gain_is_kept_early() -> None:
    decision = decide([Pair("s", False, True)] * 150)
    assert (decision.state, decision.reason) == ("keep", "gain")
    assert decision.n <= 12


def test_clear_loss_is_dropped_early() -> None:
    decision = decide([Pair("s", True, False)] * 150)
    assert (decision.state, decision.n) == ("discard", 10)


def test_child_that_ends_like_its_parent_is_dropped_early() -> None:
    decision = decide([Pair("s", number % 3 == 0, number % 3 == 0) for number in range(150)])
    assert (decision.state, decision.reason) == ("discard", "no_difference")
    assert decision.n < 20


def test_pairs_used_up_without_a_proof_end_in_a_discard() -> None:
    rule = KeepSettings(futility=0.0)
    decision = decide([Pair("s", number % 2 == 0, number % 2 == 1) for number in range(200)], rule)
    assert (decision.state, decision.reason, decision.n) == ("discard", "pairs_used_up", 150)


def test_longer_child_without_a_lead_is_dropped_half_way() -> None:
    pairs = [Pair("s", number % 2 == 0, number % 2 == 1) for number in range(200)]
    rule = KeepSettings(futility=0.0)
    decision = decide(pairs, rule, longer=True)
    assert (decision.reason, decision.n) == ("no_gain_and_longer", 75)


def test_nothing_is_decided_without_pairs() -> None:
    decision = decide([])
    assert (decision.state, decision.n, decision.lower, decision.upper) == ("more", 0, -1.0, 1.0)


def test_decision_says_counts_and_lead() -> None:
    decision = decide([Pair("s", False, True)] * 4 + [Pair("s", True, True)])
    assert decision.evidence.startswith("5 pairs: the child alone passed 4, the parent alone 0 (lead +4, no lead")
    assert (decision.lead, decision.parent_rate, decision.child_rate) == (4, 0.2, 1.0)
    assert decision.difference == pytest.approx(0.8)


def test_interval_of_a_paired_difference() -> None:
    # By hand: b = 12.5, c = 4.5, n = 52; difference 8/52, error 1.6449 √(17 - 64/52) / 52.
    lower, upper = find_interval(12, 4, 50, 0.90)
    assert (lower, upper) == (pytest.approx(0.0282, abs=5e-4), pytest.approx(0.2795, abs=5e-4))


@given(alone=st.integers(0, 40), other=st.integers(0, 40), more=st.integers(1, 5))
def test_conditional_power_grows_with_the_lead(alone: int, other: int, more: int) -> None:
    rule, n = KeepSettings(), 100
    assert find_conditional_power(rule, n, alone + more, other) >= find_conditional_power(rule, n, alone, other) - 0.02


@pytest.mark.parametrize(
    "values",
    [{"false_keep": 0.0}, {"gain": 1.5}, {"futility": 1.0}, {"pairs_min": 0}, {"pairs_max": 5}, {"spending": 0.0}],
)
def test_impossible_settings_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(BadInput, match="keep rule"):
        KeepSettings(**values)  # type: ignore[arg-type]
