"""Commands on a home as a whole: doctor, backup, restore, prune."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from autodata.cli.options import HomeOption, JsonOption, QuietOption
from autodata.cli.output import DONE, FINDING, console, print_json, print_table, report_errors, say
from autodata.home import open_home
from autodata.operations.backup import write_backup
from autodata.operations.contents import describe_bytes, describe_count
from autodata.operations.doctor import examine_home
from autodata.operations.prune import list_waste, remove_waste
from autodata.operations.restore import restore_backup

_STYLES = {"ok": None, "look": "yellow", "wrong": "red"}


def add_commands(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.command()(doctor)
    app.command()(backup)
    app.command()(restore)
    app.command()(prune)


def doctor(
    quick: Annotated[bool, typer.Option("--quick", help="Do not check every hash of every journal.")] = False,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Examine machine, home, seats, keys, journals and index; say what to do about each thing that is not well.

    Calls no endpoint (`autodata check` does) and changes nothing. Exit code 1 when something is wrong.
    """
    findings = []
    with report_errors(json):
        for finding in examine_home(open_home(home), journals=not quick):
            findings.append(finding)
            remedy = f". Remedy: {finding.remedy}" if finding.remedy else ""
            say(f"{finding.state:5}  {finding.area}: {finding.sentence}{remedy}", _STYLES[finding.state])
    wrong = sum(finding.state == "wrong" for finding in findings)
    looks = sum(finding.state == "look" for finding in findings)
    say(f"{wrong} wrong, {looks} to look at.", "red" if wrong else None)
    if json:
        values = [{"area": f.area, "state": f.state, "sentence": f.sentence, "remedy": f.remedy} for f in findings]
        print_json({"ok": not wrong, "findings": values})
    raise typer.Exit(FINDING if wrong else DONE)


def backup(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="The archive to write, e.g. backup-1.tar.gz.")],
    home: HomeOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Copy journals, decisions, datasets, recipes and settings into one archive. Works while runs and the app go on.

    Not in it: the index, which is built again from the journals, and keys, which are never stored.
    """
    with report_errors(json), _show_bytes(quiet) as progress:
        bar = progress.add_task("copying", total=None)
        report = write_backup(
            open_home(home), target, lambda done, total: progress.update(bar, completed=done, total=total)
        )
    say(
        f"{report.path} ({describe_bytes(report.size)}) holds {describe_count(report.files, 'file')} of "
        f"{describe_bytes(report.bytes)}, {describe_count(report.journals, 'journal')} among them."
    )
    if json:
        print_json(
            {
                "path": str(report.path),
                "files": report.files,
                "journals": report.journals,
                "bytes": report.bytes,
                "size": report.size,
            }
        )


def restore(
    archive: Annotated[Path, typer.Argument(metavar="FILE", help="What `autodata backup` wrote.")],
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Put a backup into a new home, checked file by file and record by record. Exit code 1 for a damaged journal."""
    with report_errors(json):
        report = restore_backup(archive, open_home(home))
    say(
        f"{report.root} holds {describe_count(report.files, 'file')} of the backup; "
        f"{describe_count(report.journals, 'journal')} checked."
    )
    for problem in report.problems:
        say(f"It was so when the backup was made: {problem}", "red")
    if json:
        print_json(
            {
                "home": str(report.root),
                "files": report.files,
                "journals": report.journals,
                "problems": list(report.problems),
            }
        )
    raise typer.Exit(FINDING if report.problems else DONE)


def prune(
    runs_older_than: Annotated[
        float | None,
        typer.Option(metavar="DAYS", min=0, help="Also runs that ended so long ago and nobody said anything about."),
    ] = None,
    delete: Annotated[
        bool, typer.Option("--delete", help="Delete what is listed; without it nothing changes.")
    ] = False,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """List what can go: indexes moved aside, interrupted exports, uploads nobody needs, old logs, untouched runs.

    Nothing that a decision, a label or a dataset rests on is ever listed. Make a backup before --delete.
    """
    with report_errors(json):
        place = open_home(home)
        waste = list_waste(place, run_days=runs_older_than)
        freed = remove_waste(place, waste) if delete else 0
    total = sum(entry.bytes for entry in waste)
    if json:
        entries = [{"kind": e.kind, "path": str(e.path), "bytes": e.bytes, "why": e.why} for e in waste]
        print_json({"waste": entries, "bytes": total, "deleted": delete, "freed": freed})
        return
    if waste:
        rows = [[str(e.path.relative_to(place.root)), describe_bytes(e.bytes), e.why] for e in waste]
        print_table("", ["What", "Size", "Why it can go"], rows, numbers=("Size",))
    if delete:
        say(f"{describe_bytes(freed)} are free again.")
    elif waste:
        say(f"{describe_bytes(total)} can go; nothing was deleted. `--delete` deletes what is listed.")
    else:
        say("Nothing can go.")


def _show_bytes(quiet: bool) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=quiet,
    )
