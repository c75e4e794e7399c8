"""What the labels in the reviews journal say now: a pure fold over its `label` records.

Each reviewer has at most one label on a task, the last given that was not undone; others' labels stand beside it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from autodata.audit.labelled import Label
from autodata.journal import Record
from autodata.review.fold import UNDO_DEPTH

UNDO = "undo"
"""The `label` of a record that takes another one back."""


@dataclass(frozen=True, slots=True)
class CurrentLabel:
    """A label as it stands. `t` is the Unix time in seconds; `content_sha` the content that was looked at."""

    label_id: str
    task_id: str
    run_id: str
    content_sha: str
    label: str
    reviewer: str
    note: str
    blind: bool
    inclusion: float | None
    detectors: tuple[str, ...]
    t: float

    def to_value(self) -> Label:
        """What statistics need of it."""
        return Label(self.task_id, self.reviewer, self.label, self.detectors, self.inclusion, self.blind)


@dataclass(slots=True)
class LabelState:
    """The fold's state, so that it can go on where it stopped. Everything undone is forgotten."""

    by_task: dict[str, list[CurrentLabel]] = field(default_factory=dict)
    by_id: dict[str, CurrentLabel] = field(default_factory=dict)
    undoable: dict[str, deque[str]] = field(default_factory=dict)

    def apply(self, record: Record) -> None:
        """Take in the next record of the journal; other kinds than `label` change nothing."""
        if record.kind != "label":
            return
        if record.data["label"] == UNDO:
            self._undo(str(record.data["undoes"]))
        else:
            self._add(_read_label(record))

    def find_label(self, task_id: str, reviewer: str) -> CurrentLabel | None:
        """This reviewer's label on a task."""
        own = (label for label in reversed(self.by_task.get(task_id, ())) if label.reviewer == reviewer)
        return next(own, None)

    def find_undoable(self, reviewer: str) -> CurrentLabel | None:
        """What this reviewer's next undo takes back; None when nothing is left."""
        stack = self.undoable.get(reviewer)
        return self.by_id[stack[-1]] if stack else None

    def list_current(self) -> dict[str, tuple[CurrentLabel, ...]]:
        """Labels by task id, one a reviewer, in the order given."""
        found = {}
        for task_id, given in self.by_task.items():
            latest = {label.reviewer: label for label in given}
            if latest:
                found[task_id] = tuple(sorted(latest.values(), key=lambda label: (label.t, label.label_id)))
        return found

    def _add(self, label: CurrentLabel) -> None:
        self.by_task.setdefault(label.task_id, []).append(label)
        self.by_id[label.label_id] = label
        self.undoable.setdefault(label.reviewer, deque(maxlen=UNDO_DEPTH)).append(label.label_id)

    def _undo(self, label_id: str) -> None:
        label = self.by_id.pop(label_id, None)
        if label is None:
            return
        self.by_task[label.task_id].remove(label)
        stack = self.undoable[label.reviewer]
        if label_id in stack:
            stack.remove(label_id)


def fold_labels(records: Iterable[Record]) -> dict[str, tuple[CurrentLabel, ...]]:
    """Labels in force by task id, from the whole journal."""
    state = LabelState()
    for record in records:
        state.apply(record)
    return state.list_current()


def _read_label(record: Record) -> CurrentLabel:
    data = record.data
    return CurrentLabel(
        label_id=str(data["label_id"]),
        task_id=str(data["task_id"]),
        run_id=str(data.get("run_id") or ""),
        content_sha=str(data.get("content_sha") or ""),
        label=str(data["label"]),
        reviewer=str(data["reviewer"]),
        note=str(data.get("note") or ""),
        blind=bool(data.get("blind")),
        inclusion=data.get("inclusion"),
        detectors=tuple(str(name) for name in data.get("detectors") or ()),
        t=record.t,
    )
