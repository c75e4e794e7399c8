"""Commands on recipes: list the domains there are, copy one to start from, check an edited one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autodata.cli.options import HomeOption, JsonOption
from autodata.cli.output import FINDING, print_json, print_table, report_errors, say
from autodata.errors import BadInput
from autodata.home import open_home
from autodata.recipes.copying import copy_recipe
from autodata.recipes.recipe import Recipe, list_domains, load_recipe

recipes = typer.Typer(no_args_is_help=True, help="The domains: prompts and limits, in folders of plain text.")


def add_commands(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.add_typer(recipes, name="recipes")


@recipes.command("list")
def list_recipes(home: HomeOption = None, json: JsonOption = False) -> None:
    """List the shipped domains and those of the home. One of the home hides a shipped one of its name.

    Exit code 1 when one of them cannot be run, with the reason.
    """
    with report_errors(json):
        own = open_home(home).recipes
        found, broken = _read_all(own)
    rows = [
        [
            recipe.name,
            recipe.limits.title,
            recipe.limits.flow.policy,
            ", ".join(recipe.limits.flow.agents),
            recipe.sha[:8],
        ]
        for recipe in found
    ]
    if json:
        keys = ("name", "title", "policy", "agents", "sha")
        print_json({"recipes": [dict(zip(keys, row, strict=True)) for row in rows], "own": str(own), "broken": broken})
    else:
        print_table(f"Your own lie in {own}", ["Domain", "Title", "Rule", "Agents", "Version"], rows)
        for name, problem in broken.items():
            say(f"{name} cannot be run: {problem}", "red")
    if broken:
        raise typer.Exit(FINDING)


@recipes.command("copy")
def copy(
    domain: Annotated[str, typer.Argument(metavar="DOMAIN", help="The recipe to start from, e.g. cs.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="The new domain's name, e.g. biology.")],
    title: Annotated[str, typer.Option(help="What pages call it; default: NAME.")] = "",
    home: HomeOption = None,
) -> None:
    """Copy a recipe into the home under a new name, to be edited as text.

    Example: autodata recipes copy cs biology --title "Biology papers"
    """
    with report_errors():
        place = open_home(home)
        folder = copy_recipe(load_recipe(domain, place.recipes), name, title or name.capitalize(), place.recipes)
    say(f"{folder} is yours to edit. Check it with `autodata recipes check {name}`, run it with --domain {name}.")


@recipes.command("check")
def check(
    domain: Annotated[str, typer.Argument(metavar="DOMAIN", help="A domain, or the path of a recipe's folder.")],
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Read a recipe as a run would: files, limits, placeholders, policy. Says what is wrong and where."""
    with report_errors(json):
        recipe = load_recipe(domain, open_home(home).recipes)
    if json:
        print_json({"name": recipe.name, "sha": recipe.sha, "flow": recipe.limits.flow.model_dump()})
    else:
        say(f"{recipe.name} ({recipe.limits.title}) can be run: version {recipe.sha[:8]}, {len(recipe.files)} files")


def _read_all(own: Path) -> tuple[list[Recipe], dict[str, str]]:
    """The recipes that can be run, and what is wrong with each of the others, by name."""
    found: list[Recipe] = []
    broken: dict[str, str] = {}
    for name in list_domains(own):
        try:
            found.append(load_recipe(name, own))
        except BadInput as error:
            broken[name] = str(error)
    return found, broken
