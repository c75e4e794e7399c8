"""The versions of a task: the one it began as, every edited text of it, and what became of each when it was tried."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import orjson

from autodata.index.database import Index
from autodata.index.queries.evidence import load_texts
from autodata.index.queries.trajectory import find_source
from autodata.index.rollup import read_rubric
from autodata.index.staging import task_key
from autodata.model import Source, Task


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a task. `number` counts from 1, which is the original and has no `edit_id`.

    `parent_id` is the task whose text was edited, `task_id` this version's own task, "" before a trial has taken it
    in. `trial_state` is the state of the run that tries it, "" before there is one. `outcome` is "" and `gap` None
    until it was measured: an edited text has no scores of the text before. `task` holds the new words under the
    parent's id.
    """

    number: int
    task_id: str
    parent_id: str = ""
    edit_id: str = ""
    reviewer: str = ""
    note: str = ""
    t: float = 0.0
    changed: tuple[str, ...] = ()
    task: Task | None = None
    trial_run: str = ""
    trial_state: str = ""
    trial_reason: str = ""
    outcome: str = ""
    gap: float | None = None
    decision: str = ""


def load_versions(index: Index, task_id: str) -> tuple[Version, ...]:
    """All versions of the family that a task belongs to, in the order of their edits; only itself without any edit."""
    if not _has_edits(index):
        return (Version(1, task_id),)
    root = _find_root(index, task_id)
    family, versions, edits = [root], [Version(1, root, **_find_standing(index, root))], []
    while family:
        rows = index.records(_EDITS, {"keys": [task_key(member) for member in family]})
        edits += rows
        family = [row["trial_task"] for row in rows if row["trial_task"]]
    for number, row in enumerate(sorted(edits, key=lambda row: row["seq"]), start=2):
        versions.append(_build_version(number, row))
    return tuple(versions)


def find_parent(index: Index, task_id: str) -> tuple[str, str]:
    """(task, edit) that this task is a trial of; ("", "") for an original."""
    rows = index.query(_PARENT, [task_key(task_id)]) if _has_edits(index) else []
    return (str(rows[0][0]), str(rows[0][1])) if rows else ("", "")


def find_replaceable(index: Index, task_id: str) -> str:
    """The task that this one would replace: the one it was edited from, unless that is rejected; "" without one."""
    parent, _ = find_parent(index, task_id)
    found = _find_standing(index, parent) if parent else {}
    return parent if found and found["decision"] != "rejected" else ""


def load_passage(index: Index, source: Source) -> Source | None:
    """The source that an edited task was first written from; None for a task that was not edited, or when it is gone.

    A trial's own source is the edited task.
    """
    found: Source | None = None
    seen: set[str] = set()
    while isinstance(edit := source.metadata.get("edit"), dict) and source.id not in seen:
        seen.add(source.id)
        rows = index.query("SELECT run FROM runs WHERE run_id = ?", [str(edit.get("run_id"))])
        if not rows:
            return None
        known, number = find_source(index, rows[0][0], str(edit.get("source_id")))
        source = found = replace(known, text=load_texts(index, [number]).get(number or 0, ""))
    return found if found is not None and found.text else None


def _has_edits(index: Index) -> bool:
    """Whether anything was ever edited; most homes need look no further."""
    return index.remember(("edits",), lambda: bool(index.query("SELECT 1 FROM edits LIMIT 1")))


def _find_root(index: Index, task_id: str) -> str:
    seen = {task_id}
    while parent := find_parent(index, task_id)[0]:
        if parent in seen:
            break
        seen.add(parent)
        task_id = parent
    return task_id


def _find_standing(index: Index, task_id: str) -> dict[str, Any]:
    rows = index.query("SELECT outcome, gap, decision FROM rounds WHERE key = ?", [task_key(task_id)])
    return dict(zip(("outcome", "gap", "decision"), rows[0], strict=True)) if rows else {}


def _build_version(number: int, row: dict[str, Any]) -> Version:
    return Version(
        number=number,
        task_id=row["trial_task"] or "",
        parent_id=row["task_id"],
        edit_id=row["edit_id"],
        reviewer=row["reviewer"],
        note=row["note"],
        t=row["t"],
        changed=tuple(orjson.loads(row["changed"])),
        task=_build_task(orjson.loads(row["task"])),
        trial_run=row["trial_run"] or "",
        trial_state=row["trial_state"] or "",
        trial_reason=row["trial_reason"] or "",
        outcome=row["outcome"] or "",
        gap=row["gap"],
        decision=row["decision"] or "",
    )


def _build_task(values: dict[str, Any]) -> Task:
    return Task(
        **{
            **values,
            "rubric": read_rubric(orjson.dumps(values["rubric"]).decode()),
            "tags": tuple(values.get("tags") or ()),
        }
    )


_EDITS = """
WITH tried AS (
    SELECT x.edit_id, u.run_id, u.state, u.reason, k.task_id, r.outcome, r.gap, r.decision
    FROM trials x
    JOIN runs u ON u.run = x.run
    LEFT JOIN tasks k ON k.run = x.run AND k.source_id = x.source_id
    LEFT JOIN rounds r ON r.run = k.run AND r.key = k.key
    WHERE x.key IN (SELECT unnest($keys::UBIGINT[]))
    QUALIFY row_number() OVER (PARTITION BY x.edit_id ORDER BY u.started DESC, k.seq DESC NULLS LAST) = 1
)
SELECT e.*, t.run_id AS trial_run, t.state AS trial_state, t.reason AS trial_reason, t.task_id AS trial_task,
    t.outcome, t.gap, t.decision
FROM edits e LEFT JOIN tried t USING (edit_id)
WHERE e.key IN (SELECT unnest($keys::UBIGINT[]))
"""
_PARENT = """
SELECT e.task_id, x.edit_id FROM tasks k
JOIN trials x ON x.run = k.run AND x.source_id = k.source_id
JOIN edits e ON e.edit_id = x.edit_id
WHERE k.key = ?
"""
