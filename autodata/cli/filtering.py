"""The command that filters somebody's own data: which items lie in the band between a weak and a strong model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from autodata import runs
from autodata.cli.options import (
    BudgetCalls,
    BudgetCost,
    BudgetTokens,
    FrugalOption,
    HomeOption,
    JsonOption,
    QuietOption,
    StopAfter,
    StopBelow,
)
from autodata.cli.output import print_json, report_errors, say
from autodata.cli.running import resume
from autodata.cli.seat_test import require_answers
from autodata.errors import BadInput
from autodata.estimate import describe_estimate, estimate_run
from autodata.home import Home, open_home
from autodata.items import (
    FIELDS,
    RECIPES,
    ColumnMap,
    LoadedItems,
    choose_columns,
    load_items,
    open_data,
    preview_data,
)
from autodata.llm.seat import SIMULATED, check_roles, load_seats
from autodata.policy import PRESETS, Policy, make_policy
from autodata.prices import load_prices
from autodata.recipes.recipe import Recipe, check_fit, load_recipe
from autodata.settings import SOURCES_PER_SLOT, RunSettings, parse_settings
from autodata.stop_rule import AFTER_SOURCES
from autodata.terms import check_prices

SHOWN = 20
"""Rows named one by one; all of them are in the run's record."""

_COLUMN = "Column, or dotted path; '' for none. Default: a guess, which is shown."


def add_commands(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.command("filter")(filter_data)


def filter_data(
    data: Annotated[
        Path, typer.Argument(metavar="DATA", help="CSV, JSONL, JSON, Parquet or Arrow file, or a folder of them.")
    ],
    prompt_column: Annotated[str | None, typer.Option(help=f"Prompt, or list of messages. {_COLUMN}")] = None,
    answer_column: Annotated[str | None, typer.Option(help="Reference answer. The same.")] = None,
    rubric_column: Annotated[str | None, typer.Option(help="Rubric: criteria with weights. The same.")] = None,
    context_column: Annotated[str | None, typer.Option(help="Text before the prompt. The same.")] = None,
    id_column: Annotated[str | None, typer.Option(help="The item's own id. The same.")] = None,
    system_column: Annotated[str | None, typer.Option(help="System text before all else. The same.")] = None,
    split: Annotated[str, typer.Option(help="Which split of a folder that has several; 'all' for all.")] = "",
    missing_rubric: Annotated[
        Literal["write", "reference"] | None,
        typer.Option(
            help="Items without a rubric: have the challenger's seat write one (default), or judge all items as right "
            "or wrong against the reference answer."
        ),
    ] = None,
    domain: Annotated[str, typer.Option(help="A recipe of your own for given tasks, instead of the shipped two.")] = "",
    models: Annotated[str, typer.Option(help="'simulated', or the path of a seats file (TOML).")] = SIMULATED,
    policy: Annotated[
        str | None,
        typer.Option(help=f"Acceptance rule: {', '.join(PRESETS)}. Default: deployed by rubric, exact by reference."),
    ] = None,
    rollouts: Annotated[int | None, typer.Option(min=1, max=32, help="Rollouts per solver and item.")] = None,
    frugal: FrugalOption = "off",
    limit: Annotated[int | None, typer.Option(min=1, help="Stop reading after so many usable items.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of all seeds: same seed and run id, same requests.")] = 0,
    slots: Annotated[int, typer.Option(min=1, max=4096, help="Calls in flight at once.")] = 32,
    budget_calls: BudgetCalls = None,
    budget_tokens: BudgetTokens = None,
    budget_cost: BudgetCost = None,
    stop_below: StopBelow = None,
    stop_after: StopAfter = None,
    test_first: Annotated[bool, typer.Option(help="Test real seats with one small call each before the start.")] = True,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read and check everything, show what would be used, start nothing.")
    ] = False,
    home: HomeOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Score prompts of your own with a weak and a strong model and keep those whose gap is large enough.

    Nobody writes or changes a task. The run is like any other: it can be resumed, browsed, reviewed and exported.

    Example: autodata filter questions.jsonl --answer-column solution --missing-rubric reference --dry-run
    """
    with report_errors(json):
        place = open_home(home)
        recipe = _choose_recipe(place, missing_rubric, domain)
        chosen = {
            "prompt": prompt_column,
            "answer": answer_column,
            "rubric": rubric_column,
            "context": context_column,
            "id": id_column,
            "system": system_column,
        }
        given = {part: column for part, column in chosen.items() if column is not None}
        opened = open_data(data, split)
        columns = choose_columns(preview_data(opened), given)
        _announce_columns(columns, set(given))
        found = load_items(opened, columns, recipe.limits.flow.grading, limit)
        _announce_items(found, quiet)
        _check_writer(recipe, found)
        settings = parse_settings(
            {
                "domain": recipe.name,
                "policy": _choose_policy(policy or recipe.limits.flow.policy, rollouts),
                "frugal": frugal,
                "stop_acceptance_below": stop_below or None,
                "stop_after_sources": stop_after or AFTER_SOURCES,
                "seats": load_seats(models),
                "max_rounds": 1,
                "final_review": False,
                "seed": seed,
                "slots": slots,
                "sources_in_flight": SOURCES_PER_SLOT * slots,
                "budget_calls": budget_calls or None,
                "budget_tokens": budget_tokens or None,
                "budget_cost": budget_cost or None,
                "inputs": (str(data),),
            }
        )
        check_fit(recipe, settings.policy)
        check_prices(place, settings, recipe, load_prices(place), settings.budget_cost)
        _announce_cost(place, settings, recipe, found)
        if dry_run:
            say("Nothing was started.")
            if json:
                print_json(_describe_dry_run(found, columns, recipe, settings))
            return
        if test_first:
            require_answers(place, settings.seats)
        run_id = runs.create_run(place, settings, recipe, found.loaded)
    resume(run_id, home=home, json=json, quiet=quiet)


def _choose_recipe(place: Home, missing_rubric: str | None, domain: str) -> Recipe:
    if not domain:
        return load_recipe(RECIPES[missing_rubric or "write"])
    recipe = load_recipe(domain, place.recipes)
    flow = recipe.limits.flow
    if flow.write != "given":
        raise BadInput(
            f'recipe {recipe.name} writes its tasks itself; a filter takes one with write = "given", such as a copy '
            f"of {' or '.join(RECIPES.values())}"
        )
    if missing_rubric and load_recipe(RECIPES[missing_rubric]).limits.flow.grading != flow.grading:
        raise BadInput(f"recipe {recipe.name} grades by {flow.grading}, so --missing-rubric cannot be {missing_rubric}")
    return recipe


def _choose_policy(name: str, rollouts: int | None) -> Policy:
    changes = {} if rollouts is None else {"weak_rollouts": rollouts, "strong_rollouts": rollouts}
    return make_policy(name, **changes)


def _check_writer(recipe: Recipe, found: LoadedItems) -> None:
    if found.written and "rubric_writer.md" not in recipe.files:
        raise BadInput(
            f"{found.written:,} items have no rubric, and recipe {recipe.name} has no rubric_writer.md to write one by"
        )


def _announce_columns(columns: ColumnMap, given: set[str]) -> None:
    for part in FIELDS:
        column = getattr(columns, part)
        how = "" if part in given or not column else " (guessed)"
        say(f"{part + ':':8} {column or 'none'}{how}")


def _announce_items(found: LoadedItems, quiet: bool) -> None:
    for skip in found.loaded.skipped[:SHOWN]:
        say(f"not used: {skip.name}: {skip.reason}", "yellow")
    if len(found.loaded.skipped) > SHOWN:
        say(f"and {len(found.loaded.skipped) - SHOWN:,} more that cannot be used", "yellow")
    for double in found.loaded.duplicates[:SHOWN]:
        say(f"{double.name} is the same item as {double.same_as} and is used once", "yellow")
    if len(found.loaded.duplicates) > SHOWN:
        say(f"and {len(found.loaded.duplicates) - SHOWN:,} more that are there twice", "yellow")
    if not quiet:
        for kind, count in found.flags.items():
            say(f"{count:,} with: {kind}")


def _announce_cost(place: Home, settings: RunSettings, recipe: Recipe, found: LoadedItems) -> None:
    for warning in check_roles(settings.seats):
        say(f"warning: {warning}", "yellow")
    estimate = estimate_run(settings, recipe, found.loaded.sources, load_prices(place))
    rest = "" if found.complete else ", where the limit ended the reading"
    say(f"{found.items:,} items of {found.rows:,} rows{rest}: {describe_estimate(estimate)}")
    if found.written:
        say(f"{found.written:,} without a rubric: the challenger's seat writes one from prompt and answer")


def _describe_dry_run(found: LoadedItems, columns: ColumnMap, recipe: Recipe, settings: RunSettings) -> dict[str, Any]:
    return {
        "run_id": None,
        "items": found.items,
        "rows": found.rows,
        "written": found.written,
        "columns": {part: getattr(columns, part) or None for part in FIELDS},
        "grading": recipe.limits.flow.grading,
        "policy": settings.policy.name,
        "flags": found.flags,
        "duplicates": [{"where": one.name, "same_as": one.same_as} for one in found.loaded.duplicates],
        "unused": [{"where": skip.name, "reason": skip.reason} for skip in found.loaded.skipped],
    }
