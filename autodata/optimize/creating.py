"""A search's start on disk: its folder, its sources in three sets, its first recipe. Nothing is called yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import autodata
from autodata.budget import Budget
from autodata.engine import describe_process
from autodata.errors import BadInput
from autodata.home import Home, check_name
from autodata.journal import JournalWriter
from autodata.llm.seat import check_roles
from autodata.model import Role, Source
from autodata.optimize.population import describe_version
from autodata.optimize.settings import OptimizeSettings
from autodata.optimize.split import Split, split_sources
from autodata.optimize.stored import TEST, list_searches
from autodata.prices import find_prices_file, format_money, load_prices
from autodata.recipes.recipe import Recipe, check_fit
from autodata.runs import check_keys
from autodata.sources import Loaded
from autodata.stored_run import number_of
from autodata.terms import check_prices

AGENTS: tuple[Role, ...] = ("analyst", "editor")
"""Roles that only a search has."""

FEW_SOURCES = 8
"""Below so many held-out sources the same ones are measured again and again, which says little about others."""


def create_search(
    home: Home, settings: OptimizeSettings, recipe: Recipe, loaded: Loaded, name: str | None = None
) -> str:
    """Write a new search's settings, sources and first recipe to its journal; nothing is called yet. Returns its name.

    Raises BadInput when there are too few documents, when a needed key is not set, when a money budget could not be
    kept, and for a name that is taken.
    """
    split = split_sources(loaded.sources, settings.seed)
    return _create(home, settings, (recipe,), split, name, "search", loaded)


def create_test(
    home: Home, settings: OptimizeSettings, recipes: tuple[Recipe, Recipe], loaded: Loaded, name: str | None = None
) -> str:
    """The same for a comparison of two recipes on all sources. Raises BadInput also when both are the same recipe."""
    if recipes[0].sha == recipes[1].sha:
        raise BadInput(f"both are the recipe {recipes[0].sha[:8]}; there is nothing to compare")
    if not loaded.sources:
        raise BadInput("no source to compare the recipes on; give documents with --sources")
    return _create(home, settings, recipes, Split((), tuple(loaded.sources), ()), name, TEST, loaded)


def open_own_home(home: Home, name: str) -> Home:
    """The home of a search's own runs and audits: its folder. They are on no page and in no dataset."""
    return Home(home.optimization(name))


def _create(
    home: Home,
    settings: OptimizeSettings,
    recipes: Sequence[Recipe],
    split: Split,
    name: str | None,
    mode: str,
    loaded: Loaded,
) -> str:
    run_settings = settings.make_run_settings(settings.seed, 1)
    for recipe in recipes:
        if recipe.limits.flow.write == "given":
            raise BadInput(f"recipe {recipe.name} takes tasks as given, so there is no writer to improve")
        check_fit(recipe, settings.policy)
        check_prices(home, run_settings, recipe, load_prices(home), settings.budget_cost)
    check_keys(run_settings)
    _check_agent_prices(home, settings, mode)
    models = {seat.model for seat in settings.seats.seats.values()}
    settings = settings.model_copy(update={"prices": load_prices(home).keep(models)})
    claimed = _claim(home, name, f"{settings.domain}-{mode}")
    own = open_own_home(home, claimed)
    if (prices := find_prices_file(home)).is_file():
        find_prices_file(own).write_bytes(prices.read_bytes())
    with JournalWriter(home.optimization_journal(claimed)) as journal:
        journal.append("optimization_started", _describe_start(claimed, mode, settings, recipes, split))
        for set_name, sources in split.list_sets().items():
            for source in sources:
                journal.append("source", {"set": set_name, "source": asdict(source)})
        for skip in loaded.skipped:
            journal.append("source_skipped", {"name": skip.name, "reason": skip.reason})
        for recipe in recipes:
            journal.append("version", describe_version(recipe, by="person", note=recipe.limits.title, state="baseline"))
    return claimed


def _describe_start(
    name: str, mode: str, settings: OptimizeSettings, recipes: Sequence[Recipe], split: Split
) -> dict[str, Any]:
    values = settings.model_dump(mode="json")
    policy = values.pop("policy")
    budget = Budget(settings.budget_calls, settings.budget_tokens, settings.budget_cost)
    sets = split.list_sets()
    return {
        "name": name,
        "mode": mode,
        "software": autodata.__version__,
        "settings": {**values, "policy": settings.policy.name},
        "policy": policy,
        "budget": asdict(budget),
        "recipe": {"name": recipes[0].name, "sha": recipes[0].sha},
        "sources": sum(len(own) for own in sets.values()),
        "versions": len(recipes),
        "sets": {set_name: len(own) for set_name, own in sets.items()},
        "simulated": settings.simulated,
        "warnings": [*check_roles(settings.seats), *_warn_about_split(split.validation, mode)],
        **describe_process(),
    }


def _warn_about_split(validation: Sequence[Source], mode: str) -> list[str]:
    if mode == TEST or len(validation) >= FEW_SOURCES:
        return []
    return [
        f"only {len(validation)} held-out sources: the same ones decide again and again, so what is kept may suit them "
        "and no others. Give more documents"
    ]


def _check_agent_prices(home: Home, settings: OptimizeSettings, mode: str) -> None:
    """The same as for a run, for the seats that only a search has."""
    if settings.budget_cost is None or mode == TEST:
        return
    seats = settings.seats
    for role in AGENTS:
        model = seats.seat(role).model
        if model not in load_prices(home).models and not seats.endpoint_of(role).simulated:
            most = format_money(settings.budget_cost, load_prices(home).currency)
            raise BadInput(
                f"a budget of {most} cannot be kept: the price of model {model!r} ({role}) is not known. Add "
                f'[models."{model}"] to {find_prices_file(home)}, or leave the money budget out'
            )


def _claim(home: Home, name: str | None, kind: str) -> str:
    """Make the folder of the search, safe against another process doing the same."""
    if name is not None:
        try:
            home.optimization(check_name(name, "search")).mkdir(parents=True)
        except FileExistsError:
            raise BadInput(f"a search named {name!r} exists already; choose another name") from None
        return name
    number = 1 + max((number_of(known) for known in list_searches(home)), default=0)
    while True:
        claimed = f"{kind}-{number:04d}"
        try:
            home.optimization(claimed).mkdir(parents=True)
        except FileExistsError:
            number += 1
        else:
            return claimed
