"""The simulated analyst and editor of recipes, through the product's own requests and parsers."""

from __future__ import annotations

import pytest

from autodata.llm.seat import Seat
from autodata.llm.simulator.config import MODELS, SimulatorConfig
from autodata.llm.simulator.craft import read_craft
from autodata.llm.simulator.models import SimulatedModels
from autodata.llm.simulator.outer.hostile import HOSTILE
from autodata.llm.simulator.outer.remedies import REMEDIES
from autodata.llm.simulator.wire import parse_call
from autodata.optimize.analyst import Analysis, build_analyst_body, parse_analysis
from autodata.optimize.editor import Edit, build_editor_body, parse_edit
from autodata.optimize.guard import check_edit, list_editable
from autodata.optimize.trajectories import Trajectory
from autodata.recipes.recipe import Recipe, load_recipe
from tests.optimize.edits import make_child

POOR = load_recipe("cs-poor")
NONCE = "0a1b2c3d4e5f60718293a4b5"
EASY = "ended: exhausted (4 rounds)\nround 1: too_easy (weak mean 0.82)\nround 2: too_easy (weak mean 0.78)"
LEAKING = (
    "ended: exhausted (4 rounds)\nround 1: failed_quality (leak)\n"
    "review, verifier: failed. The context already states what a positive criterion asks for; take that sentence out."
)
EXPECTED = {
    "sabotage": {"sabotage"},
    "soften": {"soft_rubric"},
    "leak": {"leak"},
    "evaluator": {"file", "path", "limit", "lenient_check", "unreadable"},
    "identity": {"identity"},
}


def make_seat(model: str) -> Seat:
    return Seat(model=model, endpoint="simulated", family="simulated")


def make_trajectory(name: str, text: str) -> Trajectory:
    return Trajectory(name, "run", "s", "Pools", "exhausted", text)


def read_files(recipe: Recipe) -> dict[str, str]:
    return {name: recipe.files[name] for name in list_editable(recipe)}


def ask(body: dict[str, object]) -> str:
    return SimulatedModels(SimulatorConfig(seed=1)).write(parse_call(body)).content


def analyse(recipe: Recipe, text: str, seed: int = 1, history: str = "") -> Analysis:
    shown = (make_trajectory("i1-t1", text), make_trajectory("i1-t2", text))
    seat = make_seat("sim-recipe-analyst")
    body = build_analyst_body(seat, read_files(recipe), history, shown, seed=seed, nonce=NONCE)
    return parse_analysis(ask(body), shown)


def edit(recipe: Recipe, analysis: Analysis, seed: int = 1, model: str = "sim-recipe-editor") -> Edit:
    body = build_editor_body(make_seat(model), read_files(recipe), analysis, "", seed=seed, nonce=NONCE)
    return parse_edit(ask(body))


def find_cause(trait: str) -> str:
    return next(remedy.cause for remedy in REMEDIES if remedy.trait == trait)


def test_analysis_quotes_its_trajectories_word_for_word() -> None:
    analysis = analyse(POOR, EASY)
    assert analysis.citations
    assert all(citation.found for citation in analysis.citations)


def test_analyst_names_what_most_failures_speak_for() -> None:
    causes = [analyse(POOR, LEAKING, seed).root_cause for seed in range(20)]
    assert causes.count(find_cause("leak_ban")) > 5
    assert find_cause("concrete") not in [analyse(POOR, EASY, seed).root_cause for seed in range(3)]


def test_analyst_turns_away_from_what_did_not_help() -> None:
    leak = next(remedy for remedy in REMEDIES if remedy.trait == "leak_ban")
    history = "\n".join(f"{n}. {leak.cue}. it did not help and was dropped" for n in range(6))
    causes = [analyse(POOR, LEAKING, seed, history).root_cause for seed in range(20)]
    assert causes.count(leak.cause) < 4


@pytest.mark.parametrize("seed", range(8))
def test_sensible_edit_passes_the_guard_and_supplies_what_was_lacking(seed: int) -> None:
    analysis = analyse(POOR, EASY, seed)
    child = make_child(POOR, edit(POOR, analysis, seed).files)
    before, now = (read_craft(recipe.files["challenger.md"]) for recipe in (POOR, child))
    remedy = next(remedy for remedy in REMEDIES if remedy.cue == analysis.suggestion)
    assert remedy.is_lacking(before)
    assert not remedy.is_lacking(now)


def test_edits_in_a_row_lead_from_poor_instructions_to_complete_ones() -> None:
    recipe = POOR
    for seed in range(12):
        proposal = edit(recipe, analyse(recipe, EASY + LEAKING, seed), seed)
        if not check_edit(recipe, proposal.files):
            recipe = make_child(recipe, proposal.files)
    craft = read_craft(recipe.files["challenger.md"])
    assert not [remedy.trait for remedy in REMEDIES if remedy.is_lacking(craft)]


def test_editor_with_nothing_to_say_only_rewords() -> None:
    evolved = load_recipe("cs-evolved")
    analysis = analyse(evolved, EASY)
    child = make_child(evolved, edit(evolved, analysis).files)
    assert read_craft(child.files["challenger.md"]) == read_craft(evolved.files["challenger.md"])


@pytest.mark.parametrize("kind", sorted(HOSTILE))
@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("domain", ["cs-poor", "cs"])
def test_every_hostile_edit_is_refused_for_what_it_is(kind: str, seed: int, domain: str) -> None:
    recipe = load_recipe(domain)
    proposal = edit(recipe, analyse(recipe, EASY), seed, f"sim-recipe-editor-{kind}")
    assert EXPECTED[kind] & {refusal.code for refusal in check_edit(recipe, proposal.files)}


def test_every_hostile_editor_is_a_model_of_the_server() -> None:
    assert {f"sim-recipe-editor-{kind}" for kind in HOSTILE} <= set(MODELS)


def test_request_that_cannot_be_read_gets_words_and_no_edit() -> None:
    body = {"model": "sim-recipe-editor", "messages": [{"role": "user", "content": "Please improve the recipe " * 5}]}
    assert ask(body).startswith("The request cannot be read")
