"""Small multiples of the map: what each holds, what it says, and that a click on one filters the view."""

from __future__ import annotations

import re

import pytest

from autodata.home import Home
from autodata.index.queries.multiples import load_multiples
from autodata.index.queries.tasks import Box, TaskFilter, count_tasks
from autodata.policy import PRESETS
from autodata.ui.state import get_workbench
from autodata.ui.tasks.multiples import build_multiples
from autodata.ui.tree import collect_text
from tests.support.journals import write_run
from tests.support.page_driver import PageDriver

MIXED = [["narrow_gap", "accepted"], ["narrow_gap", "failed_on_strong"], ["accepted"]]


@pytest.fixture
def page(home: Home) -> PageDriver:
    write_run(home, "cs-1", 6, plans=MIXED)
    write_run(home, "cs-2", 3, plans=[["accepted"]])
    return PageDriver(home, "tasks")


def read_shares(page: PageDriver) -> list[str]:
    """What each map says is right."""
    return re.findall(r"(\d+ %) right", page.text("tasks.multiples").replace("cs-1", "").replace("cs-2", ""))


@pytest.mark.parametrize("group", ["run", "round", "source"])
def test_maps_hold_every_task_measured_on_both_sides(page: PageDriver, group: str) -> None:
    index, view = get_workbench().index, TaskFilter(scope="all")
    found = load_multiples(index, view, group, limit=100)  # type: ignore[arg-type]
    measured = index.query("SELECT count(*) FROM rounds WHERE key IS NOT NULL AND weak >= 0 AND strong >= 0")[0][0]
    assert sum(each.total for each in found.maps) == measured
    assert all(sum(n for _, _, n in each.cells) == each.total for each in found.maps)


def test_the_brush_leaves_the_maps_whole(page: PageDriver) -> None:
    index = get_workbench().index
    narrow = TaskFilter(box=Box(0.0, 0.01, 0.0, 0.01))
    assert count_tasks(index, narrow) == 0
    assert load_multiples(index, narrow, "run").maps == load_multiples(index, TaskFilter(), "run").maps


def test_groups_that_are_not_shown_are_counted(page: PageDriver) -> None:
    found = load_multiples(get_workbench().index, TaskFilter(), "source", limit=2)
    assert (len(found.maps), found.groups) == (2, 9)


def test_rounds_stand_in_their_order(page: PageDriver) -> None:
    found = load_multiples(get_workbench().index, TaskFilter(scope="all"), "round")
    assert [each.label for each in found.maps] == ["1", "2"]


def test_maps_take_the_place_of_the_table(page: PageDriver) -> None:
    page.set("tasks.look", "maps")
    assert not page.at.dataframe
    assert "cs-1" in page.text("tasks.multiples")
    assert page.has("tasks.review")


def test_a_click_on_a_map_filters_by_its_run(page: PageDriver) -> None:
    page.set("tasks.look", "maps")
    acts = [child[1].get("act") for child in page.tree("tasks.multiples")[2]]
    assert acts == ["run:cs-1", "run:cs-2"]


def test_maps_follow_the_grouping_of_the_bands(page: PageDriver) -> None:
    page.set("tasks.group", "round").set("tasks.look", "maps")
    assert "Round 1" in page.text("tasks.multiples")


def test_sliders_re_band_every_map(page: PageDriver) -> None:
    page.set("tasks.look", "maps")
    assert read_shares(page) == ["67 %", "100 %"]
    slider = next(s for s in page.at.slider if s.label == "strong at least")
    page.set(slider.key, 0.94)
    assert read_shares(page) == ["0 %", "0 %"]
    assert "under what is tried" in page.text("tasks.mapshead")


def test_sliders_re_band_the_bars(page: PageDriver) -> None:
    before = page.text("tasks.distribution")
    slider = next(s for s in page.at.slider if s.label == "strong at least")
    page.set(slider.key, 0.94)
    assert page.text("tasks.distribution") != before
    assert "under what is tried" in page.text("tasks.bands")


def test_sliders_in_the_url_re_band_the_first_maps(home: Home, page: PageDriver) -> None:
    page.set("tasks.look", "maps")
    slider = next(s for s in page.at.slider if s.label == "strong at least")
    opened = PageDriver(home, "tasks", **{"tasks.look": "Maps", slider.key: "0.94"})
    assert read_shares(opened) == ["0 %", "0 %"]


def test_nothing_measured_says_so(page: PageDriver) -> None:
    found = load_multiples(get_workbench().index, TaskFilter(run_id="none"), "run")
    words = collect_text(build_multiples(found, lambda _: PRESETS["deployed"], "run"))
    assert words == "No task of this view was measured on both sides."
