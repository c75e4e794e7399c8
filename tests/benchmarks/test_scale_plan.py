"""The plan of scale: the slowest stage sets the pace, and the page says what the code computes."""

from dataclasses import replace

import pytest

from benchmarks.scale_plan import PAGE, PLANS, Costs, Plan, fill_page, find_time, list_stages, measure_home

COSTS = Costs(calls=10, records=20, accepted=0.5, call_s=2, slots=5, engine_s=0.01, ingest_s=0.001, audit_s=0.1)
PLAN = Plan("p", sources=1000, replicas=2, engines=1, homes=1, reviewers=1)


def test_capacity_of_the_models_is_slots_over_time_of_a_source():
    rates = {stage.name: stage.rate for stage in list_stages(COSTS, PLAN)}
    assert rates["models"] == pytest.approx(2 * 5 / (2 * 10))


def test_stages_come_slowest_first():
    rates = [stage.rate for stage in list_stages(COSTS, PLAN)]
    assert rates == sorted(rates)


def test_a_stage_that_grows_is_no_longer_the_slowest():
    slow = replace(COSTS, review_s=0.001)
    assert list_stages(slow, PLAN)[0].name == "models"
    assert list_stages(slow, replace(PLAN, replicas=1000))[0].name != "models"


def test_people_do_not_hold_up_the_machines():
    machine, whole, _ = find_time(replace(COSTS, review_s=1000.0), PLAN)
    assert machine == pytest.approx(1000 / 0.5 / 86_400)
    assert whole > machine


def test_more_homes_share_what_they_hold():
    one, four = measure_home(COSTS, PLAN), measure_home(COSTS, replace(PLAN, homes=4))
    assert four["journals"] == pytest.approx(one["journals"] / 4)


def test_the_page_holds_the_tables_of_these_costs():
    page = PAGE.read_text(encoding="utf-8")
    assert fill_page(page, Costs()) == page


def test_a_page_without_marks_is_refused():
    with pytest.raises(ValueError, match="plan: begin"):
        fill_page("# Scale\n", Costs())


def test_plans_reach_ten_million_sources_on_hundreds_of_replicas():
    assert max(plan.sources for plan in PLANS) == 10_000_000
    assert max(plan.replicas for plan in PLANS) >= 500
