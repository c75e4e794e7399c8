"""Commands on labels and calibration: what people found, how good the audit is by that, which tasks count as clean."""

from __future__ import annotations

from typing import Annotated

import typer

from autodata.audit.calibration import list_calibrations
from autodata.audit.labelled import measure_labels
from autodata.audit.sampling import RANDOM_SHARE, REVIEW_SEED, draw_audit_sample
from autodata.audits.report import report_audit
from autodata.cli.data import open_reading_index
from autodata.cli.label_output import describe_labels, print_labels
from autodata.cli.options import HomeOption, JsonOption
from autodata.cli.output import print_json, print_table, report_errors, say
from autodata.errors import BadInput
from autodata.home import Home, open_home
from autodata.index.auditing import audit_pending
from autodata.index.queries.measured import list_cleared
from autodata.index.queries.task import load_task
from autodata.review.canaries import list_canaries
from autodata.review.clean_tasks import refresh_calibration
from autodata.review.labels import current_labels, record_label, undo_label
from autodata.stored_run import find_journal

SHOWN = 20
"""Refusals on the terminal; all of them are in the JSON."""

calibration_app = typer.Typer(
    no_args_is_help=True, help="Calibration sets: clean tasks that others are ranked against."
)


def add_commands(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.command()(label)
    app.command()(labels)
    app.add_typer(calibration_app, name="calibration")


def label(
    task: Annotated[str, typer.Argument(metavar="TASK", help="Id of a task.")] = "",
    name: Annotated[
        str,
        typer.Argument(metavar="LABEL", help="sabotage, artefact, luck, invalid, honest-hard or unsure."),
    ] = "",
    reviewer: Annotated[str, typer.Option(help="Who labels.")] = "",
    note: Annotated[str, typer.Option(help="Free text.")] = "",
    blind: Annotated[bool, typer.Option("--blind", help="You have not seen what the audit says of the task.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Take back your latest label instead.")] = False,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Say what you found a task to be. It measures the audit and decides nothing about the task.

    Example: autodata label t95ca692cefe3 honest-hard --reviewer Ada
    """
    with report_errors(json):
        place = open_home(home)
        if undo:
            if task or name:
                raise BadInput("--undo takes back your latest label, whichever it is; leave out task and label")
            result = undo_label(place, reviewer)
        elif not (task and name):
            raise BadInput("a task and a label are needed: autodata label TASK honest-hard --reviewer NAME")
        else:
            with open_reading_index(place) as index:
                detail = load_task(index, task)
            if detail is None:
                raise BadInput(f"task {task!r} does not exist in {place.root}; ids are on the Tasks page")
            detectors, inclusion = find_look(place, detail.run_id, task)
            result = record_label(
                place,
                task_id=task,
                run_id=detail.run_id,
                content_sha=detail.content_sha,
                label=name.strip().casefold().replace("-", "_"),
                reviewer=reviewer,
                note=note,
                blind=blind,
                inclusion=inclusion,
                detectors=detectors,
            )
        say(result.message)
        if json:
            print_json({"label_id": result.label_id, "task_id": result.task_id, "recorded": result.recorded})


def labels(
    run: Annotated[str, typer.Argument(metavar="[RUN]", help="Id of a run; without it, everything.")] = "",
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """How good the audit is by what people labelled: precision of each detector, missed tasks, agreement."""
    with report_errors(json):
        place = open_home(home)
        if run:
            find_journal(place, run)
        with open_reading_index(place) as index:
            audit_pending(index, place)
            cleared = list_cleared(index, run)
        planted = list_canaries(place)
        given = [one for task_id, own in current_labels(place).items() if task_id not in planted for one in own]
        own = [one for one in given if not run or one.run_id == run]
        drawn = draw_audit_sample(cleared, RANDOM_SHARE, REVIEW_SEED)
        report = measure_labels([one.to_value() for one in own], len(cleared), drawn)
        print_labels(report, len(cleared), len(drawn))
        if json:
            print_json({"run_id": run or None, "cleared": len(cleared), "drawn": len(drawn), **describe_labels(report)})


def find_look(home: Home, run_id: str, task_id: str) -> tuple[tuple[str, ...], float | None]:
    """The detectors that flagged a task, and the chance with which it was drawn if it is cleared and was drawn.

    From the run's own journals, so that it is the same while the app holds the index.
    """
    report = report_audit(home, run_id)
    audit = next((task for task in report.tasks if task.task.id == task_id), None)
    if audit is None:
        return (), None
    detectors = dict.fromkeys(finding.detector for finding in audit.findings if finding.severity != "note")
    cleared = [] if detectors or report.ranks[task_id].flagged else [task_id]
    return tuple(detectors), draw_audit_sample(cleared, RANDOM_SHARE, REVIEW_SEED).get(task_id)


@calibration_app.command("list")
def list_sets(home: HomeOption = None, json: JsonOption = False) -> None:
    """The calibration sets, one per domain, solver pair, judge and template."""
    with report_errors(json):
        sets = list_calibrations(open_home(home))
        columns = ["Set", "Domain", "Weak", "Strong", "Clean tasks", "Note"]
        rows = [[s.name, s.stratum.domain, s.stratum.weak, s.stratum.strong, f"{s.tasks:,}", s.note] for s in sets]
        if rows:
            print_table("", columns, rows, numbers={"Clean tasks"})
        else:
            say("No calibration set: tasks are ranked within their run, which is an order and no test.")
        if json:
            print_json(
                {
                    "sets": [
                        {
                            "name": s.name,
                            "domain": s.stratum.domain,
                            "weak": s.stratum.weak,
                            "strong": s.stratum.strong,
                            "judge": s.stratum.judge,
                            "tasks": s.tasks,
                            "grounds": dict(s.grounds),
                            "note": s.note,
                        }
                        for s in sets
                    ]
                }
            )


@calibration_app.command("refresh")
def refresh_sets(
    trusted: Annotated[
        list[str] | None,
        typer.Option("--trusted", metavar="RUN", help="A run of the built-in models whose tasks are all clean."),
    ] = None,
    reviewer: Annotated[str, typer.Option(help="Who trusts these runs.")] = "",
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Take in what people labelled honest-hard or approved blind, and take out what they no longer vouch for."""
    with report_errors(json):
        place = open_home(home)
        with open_reading_index(place) as index:
            audit_pending(index, place)
            done = refresh_calibration(place, index, trusted or (), reviewer)
        for task_id, reason in list(done.refused.items())[:SHOWN]:
            say(f"Refused: {task_id}, {reason}.")
        if len(done.refused) > SHOWN:
            say(f"{len(done.refused) - SHOWN:,} more were refused; --json holds every reason.")
        say(f"{len(done.admitted):,} tasks taken in, {len(done.withdrawn):,} taken out, {len(done.refused):,} refused.")
        if json:
            print_json(
                {
                    "admitted": list(done.admitted),
                    "withdrawn": list(done.withdrawn),
                    "refused": dict(done.refused),
                }
            )
