"""Commands that audit a run: what its records prove or suggest, what fresh answers measure, and the anchors for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from autodata import audits
from autodata.audit.fresh.engine import AuditEnd, AuditProgress
from autodata.audit.fresh.stored import load_audit
from autodata.audit.plans import PLANS, choose_plan
from autodata.audits import AuditOrder
from autodata.audits.report import AuditReport, report_audit
from autodata.cli import anchoring
from autodata.cli.audit_output import describe_report, print_draft, print_report
from autodata.cli.options import (
    BudgetCalls,
    BudgetCost,
    BudgetTokens,
    HomeOption,
    JsonOption,
    QuietOption,
    RunArgument,
)
from autodata.cli.output import BAD_INPUT, FINDING, STOPPED, console, print_json, report_errors, say
from autodata.errors import BadInput, JournalDamaged
from autodata.home import Home, open_home
from autodata.journal import verify_journal
from autodata.llm.seat import SIMULATED
from autodata.recorder import Budget, Recorder

ModelsOption = Annotated[
    str | None,
    typer.Option(help=f"Seats of auditor_judge, auditor_writer and peer: a TOML file, or '{SIMULATED}'."),
]
SeedOption = Annotated[int, typer.Option(help="Another seed asks for other answers.")]
SlotsOption = Annotated[int, typer.Option(min=1, max=4096, help="Calls in flight at once.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask before calling models.")]
ResumeOption = Annotated[bool, typer.Option("--resume", help="Go on with the audit that was stopped.")]


def add_commands(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.command()(audit)
    app.command()(certify)
    anchoring.add_commands(app)


def audit(
    run: RunArgument,
    plan: Annotated[str, typer.Option(help=f"{', '.join(PLANS)}; static asks no model.")] = "static",
    everything: Annotated[bool, typer.Option("--all", help="Show rejected tasks, too.")] = False,
    task: Annotated[list[str] | None, typer.Option(help="This task alone; may be repeated.")] = None,
    check: Annotated[list[str] | None, typer.Option(help="This check alone, e.g. K7; may be repeated.")] = None,
    models: ModelsOption = None,
    budget_calls: BudgetCalls = None,
    budget_tokens: BudgetTokens = None,
    budget_cost: BudgetCost = None,
    seed: SeedOption = 0,
    slots: SlotsOption = 32,
    resume: ResumeOption = False,
    yes: YesOption = False,
    home: HomeOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Look for what is wrong with a run's accepted tasks: in its journal, and with a plan on fresh answers too.

    Ctrl+C finishes the calls in flight and stops; --resume goes on, even after kill -9. Exit code 1 when a task, or the
    run as a whole, has a violation or a flag.

    Example: autodata audit cs-0001 --plan medium
    """
    with report_errors(json):
        place, budget = open_home(home), Budget(budget_calls or None, budget_tokens or None, budget_cost or None)
        if resume:
            if task or check or models or plan != "static" or seed:
                raise BadInput(
                    "--resume goes on with the audit as it was started; leave out plan, tasks, checks, models"
                )
            given = (budget_calls, budget_tokens, budget_cost)
            _work(place, run, _renew(place, run, *given), everything=everything, json=json, quiet=quiet)
            return
        if not choose_plan(plan).calls and not check:
            _report(place, run, None, everything=everything, json=json, quiet=quiet, only=tuple(task or ()))
            return
        tasks, checks = tuple(task or ()), tuple(check or ())
        order = AuditOrder(run, plan, tasks, checks, None, models, seed, slots, budget=budget)
        _start(place, order, yes=yes or json, everything=everything, json=json, quiet=quiet)


def certify(
    run: RunArgument,
    task: Annotated[list[str] | None, typer.Argument(metavar="[TASK…]", help="All accepted tasks without any.")] = None,
    rollouts: Annotated[
        int, typer.Option(min=3, max=12, help="Fresh answers a side at most; fewer where fewer decide.")
    ] = 12,
    models: ModelsOption = None,
    budget_calls: BudgetCalls = None,
    budget_tokens: BudgetTokens = None,
    budget_cost: BudgetCost = None,
    seed: SeedOption = 0,
    slots: SlotsOption = 32,
    yes: YesOption = False,
    home: HomeOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Measure gaps on fresh answers to neutral requests, graded by a blind judge.

    Example: autodata certify cs-0001 --rollouts 8
    """
    with report_errors(json):
        budget = Budget(budget_calls or None, budget_tokens or None, budget_cost or None)
        order = AuditOrder(run, "default", tuple(task or ()), ("K1",), rollouts, models, seed, slots, budget=budget)
        _start(open_home(home), order, yes=yes or json, everything=False, json=json, quiet=quiet)


def _start(place: Home, order: AuditOrder, *, yes: bool, everything: bool, json: bool, quiet: bool) -> None:
    draft = audits.draft_audit(place, order)
    print_draft(draft)
    if not yes and not _agrees():
        say("Nothing was asked.")
        return
    audit_id = audits.create_audit(place, draft)
    _work(place, order.run_id, None, everything=everything, json=json, quiet=quiet, audit_id=audit_id)


def _agrees() -> bool:
    try:
        return typer.confirm("Start?", default=True, err=True)
    except typer.Abort:
        raise BadInput("nobody answered whether to start; give --yes to start without being asked") from None


def _renew(place: Home, run: str, calls: int | None, tokens: int | None, cost: float | None) -> Budget:
    """The audit's budget with what is given anew; 0 takes a limit away."""
    path = audits.find_audit(place, run)
    chain = verify_journal(path)
    if not chain.ok:
        raise JournalDamaged(chain.problems[0])
    budget = load_audit(path).budget
    if calls is not None:
        budget = replace(budget, max_calls=calls or None)
    if tokens is not None:
        budget = replace(budget, max_tokens=tokens or None)
    return budget if cost is None else replace(budget, max_cost=cost or None)


def _work(
    place: Home,
    run: str,
    budget: Budget | None,
    *,
    everything: bool,
    json: bool,
    quiet: bool,
    audit_id: str | None = None,
) -> None:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console, disable=quiet, transient=True) as bar:
        line = bar.add_task(run)

        def show(progress: AuditProgress, recorder: Recorder) -> None:
            text = f"{run}  {progress.stage}  {progress.outcomes['found']} found  {recorder.calls:,} calls"
            bar.update(line, total=progress.jobs, completed=progress.done, description=text)

        end = audits.execute_audit(place, run, show, budget, audit_id=audit_id)
    _report(place, run, end, everything=everything, json=json, quiet=quiet)


def _report(
    place: Home,
    run: str,
    end: AuditEnd | None,
    *,
    everything: bool,
    json: bool,
    quiet: bool,
    only: tuple[str, ...] = (),
) -> None:
    """Print what is known now, of the tasks `only` where any are named, and leave with the exit code that tells it."""
    report = report_audit(place, run, everything=everything)
    if only:
        report = _narrow(report, run, only)
    calls = end.totals["calls"] if end else 0
    if not quiet:
        print_report(report, calls, everything)
    if end and end.state != "done":
        say(f"the audit {end.state}: {end.reason} Go on with `autodata audit {run} --resume`.", "yellow")
    if json:
        print_json({"run_id": run, **_describe_end(place, run, end), **describe_report(report), "calls": calls})
    if end and end.state == "failed":
        raise typer.Exit(BAD_INPUT)
    if end and end.state != "done":
        raise typer.Exit(STOPPED)
    if report.found:
        raise typer.Exit(FINDING)
    if end and report.failed:
        # Nothing was found, but not everything could be looked at: no script may take this for clean.
        raise typer.Exit(STOPPED)


def _narrow(report: AuditReport, run: str, only: tuple[str, ...]) -> AuditReport:
    """The named tasks alone; their ranks stay those among all tasks."""
    known = {task.task.id for task in report.tasks}
    for task_id in only:
        if task_id not in known:
            raise BadInput(f"task {task_id!r} is not an accepted task of run {run}; --all takes rejected ones too")
    return replace(report, tasks=tuple(task for task in report.tasks if task.task.id in only))


def _describe_end(place: Home, run: str, end: AuditEnd | None) -> dict[str, Any]:
    if end is None:
        return {"plan": "static"}
    stored = load_audit(audits.find_audit(place, run))
    return {
        "plan": stored.plan.name,
        "audit_id": stored.audit_id,
        "state": end.state,
        "reason": end.reason,
        "totals": end.totals,
        "warnings": list(stored.warnings),
    }
