import shutil

import pytest

from autodata.home import Home
from autodata.index.database import open_index
from autodata.index.ingest import ingest_home, rebuild
from autodata.index.queries import recipes
from autodata.optimize.promoting import promote_version
from autodata.optimize.stored import load_search
from tests.support.search_author import append_record, write_search


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


@pytest.fixture
def written(home):
    return write_search(home, versions=10, refused=2)


@pytest.fixture
def index(home, written):
    with open_index(home) as opened:
        ingest_home(opened, home)
        yield opened


def test_a_search_is_listed_with_its_counts(index, written):
    (row,) = recipes.list_searches(index)
    assert (row.name, row.state, row.simulated, row.domain) == (written.name, "done", True, "cs")
    assert (row.versions, row.kept, row.refused, row.ended) == (10, len(written.kept), 2, 11)


def test_a_copied_folder_is_a_search_of_its_own(home, index, written):
    shutil.copytree(home.optimization(written.name), home.optimization("cs-search-copy"))
    second = write_search(home, "cs-search-0002", versions=3)
    ingest_home(index, home)
    assert {row.name for row in recipes.list_searches(index)} == {written.name, "cs-search-copy", second.name}
    assert len(recipes.list_versions(index, written.name)) == len(recipes.list_versions(index, "cs-search-copy")) == 10


def test_versions_are_those_of_the_journal(home, index, written):
    stored = load_search(home, written.name).population
    for row in recipes.list_versions(index, written.name):
        version = stored.versions[row.version]
        assert (row.state, row.parent, row.length) == (version.state, version.parent, version.length)
        counts, again = version.count(), version.count(born=False)
        assert (row.selected.accepted, row.selected.of) == (counts.accepted, counts.decided)
        assert (row.remeasured.accepted, row.remeasured.of) == (again.accepted, again.decided)
        assert (row.real, row.measured) == (version.real, version.measured)
        assert row.selected.interval == counts.bounds
    assert len(stored.versions) == 10


def test_parents_come_before_their_children(index, written):
    rows = recipes.list_versions(index, written.name)
    seen = set()
    for row in rows:
        assert row.parent is None or row.parent in seen
        seen.add(row.version)


def test_a_refused_edit_shows_every_reason(index, written):
    row = recipes.list_iterations(index, written.name)[0]
    assert (row.state, row.child) == ("refused", None)
    assert row.refusals[0]["code"] == "evaluator"
    assert row.reason == row.refusals[0]["sentence"]


def test_an_iteration_has_its_analysis_beside_what_it_cites(index, written):
    detail = recipes.load_iteration(index, written.name, 3)
    assert detail.citations[0]["trajectory"] == detail.trajectories[0]["id"] == "i3-t1"
    assert detail.files["challenger.md"]
    assert detail.row.numbers["n"] > 0


def test_what_is_not_there_is_none(index, written):
    assert recipes.load_search(index, "no-such") is None
    assert recipes.load_iteration(index, written.name, 99) is None
    assert recipes.load_files(index, written.name, "0" * 64) == {}
    assert recipes.load_samples(index, written.name, written.discarded[0]) is None


def test_sample_tasks_stand_side_by_side(index, written):
    samples = recipes.load_samples(index, written.name, written.kept[0])
    assert samples.parent[0]["question"].endswith("the parent?")
    assert samples.child[0]["question"].endswith("the child?")


def test_scores_come_in_the_order_of_time(index, written):
    points = recipes.list_scores(index, written.name)
    assert len(points) == 2 * (len(written.kept) + len(written.discarded))
    assert [point.t for point in points] == sorted(point.t for point in points)


def test_a_promotion_arrives_with_the_next_pass(home, index, written):
    promote_version(home, written.kept[0], reviewer="Ada", reason="better")
    ingest_home(index, home)
    states = {row.version: row.state for row in recipes.list_versions(index, written.name)}
    assert states[written.kept[0]] == "promoted"
    (promotion,) = recipes.list_promotions(index)
    assert (promotion["search"], promotion["reviewer"]) == (written.name, "Ada")


def test_an_alarm_is_shown(home, index, written):
    append_record(home, written.name, "alarm", {"version": written.kept[0], "sentence": "fewer gaps hold"})
    ingest_home(index, home)
    assert recipes.load_search(index, written.name).alarm == "fewer gaps hold"
    states = {row.version: row.state for row in recipes.list_versions(index, written.name)}
    assert states[written.kept[0]] == "alarmed"


def test_a_search_without_an_end_is_open(home):
    write_search(home, "open-one", ended=False)
    with open_index(home) as index:
        ingest_home(index, home)
        assert recipes.list_searches(index)[0].state == "open"


def test_rebuilding_gives_the_same(home, index, written):
    before = recipes.list_versions(index, written.name), recipes.list_iterations(index, written.name)
    index.close()
    rebuild(home)
    with open_index(home) as again:
        assert (recipes.list_versions(again, written.name), recipes.list_iterations(again, written.name)) == before


def test_a_search_that_was_deleted_leaves_the_index(home, index, written):
    home.optimization_journal(written.name).unlink()
    ingest_home(index, home)
    assert recipes.list_searches(index) == []
    assert index.query("SELECT count(*) FROM recipe_versions") == [(0,)]
