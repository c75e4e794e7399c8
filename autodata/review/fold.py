"""What the decision journal says now: a pure fold over its records. Current state is a view, never stored.

The current decision of a task is the latest of its decisions that is neither a second opinion nor undone. A skip is a
decision that leaves the task open.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from autodata.journal import Record

UNDO_DEPTH = 20
"""How many of a reviewer's latest decisions undo can take back."""


@dataclass(frozen=True, slots=True)
class CurrentDecision:
    """A decision as it stands. `t` is the Unix time in seconds; `seconds_on_item` None where it was not measured."""

    decision_id: str
    task_id: str
    run_id: str
    verdict: str
    reviewer: str
    reason: str
    note: str
    t: float
    content_sha: str
    seconds_on_item: float | None
    second_opinion: bool

    @property
    def open(self) -> bool:
        """Whether the task still waits for a decision."""
        return self.verdict == "skip"


@dataclass(slots=True)
class DecisionState:
    """The fold's state, so that it can go on where it stopped. Everything undone is forgotten."""

    by_task: dict[str, list[CurrentDecision]] = field(default_factory=dict)
    current: dict[str, CurrentDecision] = field(default_factory=dict)
    by_id: dict[str, CurrentDecision] = field(default_factory=dict)
    undoable: dict[str, deque[str]] = field(default_factory=dict)

    def apply(self, record: Record) -> None:
        """Take in the next record of the journal; other kinds than `decision` change nothing."""
        if record.kind != "decision":
            return
        if record.data["verdict"] == "undo":
            self._undo(str(record.data["undoes"]))
        else:
            self._add(_read_decision(record))

    def find_current(self, task_id: str) -> CurrentDecision | None:
        """The current decision of a task; None when nobody decided it, or everything was undone."""
        return self.current.get(task_id)

    def find_opinion(self, task_id: str, reviewer: str) -> CurrentDecision | None:
        """This reviewer's latest second opinion on a task."""
        opinions = (left for left in reversed(self.by_task.get(task_id, ())) if left.second_opinion)
        return next((opinion for opinion in opinions if opinion.reviewer == reviewer), None)

    def find_undoable(self, reviewer: str) -> CurrentDecision | None:
        """What this reviewer's next undo takes back; None when nothing is left."""
        stack = self.undoable.get(reviewer)
        return self.by_id[stack[-1]] if stack else None

    def _add(self, decision: CurrentDecision) -> None:
        self.by_task.setdefault(decision.task_id, []).append(decision)
        self.by_id[decision.decision_id] = decision
        if not decision.second_opinion:
            self.current[decision.task_id] = decision
        self.undoable.setdefault(decision.reviewer, deque(maxlen=UNDO_DEPTH)).append(decision.decision_id)

    def _undo(self, decision_id: str) -> None:
        decision = self.by_id.pop(decision_id, None)
        if decision is None:
            return
        standing = self.by_task[decision.task_id]
        standing.remove(decision)
        latest = next((left for left in reversed(standing) if not left.second_opinion), None)
        if latest is None:
            self.current.pop(decision.task_id, None)
        else:
            self.current[decision.task_id] = latest
        stack = self.undoable[decision.reviewer]
        if decision_id in stack:
            stack.remove(decision_id)


def fold_decisions(records: Iterable[Record]) -> dict[str, CurrentDecision]:
    """Current decisions by task id, from the whole journal."""
    state = DecisionState()
    for record in records:
        state.apply(record)
    return state.current


def _read_decision(record: Record) -> CurrentDecision:
    data = record.data
    return CurrentDecision(
        decision_id=str(data["decision_id"]),
        task_id=str(data["task_id"]),
        run_id=str(data.get("run_id") or ""),
        verdict=str(data["verdict"]),
        reviewer=str(data["reviewer"]),
        reason=str(data.get("reason") or ""),
        note=str(data.get("note") or ""),
        t=record.t,
        content_sha=str(data.get("content_sha") or ""),
        seconds_on_item=data.get("seconds_on_item"),
        second_opinion=bool(data.get("second_opinion")),
    )
