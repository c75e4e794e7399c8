"""Commands on what was recorded: verify, rebuild, decide."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from autodata import runs
from autodata.cli.options import HomeOption, JsonOption
from autodata.cli.output import FINDING, print_json, report_errors, say
from autodata.errors import BadInput, HeldElsewhere
from autodata.home import Home, open_home
from autodata.index.database import Index, open_index
from autodata.index.ingest import ingest_home, rebuild
from autodata.index.queries.task import load_task
from autodata.journal import verify_journal
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
    problems = [problem for report in reports.values() for problem in report.problems]
    records = sum(report.records for report in reports.values())
    for path, report in reports.items():
        torn = f", {report.torn_bytes} bytes of a torn last line are ignored" if report.torn_bytes else ""
        shown = path.relative_to(place.root)
        say(f"{shown}: {report.records:,} records {'intact' if report.ok else 'DAMAGED'}{torn}")
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
        audits += sorted(home.optimizations.glob("**/journal.jsonl"))
    return [*paths, *(path for path in audits if path.exists())]


def rebuild_index(home: HomeOption = None, json: JsonOption = False) -> None:
    """Delete the index and build it again from the journals: tasks, audits, decisions. Journals are not changed."""
    with report_errors(json):
        place = open_home(home)
        report = rebuild(place, audit=True)
        say(f"{report.records:,} records from {len(report.journals):,} journals.")
        if json:
            print_json({"records": report.records, "journals": report.journals})


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
