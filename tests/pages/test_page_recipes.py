"""The Recipes page: the tree, why a change was kept or refused, and what only a person may do."""

from __future__ import annotations

import pytest

from autodata.home import Home
from autodata.index.queries.recipes import list_versions
from autodata.journal import read_records
from autodata.recipes.recipe import load_recipe
from autodata.review.team import Team, record_team
from autodata.ui.recipes.tree import walk_tree
from autodata.ui.state import get_workbench
from tests.support.page_driver import PageDriver
from tests.support.search_author import WrittenSearch, append_record, write_search


@pytest.fixture
def written(home: Home) -> WrittenSearch:
    return write_search(home, versions=7, refused=1)


def open_version(home: Home, version: str, part: str = "change") -> PageDriver:
    page = PageDriver(home, "recipes", version=version[:12])
    page.at.session_state["reviewer.name"] = "Lea"
    return page.set("recipes.part", part)


def test_without_a_search_the_page_says_how_to_start_one(home: Home) -> None:
    assert "autodata optimize" in PageDriver(home, "recipes").text("recipes.none.empty")


def test_sentence_counts_what_waits_for_a_person(home: Home, written: WrittenSearch) -> None:
    assert "2 candidates wait for a person" in PageDriver(home, "recipes").text("recipes.sentence")


def test_tree_shows_every_version_with_its_state(home: Home, written: WrittenSearch) -> None:
    text = PageDriver(home, "recipes").text("recipes.tree")
    assert all(sha[:8] in text for sha in (written.baseline, *written.kept, *written.discarded))
    assert text.count("candidate") == 2


def test_newest_candidate_is_shown_first(home: Home, written: WrittenSearch) -> None:
    page = PageDriver(home, "recipes")
    assert written.kept[-1][:8] in page.text("recipes.versionname")


def test_change_is_the_difference_to_the_parent(home: Home, written: WrittenSearch) -> None:
    text = open_version(home, written.kept[0]).text("recipes.change")
    assert "challenger.md" in text
    assert "+- It is asked from the side of case" in text


def test_why_shows_the_analysis_and_the_decision(home: Home, written: WrittenSearch) -> None:
    text = open_version(home, written.kept[0], "why").text("recipes.reasons")
    assert "Root cause" in text
    assert "pairs" in text


def test_refused_change_is_shown_with_each_reason(home: Home, written: WrittenSearch) -> None:
    page = PageDriver(home, "recipes", iteration=str(written.refused[0]))
    refusals = [record.data["refusals"] for record in read_records(home.optimization_journal(written.name))
        if record.kind == "edit" and record.data["refusals"]]  # fmt: skip
    assert refusals[0][0]["sentence"] in page.text("recipes.refusals")
    assert "refused by the guard" in page.text("recipes.iterations")


def test_iteration_that_was_never_begun_says_so(home: Home, written: WrittenSearch) -> None:
    assert "was not begun" in PageDriver(home, "recipes", iteration="999").text("recipes.noiteration")


def test_unknown_version_falls_back_to_the_newest_candidate(home: Home, written: WrittenSearch) -> None:
    assert written.kept[-1][:8] in PageDriver(home, "recipes", version="ffffffffffff").text("recipes.versionname")


def test_discarded_version_cannot_become_the_default(home: Home, written: WrittenSearch) -> None:
    page = open_version(home, written.discarded[0], "decide")
    assert not page.has("recipes.promote")
    assert "Only a candidate" in page.text("recipes.nocandidate")


def test_candidate_becomes_the_default_with_a_reason(home: Home, written: WrittenSearch) -> None:
    page = open_version(home, written.kept[0], "decide")
    assert page.at.button(key="recipes.promote").disabled
    page.set("recipes.why", "read ten tasks of both").click("recipes.promote")
    assert load_recipe("cs", home.recipes).sha == written.kept[0]
    assert "is the default recipe of cs" in page.text("recipes.said.shown")


def test_reviewer_may_not_promote(home: Home, written: WrittenSearch) -> None:
    record_team(home, Team(others="reviewer", roles={"Zoe": "lead"}), "Zoe")
    page = open_version(home, written.kept[0], "decide").set("recipes.why", "it is mine")
    assert page.at.button(key="recipes.promote").disabled


def test_version_is_copied_with_a_change_by_hand(home: Home, written: WrittenSearch) -> None:
    page = open_version(home, written.kept[0], "edit").set("recipes.forkname", "cs-mine")
    area = page.at.text_area[0]
    area.set_value(area.value + "\n\nAsk for one consequence only.\n").run()
    page.click("recipes.fork")
    assert "Ask for one consequence only." in load_recipe("cs-mine", home.recipes).files["challenger.md"]


def test_name_that_no_recipe_can_have_is_refused(home: Home, written: WrittenSearch) -> None:
    page = open_version(home, written.kept[0], "edit").set("recipes.forkname", "../evil").click("recipes.fork")
    assert "cannot be used" in page.text("recipes.forkerror")


def test_comparison_with_itself_is_refused(home: Home, written: WrittenSearch) -> None:
    page = open_version(home, written.baseline, "test").set("recipes.other", "cs").click("recipes.compare")
    assert "there is nothing to compare" in page.text("recipes.compareerror")


def test_alarm_is_said_first(home: Home, written: WrittenSearch) -> None:
    alarm = {"version": written.kept[0], "sentence": "Acceptance rose while fewer gaps held."}
    append_record(home, written.name, "alarm", alarm)
    page = PageDriver(home, "recipes")
    assert "Acceptance rose while fewer gaps held." in page.text("recipes.alarm")
    assert "raised the alarm" in page.text("recipes.sentence")


def test_interrupted_search_can_be_resumed(home: Home) -> None:
    write_search(home, versions=3, ended=False)
    assert PageDriver(home, "recipes").has("recipes.resume")


def test_hostile_text_of_an_editor_is_text(home: Home, written: WrittenSearch) -> None:
    data = {"iteration": 99, "parent": written.baseline, "minibatch": [], "shown": []}
    append_record(home, written.name, "iteration_started", data)
    hostile = "<script>alert(1)</script> **bold** =1+1"
    edit = {"iteration": 99, "summary": hostile, "files": {}, "refusals": [], "child": None, "call": 1}
    append_record(home, written.name, "edit", edit)
    page = PageDriver(home, "recipes", iteration="99")
    assert hostile in page.text("recipes.iterations")
    assert not page.at.markdown


def test_tree_walk_reaches_every_version_once(home: Home, written: WrittenSearch) -> None:

    PageDriver(home, "recipes")
    versions = list_versions(get_workbench().index, written.name)
    walked = [one.version for one, _ in walk_tree(versions)]
    assert sorted(walked) == sorted(one.version for one in versions)


def test_samples_stand_side_by_side(home: Home, written: WrittenSearch) -> None:
    text = open_version(home, written.kept[0], "samples").text("recipes.samples")
    assert "Parent" in text
    assert "Child" in text


def test_discarded_version_has_no_samples(home: Home, written: WrittenSearch) -> None:
    assert "Samples are kept of versions" in open_version(home, written.discarded[0], "samples").text("recipes.samples")
