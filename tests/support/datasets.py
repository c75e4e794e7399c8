"""A small home with runs that people have decided on, for tests of what leaves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from autodata.home import Home
from autodata.journal import JournalWriter
from autodata.review.decisions import record_decision
from autodata.review.shared import current_decisions
from tests.support.journals import WrittenRun, write_run


def write_accepted(home: Home, run_id: str = "cs-1", sources: int = 4, **more: Any) -> WrittenRun:
    """A run in which every source ends with an accepted task."""
    return write_run(home, run_id, sources, plans=[("accepted",)], **more)


def approve(home: Home, run: WrittenRun, *tasks: str, reviewer: str = "Ada", **more: Any) -> None:
    """Approve these tasks of a run, or all that it accepted; what stood for them is replaced."""
    standing = current_decisions(home)
    for task in tasks or run.accepted:
        before = standing[task].decision_id if task in standing else None
        fields = {"content_sha": run.content[task], "verdict": "approve", "based_on": before, **more}
        record_decision(home, task_id=task, run_id=run.run_id, reviewer=reviewer, **fields)


def read_items(version: Path) -> list[dict[str, Any]]:
    """The items of a version that was written as JSON lines."""
    return [json.loads(line) for line in (version / "tasks.jsonl").read_bytes().splitlines()]


def damage(journal: Path, record: int) -> None:
    """Change one byte of one record, counted from 1, as a bad disk or an editor would."""
    lines = journal.read_bytes().splitlines(keepends=True)
    lines[record - 1] = lines[record - 1].replace(b'"t":', b'"t": ', 1)
    journal.write_bytes(b"".join(lines))


def append(home: Home, kind: str, data: dict[str, Any]) -> None:
    """One record at the end of the reviews journal, as another program would write it."""
    with JournalWriter.open_tail(home.reviews) as journal:
        journal.append(kind, data)
