"""Commands on anchors: secret tasks with known weak scores, with which an audit tests a run's weak request."""

from __future__ import annotations

from typing import Annotated

import typer

from autodata.audit.fresh.anchors import USUAL, find_anchors_file, read_anchors
from autodata.audits.anchoring import CALLS, make_anchors
from autodata.cli.options import BudgetCalls, BudgetCost, BudgetTokens, HomeOption, JsonOption, RunArgument
from autodata.cli.output import STOPPED, format_score, print_json, print_table, report_errors, say
from autodata.errors import BadInput
from autodata.home import open_home
from autodata.recorder import Budget


def add_commands(app: typer.Typer) -> None:
    """Register this module's commands."""
    group = typer.Typer(no_args_is_help=True, help="Secret tasks with known weak scores, for audits (K4).")
    group.command("make")(make)
    group.command("list")(show)
    app.add_typer(group, name="anchors")


def make(
    run: RunArgument,
    count: Annotated[int, typer.Option(min=1, max=200, help="Anchors to add.")] = USUAL,
    models: Annotated[str | None, typer.Option(help="Seats file with the auditor judge, or 'simulated'.")] = None,
    seed: Annotated[int, typer.Option(help="Another seed asks for other answers.")] = 0,
    slots: Annotated[int, typer.Option(min=1, max=4096, help="Calls in flight at once.")] = 32,
    budget_calls: BudgetCalls = None,
    budget_tokens: BudgetTokens = None,
    budget_cost: BudgetCost = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before calling models.")] = False,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Measure tasks of a run until enough have a weak score that leaves room to fall: 0.40 to 0.80.

    Take another run than the one you will audit. Run it again to go on where it was stopped.

    Example: autodata anchors make cs-0001 --count 12
    """
    with report_errors(json):
        say(f"{CALLS} calls for each task that is tried, {count * CALLS:,} at least for {count:,} anchors")
        if not yes and not json:
            try:
                typer.confirm("Start?", default=True, abort=True, err=True)
            except typer.Abort:
                raise BadInput("nothing was asked; give --yes to start without being asked") from None
        budget = Budget(budget_calls or None, budget_tokens or None, budget_cost or None)
        made = make_anchors(open_home(home), run, count, models=models, seed=seed, slots=slots, budget=budget)
        say(f"{len(made.added):,} anchors added, {len(made.refused):,} tasks are none. {made.calls:,} calls were made.")
        if made.stopped:
            say(made.stopped, "yellow")
        if json:
            added = [{"task_id": a.task.id, "topic": a.topic, "baseline": a.baseline} for a in made.added]
            figures = {"added": added, "refused": made.refused, "calls": made.calls, "stopped": made.stopped}
            print_json(figures)
    if made.stopped:
        raise typer.Exit(STOPPED)


def show(home: HomeOption = None, json: JsonOption = False) -> None:
    """List the anchors there are. Keep them from agents: a known anchor tests nothing."""
    with report_errors(json):
        anchors = read_anchors(find_anchors_file(open_home(home)))
        rows = [[a.task.id, a.topic, format_score(a.baseline), a.rollouts, a.model, a.judge, a.run_id] for a in anchors]
        if rows:
            columns = ["Task", "Topic", "Weak score", "Answers", "Weak model", "Judge", "Run"]
            print_table("", columns, rows, numbers={"Weak score", "Answers"})
        else:
            say("There are no anchors yet; make some with `autodata anchors make RUN`.")
        if json:
            print_json(
                {
                    "anchors": [
                        {"task_id": a.task.id, "topic": a.topic, "baseline": a.baseline, "model": a.model}
                        | {"judge": a.judge, "run_id": a.run_id, "answers": a.rollouts}
                        for a in anchors
                    ]
                }
            )
