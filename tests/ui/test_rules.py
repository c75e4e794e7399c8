"""Rules of counts and of a loop judge on maps, bands and sliders, which know bounds on means only."""

from __future__ import annotations

import pandas as pd
import pytest

from autodata.model import OUTCOMES
from autodata.policy import PRESETS, Policy
from autodata.ui.charts import describe_region, make_map, trace_region
from autodata.ui.overview.panels import OUTCOME_GROUPS
from autodata.ui.tasks.whatif import band_frame, change_policy

EXACT, TWO_LAYER = PRESETS["exact"], PRESETS["two_layer"]


def test_region_of_counts_is_that_of_the_shares() -> None:
    assert trace_region(EXACT) == [(0.0, 0.75), (0.0, 1.0), (0.25, 1.0), (0.25, 0.75)]
    assert describe_region(EXACT) == ["weak right ≤ 1 of 4", "strong right ≥ 3 of 4"]


def test_loop_judge_has_no_region() -> None:
    points = pd.DataFrame({"weak": [0.3], "strong": [0.7], "band": ["right"], "task_id": ["t1"]})
    figure = make_map(points, policy=TWO_LAYER)
    assert trace_region(TWO_LAYER) == []
    assert not any("accept" in (note.text or "") for note in figure.layout.annotations)


def test_bands_of_counts_read_shares() -> None:
    frame = pd.DataFrame({"weak": [0.25, 0.5, 0.0], "strong": [0.75, 1.0, 0.5]})
    assert band_frame(EXACT, frame).tolist() == ["right", "easy", "hard"]


def test_sliders_left_where_they_are_keep_a_rule_of_counts() -> None:
    assert change_policy(EXACT, 0.25, 0.75, 0.0) is EXACT


def test_moved_slider_turns_counts_into_bounds() -> None:
    changed = change_policy(EXACT, 0.5, 0.75, 0.0)
    assert isinstance(changed, Policy)
    assert (changed.rule, changed.weak_mean_max) == ("thresholds", 0.5)


@pytest.mark.parametrize("outcome", [outcome for outcome in OUTCOMES if outcome != "passed_baseline"])
def test_every_outcome_has_its_place_in_the_stack(outcome: str) -> None:
    assert sum(outcome in group for _, group in OUTCOME_GROUPS) == 1
