"""What an audit costs before it starts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.audit.plans import PLANS, choose_plan, estimate_cost
from autodata.errors import BadInput


@pytest.mark.parametrize(("name", "calls"), [("static", 0), ("lean", 9), ("medium", 17), ("default", 32)])
def test_before_attribution_a_plan_costs_about_its_published_number_of_calls_a_task(name, calls):
    cost = estimate_cost(choose_plan(name), 1)
    later = ("random cleared tasks", "attribution")
    assert cost.calls - sum(cost.stages.get(stage, 0) for stage in later) == pytest.approx(calls, abs=1.01)


def test_attribution_is_paid_for_every_flagged_task():
    cheap, dear = (estimate_cost(PLANS["default"], 10, flagged_share=share) for share in (0.0, 1.0))
    assert (cheap.stages["attribution"], dear.stages["attribution"]) == (pytest.approx(108), pytest.approx(900))


def test_the_estimate_is_near_what_a_real_audit_took():
    # 11 simulated tasks, 4 of them flagged by the record: 789 calls in the default plan.
    assert estimate_cost(PLANS["default"], 11, flagged_share=4 / 11).calls == pytest.approx(789, rel=0.15)


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
