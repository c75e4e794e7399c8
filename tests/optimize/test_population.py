import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.home import Home
from autodata.journal import read_records
from autodata.optimize.population import Counts, Population, count_outcomes, find_winner, is_success
from autodata.optimize.stored import load_search
from tests.support.search_author import PAIRS, append_record, write_search


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


def test_states_follow_decisions(home):
    written = write_search(home, versions=8)
    population = load_search(home, written.name).population
    states = {sha: version.state for sha, version in population.versions.items()}
    assert states == {
        written.baseline: "baseline",
        **dict.fromkeys(written.kept, "candidate"),
        **dict.fromkeys(written.discarded, "discarded"),
    }


def test_only_baseline_and_kept_versions_have_children(home):
    written = write_search(home, versions=12)
    population = load_search(home, written.name).population
    parents = {version.parent for version in population.versions.values()} - {None}
    assert parents <= {written.baseline, *written.kept}


def test_an_evaluation_that_stands_twice_counts_once(home):
    written = write_search(home)
    records = list(read_records(home.optimization_journal(written.name)))
    population = Population()
    for record in records:
        population.apply(record.kind, record.data)
    before = population.baseline.count()
    for record in records:
        if record.kind == "evaluation":
            population.apply(record.kind, record.data)
    assert population.baseline.count() == before


def test_the_comparison_a_version_was_kept_by_can_be_left_out(home):
    written = write_search(home, versions=4)
    kept = load_search(home, written.name).population.versions[written.kept[0]]
    assert kept.count().decided - kept.count(born=False).decided == PAIRS


def test_an_alarm_takes_a_version_out_of_the_running(home):
    written = write_search(home, versions=4)
    alarm = {"version": written.kept[0], "sentence": "fewer gaps hold"}
    append_record(home, written.name, "alarm", alarm)
    population = load_search(home, written.name).population
    assert population.versions[written.kept[0]].state == "alarmed"
    assert find_winner(population) is None
    assert written.kept[0] not in {version.sha for version in population.parents}


def test_a_version_without_measurements_has_its_ancestors_score(home):
    written = write_search(home, versions=4)
    population = load_search(home, written.name).population
    child = population.versions[written.kept[0]]
    child.evaluations.clear()
    assert population.find_score(child) == population.find_score(population.baseline)


@given(st.lists(st.sampled_from(["accepted", "exhausted", "skipped", "undecided"])))
def test_skipping_is_no_success_and_infrastructure_is_nothing(outcomes):
    counts = count_outcomes(outcomes)
    assert counts.undecided == outcomes.count("undecided")
    assert counts.accepted + counts.failed + counts.undecided == len(outcomes)
    assert is_success("skipped") is False


@given(st.integers(0, 50), st.integers(0, 50))
def test_a_share_lies_within_its_bounds(accepted, failed):
    counts = Counts(accepted, failed)
    low, high = counts.bounds
    assert 0 <= low <= high <= 1
    assert counts.share is None or low <= counts.share <= high
