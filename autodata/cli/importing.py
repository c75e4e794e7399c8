"""Commands on trajectories: import those of other systems, write a run's own as lines anybody can read."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from autodata import runs
from autodata.cli.options import HomeOption, JsonOption, RunArgument
from autodata.cli.output import print_json, print_table, report_errors, say
from autodata.errors import BadInput
from autodata.home import open_home
from autodata.importing.detect import AUTO, FORMATS
from autodata.importing.render import render_run
from autodata.importing.report import ImportReport
from autodata.importing.store import import_path

SHOWN = 20
"""Rows of a table of findings; all of them are in the JSON and on the run's page."""


def add_commands(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.command("import")(import_trajectories)
    app.command("trajectories")(write_trajectories)


def import_trajectories(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A file, or the folder of a run.")],
    format_name: Annotated[str, typer.Option("--format", help=f"{AUTO}, {', '.join(FORMATS)}.")] = AUTO,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would come, write nothing.")] = False,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Make trajectories of another system an ordinary run: to browse, audit, review and export.

    The same content twice is the same run. What the source never recorded is shown as not recorded.

    Example: autodata import outputs/mock-demo/run.db
    """
    with report_errors(json):
        report = import_path(open_home(home), path, format_name, dry_run=dry_run)
        _print_report(report)
        if json:
            print_json(report.figures)


def write_trajectories(
    run: RunArgument,
    output: Annotated[Path | None, typer.Option("--output", help="A new file; without it, stdout.")] = None,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Write a run as JSON lines (autodata-trajectory/1), one per source, which `autodata import` reads back."""
    with report_errors(json):
        if json and output is None:
            raise BadInput("--json needs --output FILE, because the lines themselves go to stdout")
        lines = render_run(runs.find_journal(open_home(home), run))
        if output is None:
            for line in lines:
                sys.stdout.write(line.decode())
            return
        count = _write_new(output, lines)
        say(f"{count:,} trajectories of {run} in {output}")
        if json:
            print_json({"run_id": run, "path": str(output), "trajectories": count})


def _write_new(path: Path, lines: Iterable[bytes]) -> int:
    """Write lines into a file that must not be there yet; what an error leaves half-written is taken away."""
    try:
        file = path.open("xb")
    except FileExistsError:
        raise BadInput(f"{path} is there already; name another file with --output") from None
    try:
        count = 0
        with file:
            for line in lines:
                file.write(line)
                count += 1
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return count


def _print_report(report: ImportReport) -> None:
    say(report.sentence)
    for warning in report.warnings:
        say(f"warning: {warning}", "yellow")
    if report.simulated:
        say("Simulated: its scores come from no real model, as the file itself says.")
    outcomes = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in report.outcomes.items())
    say(f"Rounds: {outcomes}. Sources: {report.accepted} accepted, {report.undecided} undecided.")
    say(f"Not recorded: {', '.join(missing.words for missing in report.missing) or 'nothing is missing'}.")
    if report.differing:
        print_table(
            f"The file says otherwise in {len(report.differing)} of {report.rounds} rounds",
            ["Round", "What differs"],
            [[entry.where, entry.sentence] for entry in report.differing[:SHOWN]],
        )
    if report.unused:
        print_table(
            f"{len(report.unused):,} {'part' if len(report.unused) == 1 else 'parts'} could not be used",
            ["Where", "Why"],
            [[entry.where, entry.reason] for entry in report.unused[:SHOWN]],
        )
    hidden = max(0, len(report.differing) - SHOWN) + max(0, len(report.unused) - SHOWN)
    if hidden:
        say(f"{hidden:,} more; --json has all of them.")
