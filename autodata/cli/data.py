"""Commands on what was recorded: verify, rebuild, decide."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from autodata import runs
from autodata.belonging import explain_stranger
from autodata.cli.options import HomeOption, JsonOption, QuietOption
from autodata.cli.output import FINDING, console, print_json, report_errors, say
from autodata.errors import BadInput, HeldElsewhere
from autodata.home import Home, open_home
from autodata.index.database import Index, open_index
from autodata.index.ingest import IngestProgress, Progress, ingest_home, rebuild
from autodata.index.queries.task import load_task
from autodata.journal import verify_journal
from autodata.journals.files import has_journal, list_journals
from autodata.review.decisions import record_decision
from autodata.review.shared import current_decisions


def add_commands(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.command()(verify)
    app.command("rebuild")(rebuild_index)
    app.command()(decide)


def verify(
    run: Annotated[str | None, typer.Argument(metavar="[RUN]", help="Id of a run; without it, everything.")] = None,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Check the hash chain of journals, record by record. Exit code 1 when one does not hold."""
    with report_errors(json):
        place = open_home(home)
        paths = _list_journals(place, run)
    reports = {path: verify_journal(path) for path in paths}
    strangers = {path: explain_stranger(place, path) for path in paths}
    problems = [one for path, report in reports.items() for one in (*report.problems, strangers[path]) if one]
    records = sum(report.records for report in reports.values())
    for path, report in reports.items():
        torn = f", {report.torn_bytes} bytes of a torn last line are ignored" if report.torn_bytes else ""
        shown = path.relative_to(place.root)
        state = "DAMAGED" if not report.ok else "MISPLACED" if strangers[path] else "intact"
        say(f"{shown}: {report.records:,} records {state}{torn}")
    for problem in problems:
        say(problem, "red")
    if not paths:
        say(f"Nothing to verify: {place.root} has no journal.")
    if json:
        print_json({"ok": not problems, "records": records, "problems": problems})
    if problems:
        raise typer.Exit(FINDING)


def _list_journals(home: Home, run: str | None) -> list[Path]:
    """Journals of one run and its audits, or of all runs with the reviews, the calibration sets and every search for a
    better recipe with the runs and audits that it made."""
    names = [run] if run else runs.list_run_ids(home)
    paths = [runs.find_journal(home, name) for name in names]
    audits = [home.audit_journal(name) for name in names]
    if run is None:
        audits += [home.reviews, *sorted((home.audits / "calibration").glob("*.jsonl"))]
        audits += sorted((home.audits / "anchors").glob("*.jsonl"))
        audits += list_journals(home.optimizations, deep=True)
    return [*paths, *(path for path in audits if has_journal(path))]


def rebuild_index(
    fast: Annotated[bool, typer.Option("--fast", help="Leave the audit of the record to the app.")] = False,
    home: HomeOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Delete the index and build it again from the journals: tasks, audits, decisions. Journals are not changed."""
    with report_errors(json):
        place = open_home(home)
        with _show_reading(quiet) as (on_progress, on_audit):
            report = rebuild(place, on_progress, audit=not fast, on_audit=on_audit)
        rate = f"{report.rate:,.0f} records/s" if report.records else "nothing to read"
        say(f"{report.records:,} records from {len(report.journals):,} journals in {report.seconds:.1f} s, {rate}.")
        if json:
            numbers = {"bytes": report.bytes, "seconds": report.seconds, "rate": report.rate}
            print_json({"records": report.records, "journals": report.journals, **numbers})


@contextmanager
def _show_reading(quiet: bool) -> Iterator[tuple[Progress, Callable[[int], None]]]:
    """A bar for the bytes of the journals, then a count of the tasks audited."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Bars(*columns, console=console, transient=True, disable=quiet) as bars:
        reading = bars.add_task("reading the journals", total=None)

        def on_progress(progress: IngestProgress) -> None:
            words = f"reading the journals, {progress.rate:,.0f} records/s"
            bars.update(reading, total=progress.total, completed=progress.bytes, description=words)

        def on_audit(tasks: int) -> None:
            bars.update(reading, total=None, description=f"auditing, {tasks:,} tasks")

        yield on_progress, on_audit


def decide(
    task: Annotated[str, typer.Argument(metavar="TASK", help="Id of a task.")],
    verdict: Annotated[str, typer.Argument(help="approve, reject, flag or skip.")],
    reviewer: Annotated[str, typer.Option(help="Who decides.")],
    reason: Annotated[str, typer.Option(help="Why; a flag needs one.")] = "",
    note: Annotated[str, typer.Option(help="Free text.")] = "",
    adjudicate: Annotated[
        bool, typer.Option("--adjudicate", help="A lead's last word on a task whose votes differ; say why.")
    ] = False,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Append a decision on a task, as the Review page does. Works while the app is open."""
    with report_errors(json):
        place = open_home(home)
        with open_reading_index(place) as index:
            detail = load_task(index, task)
        if detail is None:
            raise BadInput(f"task {task!r} does not exist in {place.root}; ids are on the Tasks page")
        result = record_decision(
            place,
            task_id=task,
            run_id=detail.run_id,
            content_sha=detail.content_sha,
            verdict=verdict,
            reviewer=reviewer,
            reason=reason,
            note=note,
            based_on=_find_own_decision(place, task, reviewer),
            adjudicates=adjudicate,
        )
        say(result.message)
        if verdict == "approve" and not detail.accepted:
            outcome = detail.this.outcome.replace("_", " ")
            say(f"The policy did not accept this task ({outcome}), so the export gate holds it back.", "yellow")
        if json:
            print_json({"decision_id": result.decision_id})


def _find_own_decision(home: Home, task_id: str, reviewer: str) -> str | None:
    """The decision in force when it is this reviewer's own, which a new one replaces; another's it does not."""
    current = current_decisions(home).get(task_id)
    return current.decision_id if current and current.reviewer == reviewer else None


@contextmanager
def open_reading_index(home: Home) -> Iterator[Index]:
    """The index, up to date; a temporary one from the journals while the app holds the file."""
    try:
        index = open_index(home)
    except HeldElsewhere:
        with tempfile.TemporaryDirectory(prefix="autodata-index-") as folder:
            index = open_index(Home(Path(folder)))
            try:
                ingest_home(index, home)
                yield index
            finally:
                index.close()
        return
    try:
        ingest_home(index, home)
        yield index
    finally:
        index.close()
