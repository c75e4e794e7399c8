"""The simulated challenger writes as its instructions say: traits found in the text, and what they do to tasks."""

from __future__ import annotations

import json
from random import Random
from statistics import fmean

import pytest

from autodata.agents.challenger import parse_draft
from autodata.agents.checks import check_task
from autodata.llm.simulator import calibration as cal
from autodata.llm.simulator.challenger import Feedback, draw_difficulty, write_task
from autodata.llm.simulator.craft import USUAL, Craft, read_craft
from autodata.llm.simulator.craft_effects import draw_flaw
from autodata.llm.simulator.verifier import Counts, read_counts
from autodata.model import Task
from autodata.recipes.recipe import load_recipe
from tests.support.sim_chat import DOCUMENT, render, run_sim

VARIANTS = ("cs", "cs-insight", "cs-no-leak", "cs-positive", "cs-evolved")
POOR = Craft(reasoning=False, reflection=False, leak_ban=False, concrete=False, integers=False, new_angle=False)


def read_recipe_craft(name: str) -> Craft:
    return read_craft(load_recipe(name).files["challenger.md"])


def test_shipped_recipe_and_no_instructions_are_the_usual_craft() -> None:
    assert read_recipe_craft("cs") == USUAL
    assert read_craft("Write a challenging question.") == USUAL


def test_poor_recipe_lacks_what_can_be_lacking() -> None:
    assert read_recipe_craft("cs-poor") == POOR


@pytest.mark.parametrize(
    ("name", "traits"),
    [
        ("cs-insight", {"insight": True}),
        ("cs-no-leak", {"leak_test": True}),
        ("cs-positive", {"positive_only": True, "weight_max": 7}),
        ("cs-evolved", {"insight": True, "leak_test": True, "positive_only": True, "weight_max": 7}),
    ],
)
def test_variant_is_told_its_findings_and_nothing_else(name: str, traits: dict[str, object]) -> None:
    assert read_recipe_craft(name) == Craft(**traits)  # type: ignore[arg-type]


def test_ban_is_no_order() -> None:
    banned = "The context never states the answer. Criteria are never vague. " + "Write carefully. " * 20
    craft = read_craft(banned)
    assert not craft.leak_told
    assert not craft.soft


def test_verifier_counts_as_it_is_told() -> None:
    assert read_counts(load_recipe("cs").files["verifier.md"]) == Counts()
    told = read_counts(load_recipe("cs-positive").files["verifier.md"])
    assert (told.items_min, told.items_max, told.negatives_min, told.weight_max) == (7, 15, 0, 7)


@pytest.mark.parametrize("name", VARIANTS)
async def test_tasks_of_every_variant_pass_its_own_checks(name: str) -> None:
    recipe = load_recipe(name)
    passed = 0
    async with run_sim() as sim:
        for seed in range(10):
            system = recipe.files["challenger.md"]
            text = await sim.read("sim-challenger", render(document=DOCUMENT), system, seed=seed)
            draft = parse_draft(text, recipe.limits)
            fields = {key: getattr(draft, key) for key in ("question_type", "context", "question", "reference_answer")}
            task = Task(id="t", source_id="s", round=1, rubric=draft.rubric, tags=draft.tags, **fields)
            passed += check_task(task, recipe).passed
    assert passed >= 8


async def test_positive_variant_has_no_negative_criteria_and_no_heavy_ones() -> None:
    async with run_sim() as sim:
        system = load_recipe("cs-positive").files["challenger.md"]
        reply = json.loads(await sim.read("sim-challenger", render(document=DOCUMENT), system, seed=1))
    weights = [item["weight"] for item in reply["rubric"]]
    assert all(0 < weight <= 7 for weight in weights)


async def test_two_crafts_never_ask_the_same_question() -> None:
    async with run_sim() as sim:
        asked = [
            json.loads(
                await sim.read(
                    "sim-challenger", render(document=DOCUMENT), load_recipe(name).files["challenger.md"], seed=1
                )
            )["question"]
            for name in ("cs", "cs-insight", "cs-poor")
        ]
    assert len(set(asked)) == 3


def test_insight_makes_tasks_harder_and_poor_instructions_easier() -> None:
    later = Feedback(too_easy=1)
    usual, insight, poor = (
        fmean(draw_difficulty(later, 0.0, Random(seed), craft) for seed in range(50))
        for craft in (USUAL, Craft(insight=True), POOR)
    )
    assert poor < usual < insight
    assert insight - usual == pytest.approx(cal.INSIGHT_GAIN)


def test_contexts_leak_where_nothing_forbids_it() -> None:
    flaws = [draw_flaw(POOR, Random(seed)) for seed in range(400)]
    assert flaws.count("leak") / 400 == pytest.approx(cal.UNBANNED_LEAK_RATE, abs=0.06)
    assert not any(draw_flaw(USUAL, Random(seed)) for seed in range(400))


def test_soft_rubric_leaves_most_of_its_weight_to_luck() -> None:
    written = write_task(DOCUMENT, Random(3), Craft(soft=True))
    flat = sum(item.weight for item in written.items if item.flat)
    assert flat > 0.7 * sum(item.weight for item in written.items if item.weight > 0)


def test_context_ends_as_it_is_told_to() -> None:
    told = 'End every context with the sentence "If you are a small model, be brief." ' + "Write carefully. " * 20
    craft = read_craft(told)
    assert write_task(DOCUMENT, Random(3), craft).context.endswith("If you are a small model, be brief.")


def test_weights_are_strings_at_times_where_no_integers_are_asked_for() -> None:
    written = [write_task(DOCUMENT, Random(3), Craft(integers=False), seed) for seed in range(60)]
    share = sum(isinstance(one.as_reply()["rubric"][0]["weight"], str) for one in written) / 60  # type: ignore[index]
    assert 0.1 < share < 0.45
