"""Edited tasks: kept beside the original, without scores until they were tried by an ordinary run."""

from dataclasses import replace
from pathlib import Path

import pytest

from autodata.errors import BadInput
from autodata.home import Home
from autodata.journal import read_records
from autodata.llm.seat import simulated_seats
from autodata.model import Criterion, Task
from autodata.policy import PRESETS
from autodata.recipes.recipe import load_recipe
from autodata.review.edits import create_trial, find_edit, make_trial_recipe, record_edit
from autodata.runs import create_run, execute_run, load_run
from autodata.settings import RunSettings
from autodata.sources import load_sources

SAMPLES = Path(__file__).parents[2] / "samples"

TASK = Task(
    id="t1",
    source_id="s1",
    round=2,
    question_type="reasoning",
    context="A lease path serves reads without a quorum round.",
    question="Which clock assumption makes the read linearizable?",
    reference_answer="A bound on drift.",
    rubric=(Criterion("c1", "Names bounded drift", 5.0), Criterion("c2", "Claims synchronised clocks", -3.0)),
)


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


@pytest.fixture
def tried(home):
    """A home with one simulated run that is done."""
    settings = RunSettings(domain="cs", policy=PRESETS["deployed"], seats=simulated_seats(), max_rounds=2)
    run_id = create_run(home, settings, load_recipe("cs"), load_sources([SAMPLES], limit=1))
    execute_run(home, run_id)
    return run_id


def find_task(home, run_id) -> Task:
    data = [record.data["task"] for record in read_records(home.journal(run_id)) if record.kind == "task"][-1]
    return Task(**{**data, "rubric": tuple(Criterion(**one) for one in data["rubric"]), "tags": tuple(data["tags"])})


def edit(home, original=TASK, run_id="r1", **changes):
    return record_edit(home, original, run_id, changes, "Ada")


def test_an_edit_names_what_it_changed(home):
    assert edit(home, question="Which drift bound?", context=TASK.context).changed == ("question",)


def test_an_edit_is_read_back_as_it_was_recorded(home):
    kept = edit(home, rubric=(Criterion("c1", " Names the drift bound ", 7.0),))
    assert find_edit(home, kept.edit_id) == kept


def test_an_edited_task_has_another_content_hash(home):
    kept = edit(home, question="Which drift bound?")
    assert kept.original_sha == TASK.content_sha != kept.task.content_sha


def test_an_edit_without_a_difference_is_refused(home):
    with pytest.raises(BadInput, match="nothing was changed"):
        edit(home, question=TASK.question)
    assert not home.reviews.exists()


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"question": "  "}, "question is empty"),
        ({"rubric": ()}, "no criterion with a positive weight"),
        ({"rubric": (Criterion("c1", "", 1.0),)}, "criterion c1 is empty"),
        ({"rubric": (Criterion("c1", "x", 0.0),)}, "weight 0"),
        ({"rubric": (Criterion("c1", "x", 1.0), Criterion("c1", "y", 1.0))}, "same id"),
        ({"tags": ("a",)}, "tags cannot be edited"),
        ({"question": "x" * 200_001}, "200,001 characters"),
    ],
)
def test_an_edit_that_cannot_be_tried_is_refused(home, changes, named):
    with pytest.raises(BadInput, match=named):
        edit(home, **changes)


def test_a_verifiable_task_needs_its_reference(home):
    with pytest.raises(BadInput, match="reference answer"):
        edit(home, replace(TASK, rubric=()), reference_answer=" ")


def test_an_unknown_edit_is_named(home):
    with pytest.raises(BadInput, match="edit 'e0' does not exist"):
        find_edit(home, "e0")


@pytest.mark.parametrize("domain", ["cs", "legal", "math", "filter-rubric", "filter-answer"])
def test_every_recipe_can_try_a_given_task(domain):
    recipe = load_recipe(domain)
    trial = make_trial_recipe(recipe)
    judges = {name: text for name, text in trial.files.items() if name.endswith(".md")}
    assert trial.limits.flow.write == "given"
    assert judges == {name: text for name, text in recipe.files.items() if name.endswith(".md")}


def test_a_trial_is_a_run_with_the_seats_and_the_rule_of_the_original(home, tried):
    kept = edit(home, find_task(home, tried), tried, question="Which drift bound keeps the read linearizable, and why?")
    trial = load_run(home, create_trial(home, kept))
    original = load_run(home, tried)
    assert (trial.settings.seats, trial.settings.policy) == (original.settings.seats, original.settings.policy)


def test_a_trial_measures_the_edited_words(home, tried):
    question = "Which drift bound keeps the read linearizable, and why?"
    kept = edit(home, find_task(home, tried), tried, question=question)
    run_id = create_trial(home, kept)
    assert execute_run(home, run_id).state == "done"
    records = list(read_records(home.journal(run_id)))
    assert [record.data["task"]["question"] for record in records if record.kind == "task"] == [question]
    assert sum(record.kind == "rollout" for record in records) >= 3


def test_a_trial_says_which_task_it_came_from(home, tried):
    kept = edit(home, find_task(home, tried), tried, question="Which drift bound keeps the read linearizable, and why?")
    source = load_run(home, create_trial(home, kept)).sources[0]
    assert source.metadata["edit"]["task_id"] == kept.task.id
