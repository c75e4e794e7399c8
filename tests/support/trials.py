"""Trials without a model: a finished run over an edited task, as the engine would have left it."""

from __future__ import annotations

from dataclasses import replace

from autodata.home import Home
from autodata.journal import JournalWriter, read_records
from autodata.model import Task
from autodata.review.edits import Edit
from tests.support.run_author import RunAuthor


def write_trial(home: Home, edit: Edit, plan: tuple[str, ...] = ("accepted",), run_id: str = "cs-2") -> str:
    """A finished run over an edited task; returns its task's id."""

    class Trial(RunAuthor):
        def _write_task(self, source: str, number: int) -> Task:
            return replace(super()._write_task(source, number), question=edit.task.question)

    with Trial(home, run_id, seed=9) as author:
        author.start(1)
        author.write_trajectory(0, plan)
        author.end()
    path = home.journal(run_id)
    records = list(read_records(path))
    path.unlink()
    with JournalWriter(path) as journal:
        for record in records:
            data = dict(record.data)
            if record.kind == "source":
                about = {
                    "edit_id": edit.edit_id, "task_id": edit.task.id, "run_id": edit.run_id,
                    "source_id": edit.task.source_id,
                }  # fmt: skip
                data["source"] = {**data["source"], "metadata": {"edit": about}}
            journal.append(record.kind, data)
    return [str(r.data["task"]["id"]) for r in records if r.kind == "task"][-1]
