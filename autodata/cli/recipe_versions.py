"""Commands on recipe versions: list what searches kept, diff, compare two, fork one, make one the default."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from autodata.cli.optimizing import SearchBudget, SourcesOption, execute
from autodata.cli.options import BudgetCost, HomeOption, JsonOption, QuietOption
from autodata.cli.output import print_json, print_table, report_errors, say
from autodata.cli.search_output import row_of
from autodata.errors import BadInput
from autodata.home import open_home
from autodata.llm.seat import SIMULATED, load_seats
from autodata.optimize.differing import diff_recipes
from autodata.optimize.lookup import find_recipe, find_version, iterate_versions
from autodata.optimize.processes import create_test
from autodata.optimize.promoting import promote_version
from autodata.optimize.report import describe_version_figures
from autodata.optimize.settings import parse_optimize_settings
from autodata.policy import PRESETS, make_policy
from autodata.recipes.copying import copy_recipe
from autodata.sources import load_sources

VersionArgument = Annotated[
    str, typer.Argument(metavar="RECIPE", help="Start of a version's hash, a domain's name, or a folder.")
]

recipe = typer.Typer(
    no_args_is_help=True, help="Versions of recipes that searches wrote: list, diff, test, fork, promote."
)


def add_commands(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.add_typer(recipe, name="recipe")


@recipe.command("list")
def list_versions(
    everything: Annotated[bool, typer.Option("--all", help="Discarded versions, too.")] = False,
    search: Annotated[str | None, typer.Option(help="Of this search alone.")] = None,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """List recipe versions with their shares of accepted sources and of gaps that hold on fresh answers."""
    with report_errors(json):
        place = open_home(home)
        shown = [
            {"search": own.search.name, "domain": own.version.recipe.name, **describe_version_figures(own.version)}
            for own in iterate_versions(place, search)
            if everything or own.version.state not in ("discarded", "testing")
        ]
    if json:
        print_json({"versions": shown})
        return
    if not shown:
        say("No version yet: a search writes them, `autodata optimize` starts one.")
        return
    rows = [[own["search"], own["state"], *row_of("", own)[1:], own["note"]] for own in shown]
    columns = ["Search", "State", "Version", "Selected by", "Measured again", "Third set", "Certified", "Change"]
    print_table("", columns, rows)


@recipe.command("diff")
def diff(
    first: VersionArgument,
    second: Annotated[
        str | None, typer.Argument(metavar="[RECIPE]", help="The other one; without it, the first one's parent.")
    ] = None,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Show how two recipes differ, file by file.

    Example: autodata recipe diff cs 3fa91c04
    """
    with report_errors(json):
        place = open_home(home)
        if second is None:
            found = find_version(place, first)
            parent = found.search.population.versions.get(found.version.parent or "")
            if parent is None:
                raise BadInput(f"{first} has no parent in search {found.search.name}; name a second recipe")
            old, new = parent.recipe, found.version.recipe
        else:
            old, new = find_recipe(place, first), find_recipe(place, second)
        changed = diff_recipes(old, new)
    if json:
        print_json({"first": old.sha, "second": new.sha, "files": changed})
        return
    if not changed:
        say("the two recipes are the same text")
    for lines in changed.values():
        for line in lines:
            print_line(line)


@recipe.command("test")
def compare(
    first: VersionArgument,
    second: Annotated[str, typer.Argument(metavar="RECIPE", help="The recipe to compare it with.")],
    sources: SourcesOption = None,
    models: Annotated[str, typer.Option(help="'simulated', or the path of a seats file (TOML).")] = SIMULATED,
    policy: Annotated[
        str | None, typer.Option(help=f"What counts as success: {', '.join(PRESETS)}. Default: the first one's own.")
    ] = None,
    pairs: Annotated[
        int | None, typer.Option(min=1, max=10_000, help="Pairs of outcomes. Default: every source once.")
    ] = None,
    max_rounds: Annotated[int, typer.Option(min=1, max=100, help="Rounds a source may take.")] = 4,
    limit: Annotated[int | None, typer.Option(min=1, help="Use at most this many sources.")] = None,
    passage_words: Annotated[int, typer.Option(min=50, help="Split documents into passages of about this size.")] = 700,
    seed: Annotated[int, typer.Option(help="Seed of both recipes' runs.")] = 0,
    slots: Annotated[int, typer.Option(min=1, max=4096, help="Calls in flight at once.")] = 32,
    budget_calls: SearchBudget = None,
    budget_cost: BudgetCost = None,
    home: HomeOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Compare two recipes on the same sources with the same seeds. `autodata optimize resume` goes on with one.

    Example: autodata recipe test cs 3fa91c04 --sources samples/cs
    """
    with report_errors(json):
        if not sources:
            raise BadInput("no sources given; point at documents or folders with --sources PATH")
        place = open_home(home)
        both = find_recipe(place, first), find_recipe(place, second)
        loaded = load_sources(sources, passage_words=passage_words, limit=limit)
        settings = parse_optimize_settings(
            {
                "domain": both[0].name,
                "policy": make_policy(policy or both[0].limits.flow.policy),
                "seats": load_seats(models),
                "iterations": 0,
                "workers": 1,
                "max_rounds": max_rounds,
                "confirm_pairs": pairs or len(loaded.sources),
                "seed": seed,
                "slots": slots,
                "budget_calls": budget_calls or None,
                "budget_cost": budget_cost or None,
                "inputs": tuple(str(path) for path in sources),
            }
        )
        execute(place, create_test(place, settings, both, loaded), json=json, quiet=quiet)


@recipe.command("fork")
def fork(
    version: VersionArgument,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The new domain's name, e.g. cs-mine.")],
    title: Annotated[str, typer.Option(help="What pages call it; default: NAME.")] = "",
    home: HomeOption = None,
) -> None:
    """Copy a version into the home under a name of its own, to be edited by hand, tested, or searched on from.

    Example: autodata recipe fork 3fa91c04 cs-mine
    """
    with report_errors():
        place = open_home(home)
        folder = copy_recipe(find_recipe(place, version), name, title or name.capitalize(), place.recipes)
    say(f"{folder} is yours to edit. Compare it with `autodata recipe test {name} {version} --sources PATH`.")


@recipe.command("promote")
def promote(
    version: Annotated[str, typer.Argument(metavar="HASH", help="Start of a candidate's hash.")],
    reviewer: Annotated[str, typer.Option(help="Who promotes.")] = "",
    reason: Annotated[str, typer.Option(help="What you saw that speaks for it.")] = "",
    search: Annotated[str | None, typer.Option(help="The search it is part of, where several hold it.")] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Also when the present default was changed by somebody else.")
    ] = False,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Make a candidate the default of its domain: runs of your home use it from now on. That takes a lead.

    Example: autodata recipe promote 3fa91c04 --reviewer Ada --reason "read ten tasks of both"
    """
    with report_errors(json):
        place = open_home(home)
        done = promote_version(place, version, reviewer=reviewer, reason=reason, search=search, replace=replace)
        figures: dict[str, Any] = describe_version_figures(find_version(place, done.version, done.search).version)
    say(f"{done.version[:8]} is the default recipe of {done.domain}; it lies in {done.folder}")
    if done.replaced:
        say(f"it replaces {done.replaced[:8]}, whose text stays in the journal of search {done.search}")
    if figures["third"]["share"] is None:
        say("it was never measured on the third set; what it was kept by flatters it", "yellow")
    if json:
        print_json(
            {"version": done.version, "domain": done.domain, "folder": str(done.folder), "replaced": done.replaced}
        )


def print_line(line: str) -> None:
    """A line of a difference, as text, in the colour of what it does."""
    style = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
    say(line, style)
