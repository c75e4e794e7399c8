"""Commands on searches for better recipes: optimize, and its resume, status, pause and stop."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from autodata.cli.options import BudgetCost, BudgetTokens, HomeOption, JsonOption, QuietOption
from autodata.cli.output import BAD_INPUT, FINDING, STOPPED, console, print_json, print_table, report_errors, say
from autodata.cli.search_output import print_search
from autodata.cli.seat_test import require_answers
from autodata.errors import AutodataError, BadInput
from autodata.home import Home, open_home
from autodata.llm.seat import SIMULATED, check_roles, load_seats
from autodata.optimize import processes
from autodata.optimize.keep import KeepSettings
from autodata.optimize.optimizer import SearchEnd, SearchProgress
from autodata.optimize.report import describe_search
from autodata.optimize.search import Search
from autodata.optimize.selection import TEMPERATURE
from autodata.optimize.settings import parse_optimize_settings
from autodata.optimize.stored import list_searches, load_search
from autodata.policy import PRESETS, make_policy
from autodata.recipes.recipe import load_recipe
from autodata.recorder import Budget
from autodata.settings import COUNT_MAX
from autodata.sources import load_sources

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Name of a search, e.g. cs-search-0001.")]
SearchBudget = Annotated[
    int | None,
    typer.Option("--budget", "--budget-calls", min=0, max=COUNT_MAX, help="Pause after so many calls; 0 for no limit."),
]
SourcesOption = Annotated[
    list[Path] | None, typer.Option("--sources", metavar="PATH", help="Documents or folders; may be repeated.")
]
DEFAULTS = KeepSettings()

optimize = typer.Typer(
    invoke_without_command=True,
    help="Let recipes improve themselves: an analyst reads failures, an editor rewrites, a paired test decides.",
)


def add_commands(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.add_typer(optimize, name="optimize")


@optimize.callback()
def start(
    context: typer.Context,
    sources: SourcesOption = None,
    models: Annotated[str, typer.Option(help="'simulated', or the path of a seats file (TOML).")] = SIMULATED,
    domain: Annotated[str, typer.Option(help="Recipe to begin with: a domain, one of your home, or a folder.")] = "cs",
    policy: Annotated[
        str | None, typer.Option(help=f"What counts as success: {', '.join(PRESETS)}. Default: the domain's own.")
    ] = None,
    iterations: Annotated[int, typer.Option(min=1, max=100_000, help="Iterations in all.")] = 30,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Iterations under way at once.")] = 2,
    max_rounds: Annotated[int, typer.Option(min=1, max=100, help="Rounds a source may take.")] = 4,
    minibatch: Annotated[int, typer.Option(min=1, max=100, help="Training sources an analysis reads.")] = 6,
    pairs: Annotated[
        int, typer.Option(min=10, max=10_000, help="Pairs of held-out outcomes a comparison may take.")
    ] = DEFAULTS.pairs_max,
    block: Annotated[int, typer.Option(min=1, max=1000, help="Pairs between two looks at the keep rule.")] = 10,
    false_keep: Annotated[
        float, typer.Option(min=0.001, max=0.5, help="How often a change without effect may be kept.")
    ] = DEFAULTS.false_keep,
    temperature: Annotated[
        float, typer.Option(min=0, max=100, help="Of the choice of parents; 0 always takes the best.")
    ] = TEMPERATURE,
    certify: Annotated[
        int, typer.Option(min=0, max=1000, help="Accepted tasks of a kept recipe whose gaps are measured again.")
    ] = 12,
    confirm: Annotated[
        int, typer.Option(min=0, max=10_000, help="Pairs of the third set for the winner; 0 confirms nothing.")
    ] = 60,
    limit: Annotated[int | None, typer.Option(min=3, help="Use at most this many sources.")] = None,
    passage_words: Annotated[int, typer.Option(min=50, help="Split documents into passages of about this size.")] = 700,
    seed: Annotated[int, typer.Option(help="Seed of the split, of all choices and of all runs.")] = 0,
    slots: Annotated[int, typer.Option(min=1, max=4096, help="Calls in flight at once.")] = 32,
    budget_calls: SearchBudget = None,
    budget_tokens: BudgetTokens = None,
    budget_cost: BudgetCost = None,
    name: Annotated[str | None, typer.Option(help="Name of the search; default: the domain and a number.")] = None,
    test_first: Annotated[bool, typer.Option(help="Test real seats with one small call each before the start.")] = True,
    home: HomeOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Search for a better recipe and work on it until its iterations are used up.

    Ctrl+C finishes the calls in flight and stops; `autodata optimize resume NAME` goes on, even after kill -9. What is
    kept is a candidate: `autodata recipe promote` is a person's. Exit code 1 when acceptance rose while gaps held less
    often on fresh answers.

    Example: autodata optimize --sources samples/cs --iterations 10
    """
    if context.invoked_subcommand is not None:
        with report_errors(json):
            _refuse_options(context)
        return
    with report_errors(json):
        if not sources:
            raise BadInput("no sources given; point at documents or folders with --sources PATH")
        place = open_home(home)
        recipe = load_recipe(domain, place.recipes)
        settings = parse_optimize_settings(
            {
                "domain": recipe.name,
                "policy": make_policy(policy or recipe.limits.flow.policy),
                "seats": load_seats(models),
                "iterations": iterations,
                "workers": workers,
                "max_rounds": max_rounds,
                "minibatch": minibatch,
                "block": block,
                "keep": KeepSettings(false_keep=false_keep, pairs_max=pairs, pairs_min=min(DEFAULTS.pairs_min, pairs)),
                "temperature": temperature,
                "certify_tasks": certify,
                "confirm_pairs": confirm,
                "seed": seed,
                "slots": slots,
                "budget_calls": budget_calls or None,
                "budget_tokens": budget_tokens or None,
                "budget_cost": budget_cost or None,
                "inputs": tuple(str(path) for path in sources),
            }
        )
        loaded = load_sources(sources, passage_words=passage_words, limit=limit)
        for skip in loaded.skipped:
            say(f"skipped {skip.name}: {skip.reason}", "yellow")
        for warning in check_roles(settings.seats):
            say(f"warning: {warning}", "yellow")
        if test_first:
            require_answers(place, settings.seats)
        claimed = processes.create_search(place, settings, recipe, loaded, name)
        execute(place, claimed, json=json, quiet=quiet)


@optimize.command()
def resume(
    name: NameArgument,
    iterations: Annotated[int | None, typer.Option(min=1, max=100_000, help="Iterations in all from now on.")] = None,
    budget_calls: SearchBudget = None,
    budget_tokens: BudgetTokens = None,
    budget_cost: BudgetCost = None,
    home: HomeOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Go on with a search that was paused, stopped or killed, or give one that is done more iterations.

    Nothing that is recorded is repeated.
    """
    with report_errors(json):
        place = open_home(home)
        budget = load_search(place, name).budget
        terms = Budget(
            budget.max_calls if budget_calls is None else budget_calls or None,
            budget.max_tokens if budget_tokens is None else budget_tokens or None,
            budget.max_cost if budget_cost is None else budget_cost or None,
        )
        execute(place, name, json=json, quiet=quiet, budget=terms, iterations=iterations)


@optimize.command()
def status(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="A search; without it, all of them.")] = None,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """What a search has reached, from its journal; works while it runs."""
    with report_errors(json):
        place = open_home(home)
        if name is None:
            _print_all(place, json)
            return
        figures = _describe(place, name)
        print_search(figures)
        if json:
            print_json(figures)


@optimize.command()
def pause(name: NameArgument, home: HomeOption = None) -> None:
    """Ask a working search to pause: it finishes the calls in flight and ends; resume goes on."""
    _ask(name, home, "pause")


@optimize.command()
def stop(name: NameArgument, home: HomeOption = None) -> None:
    """Ask a working search to stop: it finishes the calls in flight and ends; resume goes on."""
    _ask(name, home, "stop")


def _refuse_options(context: typer.Context) -> None:
    """Options of a start stand before no other command: they would be dropped silently, a home among them."""
    for name in context.params:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            option = name.replace("_", "-")
            raise BadInput(
                f"--{option} stands before {context.invoked_subcommand}; give it after that, or leave it out"
            )


def execute(
    place: Home,
    name: str,
    *,
    json: bool,
    quiet: bool,
    budget: Budget | None = None,
    iterations: int | None = None,
) -> None:
    """Work on a search with a progress line, print what it reached, and leave with the exit code that tells it."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console, disable=quiet, transient=True) as bar:
        line = bar.add_task(name)

        def show(progress: SearchProgress, search: Search) -> None:
            text = f"{name}  {progress.ends['kept']} kept  {search.ledger.total().calls:,} calls  {progress.stage}"
            bar.update(line, total=progress.iterations, completed=progress.done, description=text)

        end = processes.execute_search(place, name, show, budget, iterations)
    figures = {**_describe(place, name), **_describe_end(end)}
    if not quiet:
        print_search(figures)
    if json:
        print_json(figures)
    if end.state == "failed":
        raise typer.Exit(BAD_INPUT)
    if end.state == "alarmed":
        raise typer.Exit(FINDING)
    if end.state != "done":
        raise typer.Exit(STOPPED)


def _describe_end(end: SearchEnd) -> dict[str, Any]:
    return {"state": end.state, "reason": end.reason}


def _describe(place: Home, name: str) -> dict[str, Any]:
    figures = describe_search(load_search(place, name))
    if figures["state"] == "open":
        figures["state"] = "running" if processes.is_alive(place, name) else "interrupted"
    return figures


def _print_all(place: Home, json: bool) -> None:
    rows, found, broken = [], [], {}
    for name in list_searches(place):
        try:
            own = _describe(place, name)
        except AutodataError as error:
            broken[name] = str(error)
            continue
        found.append(own)
        kept = own["ended"].get("kept", 0)
        rows.append([name, own["domain"], own["state"], sum(own["ended"].values()), kept, f"{own['calls']:,}"])
    if json:
        print_json({"searches": found, "broken": broken})
        return
    columns = ["Search", "Domain", "State", "Iterations", "Kept", "Calls"]
    if rows:
        print_table("", columns, rows, numbers=("Iterations", "Kept", "Calls"))
    elif not broken:
        say("No search yet. `autodata optimize --sources samples/cs` starts one with the simulated models.")
    for name, problem in broken.items():
        say(f"{name} cannot be read: {problem}", "red")


def _ask(name: str, home: Path | None, request: str) -> None:
    with report_errors():
        place = open_home(home)
        load_search(place, name)
        if not processes.is_alive(place, name):
            raise BadInput(f"search {name} is not running, so it cannot be asked to {request}")
        processes.request_search(place, name, request)
        say(f"{name} was asked to {request}; it finishes the calls in flight first.")
