"""Tasks: filters, paging and the map follow the URL; an empty view says which filter to remove."""

from __future__ import annotations

import csv
import io

import orjson
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.acceptance import find_band
from autodata.home import Home
from autodata.index.queries.filters import Box, TaskFilter
from autodata.index.queries.policies import list_models
from autodata.index.queries.tasks import count_tasks
from autodata.policy import PRESETS, Policy
from autodata.ui.review.view import read_view
from autodata.ui.review_link import make_view
from autodata.ui.state import get_workbench
from autodata.ui.tasks.left import GROUPS
from autodata.ui.tasks.table import CSV_COLUMNS, make_rows, write_csv
from autodata.ui.tasks.view import explain_nothing, list_parts, make_filter, read_box, read_selection, write_box
from autodata.ui.tasks.whatif import band_frame, change_policy
from tests.support.journals import RunAuthor, write_decision, write_run
from tests.support.page_driver import ROOT, PageDriver

MIXED = [["too_easy", "accepted"], ["too_easy", "failed_on_strong"], ["too_easy"]]


def table(page: PageDriver) -> pd.DataFrame:
    return page.at.dataframe[0].value


def test_empty_home_points_at_runs(home: Home) -> None:
    page = PageDriver(home, "tasks")
    assert "No task yet" in page.text("tasks.none.empty")
    assert page.at.button(key="tasks.none.action").label == "Start a run"


def test_last_round_scope_has_one_row_per_source(home: Home) -> None:
    write_run(home, "cs-0001", 6, plans=MIXED)
    assert len(table(PageDriver(home, "tasks"))) == 6


def test_all_rounds_scope_has_every_task(home: Home) -> None:
    written = write_run(home, "cs-0001", 6, plans=MIXED)
    assert len(table(PageDriver(home, "tasks", tasks__scope="All rounds"))) == len(written.tasks)


def test_accepted_scope_in_the_url_is_restored(home: Home) -> None:
    written = write_run(home, "cs-0001", 6, plans=MIXED)
    page = PageDriver(home, "tasks", tasks__scope="Accepted")
    assert sorted(table(page)["Task"]) == sorted(written.accepted)


def test_search_filters_the_table_typed_or_from_the_url(home: Home) -> None:
    write_run(home, "cs-0001", 6, plans=[["accepted"]])
    assert len(table(PageDriver(home, "tasks").set("tasks.search", "lemma 4"))) == 1
    assert len(table(PageDriver(home, "tasks", tasks__search="lemma 4"))) == 1


def test_band_pills_filter_the_table(home: Home) -> None:
    write_run(home, "cs-0001", 6, plans=MIXED)
    page = PageDriver(home, "tasks").set("tasks.band", ["hard"])
    assert set(table(page)["Band"]) == {"▲ Too hard"}


def test_run_filter_keeps_its_run(home: Home) -> None:
    write_run(home, "cs-0001", 3)
    write_run(home, "cs-0002", 2)
    page = PageDriver(home, "tasks", tasks__run="cs-0002")
    assert set(table(page)["Run"]) == {"cs-0002"}


def test_decision_filter_shows_what_was_approved(home: Home) -> None:
    written = write_run(home, "cs-0001", 3, plans=[["accepted"]])
    write_decision(home, written.accepted[0], run_id="cs-0001", content_sha=written.content[written.accepted[0]])
    page = PageDriver(home, "tasks").set("tasks.decision", "approved")
    assert list(table(page)["Task"]) == [written.accepted[0]]


def test_sorting_by_weak_score_is_done_over_all_pages(home: Home) -> None:
    write_run(home, "cs-0001", 60, plans=MIXED, words=20)
    page = PageDriver(home, "tasks").set("tasks.order", "weak_up")
    weak = table(page)["Weak"].dropna().tolist()
    assert weak == sorted(weak)
    assert len(table(page)) == 50


def test_second_page_holds_the_rest(home: Home) -> None:
    write_run(home, "cs-0001", 60, plans=[["accepted"]], words=20)
    page = PageDriver(home, "tasks", tasks__page="2")
    assert len(table(page)) == 10
    assert "51 to 60 of 60" in page.text("tasks.range")


def test_a_page_beyond_the_last_shows_the_last(home: Home) -> None:
    write_run(home, "cs-0001", 60, plans=[["accepted"]], words=20)
    page = PageDriver(home, "tasks", tasks__page="2").set("tasks.search", "lemma 4")
    assert len(table(page)) == 10


def test_a_brush_in_the_url_filters_the_table(home: Home) -> None:
    write_run(home, "cs-0001", 6, plans=MIXED)
    page = PageDriver(home, "tasks", box="0.300,0.500,0.700,0.900")
    assert set(table(page)["Outcome"]) == {"accepted"}
    page.click("tasks.clearbox")
    assert len(table(page)) == 6


def test_nothing_found_names_the_filter_to_remove(home: Home) -> None:
    write_run(home, "cs-0001", 3, plans=[["accepted"]])
    page = PageDriver(home, "tasks").set("tasks.band", ["inverted"])
    assert "No task matches. Without “Inverted” there would be 3." in page.text("tasks.nothing")


def test_removing_that_filter_brings_the_tasks_back(home: Home) -> None:
    write_run(home, "cs-0001", 3, plans=[["accepted"]])
    page = PageDriver(home, "tasks").set("tasks.band", ["inverted"]).click("tasks.remove")
    assert len(table(page)) == 3


def test_the_view_is_there_again_on_the_way_back(home: Home) -> None:
    write_run(home, "cs-0001", 6, plans=MIXED)
    page = PageDriver(home, "tasks").set("tasks.band", ["hard"])
    page.at.switch_page(str(ROOT / "pages" / "settings.py")).run()
    page.at.query_params.clear()
    page.at.switch_page(str(ROOT / "pages" / "tasks.py")).run()
    assert set(table(page)["Band"]) == {"▲ Too hard"}


def test_what_if_counts_under_other_bounds_and_stores_nothing(home: Home) -> None:
    write_run(home, "cs-0001", 4, plans=[["accepted"]])
    before = home.journal("cs-0001").read_bytes()
    page = PageDriver(home, "tasks")
    slider = next(s for s in page.at.slider if s.label == "strong at least")
    page.set(slider.key, 0.94)
    assert "0 right under these values" in page.text("tasks.whatif.count")
    assert set(table(page)["Outcome"]) == {"accepted"}
    assert home.journal("cs-0001").read_bytes() == before


def test_impossible_what_if_says_why(home: Home) -> None:
    write_run(home, "cs-0001", 2)
    page = PageDriver(home, "tasks")
    page.set(next(s for s in page.at.slider if s.label == "strong at least").key, 1.0)
    assert "no score can satisfy this policy" in page.text("tasks.whatif.impossible")


@pytest.mark.parametrize("group", ["run", "round", "source"])
def test_bands_are_counted_by_every_group(home: Home, group: str) -> None:
    write_run(home, "cs-0001", 3, plans=MIXED)
    page = PageDriver(home, "tasks", tasks__group=GROUPS[group])
    assert "% of" in page.text("tasks.distribution")


def test_simulated_tasks_are_labelled(home: Home) -> None:
    write_run(home, "cs-0001", 1)
    assert PageDriver(home, "tasks").text("tasks.simulated") == "Simulated"


def test_hostile_question_stays_text(home: Home) -> None:
    with RunAuthor(home, "cs-0001") as author:
        author.start(1)
        source = author.written.sources[0]
        author.write_trajectory(0, ["accepted"])
    assert source
    page = PageDriver(home, "tasks", tasks__search="<img src=x onerror=alert(1)>")
    assert "<img src=x onerror=alert(1)>" in page.text("tasks.nothing")
    assert not page.at.markdown


def make_frame(question: str = "Why?", **changes: object) -> pd.DataFrame:
    row: dict[str, object] = {
        "task_id": "t1", "question": question, "weak": 0.4, "strong": float("nan"), "gap": float("nan"), "band": None,
        "round": 1, "rounds": 2, "gap_by_round": [None, 0.2], "outcome": "too_easy", "decision": "open",
        "reviewer": None, "run_id": "cs-0001", "source_id": "s", "title": "T", "parity": "same", "risk": 0.0,
        "risk_reason": None, "t": 1.0, "simulated": True, "audit": "unchecked", "integrity": "", "difficulty": "",
        "validity": "", "certified": float("nan"), "certified_low": float("nan"), "certified_high": float("nan"),
        "suspicion": float("nan"), "basis": "", "lead": "", "copies": 0,
    }  # fmt: skip
    return pd.DataFrame([{**row, **changes}])


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1"])
def test_csv_holds_no_formula(formula: str) -> None:
    rows = list(csv.reader(io.StringIO(write_csv(make_frame(formula)).read().decode("utf-8-sig"))))
    assert rows[0] == list(CSV_COLUMNS)
    assert rows[1][1].startswith("'")


def test_csv_leaves_absent_values_empty() -> None:
    row = next(csv.DictReader(io.StringIO(write_csv(make_frame()).read().decode("utf-8-sig"))))
    assert (row["weak"], row["strong"], row["band"]) == ("0.4", "", "")


def test_a_task_without_a_band_says_not_measured() -> None:
    assert make_rows(make_frame())["Band"].tolist() == ["◌ Not measured"]


def test_gaps_that_were_not_measured_leave_the_sparkline() -> None:
    assert make_rows(make_frame())["By round"].tolist() == [[0.2]]


scores = st.floats(0, 1)


@given(st.lists(st.tuples(scores, scores | st.none()), min_size=1, max_size=30), st.sampled_from(sorted(PRESETS)))
def test_whatif_bands_are_the_bands_of_acceptance(pairs: list[tuple[float, float | None]], name: str) -> None:
    policy = PRESETS[name]
    frame = pd.DataFrame(pairs, columns=["weak", "strong"]).astype("float64")
    assert band_frame(policy, frame).tolist() == [find_band(policy, weak, strong) for weak, strong in pairs]


def test_unchanged_sliders_keep_the_policy() -> None:
    policy = PRESETS["deployed"]
    assert change_policy(policy, 0.65, 0.60, 0.20) is policy


def test_moved_slider_is_a_custom_policy() -> None:
    changed = change_policy(PRESETS["deployed"], 0.5, 0.60, 0.20)
    assert isinstance(changed, Policy)
    assert (changed.name, changed.weak_mean_max) == ("custom", 0.5)


@given(st.tuples(scores, scores), st.tuples(scores, scores))
def test_a_brush_survives_the_url(weak: tuple[float, float], strong: tuple[float, float]) -> None:
    box = read_selection([{"x": list(weak), "y": list(strong)}])
    assert read_box(write_box(box)) == box


@pytest.mark.parametrize("text", [None, "", "a,b,c,d", "0.1,0.2", "0.5,0.1,0,1", "0,2,0,1", "nan,1,0,1"])
def test_a_brush_that_makes_no_sense_is_no_brush(text: str | None) -> None:
    assert read_box(text) is None


def test_unknown_values_of_a_typed_url_count_as_not_set() -> None:
    view = make_filter(bands=("purple",), outcome="lost", decision="maybe", scope="none", order="'; DROP TABLE")
    assert view == TaskFilter(order="risk")


def test_ascending_order_is_one_of_the_choices() -> None:
    view = make_filter(order="gap_up")
    assert (view.order, view.descending) == ("gap", False)


def test_every_narrowing_is_listed_for_removal() -> None:
    view = make_filter(
        search="x", bands=("right",), outcome="accepted", decision="open", run_id="r", source_id="s", scope="accepted",
        box=Box(0, 1, 0, 1),
    )  # fmt: skip
    assert [part.name for part in list_parts(view)] == [
        "box", "search", "bands", "outcomes", "decision", "source_id", "run_id", "scope",
    ]  # fmt: skip


def test_the_smallest_helpful_step_is_named() -> None:
    view = make_filter(bands=("right",), search="x")
    sentence, part = explain_nothing(view, lambda other: 65 if not other.bands else 100)
    assert part is not None
    assert part.name == "bands"
    assert "there would be 65" in sentence


def test_no_single_filter_helps() -> None:
    sentence, part = explain_nothing(make_filter(bands=("right",), search="x"), lambda other: 0)
    assert part is None
    assert "No task matches" in sentence


def test_review_gets_the_view_with_open_tasks() -> None:
    params = make_view(make_filter(bands=("right", "easy"), run_id="cs-0001", order="weak"))
    assert params["band"] == "right,easy"
    assert (params["decision"], params["order"], params["run"]) == ("open", "risk", "cs-0001")


def test_a_model_keeps_the_runs_in_which_it_had_a_seat(home: Home) -> None:
    write_run(home, "cs-1", 2, plans=[["accepted"]])
    PageDriver(home, "tasks")
    index = get_workbench().index
    (weak,) = [name for name in list_models(index) if name.endswith("weak")]
    assert count_tasks(index, make_filter(model=weak)) == 2
    assert count_tasks(index, make_filter(model="another")) == 0


def test_a_tag_is_found_by_a_part_of_it_in_any_case(home: Home) -> None:
    write_run(home, "cs-1", 2, plans=[["accepted"]])
    PageDriver(home, "tasks")
    index = get_workbench().index
    tag = orjson.loads(index.query("SELECT tags FROM tasks LIMIT 1")[0][0])[0]
    assert count_tasks(index, make_filter(tag=tag[:4].upper())) > 0
    assert count_tasks(index, make_filter(tag="no such tag %")) == 0


def test_model_and_tag_go_along_to_review(home: Home) -> None:
    view = make_filter(model="sim-weak", tag="trade")
    found = read_view(make_view(view)).queue.task_filter
    assert (found.model, found.tag) == ("sim-weak", "trade")
