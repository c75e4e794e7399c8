"""Commands on a home as a whole: doctor, backup, restore, prune."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from autodata.cli.options import HomeOption, JsonOption, QuietOption
from autodata.cli.output import DONE, FINDING, console, print_json, print_table, report_errors, say
from autodata.errors import BadInput, JournalDamaged
from autodata.home import open_home
from autodata.operations.backup import write_backup
from autodata.operations.compress import CompressedJournal, compress_journals, list_plain
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
    app.command()(compress)


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


def compress(
    runs: Annotated[
        list[str] | None, typer.Argument(metavar="[RUN…]", help="Ids of runs; without any, every run that is done.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List what would be compressed; change nothing.")] = False,
    home: HomeOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Compress the journals of runs that are done, and of their audits; everything reads them as before.

    A named run may also be paused or stopped; resuming it unpacks its journal. Exit code 1 for a damaged journal,
    which stays as it is.
    """
    with report_errors(json):
        listed = list_plain(open_home(home), runs or ())
        chosen = [journal for journal in listed if not journal.why_not]
        if runs and (left := [journal for journal in listed if journal.why_not]):
            raise BadInput(f"{left[0].path} cannot be compressed: {left[0].why_not}")
        done: list[CompressedJournal] = []
        damaged: list[str] = []
        if not dry_run:
            with _show_bytes(quiet) as progress:
                bar = progress.add_task("compressing", total=sum(journal.bytes for journal in chosen))
                for journal, result in zip(chosen, compress_journals(chosen), strict=True):
                    progress.advance(bar, journal.bytes)
                    damaged += [str(result)] if isinstance(result, JournalDamaged) else []
                    done += [result] if isinstance(result, CompressedJournal) else []
    for journal in listed:
        if journal.why_not:
            say(f"{journal.path.parent.name}: left as it is, {journal.why_not}", "yellow")
    for problem in damaged:
        say(problem, "red")
    if dry_run:
        total = sum(journal.bytes for journal in chosen)
        say(f"{describe_count(len(chosen), 'journal')} of {describe_bytes(total)} would be compressed; nothing was.")
    else:
        before, after = (sum(getattr(result, name) for result in done) for name in ("bytes", "packed"))
        ratio = f", a {before / after:.1f}th" if after else ""
        say(f"{describe_count(len(done), 'journal')}: {describe_bytes(before)} became {describe_bytes(after)}{ratio}.")
    if json:
        print_json(
            {
                "dry_run": dry_run,
                "would": [{"run_id": j.run_id, "path": str(j.path), "bytes": j.bytes} for j in chosen],
                "left": [{"run_id": j.run_id, "path": str(j.path), "why": j.why_not} for j in listed if j.why_not],
                "compressed": [
                    {
                        "run_id": r.run_id,
                        "path": str(r.path),
                        "records": r.records,
                        "bytes": r.bytes,
                        "packed": r.packed,
                        "seconds": r.seconds,
                    }
                    for r in done
                ],
                "damaged": damaged,
            }
        )
    raise typer.Exit(FINDING if damaged else DONE)


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
