import json

import pytest
from typer.testing import CliRunner

from autodata.cli import app
from autodata.home import Home
from autodata.recipes.recipe import load_recipe
from tests.optimize.test_search_runs import SAMPLES
from tests.support.search_author import append_record, write_search


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


@pytest.fixture
def written(home):
    return write_search(home, versions=7)


def call(home, *arguments):
    return CliRunner().invoke(app, [*arguments, "--home", str(home.root)])


def read(result):
    """The last line on stdout."""
    return json.loads(result.stdout.strip().splitlines()[-1])


def test_a_search_runs_from_the_command_line_and_is_resumed_with_a_larger_budget(home):
    options = ["--domain", "cs-poor", "--iterations", "1", "--workers", "1", "--max-rounds", "1", "--minibatch", "1"]
    options += ["--pairs", "10", "--block", "5", "--certify", "0", "--confirm", "0", "--passage-words", "150"]
    first = call(home, "optimize", "--sources", str(SAMPLES), *options, "--budget", "10", "--quiet", "--json")
    assert (first.exit_code, read(first)["state"], read(first)["calls"]) == (3, "paused", 10)
    name = read(first)["name"]
    second = call(home, "optimize", "resume", name, "--budget", "0", "--quiet", "--json")
    assert (second.exit_code, read(second)["state"]) == (0, "done")
    assert read(second)["simulated"]
    assert sum(read(second)["ended"].values()) == 1


def test_status_shows_a_search_and_all_of_them(home, written):
    one = call(home, "optimize", "status", written.name, "--json")
    assert read(one)["winner"]["version"] in written.kept
    assert read(one)["refusals"] == {"evaluator": 1}
    every = call(home, "optimize", "status", "--json")
    assert [own["name"] for own in read(every)["searches"]] == [written.name]


def test_a_search_without_an_end_reads_as_interrupted(home):
    write_search(home, "killed", ended=False)
    assert read(call(home, "optimize", "status", "killed", "--json"))["state"] == "interrupted"


def test_status_prints_refusals_and_shares(home, written):
    shown = call(home, "optimize", "status", written.name)
    assert shown.exit_code == 0
    assert written.kept[0][:8] in shown.output or written.kept[1][:8] in shown.output
    assert "refused 1 edit: evaluator" in shown.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["optimize"], "no sources given"),
        (["optimize", "--sources", "nowhere"], "nowhere"),
        (["optimize", "--sources", str(SAMPLES), "--domain", "no-such"], "no-such"),
        (["optimize", "--sources", str(SAMPLES / "lease-reads-under-clock-drift.md")], "at least 3 documents"),
        (["optimize", "--sources", str(SAMPLES), "--policy", "easy"], "easy"),
        (["optimize", "--sources", str(SAMPLES), "--policy", "exact"], "counts right answers"),
        (["optimize", "--sources", str(SAMPLES), "--name", "../x"], "cannot be used"),
        (["optimize", "--seed", "3", "status"], "--seed stands before status"),
        (["optimize", "--home", "elsewhere", "status"], "--home stands before status"),
        (["optimize", "resume", "no-such"], "does not exist"),
        (["optimize", "status", "no-such"], "does not exist"),
        (["optimize", "pause", "cs-search-0001"], "not running"),
        (["recipe", "diff", "abcdef"], "no recipe"),
        (["recipe", "promote", "abcdef", "--reviewer", "A", "--reason", "b"], "no recipe"),
        (["recipe", "test", "cs", "cs", "--sources", str(SAMPLES)], "nothing to compare"),
        (["recipe", "test", "cs", "cs-poor"], "no sources given"),
    ],
)
def test_bad_input_names_what_is_wrong(home, written, arguments, words):
    result = call(home, *arguments)
    assert result.exit_code == 2
    assert words in " ".join(result.output.split())


def test_versions_are_listed_without_the_discarded_ones(home, written):
    shown = read(call(home, "recipe", "list", "--json"))["versions"]
    assert [own["version"] for own in shown] == [written.baseline, *written.kept]
    everything = read(call(home, "recipe", "list", "--all", "--json"))["versions"]
    assert len(everything) == 7


def test_a_difference_is_shown_line_by_line(home, written):
    shown = call(home, "recipe", "diff", "cs", written.kept[0][:8])
    assert "+- It is asked from the side of case" in shown.output
    to_parent = read(call(home, "recipe", "diff", written.kept[0][:8], "--json"))
    assert list(to_parent["files"]) == ["challenger.md"]


def test_the_first_recipe_has_no_parent_to_differ_from(home, written):
    result = call(home, "recipe", "diff", written.baseline[:10])
    assert (result.exit_code, "has no parent" in result.output) == (2, True)


def test_a_version_is_forked_under_a_name_of_its_own(home, written):
    assert call(home, "recipe", "fork", written.kept[0][:8], "mine").exit_code == 0
    forked = load_recipe("mine", home.recipes)
    assert "It is asked from the side of case" in forked.files["challenger.md"]
    assert load_recipe("cs", home.recipes).sha == written.baseline


def test_a_promotion_makes_the_default(home, written):
    arguments = ["recipe", "promote", written.kept[0][:8], "--reviewer", "Ada", "--reason", "read ten of both"]
    done = call(home, *arguments, "--json")
    assert (done.exit_code, read(done)["version"]) == (0, written.kept[0])
    assert load_recipe("cs", home.recipes).sha == written.kept[0]
    assert "never measured on the third set" in " ".join(done.output.split())


def test_two_recipes_are_compared_from_the_command_line(home):
    options = ["--sources", str(SAMPLES), "--limit", "3", "--passage-words", "150", "--max-rounds", "1"]
    done = call(home, "recipe", "test", "cs-poor", "cs", *options, "--quiet", "--json")
    assert done.exit_code == 0
    assert read(done)["confirmation"]["pairs"] == 3


def test_a_search_that_ended_with_an_alarm_goes_no_further(home):
    written = write_search(home, "alarmed", ended=False)
    append_record(home, "alarmed", "alarm", {"version": written.kept[0], "sentence": "fewer gaps hold"})
    end = {"state": "alarmed", "reason": "fewer gaps hold", "totals": {"calls": 1, "tokens": 1, "cost": {}}}
    append_record(home, "alarmed", "optimization_ended", end)
    result = call(home, "optimize", "resume", "alarmed")
    assert (result.exit_code, "fewer gaps hold" in result.output) == (2, True)
    assert read(call(home, "optimize", "status", "alarmed", "--json"))["alarm"] == "fewer gaps hold"


@pytest.mark.parametrize("arguments", [("optimize", "status"), ("recipe", "list")])
def test_an_empty_home_is_told_how_to_begin(home, arguments):
    shown = call(home, *arguments)
    assert shown.exit_code == 0
    assert "`autodata optimize" in shown.output
