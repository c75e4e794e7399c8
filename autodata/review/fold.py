"""What the decision journal says now: a pure fold over its records. Current state is a view, never stored.

What a task's decisions come to is settled by autodata.votes: one is enough, or a quorum has to agree. A skip is a
decision that leaves the task open. What was undone is forgotten.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from autodata.journal import Record
from autodata.votes import Settlement, Vote, settle_votes

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
    quorum: int = 1
    adjudicates: bool = False
    bulk_id: str = ""
    """The act on many tasks that it was part of; such a decision is undone with the whole act only."""

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
        """The decision that stands for a task; None while its votes settle nothing."""
        return self.current.get(task_id)

    def settle(self, task_id: str) -> Settlement:
        """What the task's votes come to."""
        return settle_votes([_make_vote(one) for one in self.by_task.get(task_id, ())])

    def find_vote(self, task_id: str, reviewer: str) -> CurrentDecision | None:
        """This reviewer's latest decision on a task that is neither a skip nor undone."""
        own = (left for left in reversed(self.by_task.get(task_id, ())) if left.reviewer == reviewer)
        return next((vote for vote in own if not vote.open), None)

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
        self._settle(decision.task_id)
        if not decision.bulk_id:
            self.undoable.setdefault(decision.reviewer, deque(maxlen=UNDO_DEPTH)).append(decision.decision_id)

    def _undo(self, decision_id: str) -> None:
        decision = self.by_id.pop(decision_id, None)
        if decision is None:
            return
        self.by_task[decision.task_id].remove(decision)
        self._settle(decision.task_id)
        stack = self.undoable.get(decision.reviewer, deque())
        if decision_id in stack:
            stack.remove(decision_id)

    def _settle(self, task_id: str) -> None:
        deciding = self.settle(task_id).deciding
        if deciding is None:
            self.current.pop(task_id, None)
        else:
            self.current[task_id] = self.by_id[deciding]


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
        quorum=int(data.get("quorum") or 1),
        adjudicates=bool(data.get("adjudicates")),
        bulk_id=str(data.get("bulk_id") or ""),
    )


def _make_vote(decision: CurrentDecision) -> Vote:
    return Vote(
        decision_id=decision.decision_id,
        reviewer=decision.reviewer,
        verdict=decision.verdict,
        quorum=decision.quorum,
        second_opinion=decision.second_opinion,
        adjudicates=decision.adjudicates,
    )
