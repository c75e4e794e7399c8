"""How evidence adds up: by hand, monotone, within a part and across parts; every measure speaks of a threat."""

from __future__ import annotations

from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.audit.measures import CHANCES, MEASURES, find_step, stretch
from autodata.audit.tails import fit_tail
from autodata.audit.threats import THREATS, USUAL, weigh_threats

NAMES = sorted({name for parts in THREATS.values() for part in parts for name in part})
numbers = st.dictionaries(st.sampled_from(NAMES), st.tuples(st.floats(-30, 0), st.floats(0, 50)), max_size=8)


def weigh(found):
    log_p = {name: own for name, (own, _) in found.items()}
    return weigh_threats(log_p, {name: value for name, (_, value) in found.items()})


def test_every_measure_speaks_of_a_threat_and_no_other_name_does():
    assert set(NAMES) == set(MEASURES)


def test_parts_are_summed_and_within_a_part_the_strongest_counts():
    found = weigh({"K1": (log(0.01), 0.99), "K2.weak": (log(0.001), 3.0), "K2.strong": (log(0.02), 2.5)})
    assert found["request"].total == pytest.approx(log(10) + log(100))
    assert found["request"].lead == "K2"


def test_nothing_is_added_across_threats():
    found = weigh({"K6": (log(0.01), 3.0), "K7": (log(0.001), 3.0)})
    assert {threat: own.total for threat, own in found.items()} == pytest.approx({"rubric": log(10), "text": log(100)})


def test_what_one_clean_task_in_ten_shows_adds_nothing():
    assert weigh({"K7": (log(0.1), 3.0)}) == {}


def test_less_than_a_step_counts_in_proportion():
    half = find_step("S13.leak") / 2
    assert weigh({"S13.leak": (-10.0, half)})["rubric"].total == pytest.approx(5.0 - USUAL)


@given(numbers, st.sampled_from(NAMES), st.floats(-30, 0), st.floats(0, 50))
def test_more_evidence_never_weighs_less(found, name, log_p, number):
    old = found.get(name, (0.0, 0.0))
    more = weigh(found | {name: (min(old[0], log_p), max(old[1], number))})
    for threat, own in weigh(found).items():
        assert more[threat].total >= own.total


@given(numbers)
def test_the_lead_is_a_detector_of_the_threat(found):
    for threat, own in weigh(found).items():
        assert own.lead in {name.partition(".")[0] for part in THREATS[threat] for name in part}


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_chance_is_stretched_in_order_and_other_numbers_stay(one, other):
    low, high = sorted((one, other))
    for name in CHANCES:
        assert stretch(name, low) <= stretch(name, high)
    assert stretch("K7", one) == one


def test_beyond_the_largest_clean_chance_evidence_goes_on_growing():
    tail = fit_tail("K1", [number / 1000 for number in range(990)])
    near, nearer = tail.find_log_p(0.9999), tail.find_log_p(0.999999)
    assert nearer < near < log(1 / 991)
