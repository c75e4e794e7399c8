"""A review queue as values: what is in it and in which order, one task of it, how far it has come."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from autodata.index.queries.filters import TaskFilter

QueueOrder = Literal["risk", "gap", "newest", "random"]


@dataclass(frozen=True, slots=True)
class Queue:
    """What to review and in which order. By default accepted tasks without a decision; tasks that were skipped stay
    out until `with_skipped`. `seed` fixes the `random` order. The filter's own order is not used. Tasks that wait for
    more votes wait for everybody but those who voted on them: `reviewer` is who works through the queue."""

    task_filter: TaskFilter = field(default_factory=lambda: TaskFilter(scope="accepted", decision="open"))
    order: QueueOrder = "risk"
    seed: int = 0
    with_skipped: bool = False
    reviewer: str = ""


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A task of the queue. `position` from 1 among all tasks the filter holds whatever was decided on them, so that
    it does not move while one works; `reason` is one sentence on why it stands there. `inclusion`: the chance with
    which it was drawn for a random look, None where it stands on its own account."""

    task_id: str
    run_id: str
    position: int
    reason: str
    risk: float
    decision: str
    inclusion: float | None = None


@dataclass(frozen=True, slots=True)
class ReviewProgress:
    """Counts over the queue's filter with its decision left out. `open` tasks take a vote of the queue's reviewer;
    `waiting` ones have one already, but not enough. `seconds_per_decision`: median over the last 50 decisions, None
    before the first."""

    total: int
    decided: int
    approved: int
    rejected: int
    flagged: int
    skipped: int
    open: int
    seconds_per_decision: float | None
    waiting: int = 0
    disputed: int = 0
