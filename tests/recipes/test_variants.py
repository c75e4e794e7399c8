"""The paper's findings as recipes: what code checks, and that the verifier is told the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autodata.agents.checks import check_task
from autodata.errors import BadInput
from autodata.llm.simulator.verifier import read_counts
from autodata.model import Criterion, Task
from autodata.recipes.recipe import Recipe, load_recipe, make_recipe

VARIANTS = ("cs-insight", "cs-no-leak", "cs-positive", "cs-evolved", "cs-poor")
POSITIVE = tuple(Criterion(f"c{number}", f"Shows step {number} of the argument.", 7) for number in range(1, 9))
TASK = Task(
    id="t",
    source_id="s",
    round=1,
    question_type="prediction",
    context="A pool of pages is shared by many queries, and its policy has to decide which page leaves first.",
    question="Predict which page leaves first when one query reads every page once.",
    reference_answer="The page that was read last but one.",
    rubric=POSITIVE,
)


def find_reasons(recipe: Recipe, *criteria: Criterion) -> str:
    return check_task(replace(TASK, rubric=criteria), recipe).checks["rubric"]


@pytest.mark.parametrize("name", VARIANTS)
def test_verifier_is_told_the_counts_that_code_checks(name: str) -> None:
    recipe = load_recipe(name)
    told, limits = read_counts(recipe.files["verifier.md"]), recipe.limits.rubric
    assert (told.items_min, told.items_max) == (limits.items_min, limits.items_max)
    assert (told.negatives_min, told.weight_max) == (limits.negatives_min, limits.weight_max)


@pytest.mark.parametrize("name", ["cs-positive", "cs-evolved"])
def test_positive_variants_take_positive_rubrics_alone(name: str) -> None:
    recipe = load_recipe(name)
    assert find_reasons(recipe, *POSITIVE) == "ok"
    error = Criterion("c9", "Claims that order does not matter.", -3)
    assert find_reasons(recipe, *POSITIVE, error) == "the rubric has 1 negative criteria, at most 0 are allowed"
    heavy = replace(POSITIVE[0], weight=8)
    assert find_reasons(recipe, heavy, *POSITIVE[1:]) == "weight 8 is outside -7 to 7"


@pytest.mark.parametrize("name", ["cs-insight", "cs-no-leak", "cs-poor"])
def test_other_variants_check_rubrics_as_cs_does(name: str) -> None:
    assert load_recipe(name).limits.rubric == load_recipe("cs").limits.rubric


@pytest.mark.parametrize("name", VARIANTS)
def test_variants_differ_from_cs_in_what_writer_and_verifier_read(name: str) -> None:
    files, base = load_recipe(name).files, load_recipe("cs").files
    changed = {file for file in base if files[file] != base[file]}
    assert changed == {"challenger.md", "verifier.md", "recipe.toml"}


def test_bounds_of_negatives_that_exclude_each_other_are_refused() -> None:
    files = load_recipe("cs").files
    broken = files["recipe.toml"].replace("negatives_min = 3", "negatives_min = 3\nnegatives_max = 1")
    with pytest.raises(BadInput, match="negatives_min 3 is above negatives_max 1"):
        make_recipe({**files, "recipe.toml": broken})
