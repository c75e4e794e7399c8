"""Charts carry the numbers they were given."""

from __future__ import annotations

import pandas as pd

from autodata.policy import PRESETS
from autodata.ui.charts import AXIS, EASY, make_map, make_stacks


def test_density_cells_hold_the_counts_of_all_bands() -> None:
    density = pd.DataFrame({"weak": [0.0, 0.0, 0.5], "strong": [0.5, 0.5, 0.75], "n": [3, 2, 4]})
    figure = make_map(None, density=density, cell=0.25, policy=PRESETS["deployed"])
    counts = figure.data[0].customdata
    assert counts[2][0] == 5
    assert counts[3][2] == 4
    assert sum(map(sum, counts)) == 9


def test_points_are_marked_by_band() -> None:
    points = pd.DataFrame({"weak": [0.3, 0.8], "strong": [0.7, 0.9], "band": ["right", "easy"], "task_id": ["a", "b"]})
    figure = make_map(points, policy=PRESETS["deployed"], brush=(0.1, 0.4, 0.5, 0.9))
    assert [trace.marker.symbol for trace in figure.data] == ["diamond", "triangle-down-open"]
    assert figure.layout.shapes[-1].x1 == 0.4


def test_rounds_without_a_strong_side_are_a_strip_below_the_map() -> None:
    figure = make_map(None, weak_only=pd.DataFrame({"weak": [0.8, 0.85], "n": [4, 1]}), cell=0.1)
    assert sum(figure.data[0].customdata) == 5
    assert figure.layout.yaxis.range[0] < -0.1


def test_empty_map_is_still_a_map() -> None:
    figure = make_map(pd.DataFrame({"weak": [], "strong": [], "band": [], "task_id": []}))
    assert len(figure.data) == 0
    assert "weak, mean score" in [note.text for note in figure.layout.annotations]


def test_stacks_are_named_at_their_right_end() -> None:
    frame = pd.DataFrame({"round": [1, 1, 2], "band": ["right", "easy", "easy"], "share": [0.25, 0.75, 1.0]})
    figure = make_stacks(frame, x="round", group="band")
    assert [trace.name for trace in figure.data] == ["Right", "Too easy"]
    assert figure.data[1].marker.color == EASY
    assert [note.text for note in figure.layout.annotations if note.name != AXIS] == ["Too easy"]


def find_clauses(marks: pd.DataFrame) -> tuple[float, float]:
    note = next(n for n in make_map(marks, policy=PRESETS["deployed"]).layout.annotations if "accept" in n.text)
    return note.x, note.y


def test_clauses_stand_inside_the_region_while_that_is_empty() -> None:
    x, y = find_clauses(pd.DataFrame({"weak": [0.6], "strong": [0.7], "band": ["easy"], "task_id": ["t1"]}))
    assert x < 0.5
    assert y > 0.6


def test_clauses_leave_the_region_to_the_marks() -> None:
    x, y = find_clauses(pd.DataFrame({"weak": [0.2], "strong": [0.85], "band": ["right"], "task_id": ["t1"]}))
    assert x > 0.5
    assert y < 0.3
