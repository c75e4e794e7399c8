"""Numbers are written one way everywhere."""

from __future__ import annotations

import pytest

from autodata.model import OUTCOMES
from autodata.ui.text import (
    OUTCOME_WORDS,
    count_of,
    format_count,
    format_duration,
    format_gap,
    format_latency,
    format_number,
    format_score,
    format_share,
    rank_of,
    shorten,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.44, "+0.44"), (-0.04, "−0.04"), (0.0, "0.00"), (-0.001, "0.00"), (None, "–"), (float("nan"), "–")],
)
def test_gap_has_a_sign_and_a_true_minus(value: float | None, text: str) -> None:
    assert format_gap(value) == text


def test_gap_of_the_criterion_table_has_three_decimals() -> None:
    assert format_gap(0.4361, 3) == "+0.436"


def test_score_keeps_its_leading_zero_and_absence_is_not_zero() -> None:
    assert (format_score(0.314), format_score(1), format_score(None)) == ("0.31", "1.00", "–")


def test_weight_has_no_idle_decimals() -> None:
    assert (format_number(9.0), format_number(-4.0), format_number(2.5)) == ("9", "−4", "2.5")


def test_counts_have_commas_and_agree_in_number() -> None:
    assert (format_count(1388), count_of(1, "task"), count_of(1200, "task")) == ("1,388", "1 task", "1,200 tasks")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(45, "45 s"), (720, "12 min"), (4 * 3600 + 600, "4 h 10"), (51 * 3600, "2 d 3 h"), (None, "–")],
)
def test_duration_has_two_units_at_most(seconds: float | None, text: str) -> None:
    assert format_duration(seconds) == text


@pytest.mark.parametrize(("position", "text"), [(1, "1st"), (2, "2nd"), (11, "11th"), (23, "23rd"), (112, "112th")])
def test_rank_is_spoken(position: int, text: str) -> None:
    assert rank_of(position) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0431, "43 ms"), (0.0001, "< 1 ms"), (0.61, "0.6 s"), (12.4, "12 s"), (None, "–")]
)
def test_latency_of_a_fast_call_is_in_milliseconds(seconds: float | None, text: str) -> None:
    assert format_latency(seconds) == text


def test_share_of_nothing_is_absent() -> None:
    assert (format_share(1, 8), format_share(0, 0)) == ("12 %", "–")


def test_shortened_text_ends_at_a_word() -> None:
    assert shorten("Gives the bound on the lease", 16) == "Gives the bound…"


def test_every_outcome_has_its_words() -> None:
    assert set(OUTCOME_WORDS) == set(OUTCOMES)
