"""The simulation of false keeps, against the paper's gate worked out by hand."""

from __future__ import annotations

import pytest

from autodata.errors import BadInput
from autodata.optimize.false_keeps import World, find_naive_share, simulate


def test_naive_gate_keeps_a_child_without_effect_44_percent_of_the_time() -> None:
    # 25 sources, 62 %: P(X > Y) = (1 - P(X = Y)) / 2, a tie 11.6 % of the time.
    assert find_naive_share(0.62, 0.62) == pytest.approx(0.4421, abs=1e-4)


def test_simulated_naive_gate_agrees_with_the_exact_share() -> None:
    found = simulate(World(0.62, 0.0, concentration=None), "naive", trials=4000, seed=1)
    assert found.share == pytest.approx(find_naive_share(0.62, 0.62), abs=4 * found.error)
    assert found.mean_pairs == 25


def test_sequential_rule_keeps_few_children_without_effect() -> None:
    found = simulate(World(0.62, 0.0), "sequential", trials=300, seed=1)
    assert found.share <= 0.10 + 2 * found.error


def test_sequential_rule_finds_a_large_gain_with_few_pairs() -> None:
    found = simulate(World(0.42, 0.40), "sequential", trials=100, seed=1)
    assert found.share > 0.97
    assert found.mean_pairs < 40


def test_worse_child_is_hardly_ever_kept() -> None:
    assert simulate(World(0.62, -0.15), "sequential", trials=200, seed=1).share < 0.02


def test_same_seed_same_numbers() -> None:
    world = World(0.3, 0.1)
    assert simulate(world, "sequential", trials=20, seed=3) == simulate(world, "sequential", trials=20, seed=3)


@pytest.mark.parametrize("values", [{"parent_rate": 1.2}, {"gain": 0.9}, {"concentration": 0.0}, {"sources": 0}])
def test_impossible_worlds_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(BadInput):
        World(**{"parent_rate": 0.6, "gain": 0.0, **values})  # type: ignore[arg-type]
