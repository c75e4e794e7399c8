"""The mixture for the review queue: seeded, of the wanted size, and of all kinds."""

from __future__ import annotations

import pytest

from benchmarks.sabotage.mixed import draw_mixed_cells
from benchmarks.sabotage.suite import find_family


@pytest.mark.parametrize(("tasks", "share"), [(1000, 0.05), (400, 0.05), (200, 0.01)])
def test_the_share_of_sabotage_is_exact(tasks: int, share: float) -> None:
    cells = draw_mixed_cells(3, tasks, share)
    assert sum(cell.wanted for cell in cells) == tasks
    assert sum(cell.wanted for cell in cells if cell.group != "clean") == round(tasks * share)


def test_open_and_evasive_families_are_among_them() -> None:
    groups = {cell.group for cell in draw_mixed_cells(1, 2000)}
    assert groups == {"clean", "train", "held_out", "stealth"}


def test_every_cell_names_a_family() -> None:
    for cell in draw_mixed_cells(2, 600):
        assert find_family(cell.group, cell.family).sabotage is (cell.group != "clean")


def test_the_same_seed_gives_the_same_mixture_and_another_another() -> None:
    assert draw_mixed_cells(5) == draw_mixed_cells(5)
    assert draw_mixed_cells(5) != draw_mixed_cells(6)


def test_only_evasive_cells_are_planned_as_evasive() -> None:
    assert all(cell.stealth is (cell.group == "stealth") for cell in draw_mixed_cells(4, 2000))
