"""The command that audits a run: what its records prove or suggest about every task, without asking any model."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from autodata.audit.reading import read_run
from autodata.audit.run_audit import RunAudit, TaskAudit, audit_run
from autodata.cli.options import HomeOption, JsonOption, RunArgument
from autodata.cli.output import FINDING, format_gap, print_json, print_table, report_errors, say
from autodata.home import open_home
from autodata.stored_run import find_journal

SHOWN = 20
"""Sentences on the terminal; all of them are in the JSON."""

Plan = Literal["static"]


def add_commands(app: typer.Typer) -> None:
    """Register this module's command."""
    app.command()(audit)


def audit(
    run: RunArgument,
    everything: Annotated[bool, typer.Option("--all", help="Rejected tasks, too.")] = False,
    plan: Annotated[Plan, typer.Option(help="What to check: static asks no model.")] = "static",
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Look for what is wrong with a run's accepted tasks, from its journal alone. No model is called.

    Gaps are not certified: that takes fresh answers. Exit code 1 when a task has a violation or a flag.

    Example: autodata audit cs-0001
    """
    with report_errors(json):
        path = find_journal(open_home(home), run)
        result = audit_run(read_run(path, everything=everything))
        _print_tasks(result)
        _print_words(result, everything)
        if json:
            print_json({"run_id": run, "plan": plan, **describe_audit(result)})
    if result.found:
        raise typer.Exit(FINDING)


def describe_audit(result: RunAudit) -> dict[str, Any]:
    """The audit as plain values. `suspicion` is null: it takes a calibration set."""
    return {
        "certified": False,
        "simulated": result.facts.simulated,
        "imported": result.facts.imported,
        "journal": {"intact": result.facts.chain.intact, "problem": result.facts.chain.problem},
        "calls": 0,
        "tasks": [_describe_task(task) for task in result.tasks],
    }


def _describe_task(task: TaskAudit) -> dict[str, Any]:
    verdict = task.verdict
    return {
        "task_id": task.task.id,
        "source": task.task.source_id,
        "round": task.task.round,
        "question": task.task.question,
        "outcome": task.outcome,
        "gap": task.claim.gap,
        "integrity": verdict.integrity,
        "difficulty": verdict.difficulty,
        "validity": verdict.validity,
        "cause": verdict.cause,
        "action": verdict.action,
        "suspicion": None,
        "luck_risk": task.luck.risk if task.luck else None,
        "findings": [
            {"detector": f.detector, "severity": f.severity, "cause": f.named_cause, "sentence": f.sentence}
            for f in task.findings
        ],
        "not_recorded": {name: list(missing) for name, missing in task.lacking.items()},
        "not_checked": list(verdict.unchecked),
        "sentence": task.sentence,
    }


def _print_tasks(result: RunAudit) -> None:
    if not result.tasks:
        return
    rows = [
        [
            task.task.id,
            format_gap(task.claim.gap),
            task.verdict.integrity.replace("_", " "),
            "not certified",
            task.verdict.validity,
            f"{task.worst.detector} {task.worst.severity}: {task.worst.sentence}" if task.worst else "nothing found",
        ]
        for task in result.tasks
    ]
    columns = ["Task", "Gap", "Integrity", "Difficulty", "Validity", "Finding"]
    print_table("", columns, rows, numbers={"Gap"})


def _print_words(result: RunAudit, everything: bool) -> None:
    """Sentences of the tasks with findings, then what this audit is not."""
    found = [task for task in result.tasks if task.found]
    for task in found[:SHOWN]:
        say(task.sentence)
    if len(found) > SHOWN:
        say(f"{len(found) - SHOWN:,} more tasks have findings; --json holds every sentence.")
    if result.facts.chain.problem:
        say(result.facts.chain.problem, "red")
    which = "" if everything else "accepted "
    kind = "task" if len(result.tasks) == 1 else "tasks"
    say(f"{len(result.tasks):,} {which}{kind}, {len(found):,} with findings. No model was called.")
    incomplete = sum(1 for task in result.tasks if task.verdict.not_recorded)
    if incomplete:
        lack = "1 task lacks" if incomplete == 1 else f"{incomplete:,} tasks lack"
        say(f"{lack} records that a check needs, so nothing found there does not mean clean.")
    say("Gaps are not certified: nothing here measured them on fresh answers.", "yellow")
    if result.facts.simulated:
        say("Simulated: these answers come from the built-in models, not from real ones.")
