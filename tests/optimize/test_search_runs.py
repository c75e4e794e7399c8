"""Searches on simulated models: small, whole, and cut short."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from autodata.errors import BadInput, HeldElsewhere
from autodata.home import Home
from autodata.journal import JournalWriter, read_records, verify_journal
from autodata.llm.seat import Endpoint, Seat, simulated_seats
from autodata.optimize import certifying, iteration, processes
from autodata.optimize.keep import KeepSettings, decide
from autodata.optimize.report import describe_search
from autodata.optimize.stored import load_search
from autodata.policy import make_policy
from autodata.recipes.recipe import load_recipe
from autodata.recorder import Budget
from autodata.sources import load_sources
from tests.support.search_author import make_settings

SAMPLES = Path(__file__).parents[2] / "samples" / "cs"
EASY = {"weak_mean_max": 0.95, "weak_best_max": 1.0, "strong_mean_min": 0.3, "strong_mean_max": 1.0, "gap_min": 0.0}
"""Bounds that about half of all first tasks meet, so that few calls show a whole search."""
SMALL = {
    "policy": make_policy("deployed", **EASY),
    "iterations": 2,
    "workers": 2,
    "max_rounds": 1,
    "minibatch": 1,
    "block": 3,
    "keep": KeepSettings(pairs_max=6, pairs_min=3, false_keep=0.49, spending=0.2, futility=0),
    "certify_tasks": 1,
    "certify_answers": 3,
    "confirm_pairs": 3,
}


def create(home, **changes):
    loaded = load_sources([SAMPLES], passage_words=150, limit=40)
    return processes.create_search(home, make_settings(**(SMALL | changes)), load_recipe("cs-poor"), loaded)


def seat_editor(kind):
    """Seats with a hostile editor."""
    seats = simulated_seats()
    editor = Seat(**{**seats.seat("editor").model_dump(), "model": f"sim-recipe-editor-{kind}"})
    return seats.model_copy(update={"seats": {**seats.seats, "editor": editor}})


def read_kinds(home, name):
    return Counter(record.kind for record in read_records(home.optimization_journal(name)))


def count_answers(path):
    """Answered calls by key, of one journal."""
    return Counter(r.data["key"] for r in read_records(path) if r.kind == "call" and not r.data["error"])


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """A home with one search that came to its end."""
    home = Home(tmp_path_factory.mktemp("searched"))
    name = create(home)
    return home, name, processes.execute_search(home, name)


def test_a_search_comes_to_its_end(searched):
    home, name, end = searched
    assert end.state == "done"
    assert sum(end.totals["iterations"].values()) == 2
    assert verify_journal(home.optimization_journal(name)).ok


def test_every_iteration_has_its_parts(searched):
    home, name, _ = searched
    for own in load_search(home, name).population.iterations.values():
        assert own.analysis["citations"][0]["trajectory"].startswith(f"i{own.number}-t")
        assert own.edit["summary"]
        assert own.decision["state"] in ("kept", "discarded", "refused", "duplicate")


def test_parent_and_child_are_measured_on_the_same_sources_with_the_same_seed(searched):
    home, name, _ = searched
    records = [r.data for r in read_records(home.optimization_journal(name)) if r.kind == "evaluation"]
    sides = {}
    for data in records:
        if data["purpose"] == "select":
            sides.setdefault((data["iteration"], data["block"]), []).append((data["seed"], set(data["outcomes"])))
    assert sides
    assert all(len(own) == 2 and own[0] == own[1] for own in sides.values())


def test_the_three_sets_stay_apart(searched):
    home, name, _ = searched
    split = load_search(home, name).split
    allowed = {"train": split.train, "select": split.validation, "third": split.third}
    for record in read_records(home.optimization_journal(name)):
        if record.kind == "evaluation":
            assert set(record.data["outcomes"]) <= {source.id for source in allowed[record.data["purpose"]]}


def test_the_runs_of_a_search_are_not_among_the_homes_runs(searched):
    home, name, _ = searched
    assert not home.runs.exists()
    assert list(processes.open_own_home(home, name).runs.glob("i0001-parent/journal.jsonl"))


def test_calls_of_all_journals_are_counted(searched):
    home, name, end = searched
    journals = [home.optimization_journal(name), *home.optimization(name).glob("*/*/journal.jsonl")]
    made = sum(record.kind == "call" for path in journals for record in read_records(path))
    assert end.totals["calls"] == made


def test_a_search_that_is_done_is_not_resumed(searched):
    home, name, _ = searched
    with pytest.raises(BadInput, match="nothing to resume"):
        processes.execute_search(home, name)


def test_figures_name_the_first_recipe_and_are_labelled_simulated(searched):
    home, name, _ = searched
    figures = describe_search(load_search(home, name))
    assert figures["simulated"]
    assert figures["baseline"]["version"] == load_recipe("cs-poor").sha
    assert figures["baseline"]["selected"]["of"] > 0


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A home with a search of one iteration under a rule that keeps whatever it is shown."""
    home = Home(tmp_path_factory.mktemp("kept"))
    name = create(home, iterations=1, workers=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(iteration, "decide", lambda pairs, rule, longer: replace(decide(pairs, rule), state="keep"))
        end = processes.execute_search(home, name)
    return home, name, end


def test_what_is_kept_is_a_candidate_and_no_default(kept):
    home, name, end = kept
    assert end.totals["iterations"] == {"kept": 1}
    assert [version.state for version in load_search(home, name).population.versions.values()] == [
        "baseline",
        "candidate",
    ]
    assert not home.recipes.exists()


def test_gaps_of_both_sides_of_what_was_kept_are_measured_again(kept):
    home, name, _ = kept
    certified = load_search(home, name).population.certified
    assert list(certified)[:2] == ["i0001-parent", "i0001-child"]
    for own in certified.values():
        assert len(own.tasks) == min(1, own.population)
        assert own.real + own.not_real + own.undecided + own.unmeasured == len(own.tasks)


def test_no_task_is_measured_twice(kept):
    home, name, _ = kept
    for version in load_search(home, name).population.versions.values():
        tasks = [task for own in version.certified for task in own.tasks]
        assert len(tasks) == len(set(tasks))


def test_the_winner_is_measured_on_the_third_set(kept):
    home, name, _ = kept
    stored = load_search(home, name)
    found = stored.population.confirmation
    assert (found["purpose"], found["pairs"] + found["incomplete"]) == ("third", 3)
    assert found["second"] == list(stored.population.versions)[1]


def test_sample_tasks_of_both_sides_are_kept_for_a_person(kept):
    home, name, _ = kept
    samples = [r.data for r in read_records(home.optimization_journal(name)) if r.kind == "samples"]
    assert [own["side"] for own in samples] == ["parent", "child"]
    assert all(task["question"] and task["rubric"] for own in samples for task in own["tasks"])


def test_a_search_that_is_done_goes_on_with_more_iterations(kept):
    home, name, _ = kept
    assert processes.execute_search(home, name, iterations=2).state == "done"
    assert len(load_search(home, name).population.ended) == 2


def test_a_spent_budget_pauses_and_a_larger_one_goes_on(tmp_path):
    home = Home(tmp_path)
    name = create(home, iterations=1, workers=1, certify_tasks=0, confirm_pairs=0, budget_calls=60)
    end = processes.execute_search(home, name)
    assert (end.state, end.totals["calls"]) == ("paused", 60)
    assert "budget of 60 calls" in end.reason
    before = {path: count_answers(path) for path in home.optimization(name).glob("**/journal.jsonl")}
    assert processes.execute_search(home, name, budget=Budget()).state == "done"
    for path, answered in before.items():
        assert all(count == 1 for count in count_answers(path).values())
        assert answered.keys() <= count_answers(path).keys()


@pytest.mark.parametrize("kind", ["sabotage", "soften", "leak", "evaluator", "identity"])
def test_a_hostile_editor_gets_nothing_in(tmp_path, kind):
    home = Home(tmp_path)
    name = create(home, seats=seat_editor(kind), iterations=1, minibatch=1)
    end = processes.execute_search(home, name)
    population = load_search(home, name).population
    assert end.totals["iterations"] == {"refused": 1}
    assert list(population.versions) == [load_recipe("cs-poor").sha]
    for own in population.iterations.values():
        assert own.decision["reason"].startswith(own.edit["refusals"][0]["sentence"])


def test_a_killed_search_loses_nothing_and_repeats_calls_in_flight_only(tmp_path):
    home = Home(tmp_path)
    name = create(home, iterations=2, certify_tasks=0, confirm_pairs=0)
    slots = load_search(home, name).settings.slots
    command = [sys.executable, "-m", "autodata.cli", "optimize", "resume", name, "--home", str(tmp_path), "--quiet"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 300
    while not list(home.optimization(name).glob("runs/i*-child/journal.jsonl")):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    paths = list(home.optimization(name).glob("**/journal.jsonl"))
    before = {path: (count_answers(path), sum(1 for _ in read_records(path))) for path in paths}
    kinds = read_kinds(home, name)
    assert not load_search(home, name).state
    end = processes.execute_search(home, name)
    assert end.state == "done"
    for path, (answered, records) in before.items():
        assert verify_journal(path).ok
        assert sum(1 for _ in read_records(path)) >= records
        assert answered.keys() <= count_answers(path).keys()
        assert all(count == 1 for count in count_answers(path).values())
    asked = sum(record.kind == "call" for path in paths for record in read_records(path))
    answered = sum(count_answers(path).total() for path in paths)
    assert asked - answered <= slots
    for kind in ("iteration_started", "analysis", "edit"):
        assert kinds[kind] <= read_kinds(home, name)[kind] == 2


def test_a_pause_ends_cleanly_and_resume_goes_on(tmp_path):
    home = Home(tmp_path)
    name = create(home, iterations=2, certify_tasks=0, confirm_pairs=0)

    def ask(progress, search):
        if not progress.done:
            processes.request_search(home, name, "pause")

    assert processes.execute_search(home, name, ask).state == "paused"
    assert read_kinds(home, name)["decision"] < 2
    assert processes.execute_search(home, name).state == "done"
    assert read_kinds(home, name)["decision"] == 2


@pytest.mark.parametrize(("role", "made"), [("analyst", {"evaluation"}), ("challenger", set())])
def test_an_endpoint_that_is_down_pauses_the_search_and_decides_nothing(tmp_path, role, made):
    home = Home(tmp_path)
    seats = simulated_seats()
    down = Endpoint(base_url="http://127.0.0.1:9/v1", max_tries=1, timeout_s=5)
    seat = seats.seat(role).model_copy(update={"endpoint": "down"})
    changes = {"endpoints": {**seats.endpoints, "down": down}, "seats": {**seats.seats, role: seat}}
    name = create(home, seats=seats.model_copy(update=changes), iterations=3, workers=1)
    assert processes.execute_search(home, name).state == "paused"
    kinds = read_kinds(home, name)
    assert kinds["iteration_started"] == 1
    assert kinds.keys() & {"evaluation", "analysis", "decision"} == made


def test_a_search_at_work_is_not_worked_on_twice(tmp_path):
    home = Home(tmp_path)
    name = create(home)
    with JournalWriter(home.optimization_journal(name)) as journal:
        with pytest.raises(HeldElsewhere):
            processes.execute_search(home, name)
        assert journal.seq


def test_a_taken_name_is_refused(tmp_path):
    home = Home(tmp_path)
    loaded = load_sources([SAMPLES], passage_words=150)
    processes.create_search(home, make_settings(**SMALL), load_recipe("cs"), loaded, "mine")
    with pytest.raises(BadInput, match="exists already"):
        processes.create_search(home, make_settings(**SMALL), load_recipe("cs"), loaded, "mine")


def test_recipes_that_write_no_task_are_refused(tmp_path):
    loaded = load_sources([SAMPLES], passage_words=150)
    with pytest.raises(BadInput, match="no writer to improve"):
        processes.create_search(Home(tmp_path), make_settings(**SMALL), load_recipe("filter-rubric"), loaded)


def test_fewer_iterations_than_were_begun_are_refused(searched):
    home, name, _ = searched
    with pytest.raises(BadInput, match="has begun 2 iterations"):
        processes.execute_search(home, name, iterations=1)


def test_two_recipes_are_compared_on_the_same_sources(tmp_path):
    home = Home(tmp_path)
    loaded = load_sources([SAMPLES], passage_words=150, limit=8)
    settings = make_settings(**SMALL)
    name = processes.create_test(home, settings, (load_recipe("cs-poor"), load_recipe("cs")), loaded)
    assert processes.execute_search(home, name).state == "done"
    found = load_search(home, name).population.confirmation
    assert (found["purpose"], found["pairs"] + found["incomplete"]) == ("test", 3)


def test_a_recipe_is_not_compared_with_itself(tmp_path):
    loaded = load_sources([SAMPLES], passage_words=150, limit=8)
    both = (load_recipe("cs"), load_recipe("cs"))
    with pytest.raises(BadInput, match="nothing to compare"):
        processes.create_test(Home(tmp_path), make_settings(**SMALL), both, loaded)


def test_an_alarm_ends_a_search_for_good(tmp_path):
    home = Home(tmp_path)
    name = create(home, iterations=4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(iteration, "decide", lambda pairs, rule, longer: replace(decide(pairs, rule), state="keep"))
        patch.setattr(certifying, "find_alarm", lambda population, version: ("fewer gaps hold", (version,)))
        end = processes.execute_search(home, name)
    assert (end.state, end.reason) == ("alarmed", "fewer gaps hold")
    population = load_search(home, name).population
    assert "alarmed" in {version.state for version in population.versions.values()}
    assert not any(version.certified for version in population.versions.values() if version.state == "candidate")
    assert len(population.iterations) < 4
    with pytest.raises(BadInput, match="ended with an alarm"):
        processes.execute_search(home, name, iterations=9)
