"""The middle column of the form: the domain, the acceptance rule it starts from, and custom values of that rule."""

from __future__ import annotations

from typing import Any

import streamlit as st

from autodata.clauses import build_clauses
from autodata.errors import BadInput
from autodata.home import Home
from autodata.policy import PRESETS, Policy
from autodata.recipes.recipe import Recipe, check_fit, list_domains, load_recipe
from autodata.ui.names import DOMAIN_WORDS, JUDGED, RULE_WORDS, name_rule
from autodata.ui.parts import build_sentences
from autodata.ui.piece import draw
from autodata.ui.shell import draw_section_head
from autodata.ui.tree import Tree, node

ZERO_RULES = {
    "ignore": "Weak zeros are ignored",
    "not_all_zero": "Not every weak score 0",
    "no_single_zero": "No weak score 0",
}
SHOWN_AT_ONCE = 4
"""Domains beyond this many are chosen from a list instead of a row of buttons."""
FRUGAL_WORDS = {"off": "All of them", "one_by_one": "Frugal, one by one", "parallel": "Frugal, in parallel"}


def draw_rule(home: Home) -> tuple[Recipe | None, dict[str, Any]]:
    """Draw the column; returns the recipe, and domain, policy (a preset's name), policy_changes and frugal.

    The recipe is None when none can be read.
    """
    draw_section_head("Task and rule", "what is written and when it is kept", key="runs.rule.head")
    recipe = _choose_domain(home)
    if recipe is None:
        return None, {}
    name = _choose_preset(recipe)
    preset = PRESETS[name]
    place = st.container(key="runs.clauses")
    with st.expander("Custom values", key="runs.custom"):
        changes = _draw_custom(name, preset)
    *sides, asked = st.columns([1, 1, 1.3], gap="small")
    for column, solver in zip(sides, ("weak", "strong"), strict=True):
        changes[f"{solver}_rollouts"] = column.number_input(
            f"{solver.capitalize()} rollouts", 1, 32, getattr(preset, f"{solver}_rollouts"),
            key=f"runs.{name}.{solver}_rollouts",
        )  # fmt: skip
    frugal = asked.selectbox(
        "Answers asked for", list(FRUGAL_WORDS), format_func=FRUGAL_WORDS.__getitem__, key="runs.frugal",
        help="Frugal: a round stops asking once no answer that remains can change its decision. The decisions are "
        "those of the full round; the measured gap of a refused task rests on fewer answers.",
    )  # fmt: skip
    changed = {field: value for field, value in changes.items() if getattr(preset, field) != value}
    with place:
        draw(_describe_rule(name, preset, changed), key="runs.clauses.list")
    return recipe, {"domain": recipe.name, "policy": name, "policy_changes": changed, "frugal": frugal or "off"}


def _choose_domain(home: Home) -> Recipe | None:
    """The recipe of the chosen domain; None, with a sentence, when none of the folders can be read."""
    recipes, problems = {}, []
    for name in list_domains(home.recipes):
        try:
            recipe = load_recipe(name, home.recipes)
        except BadInput as error:
            problems.append(str(error))
            continue
        if recipe.limits.flow.write == "challenger":
            recipes[name] = recipe
    if problems:
        draw(build_sentences(problems, "flag"), key="runs.domain.problems")
    if not recipes:
        return None
    choose: Any = st.segmented_control if len(recipes) <= SHOWN_AT_ONCE else st.selectbox
    first = "cs" if "cs" in recipes else next(iter(recipes))
    start: dict[str, Any] = {"default": first, "required": True}
    if choose is st.selectbox:
        start = {"index": list(recipes).index(first)}
    name = choose(
        "Domain", list(recipes), key="runs.domain", bind="query-params",
        format_func=lambda name: _name_domain(recipes[name]),
        **start,
    )  # fmt: skip
    return recipes.get(name, recipes[first])


def _name_domain(recipe: Recipe) -> str:
    """A short name for a shipped domain, the title of one's own."""
    return DOMAIN_WORDS.get(recipe.name, recipe.limits.title)


def _choose_preset(recipe: Recipe) -> str:
    """A preset the recipe can measure; the domain's own first."""
    names = [name for name in PRESETS if _fits(recipe, PRESETS[name])]
    own = recipe.limits.flow.policy
    chosen = st.selectbox(
        "Rule", names, index=names.index(own) if own in names else 0, key=f"runs.{recipe.name}.policy",
        format_func=lambda name: _name_preset(name, own),
    )  # fmt: skip
    return chosen if chosen in names else own


def _name_preset(name: str, own: str) -> str:
    return f"{RULE_WORDS.get(name, name)}, this domain's own" if name == own else RULE_WORDS.get(name, name)


def _fits(recipe: Recipe, policy: Policy) -> bool:
    try:
        check_fit(recipe, policy)
    except BadInput:
        return False
    return True


def _draw_custom(name: str, preset: Policy) -> dict[str, Any]:
    """Fields of the preset's kind of rule, prefilled; another preset has fields of its own, with its own values."""
    first, second = st.columns(2, gap="small")

    def ask(place: Any, label: str, field: str, *, optional: bool = False) -> float | None:
        value = getattr(preset, field)
        typed = place.number_input(
            label, value=value, step=0.05, format="%.2f", key=f"runs.{name}.{field}",
            placeholder="no bound" if optional else None,
        )  # fmt: skip
        return round(float(typed), 6) if typed is not None else None if optional else value

    def count(place: Any, label: str, field: str) -> int:
        return int(place.number_input(label, 0, 32, getattr(preset, field), key=f"runs.{name}.{field}"))

    changes: dict[str, Any] = {}
    if preset.rule == "counts":
        changes["weak_correct_max"] = count(first, "Weak right at most", "weak_correct_max")
        changes["strong_correct_min"] = count(second, "Strong right at least", "strong_correct_min")
    elif preset.rule == "thresholds":
        changes = {
            "weak_mean_max": ask(first, "Weak mean at most", "weak_mean_max"),
            "weak_best_max": ask(second, "Best weak at most", "weak_best_max", optional=True),
            "strong_mean_min": ask(first, "Strong mean at least", "strong_mean_min"),
            "strong_mean_max": ask(second, "Strong mean below", "strong_mean_max", optional=True),
            "gap_min": ask(first, "Gap at least", "gap_min"),
        }
        rules = list(ZERO_RULES)
        changes["zero_rule"] = second.selectbox(
            "Weak zeros", rules, index=rules.index(preset.zero_rule), format_func=ZERO_RULES.__getitem__,
            key=f"runs.{name}.zero_rule",
        )  # fmt: skip
    changes["weak_spread_min"] = ask(first, "Weak spread at least", "weak_spread_min", optional=True)
    return changes


def _describe_rule(name: str, preset: Policy, changed: dict[str, Any]) -> Tree:
    """The rule in force in a sentence. What cannot be built (an impossible rule) is said by the plan, not here."""
    shown = preset.model_copy(update={**changed, "name": "custom"}) if changed else preset
    words = [clause.text for clause in build_clauses(shown, [], [])]
    if shown.rule == "loop_judge":
        words.append(JUDGED)
    head = "Custom values keep a task when " if changed else f"{name_rule(name).capitalize()}: a task is kept when "
    return node("div", None, head, node("span", "muted", ", ".join(words)))
