import fcntl
import json
import os

import pytest

from autodata.errors import BadInput, HeldElsewhere
from autodata.home import Home
from autodata.journal import JournalWriter, read_last
from autodata.optimize import promoting
from autodata.optimize.lookup import find_recipe, find_version
from autodata.optimize.promoting import PROVENANCE, promote_version
from autodata.optimize.stored import load_search
from autodata.recipes.recipe import list_domains, load_recipe
from autodata.review.team import record_team
from autodata.team import Team
from tests.support.search_author import append_record, write_search


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


@pytest.fixture
def written(home):
    return write_search(home, versions=8)


def promote(home, sha, **changes):
    return promote_version(home, sha[:10], **({"reviewer": "Ada", "reason": "read ten tasks"} | changes))


def test_a_promoted_recipe_is_what_runs_take(home, written):
    done = promote(home, written.kept[0])
    assert load_recipe("cs", home.recipes).sha == written.kept[0] == done.version
    assert done.replaced == load_recipe("cs").sha


def test_a_promotion_is_in_the_journal_with_who_why_and_what_it_replaced(home, written):
    promote(home, written.kept[0])
    record = read_last(home.optimization_journal(written.name))
    assert record.kind == "promoted"
    assert (record.data["reviewer"], record.data["reason"]) == ("Ada", "read ten tasks")
    assert record.data["replaced_files"] == load_recipe("cs").files
    assert load_search(home, written.name).population.versions[written.kept[0]].state == "promoted"


def test_provenance_lies_beside_the_recipe(home, written):
    folder = promote(home, written.kept[0]).folder
    provenance = json.loads((folder / PROVENANCE).read_text())
    assert provenance["search"] == written.name
    assert provenance["figures"]["certified"]["measured"] > 0
    assert "replaced_files" not in provenance
    assert list_domains(home.recipes).count("cs") == 1


def test_promotions_are_written_one_at_a_time(home, written, monkeypatch):
    monkeypatch.setattr(promoting, "WAIT_S", 0.0)
    held = os.open(home.root, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    with pytest.raises(HeldElsewhere, match="another recipe is being promoted"):
        promote(home, written.kept[0])
    os.close(held)
    assert read_last(home.optimization_journal(written.name)).kind != "promoted"
    assert promote(home, written.kept[0]).version == written.kept[0]


def test_another_candidate_of_the_same_search_may_follow(home, written):
    promote(home, written.kept[0])
    assert promote(home, written.kept[1]).replaced == written.kept[0]
    assert load_recipe("cs", home.recipes).sha == written.kept[1]


def test_a_default_that_somebody_changed_is_not_dropped_silently(home, written):
    folder = promote(home, written.kept[0]).folder
    own = (folder / "challenger.md").read_text() + "\nWrite in the present tense.\n"
    (folder / "challenger.md").write_text(own)
    with pytest.raises(BadInput, match="--replace"):
        promote(home, written.kept[1])
    promote(home, written.kept[1], replace=True)
    record = read_last(home.optimization_journal(written.name))
    assert record.data["replaced_files"]["challenger.md"] == own


def test_what_was_not_kept_is_no_candidate(home, written):
    with pytest.raises(BadInput, match="did no better than its parent"):
        promote(home, written.discarded[0])


def test_the_first_recipe_is_no_candidate(home, written):
    with pytest.raises(BadInput, match="what the search began with"):
        promote(home, written.baseline)


def test_an_alarmed_recipe_is_never_promoted(home, written):
    append_record(home, written.name, "alarm", {"version": written.kept[0], "sentence": "x"})
    with pytest.raises(BadInput, match="Goodhart"):
        promote(home, written.kept[0])


def test_what_an_alarm_kept_from_being_measured_is_not_promoted(home):
    written = write_search(home, "alarmed", versions=8, certified=False)
    append_record(home, "alarmed", "alarm", {"version": written.kept[0], "sentence": "x"})
    with pytest.raises(BadInput, match="before the gaps"):
        promote(home, written.kept[1])


def test_only_a_lead_promotes(home, written):
    record_team(home, Team(others="reviewer", roles={"Lea": "lead"}), by="Lea")
    with pytest.raises(BadInput, match="takes a lead"):
        promote(home, written.kept[0])
    assert not home.recipes.exists()
    assert promote(home, written.kept[0], reviewer="Lea")


@pytest.mark.parametrize(("changes", "match"), [({"reason": " "}, "reason"), ({"reviewer": ""}, "name")])
def test_a_promotion_says_who_and_why(home, written, changes, match):
    with pytest.raises(BadInput, match=match):
        promote(home, written.kept[0], **changes)


def test_a_search_at_work_promotes_nothing(home, written):
    with JournalWriter(home.optimization_journal(written.name)), pytest.raises(HeldElsewhere):
        promote(home, written.kept[0])
    assert not home.recipes.exists()


def test_a_version_is_found_by_the_start_of_its_hash(home, written):
    assert find_version(home, written.kept[0][:8]).version.sha == written.kept[0]
    assert find_recipe(home, written.kept[0][:8]).sha == written.kept[0]
    assert find_recipe(home, "cs").sha == load_recipe("cs").sha


@pytest.mark.parametrize("reference", ["abc", "zzzzzz", "../cs", "", "0" * 64])
def test_what_is_no_version_is_refused(home, written, reference):
    with pytest.raises(BadInput):
        find_version(home, reference)
