"""Fresh scores as arms: nothing recorded, nothing ungraded, nothing outside the scale."""

from __future__ import annotations

import pytest

from autodata.audit.arm import Arm, gather_arm, require_arm
from autodata.errors import BadInput
from autodata.model import Rollout, Score


def make_rollout(index, value, solver="weak", purpose="neutral"):
    score = None if value is None else Score(value, 0.0, 1.0, value)
    status = "failed" if value is None else "ok"
    return Rollout(solver, index, purpose, status, "an answer", "sha", "stop", score, (), 1, 2)


@pytest.mark.parametrize("purpose", ["select", "confirm", "anchor"])
def test_recorded_rollouts_cannot_become_an_arm(purpose):
    with pytest.raises(BadInput, match="selected by the loop"):
        Arm("weak", purpose, (0.4, 0.5))


@pytest.mark.parametrize("score", [-0.1, 1.1, float("nan"), float("inf")])
def test_a_score_outside_the_scale_is_named(score):
    with pytest.raises(BadInput, match="weak neutral"):
        Arm("weak", "neutral", (0.4, score))


def test_an_arm_has_at_least_one_score():
    with pytest.raises(BadInput, match="0 scores"):
        Arm("weak", "neutral", ())


def test_only_the_graded_answers_of_solver_and_purpose_are_gathered_in_order():
    rollouts = [
        make_rollout(2, 0.6),
        make_rollout(0, 0.4),
        make_rollout(1, None),
        make_rollout(0, 0.9, solver="strong"),
        make_rollout(0, 0.1, purpose="select"),
    ]
    assert gather_arm(rollouts, "weak", "neutral") == Arm("weak", "neutral", (0.4, 0.6))


def test_nothing_graded_is_no_arm_rather_than_a_zero():
    assert gather_arm([make_rollout(0, None)], "weak", "neutral") is None


def test_an_arm_in_the_wrong_place_is_named():
    with pytest.raises(BadInput, match="weak as_run answers stand where strong neutral"):
        require_arm(Arm("weak", "as_run", (0.5,)), "strong", "neutral")
