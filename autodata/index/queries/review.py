"""The review queue: an order over tasks, the next one and why, and how far the work has come."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from autodata.index.database import Index
from autodata.index.queries.decisions import DecisionDetail, list_last_decisions
from autodata.index.queries.filters import TaskFilter, build_where
from autodata.index.staging import task_key

__all__ = [
    "DecisionDetail",
    "Queue",
    "QueueItem",
    "QueueOrder",
    "ReviewProgress",
    "find_item",
    "find_next",
    "find_previous",
    "list_last_decisions",
    "load_progress",
    "load_queue",
]

QueueOrder = Literal["risk", "gap", "newest", "random"]


@dataclass(frozen=True, slots=True)
class Queue:
    """What to review and in which order. By default accepted tasks without a decision; tasks that were skipped stay
    out until `with_skipped`. `seed` fixes the `random` order. The filter's own order is not used."""

    task_filter: TaskFilter = field(default_factory=lambda: TaskFilter(scope="accepted", decision="open"))
    order: QueueOrder = "risk"
    seed: int = 0
    with_skipped: bool = False


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A task of the queue. `position` from 1 among all tasks the filter holds whatever was decided on them, so that
    it does not move while one works; `reason` is one sentence on why it stands there."""

    task_id: str
    run_id: str
    position: int
    reason: str
    risk: float
    decision: str


@dataclass(frozen=True, slots=True)
class ReviewProgress:
    """Counts over the queue's filter with its decision left out. `seconds_per_decision`: median over the last 50
    decisions, None before the first."""

    total: int
    decided: int
    approved: int
    rejected: int
    flagged: int
    skipped: int
    open: int
    seconds_per_decision: float | None


def load_queue(index: Index, queue: Queue, limit: int = 200) -> list[QueueItem]:
    """The first waiting tasks of the queue. `position` counts the waiting ones only here."""
    rows = _select(index, queue, _wait(queue), limit=limit)
    return [_build_item(queue, row, position) for position, row in enumerate(rows, 1)]


def find_next(index: Index, queue: Queue, after: str | None = None) -> QueueItem | None:
    """The first waiting task behind `after` in the order (whether or not `after` itself still waits), the first of
    all when it is None or not in the order, None at the end."""
    item = index.remember(("next", queue, after), lambda: _find_next(index, queue, after))
    if item is not None:
        index.remember(("item", queue, item.task_id), lambda: item)  # whoever goes there asks for its place at once
    return item


def find_previous(index: Index, queue: Queue, before: str) -> QueueItem | None:
    """The task just before `before` in the order, decided ones included, so that one can look back."""
    place = _find_place(index, queue, before)
    if place is None:
        return None
    return _build_first(index, queue, _select(index, queue, _beyond("<"), place, direction="DESC"))


def find_item(index: Index, queue: Queue, task_id: str) -> QueueItem | None:
    """Where a task stands in the order and why; None when the queue's filter does not hold it."""
    key = {"key": task_key(task_id)}
    return index.remember(
        ("item", queue, task_id), lambda: _build_first(index, queue, _select(index, queue, "key = $key", key))
    )


def load_progress(index: Index, queue: Queue) -> ReviewProgress:
    """How far the queue has come."""
    where = build_where(queue.task_filter, leave_out=("decision",))
    counts = dict(index.query(where.select("v.decision, count(*)") + " GROUP BY 1", where.params))
    pace = index.query(
        """SELECT median(seconds_on_item) FROM (
            SELECT seconds_on_item FROM decisions
            WHERE verdict IN ('approve', 'reject', 'flag') AND seconds_on_item IS NOT NULL ORDER BY seq DESC LIMIT 50
        )"""
    )
    approved, rejected, flagged, skipped = (
        counts.get(word, 0) for word in ("approved", "rejected", "flagged", "skipped")
    )
    return ReviewProgress(
        total=sum(counts.values()),
        decided=approved + rejected + flagged,
        approved=approved,
        rejected=rejected,
        flagged=flagged,
        skipped=skipped,
        open=counts.get("open", 0) + skipped,
        seconds_per_decision=pace[0][0],
    )


def _find_next(index: Index, queue: Queue, after: str | None) -> QueueItem | None:
    place = _find_place(index, queue, after) if after else None
    if place is None:
        return _build_first(index, queue, _select(index, queue, _wait(queue)))
    return _build_first(index, queue, _select(index, queue, f"{_wait(queue)} AND {_beyond('>')}", place))


def _select(
    index: Index,
    queue: Queue,
    condition: str,
    params: dict[str, Any] | None = None,
    *,
    direction: str = "ASC",
    limit: int = 1,
) -> list[dict[str, Any]]:
    """Tasks of the filter, its decision left out, in the queue's order: their places first, then what is shown."""
    inner, own = _rank(queue)
    order = f"a {direction}, b {direction}, key {direction}"
    sql = f"SELECT run, key, a, b FROM ({inner}) WHERE {condition} ORDER BY {order} LIMIT {int(limit)}"
    places = index.records(sql, own | (params or {}))
    if not places:
        return []
    runs = [place["run"] for place in places]
    source = "rounds" if queue.task_filter.scope == "all" else "trajectories"
    known = {
        (row["run"], row["key"]): row
        for row in index.records(
            _SHOWN.format(source=source),
            {"low": min(runs), "high": max(runs), "keys": [place["key"] for place in places]},
        )
    }
    return [place | known[pair] for place in places if (pair := (place["run"], place["key"])) in known]


def _rank(queue: Queue) -> tuple[str, dict[str, Any]]:
    """Every task of the filter with its place in the order as the numbers a, b and key, ascending."""
    where = build_where(queue.task_filter, leave_out=("decision",))
    params = where.params | ({"seed": str(queue.seed)} if queue.order == "random" else {})
    return where.select(f"v.run, v.key, v.decision, {_ORDERS[queue.order]}"), params


def _find_place(index: Index, queue: Queue, task_id: str) -> dict[str, Any] | None:
    inner, params = _rank(queue)
    rows = index.query(f"SELECT a, b, key FROM ({inner}) WHERE key = $key", params | {"key": task_key(task_id)})
    return dict(zip(("a", "b", "key"), rows[0], strict=True)) if rows else None


def _build_first(index: Index, queue: Queue, rows: list[dict[str, Any]]) -> QueueItem | None:
    if not rows:
        return None
    inner, params = _rank(queue)
    place = {name: rows[0][name] for name in ("a", "b", "key")}
    before = index.query(f"SELECT count(*) FROM ({inner}) WHERE {_beyond('<')}", params | place)[0][0]
    return _build_item(queue, rows[0], before + 1)


def _beyond(sign: str) -> str:
    """Rows strictly on one side of the place ($a, $b, $key)."""
    return f"(a {sign} $a OR (a = $a AND (b {sign} $b OR (b = $b AND key {sign} $key))))"


def _wait(queue: Queue) -> str:
    """The condition under which a task still waits in this queue."""
    decision = queue.task_filter.decision
    if decision == "all":
        return "TRUE"
    if decision == "open":
        return "decision IN ('open', 'skipped')" if queue.with_skipped else "decision = 'open'"
    return f"decision = '{_STATES[decision]}'"


def _build_item(queue: Queue, row: dict[str, Any], position: int) -> QueueItem:
    gap, reasons = row["gap"], {"newest": "newest first", "random": "drawn at random"}
    if queue.order == "gap":
        reason = "no gap was measured" if gap is None else f"gap {gap:+.2f}".replace("-", "−")
    else:
        reason = reasons.get(queue.order) or row["risk_reason"] or "nothing in the record speaks against it"
    return QueueItem(row["task_id"], row["run_id"], position, reason, row["risk"], row["decision"])


_ORDERS = {
    "risk": "-v.risk AS a, coalesce(v.gap, 9) AS b",
    "gap": "-coalesce(v.gap, -9) AS a, 0 AS b",
    "newest": "-v.t AS a, 0 AS b",
    "random": "hash(v.task_id || $seed) AS a, 0 AS b",
}
_SHOWN = """
SELECT v.run, v.key, v.task_id, v.risk, v.risk_reason, v.gap, v.decision, u.run_id
FROM (SELECT * FROM {source} WHERE rowid IN (
    SELECT rowid FROM {source} WHERE run BETWEEN $low AND $high AND key IN (SELECT unnest($keys::UBIGINT[]))
)) v
JOIN runs u ON u.run = v.run
"""
_STATES = {"skipped": "skipped", "approved": "approved", "rejected": "rejected", "flagged": "flagged"}
