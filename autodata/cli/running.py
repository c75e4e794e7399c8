"""Commands on runs: run, resume, status, pause, stop."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from autodata import engine, runs
from autodata.cli.options import (
    AddressOption,
    BudgetCalls,
    BudgetCost,
    BudgetTokens,
    ExecutorOption,
    FrugalOption,
    HomeOption,
    JsonOption,
    QuietOption,
    RunArgument,
    StopAfter,
    StopBelow,
    WeakSpreadMin,
    WorkersOption,
)
from autodata.cli.output import BAD_INPUT, FINDING, STOPPED, console, report_errors, say
from autodata.cli.seat_test import require_answers
from autodata.cli.summaries import print_runs, print_summary
from autodata.errors import BadInput
from autodata.estimate import describe_estimate, estimate_run
from autodata.executors.choice import ExecutorChoice, make_choice, reach_executor
from autodata.home import Home, open_home
from autodata.llm.seat import SIMULATED, check_roles, load_seats
from autodata.policy import PRESETS, Policy, make_policy
from autodata.prices import load_prices
from autodata.recipes.recipe import Recipe, check_fit, load_recipe
from autodata.recorder import Recorder
from autodata.settings import SOURCES_PER_SLOT, RunSettings, parse_settings
from autodata.sources import Loaded, load_sources
from autodata.stop_rule import AFTER_SOURCES
from autodata.summary import summarise_run
from autodata.terms import Terms, change_terms, check_prices


def add_commands(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.command("run")(start)
    app.command()(resume)
    app.command()(status)
    app.command()(pause)
    app.command()(stop)


def start(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="Documents or folders of documents.")],
    models: Annotated[str, typer.Option(help="'simulated', or the path of a seats file (TOML).")] = SIMULATED,
    domain: Annotated[str, typer.Option(help="Recipe: a shipped domain, one of your home, or a folder.")] = "cs",
    policy: Annotated[
        str | None, typer.Option(help=f"Acceptance rule: {', '.join(PRESETS)}. Default: the domain's own.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Use at most this many sources.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of all seeds: same seed and run id, same requests.")] = 0,
    baseline: Annotated[
        bool, typer.Option("--baseline", help="One round, both solvers always, nothing accepted.")
    ] = False,
    max_rounds: Annotated[
        int | None, typer.Option(min=1, max=100, help="Rounds per source at most. Default: the domain's own.")
    ] = None,
    rollouts: Annotated[int | None, typer.Option(min=1, max=32, help="Rollouts per solver and round.")] = None,
    weak_spread_min: WeakSpreadMin = None,
    frugal: FrugalOption = "off",
    slots: Annotated[int, typer.Option(min=1, max=4096, help="Calls in flight at once.")] = 32,
    passage_words: Annotated[int, typer.Option(min=50, help="Split documents into passages of about this size.")] = 700,
    budget_calls: BudgetCalls = None,
    budget_tokens: BudgetTokens = None,
    budget_cost: BudgetCost = None,
    stop_below: StopBelow = None,
    stop_after: StopAfter = None,
    final_review: Annotated[bool, typer.Option(help="Ask the verifier once more about a task that passed.")] = True,
    test_first: Annotated[bool, typer.Option(help="Test real seats with one small call each before the start.")] = True,
    executor: ExecutorOption = None,
    address: AddressOption = "",
    workers: WorkersOption = None,
    home: HomeOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Start a run over documents and work on it until it ends.

    Ctrl+C finishes the calls in flight and stops; `autodata resume RUN` goes on where it was, even after kill -9.

    Example: autodata run samples/ --models simulated
    """
    with report_errors(json):
        choice = make_choice(executor or "local", address, workers)
        reach_executor(choice)
        place = open_home(home)
        recipe = load_recipe(domain, place.recipes)
        settings = parse_settings(
            {
                "domain": recipe.name,
                "policy": _choose_policy(policy or recipe.limits.flow.policy, rollouts, weak_spread_min),
                "seats": load_seats(models),
                "max_rounds": max_rounds or recipe.limits.rounds,
                "seed": seed,
                "baseline": baseline,
                "final_review": final_review,
                "frugal": frugal,
                "slots": slots,
                "sources_in_flight": SOURCES_PER_SLOT * slots,
                "budget_calls": budget_calls or None,
                "budget_tokens": budget_tokens or None,
                "budget_cost": budget_cost or None,
                "stop_acceptance_below": stop_below or None,
                "stop_after_sources": stop_after or AFTER_SOURCES,
                "inputs": tuple(str(path) for path in paths),
            }
        )
        check_fit(recipe, settings.policy)
        loaded = load_sources(paths, passage_words=passage_words, limit=limit)
        check_prices(place, settings, recipe, load_prices(place), settings.budget_cost)
        _announce(place, settings, recipe, loaded, quiet)
        if test_first:
            require_answers(place, settings.seats)
        run_id = runs.create_run(place, settings, recipe, loaded, executor=choice)
        _execute(place, run_id, len(loaded.sources), json=json, quiet=quiet)


def resume(
    run: RunArgument,
    budget_calls: BudgetCalls = None,
    budget_tokens: BudgetTokens = None,
    budget_cost: BudgetCost = None,
    stop_below: StopBelow = None,
    stop_after: StopAfter = None,
    executor: ExecutorOption = None,
    address: AddressOption = "",
    workers: WorkersOption = None,
    home: HomeOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Go on with a run that was paused, stopped or killed. Recorded calls are not repeated.

    A run that paused because its budget was spent, or because its acceptance rate was hopeless, goes on with other
    limits, which hold for the whole run. Settings are otherwise frozen. Where it is worked on may change each time.
    """
    with report_errors(json):
        place = open_home(home)
        choice = _choose_executor(executor, address, workers)
        stored = runs.load_run(place, run)
        terms = change_terms(
            stored.terms,
            calls=budget_calls,
            tokens=budget_tokens,
            cost=budget_cost,
            stop_below=stop_below,
            stop_after=stop_after,
        )
        _execute(place, run, len(stored.sources), json=json, quiet=quiet, terms=terms, choice=choice)


def status(
    run: Annotated[str | None, typer.Argument(metavar="[RUN]", help="Id of a run; without it, all runs.")] = None,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """What a run has reached, from its journal; works while it runs and while the app is open."""
    with report_errors(json):
        place = open_home(home)
        if run is None:
            print_runs(place, json)
            return
        summary = summarise_run(runs.find_journal(place, run), run)
        print_summary(place, summary, json=json, quiet=False)


def pause(run: RunArgument, home: HomeOption = None) -> None:
    """Ask a running run to pause: it finishes the calls in flight and ends; resume goes on."""
    _ask(run, home, "pause")


def stop(run: RunArgument, home: HomeOption = None) -> None:
    """Ask a running run to stop: it finishes the calls in flight and ends; resume goes on."""
    _ask(run, home, "stop")


def _choose_executor(kind: str | None, address: str, workers: int | None) -> ExecutorChoice | None:
    """What the options say; None, which is as last time, where they say nothing."""
    if kind is None and not address and workers is None:
        return None
    return make_choice(kind or "ray", address, workers)


def _choose_policy(name: str, rollouts: int | None, weak_spread_min: float | None) -> Policy:
    changes: dict[str, int | float] = {}
    if rollouts is not None:
        changes |= {"weak_rollouts": rollouts, "strong_rollouts": rollouts}
    if weak_spread_min is not None:
        changes["weak_spread_min"] = weak_spread_min
    return make_policy(name, **changes)


def _announce(place: Home, settings: RunSettings, recipe: Recipe, loaded: Loaded, quiet: bool) -> None:
    for skip in loaded.skipped:
        say(f"skipped {skip.name}: {skip.reason}", "yellow")
    for double in loaded.duplicates:
        say(f"{double.name} holds the same text as {double.same_as}; it is one source", "yellow")
    for warning in check_roles(settings.seats):
        say(f"warning: {warning}", "yellow")
    if not quiet and loaded.sources:
        estimate = estimate_run(settings, recipe, loaded.sources, load_prices(place))
        say(f"{len(loaded.sources)} sources, {describe_estimate(estimate)}")
        if estimate.unbounded:
            say(f"without max_tokens the replies of {', '.join(estimate.unbounded)} may be longer than estimated")


def _execute(
    place: Home,
    run_id: str,
    sources: int,
    *,
    json: bool,
    quiet: bool,
    terms: Terms | None = None,
    choice: ExecutorChoice | None = None,
) -> None:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, disable=quiet, transient=True) as bar:
        line = bar.add_task(run_id, total=sources)

        def show(progress: engine.Progress, recorder: Recorder) -> None:
            text = f"{run_id}  {progress.outcomes['accepted']} accepted  {recorder.calls:,} calls"
            bar.update(line, completed=progress.done, description=text)

        budget, stop_rule = (terms.budget, terms.stop_rule) if terms else (None, None)
        end = runs.execute_run(place, run_id, show, budget, stop_rule, choice)
    summary = summarise_run(runs.find_journal(place, run_id), run_id)
    summary = replace(summary, figures={**summary.figures, "state": end.state}, state=end.state, reason=end.reason)
    print_summary(place, summary, json=json, quiet=quiet)
    if end.state == "failed":
        raise typer.Exit(BAD_INPUT)
    if end.state != "done":
        raise typer.Exit(STOPPED)
    if summary.figures["undecided"] == summary.figures["sources"]:
        raise typer.Exit(FINDING)


def _ask(run: str, home: Path | None, request: str) -> None:
    with report_errors():
        place = open_home(home)
        if not runs.is_alive(place, run) and runs.find_journal(place, run):
            raise BadInput(f"run {run} is not running, so it cannot be asked to {request}")
        runs.request_run(place, run, request)
        say(f"{run} was asked to {request}; it finishes the calls in flight first.")
