"""What an audit costs before it starts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.audit.plans import PLANS, choose_plan, estimate_cost
from autodata.errors import BadInput


@pytest.mark.parametrize(("name", "most"), [("static", 0), ("lean", 9), ("medium", 19), ("default", 38)])
def test_a_plan_costs_no_more_than_was_planned_for_it(name, most):
    assert estimate_cost(choose_plan(name), 1, flagged_share=0.1).calls <= most


def test_attribution_is_paid_for_flagged_tasks():
    cheap, dear = (estimate_cost(PLANS["default"], 10, flagged_share=share) for share in (0.0, 1.0))
    assert "attribution" not in cheap.stages
    assert dear.stages["attribution"] == pytest.approx(72)


def test_the_estimate_is_near_what_simulated_audits_took():
    # 48 honest tasks of all kinds, a third of them flagged by the record: 30 calls each in the default plan.
    assert estimate_cost(PLANS["default"], 48, flagged_share=0.33).calls == pytest.approx(48 * 30, rel=0.1)


def test_lean_asks_no_solver():
    cost = estimate_cost(PLANS["lean"], 10)
    assert (cost.solver, cost.judge) == (0, 90)


def test_the_random_arm_is_shown_apart():
    assert estimate_cost(PLANS["default"], 100).stages["random cleared tasks"] > 0


@given(st.sampled_from(sorted(PLANS)), st.integers(0, 1000), st.floats(0, 1))
def test_stages_add_up_to_the_calls(name, tasks, flagged):
    cost = estimate_cost(PLANS[name], tasks, flagged_share=flagged)
    assert cost.calls == pytest.approx(sum(cost.stages.values()))
    assert cost.solver <= cost.judge


def test_more_recorded_answers_cost_more_to_judge_again():
    assert estimate_cost(PLANS["lean"], 10, answers=8).judge == 110


def test_an_unknown_plan_is_refused():
    with pytest.raises(BadInput, match="lean, medium, default"):
        choose_plan("cheap")


@pytest.mark.parametrize(("tasks", "flagged"), [(-1, 0.1), (5, 1.5)])
def test_impossible_input_is_refused(tasks, flagged):
    with pytest.raises(BadInput):
        estimate_cost(PLANS["medium"], tasks, flagged_share=flagged)
