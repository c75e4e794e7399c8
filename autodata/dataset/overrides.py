"""Overrides: a lead lets one task pass although the gate holds it back, for one reason code, and says why.

Recorded in data/reviews.jsonl like a decision and taken back like one; every version that makes use of one names it in
its manifest and card. An override is about the words that the record holds: a task that is edited needs another one.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from autodata.dataset.reasons import check_overridable
from autodata.errors import BadInput
from autodata.home import Home
from autodata.journal import JournalWriter, Record, read_records
from autodata.review.entry import check_note, check_reviewer
from autodata.review.shared import read_reviews


@dataclass(frozen=True, slots=True)
class CurrentOverride:
    """An override as it stands. `code` is the reason that was set aside, `reason` why; `t` is Unix seconds."""

    override_id: str
    task_id: str
    run_id: str
    content_sha: str
    code: str
    reason: str
    reviewer: str
    t: float


@dataclass(slots=True)
class OverrideState:
    """The fold's state: overrides in force by their id. What was taken back is forgotten."""

    by_id: dict[str, CurrentOverride] = field(default_factory=dict)

    def apply(self, record: Record) -> None:
        """Take in the next record of the journal; other kinds than `override` change nothing."""
        if record.kind != "override":
            return
        data = record.data
        if data.get("undoes"):
            self.by_id.pop(str(data["undoes"]), None)
            return
        fields = ("override_id", "task_id", "run_id", "content_sha", "code", "reason", "reviewer")
        one = CurrentOverride(**{name: str(data[name]) for name in fields}, t=record.t)
        self.by_id[one.override_id] = one

    def find(self, task_id: str, code: str) -> CurrentOverride | None:
        """The latest override of this reason for a task."""
        own = (one for one in reversed(self.by_id.values()) if (one.task_id, one.code) == (task_id, code))
        return next(own, None)


def fold_overrides(records: Iterable[Record]) -> OverrideState:
    """Overrides in force, from the whole journal."""
    state = OverrideState()
    for record in records:
        state.apply(record)
    return state


def record_override(
    home: Home, *, task_id: str, run_id: str, content_sha: str, code: str, reason: str, reviewer: str
) -> str:
    """Set one reason of the gate aside for one task; returns the override's id, of the one that stands when there is
    one with the same words.

    Raises BadInput for a reason that cannot be overridden (a canary, a damaged record, a task that nobody approved),
    without a why, for a person who is no lead and for a planted task; HeldElsewhere and StopRequested("disk") as a
    decision does.
    """
    name, why, checked = check_reviewer(reviewer), check_note(reason), check_overridable(code)
    if not why:
        raise BadInput(f"an override of {code} needs a reason; it is printed in the dataset's card")
    if not task_id or not content_sha:
        raise BadInput("an override needs a task and the hash of its content")
    with JournalWriter.open_tail(home.reviews) as journal:
        read_reviews(home).team.require(name, "override")
        records = list(_read_own(home))
        if any(record.kind == "canaries" and task_id in record.data["tasks"] for record in records):
            raise BadInput(f"{task_id} was planted to measure reviewers and never leaves, so nothing can be overridden")
        standing = fold_overrides(records).find(task_id, checked)
        if standing and (standing.reason, standing.content_sha) == (why, content_sha):
            return standing.override_id
        data = {
            "override_id": f"o{uuid.uuid4().hex[:15]}",
            "task_id": task_id,
            "run_id": run_id,
            "content_sha": content_sha,
            "code": checked,
            "reason": why,
            "reviewer": name,
            "undoes": None,
        }
        journal.append("override", data)
    return str(data["override_id"])


def undo_override(home: Home, task_id: str, code: str, reviewer: str) -> str:
    """Take back the override of this reason for a task, whichever lead gave it; returns its id.

    Raises BadInput when there is none, and for a person who is no lead.
    """
    name = check_reviewer(reviewer)
    with JournalWriter.open_tail(home.reviews) as journal:
        read_reviews(home).team.require(name, "override")
        standing = fold_overrides(_read_own(home)).find(task_id, code)
        if standing is None:
            raise BadInput(f"nothing to take back: {code} is not overridden for task {task_id}")
        journal.append(
            "override",
            {
                "override_id": f"o{uuid.uuid4().hex[:15]}",
                "task_id": task_id,
                "run_id": standing.run_id,
                "content_sha": standing.content_sha,
                "code": code,
                "reason": "",
                "reviewer": name,
                "undoes": standing.override_id,
            },
        )
    return standing.override_id


def _read_own(home: Home) -> Iterable[Record]:
    return (record for record in read_records(home.reviews) if record.kind in ("override", "canaries"))
