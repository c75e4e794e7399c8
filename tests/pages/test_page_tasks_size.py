"""Tasks at size: named views, searches in answers, acts on a whole view and their undo, copies, what-if on any view."""

from __future__ import annotations

import csv
import io

import pytest

from autodata.home import Home
from autodata.index.queries.tasks import TaskFilter, list_tasks
from autodata.index.queries.whole import stream_tasks
from autodata.journal import verify_journal
from autodata.review.bulk import find_last_act
from autodata.review.shared import current_decisions
from autodata.review.team import Team, record_team
from autodata.ui.review.view import read_view
from autodata.ui.review_link import make_view
from autodata.ui.state import get_workbench
from autodata.ui.tasks.saved import SavedView, list_views, save_view, set_default
from autodata.ui.tasks.table import write_csv
from autodata.ui.tasks.view import list_parts, make_filter
from autodata.ui.tasks.work import dismiss_work, find_work
from tests.support.audit_rows import AuditRow, fill_audit
from tests.support.journals import write_decision, write_run
from tests.support.page_driver import PageDriver

VIOLATION = ("S1", "violation", "the requests differ")
MIXED = [["too_easy", "accepted"], ["too_easy", "failed_on_strong"], ["too_easy"]]


def fill(home: Home, n: int = 6) -> list[str]:
    tasks = write_run(home, "cs-1", n, plans=[["accepted"]], words=5).accepted
    fill_audit(home, "cs-1", [AuditRow(task) for task in tasks])
    return tasks


def open_dialog(home: Home, **params: str) -> PageDriver:
    return open_page(home, **params).click("tasks.act")


def open_page(home: Home, **params: str) -> PageDriver:
    page = PageDriver(home, "tasks", **params)
    page.at.session_state["reviewer.name"] = "Ada"
    return page.run()


def finish(page: PageDriver) -> PageDriver:
    def done() -> bool:
        work = find_work(page.home, "Ada")
        return work is not None and not work.running

    page.wait(done)
    return page.run()


def has_widget(page: PageDriver, kind: str, key: str) -> bool:
    return any(element.key == key for element in getattr(page.at, kind))


def test_a_view_is_saved_with_everything_it_says(home: Home) -> None:
    write_run(home, "cs-1", 6, plans=MIXED)
    page = (
        PageDriver(home, "tasks", box="0.300,0.500,0.700,0.900").set("tasks.search", "lemma").set("tasks.order", "gap")
    )
    page.click("tasks.views").set("tasks.views.name", "Lemmas").click("tasks.views.save")
    (view,) = list_views(home)
    assert (view.name, view.widgets["tasks.search"], view.widgets["tasks.order"]) == ("Lemmas", "lemma", "gap")
    assert view.params == {"box": "0.300,0.500,0.700,0.900"}


def test_a_saved_view_opens_as_it_was(home: Home) -> None:
    write_run(home, "cs-1", 6, plans=MIXED)
    save_view(home, SavedView("Hard", {"tasks.band": ["hard"]}))
    page = PageDriver(home, "tasks").set("tasks.search", "nothing says this")
    page.click("tasks.views").click("tasks.views.open.Hard")
    assert set(page.at.dataframe[0].value["Band"]) == {"▲ Too hard"}


def test_a_saved_view_opens_at_its_first_page(home: Home) -> None:
    fill(home, 60)
    save_view(home, SavedView("All"))
    page = PageDriver(home, "tasks", tasks__page="2").click("tasks.views").click("tasks.views.open.All")
    assert "1 to 50 of 60" in page.text("tasks.range")


def test_the_default_view_opens_with_the_page(home: Home) -> None:
    write_run(home, "cs-1", 6, plans=MIXED)
    save_view(home, SavedView("Hard", {"tasks.band": ["hard"]}))
    set_default(home, "Hard")
    assert set(PageDriver(home, "tasks").at.dataframe[0].value["Band"]) == {"▲ Too hard"}


def test_an_address_with_a_view_goes_before_the_default(home: Home) -> None:
    write_run(home, "cs-1", 6, plans=MIXED)
    save_view(home, SavedView("Hard", {"tasks.band": ["hard"]}))
    set_default(home, "Hard")
    assert len(PageDriver(home, "tasks", tasks__order="Newest first").at.dataframe[0].value) == 6


def test_what_if_is_part_of_a_saved_view(home: Home) -> None:
    fill(home)
    page = PageDriver(home, "tasks")
    slider = next(s for s in page.at.slider if s.label == "strong at least")
    page.set(slider.key, 0.94).click("tasks.views").set("tasks.views.name", "Strict").click("tasks.views.save")
    page.set(slider.key, 0.5).click("tasks.views").click("tasks.views.open.Strict")
    assert "0 right under these values" in page.text("tasks.whatif.count")


def test_a_view_from_an_edited_file_keeps_what_makes_sense(home: Home) -> None:
    fill(home)
    save_view(home, SavedView("Odd", {"tasks.search": 3, "tasks.band": ["right"], "evil": 1}, {"x": "1", "box": "no"}))
    page = PageDriver(home, "tasks").click("tasks.views").click("tasks.views.open.Odd")
    assert len(page.at.dataframe[0].value) == 6


def test_renaming_to_a_taken_name_says_so(home: Home) -> None:
    fill(home)
    save_view(home, SavedView("a"))
    save_view(home, SavedView("b"))
    page = PageDriver(home, "tasks").click("tasks.views").set("tasks.views.rename.a", "b")
    assert "already" in page.text("tasks.views.wrong")
    page.click("tasks.views.delete.b")
    assert [view.name for view in list_views(home)] == ["a"]


def test_a_search_that_finds_nothing_offers_the_answers(home: Home) -> None:
    fill(home)
    page = PageDriver(home, "tasks")
    answer = page_index().query("SELECT text FROM texts WHERE no = (SELECT min(text_no) FROM rollouts)")[0][0]
    page.set("tasks.search", " ".join(answer.split()[:8]))
    assert "No task matches" in page.text("tasks.nothing")
    page.click("tasks.deeper")
    assert len(page.at.dataframe[0].value) >= 1


def test_an_act_decides_everything_it_may_and_says_what_it_left(home: Home) -> None:
    tasks = fill(home)
    fill_audit(home, "cs-1", [AuditRow(tasks[0], (VIOLATION,)), *(AuditRow(task) for task in tasks[1:])])
    write_decision(home, tasks[1], "reject", run_id="cs-1", reviewer="Bo")
    page = open_dialog(home)
    assert "4 tasks of 6 in this view" in page.text("tasks.act.told")
    assert "1 already decided" in page.text("tasks.act.told")
    assert "1 with an open violation" in page.text("tasks.act.told")
    assert "5 of 6 tasks, drawn at random" in page.text("tasks.act.sample")
    finish(page.click("tasks.act.go"))
    assert "4 tasks approved at once" in page.text("tasks.actedwords")
    verdicts = {task: one.verdict for task, one in current_decisions(home).items()}
    assert verdicts == {tasks[1]: "reject", **dict.fromkeys(tasks[2:], "approve")}


def test_an_act_is_undone_in_one_step_after_a_reload(home: Home) -> None:
    fill(home)
    finish(open_dialog(home).click("tasks.act.go"))
    dismiss_work(home, "Ada")
    page = open_page(home)
    assert page.at.button(key="tasks.undo").label == "Undo: 6 approvals"
    finish(page.click("tasks.undo"))
    assert current_decisions(home) == {}
    assert find_last_act(home, "Ada") is None
    assert not page.has("tasks.undo")
    assert verify_journal(home.reviews).ok


def test_a_flag_for_many_needs_its_reason(home: Home) -> None:
    fill(home)
    page = open_dialog(home).set("tasks.act.verdict", "flag")
    assert page.at.button(key="tasks.act.go").disabled
    finish(page.set("tasks.act.reason", "Duplicate").click("tasks.act.go"))
    assert {(one.verdict, one.reason) for one in current_decisions(home).values()} == {("flag", "Duplicate")}


def test_more_than_a_hundred_tasks_take_a_typed_number(home: Home) -> None:
    fill(home, 101)
    page = open_dialog(home)
    assert page.at.button(key="tasks.act.go").disabled
    page.set("tasks.act.confirm", "100")
    assert page.at.button(key="tasks.act.go").disabled
    page.set("tasks.act.confirm", "101")
    finish(page.click("tasks.act.go"))
    assert len(current_decisions(home)) == 101


def test_an_act_holds_for_the_filter_only(home: Home) -> None:
    tasks = fill(home)
    finish(open_dialog(home, tasks__search=tasks[2]).click("tasks.act.go"))
    assert set(current_decisions(home)) == {tasks[2]}


def test_a_viewer_cannot_act(home: Home) -> None:
    fill(home)
    record_team(home, Team(roles={"Ada": "viewer", "Lea": "lead"}), "Lea")
    page = open_dialog(home)
    assert "may not decide on tasks" in page.text("tasks.act.refused")
    assert not page.has("tasks.act.go")


def test_one_per_cluster_is_offered_where_there_are_copies(home: Home) -> None:
    tasks = fill(home)
    fill_audit(home, "cs-1", [AuditRow(task, cluster=7) for task in tasks[:4]] + [AuditRow(task) for task in tasks[4:]])
    page = open_dialog(home)
    page.at.checkbox(key="tasks.act.single").check().run()
    assert "3 tasks of 6 in this view" in page.text("tasks.act.told")
    finish(page.click("tasks.act.go"))
    assert len(current_decisions(home)) == 3


def test_no_cluster_no_offer(home: Home) -> None:
    fill(home)
    assert not has_widget(open_dialog(home), "checkbox", "tasks.act.single")


def test_copies_of_a_task_can_be_shown_alone(home: Home) -> None:
    tasks = fill(home)
    fill_audit(home, "cs-1", [AuditRow(task, cluster=7) for task in tasks[:4]] + [AuditRow(task) for task in tasks[4:]])
    page = PageDriver(home, "tasks", task=tasks[0])
    assert page.at.button(key="tasks.copies").label == "3 near copies"
    page.click("tasks.copies")
    assert set(page.at.dataframe[0].value["Task"]) == set(tasks[:4])
    page.click("tasks.clearcluster")
    assert len(page.at.dataframe[0].value) == 6


def test_the_task_of_the_address_is_selected(home: Home) -> None:
    tasks = fill(home)
    assert PageDriver(home, "tasks", task=tasks[2]).at.button(key="tasks.open").label == f"Open {tasks[2]}"


def test_a_task_that_is_not_in_the_view_selects_nothing(home: Home) -> None:
    fill(home)
    page = PageDriver(home, "tasks", task="t-of-another-home")
    assert page.has("tasks.review")
    assert not page.has("tasks.open")


@pytest.mark.parametrize("params", [
    {"at_round": "two"}, {"at_round": "99999999999999999999"}, {"cluster": "-1"}, {"cluster": "18446744073709551616"},
    {"tasks__page": "none"},
])  # fmt: skip
def test_numbers_of_a_typed_address_that_make_no_sense_are_not_set(home: Home, params: dict[str, str]) -> None:
    fill(home)
    assert len(PageDriver(home, "tasks", **params).at.dataframe[0].value) == 6


def test_a_round_in_the_address_filters(home: Home) -> None:
    write_run(home, "cs-1", 6, plans=[["too_easy", "accepted"], ["accepted"]])
    page = PageDriver(home, "tasks", at_round="2", tasks__group="By round")
    assert len(page.at.dataframe[0].value) == 3
    assert len(page.click("tasks.clearat_round").at.dataframe[0].value) == 6


@pytest.mark.parametrize("params", [
    {}, {"tasks__band": "Right"}, {"tasks__scope": "All rounds"}, {"tasks__scope": "Accepted"}, {"tasks__run": "cs-1"},
    {"at_round": "2"}, {"box": "0.000,1.000,0.000,1.000"}, {"tasks__decision": "Open"}, {"tasks__search": "lemma"},
])  # fmt: skip
def test_what_if_works_on_every_view_and_decides_nothing(home: Home, params: dict[str, str]) -> None:
    written = write_run(home, "cs-1", 6, plans=MIXED)
    write_decision(home, written.accepted[0], run_id="cs-1", content_sha=written.content[written.accepted[0]])
    page = PageDriver(home, "tasks", **params)
    before = home.reviews.read_bytes(), page_index().query("SELECT run, key, band, decision FROM rounds ORDER BY ALL")
    slider = next(s for s in page.at.slider if s.label == "strong at least")
    page.set(slider.key, 0.94)
    assert "0 right under these values" in page.text("tasks.whatif.count")
    after = home.reviews.read_bytes(), page_index().query("SELECT run, key, band, decision FROM rounds ORDER BY ALL")
    assert after == before


def test_a_file_written_in_parts_is_the_file_of_the_whole(home: Home) -> None:
    fill(home, 9)
    PageDriver(home, "tasks")
    parts = write_csv(stream_tasks(page_index(), TaskFilter(), 4)).read()
    assert parts == write_csv(list_tasks(page_index(), TaskFilter())).read()
    assert len(list(csv.reader(io.StringIO(parts.decode("utf-8-sig"))))) == 10


def test_new_filters_travel_to_review() -> None:
    view = make_filter(search="x", answers=True, round_number=3, cluster=2**64 - 1)
    read = read_view(make_view(view)).queue.task_filter
    assert (read.answers, read.round, read.cluster) == (True, 3, 2**64 - 1)
    assert {"cluster", "round"} <= {part.name for part in list_parts(view)}


def test_overview_says_where_reviewing_pays_and_what_jumped(home: Home) -> None:
    for run_id, findings in (("cs-1", ()), ("cs-2", (VIOLATION,))):
        tasks = write_run(home, run_id, 12, plans=[["accepted"]], words=5).accepted
        fill_audit(home, run_id, [AuditRow(task, findings) for task in tasks])
    needs = PageDriver(home, "overview").text("overview.needs")
    assert "cs-2: 12 violations among 12 open tasks" in needs
    assert "100 % of 12 tasks have an alarm, 0 % of 12 in cs-1 before it (Fisher's exact test, p < 0.001)" in needs


def page_index():  # type: ignore[no-untyped-def]
    return get_workbench().index
