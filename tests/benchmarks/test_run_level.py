"""Run-level cases: simulated runs of two versions, and what the product's run-level statistics say of them."""

from __future__ import annotations

import numpy as np
import pytest

from autodata.acceptance import Graded, decide_acceptance
from benchmarks.sabotage.run_level import CASES, CaseResult, evaluate_case
from benchmarks.sabotage.run_statistics import STATISTICS
from benchmarks.sabotage.scores import BLIND, HONEST, POLICY, Conditions, accept_tasks, answer, score
from benchmarks.sabotage.simulated_run import simulate_run

BY_NAME = {case.name: case for case in CASES}
RUNS = 3


def evaluate(name: str, tasks: int = 60) -> CaseResult:
    return evaluate_case(BY_NAME[name], runs=RUNS, tasks=tasks)


def test_every_case_of_the_taxonomy_is_there() -> None:
    assert {name.split()[0] for name in BY_NAME} >= {"C5", "E8", "F1", "F2", "F3", "F4", "F5", "honest"}


def test_accepted_tasks_pass_the_product_s_rule() -> None:
    tasks = accept_tasks(np.random.default_rng(1), 20).tasks
    for weak, strong in zip(tasks.weak.tolist(), tasks.strong.tolist(), strict=True):
        sides = ([Graded("ok", value) for value in side] for side in (weak, strong))
        assert decide_acceptance(POLICY, *sides).outcome == "accepted"


def test_a_weakened_request_lowers_weak_scores_only() -> None:
    rng = np.random.default_rng(2)
    tasks = accept_tasks(rng, 40).tasks
    told = Conditions(weak_shift=-1.0)
    means = {
        (solver, name): score(tasks, answer(rng, tasks, solver, 20, own)).mean()
        for solver in ("weak", "strong")
        for name, own in (("neutral", BLIND), ("told", told))
    }
    assert means["weak", "told"] < means["weak", "neutral"] - 0.1
    assert abs(means["strong", "told"] - means["strong", "neutral"]) < 0.03


def test_reweighing_lifts_gaps_just_over_the_bar() -> None:
    moved = accept_tasks(np.random.default_rng(3), 60, Conditions(reweigh=40)).tasks.gaps
    usual = accept_tasks(np.random.default_rng(3), 60, HONEST).tasks.gaps
    assert (moved < 0.22).mean() > (usual < 0.22).mean() + 0.2


def test_the_rounds_that_failed_on_the_weak_side_have_no_strong_scores() -> None:
    measured = accept_tasks(np.random.default_rng(4), 20).measured
    assert any(not strong for _, strong in measured)


def test_two_equal_versions_differ_little() -> None:
    result = evaluate("honest")
    assert result.alarms["Z8 divergence"].estimate == 0
    assert result.alarms["K2 pooled"].estimate == 0


def test_strong_drift_is_seen_by_divergence_and_by_replay() -> None:
    result = evaluate("F3 drift .40", tasks=100)
    assert result.alarms["Z8 divergence"].estimate == 1
    assert result.alarms["K2 pooled"].estimate == 1


def test_known_anchors_show_nothing_and_a_replay_does() -> None:
    result = evaluate("F5 anchors known")
    assert result.alarms["K4 anchors"].estimate == 0
    assert result.alarms["K2 pooled"].estimate == 1


def test_a_version_that_foresees_audits_escapes_them() -> None:
    result = evaluate("F5 audits known")
    assert result.alarms["K2 pooled"].estimate == 0
    assert result.false_share > 0.3


def test_a_template_used_again_is_a_cluster_until_it_is_reworded() -> None:
    assert evaluate("F2 reuse").alarms["Z9 clusters"].estimate == 1
    assert evaluate("F2 reuse, reworded").alarms["Z9 clusters"].estimate == 0


def test_a_statistic_without_enough_says_nothing() -> None:
    assert evaluate("honest").silent["Z2 hugging"] == RUNS


def test_the_same_seed_gives_the_same_rates() -> None:
    first, second = (evaluate("F3 in part", tasks=30) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_case_gets_a_word_from_every_statistic(case) -> None:
    result = evaluate_case(case, runs=1, tasks=20)
    assert set(result.alarms) == set(STATISTICS)


def test_honest_cases_plant_nothing() -> None:
    for case in (case for case in CASES if case.honest):
        run = simulate_run(case, np.random.default_rng(5), 20)
        assert case.before.weak_shift == case.after.weak_shift == 0
        assert not run.case.spots
