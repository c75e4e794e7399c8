"""Weak-answer anomalies against the model's own history."""

from __future__ import annotations

import numpy as np
import pytest

from autodata.audit.anomalies import AnswerCounts, find_anomalies
from autodata.errors import BadInput

HISTORY = AnswerCounts(zeros=5, repeated=1, refusals=1, lengths=tuple(range(500, 1500, 10)), tasks=33)


def kinds(answers, history=HISTORY):
    return [anomaly.kind for anomaly in find_anomalies(answers, history)]


def test_ordinary_answers_are_not_anomalous():
    assert kinds(AnswerCounts(0, 0, 0, (900, 1000, 1100))) == []


def test_all_zeros_are():
    found = find_anomalies(AnswerCounts(3, 0, 0, (900, 1000, 1100)), HISTORY)
    assert [a.kind for a in found] == ["zeros"]
    assert found[0].observed == 1.0
    assert found[0].usual == pytest.approx(5.5 / 101)


def test_one_zero_of_three_is_not():
    assert kinds(AnswerCounts(1, 0, 0, (900, 1000, 1100))) == []


def test_identical_answers_are():
    assert kinds(AnswerCounts(0, 2, 0, (1000, 1000, 1000))) == ["repeated"]


def test_the_first_answer_to_a_task_cannot_be_a_repeat():
    assert AnswerCounts(0, 2, 0, (1000,) * 3).find_room("repeated") == 2
    with pytest.raises(BadInput, match="3 of 2"):
        AnswerCounts(0, 3, 0, (1000,) * 3)


def test_two_refusals_are_whatever_the_history_says():
    often = AnswerCounts(0, 0, 50, tuple(range(500, 1500, 10)))
    assert kinds(AnswerCounts(0, 0, 2, (900, 1000, 1100)), often) == ["refusals"]


def test_very_short_answers_are_with_a_negative_z():
    found = find_anomalies(AnswerCounts(0, 0, 0, (20, 25, 30)), HISTORY)
    assert [a.kind for a in found] == ["log_length"]
    assert found[0].z < -3


def test_pooling_answers_sees_what_three_cannot():
    few = AnswerCounts(1, 0, 0, (1000,) * 3)
    many = AnswerCounts(15, 0, 0, (1000,) * 45, tasks=15)
    assert kinds(few) == []
    assert "zeros" in kinds(many)


def test_honest_answers_are_hardly_ever_flagged():
    rng = np.random.default_rng(81)

    def draw(count):
        lengths = np.exp(rng.normal(6, 0.4, count)).astype(int)
        return AnswerCounts(int(rng.binomial(count, 0.05)), 0, int(rng.binomial(count, 0.01)), tuple(lengths.tolist()))

    assert np.mean([bool(kinds(draw(3), draw(300))) for _ in range(500)]) <= 0.03


def test_a_short_history_cannot_say_what_is_usual():
    with pytest.raises(BadInput, match="30 are needed"):
        find_anomalies(AnswerCounts(0, 0, 0, (100,)), AnswerCounts(0, 0, 0, (100,) * 29))


@pytest.mark.parametrize("counts", [(2, 0, 0, (100,)), (0, 1, 0, (100,)), (0, 0, -1, (100,)), (0, 0, 0, (-5,))])
def test_impossible_counts_are_refused(counts):
    with pytest.raises(BadInput):
        AnswerCounts(*counts)


def test_no_answers_are_refused():
    with pytest.raises(BadInput, match="answers"):
        find_anomalies(AnswerCounts(0, 0, 0, ()), HISTORY)
