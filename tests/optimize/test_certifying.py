import pytest

from autodata.home import Home
from autodata.optimize.certifying import find_alarm
from autodata.optimize.population import Certified, Evaluation
from autodata.optimize.stored import load_search
from tests.support.search_author import write_search


@pytest.fixture
def population(tmp_path):
    """A first recipe and one kept child, nothing measured of either."""
    home = Home(tmp_path)
    found = load_search(home, write_search(home, versions=4).name).population
    for version in found.versions.values():
        version.evaluations.clear()
        version.certified.clear()
    return found


def measure(version, accepted, of, real, certified):
    outcomes = {str(n): "accepted" if n < accepted else "exhausted" for n in range(of)}
    version.evaluations.append(Evaluation("slot", "run", version.sha, 1, "select", 0, outcomes, 0))
    version.certified.append(Certified(version.sha, "run", accepted, (), real, certified - real, 0))


def find_kept(population):
    return next(version for version in population.versions.values() if version.state == "candidate")


def test_more_accepted_and_fewer_that_hold_raise_the_alarm(population):
    kept = find_kept(population)
    measure(population.baseline, 20, 100, 18, 20)
    measure(kept, 60, 100, 8, 20)
    sentence, versions = find_alarm(population, kept)
    assert "40 points more sources" in sentence
    assert "50 points fewer hold" in sentence
    assert versions == (kept,)


@pytest.mark.parametrize(
    ("accepted", "real"),
    [(60, 18), (22, 2), (60, 15)],
    ids=["gaps hold as before", "acceptance hardly rose", "the fall may be chance"],
)
def test_one_of_the_two_alone_raises_none(population, accepted, real):
    kept = find_kept(population)
    measure(population.baseline, 20, 100, 18, 20)
    measure(kept, accepted, 100, real, 20)
    assert find_alarm(population, kept) == ("", ())


def test_without_certified_gaps_there_is_no_alarm(population):
    kept = find_kept(population)
    measure(population.baseline, 20, 100, 0, 0)
    measure(kept, 90, 100, 0, 0)
    assert find_alarm(population, kept) == ("", ())


def test_kept_recipes_together_raise_it_where_one_alone_is_measured_too_little(population):
    kept, other = find_kept(population), next(v for v in population.versions.values() if v.state == "discarded")
    other.state = "candidate"
    measure(population.baseline, 20, 100, 38, 40)
    measure(kept, 60, 100, 4, 5)
    measure(other, 60, 100, 3, 20)
    sentence, versions = find_alarm(population, kept)
    assert sentence.startswith("Goodhart alarm: with all kept recipes ")
    assert set(map(id, versions)) == {id(kept), id(other)}
