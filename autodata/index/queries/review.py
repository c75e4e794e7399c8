"""The review queue: an order over tasks, the next one and why, and how far the work has come.

By risk, tasks with a violation come first, then by suspicion. Among them stand tasks without an alarm, drawn by
chance: each where one of its kind would stand if its suspicion were as good as random. What the audit has not reached
stands by plain facts of its record.
"""

from __future__ import annotations

from typing import Any

from autodata.audit.catalogue import DETECTORS
from autodata.index.database import Index
from autodata.index.drawing import DRAWN_SHARE, is_drawn
from autodata.index.queries.decisions import DecisionDetail, list_last_decisions
from autodata.index.queries.filters import count_where
from autodata.index.queries.finding_names import name_finding
from autodata.index.queries.queue import Queue, QueueItem, QueueOrder, ReviewProgress
from autodata.index.queries.ranked import Place, Ranked
from autodata.index.queries.searching import find_where

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
    "list_next",
    "load_progress",
    "load_queue",
]


def load_queue(index: Index, queue: Queue, limit: int = 200) -> list[QueueItem]:
    """The first waiting tasks of the queue. `position` counts the waiting ones only here."""
    return [_build_item(queue, row, place) for place, row in enumerate(_list_waiting(index, queue, limit), 1)]


def find_next(index: Index, queue: Queue, after: str | None = None) -> QueueItem | None:
    """The first waiting task behind `after` in the order (whether or not `after` itself still waits), the first of
    all when it is None or not in the order, None at the end."""
    item = index.remember(("next", queue, after), lambda: _find_next(index, queue, after))
    if item is not None:
        index.remember(("item", queue, item.task_id), lambda: item)  # whoever goes there asks for its place at once
    return item


def list_next(index: Index, queue: Queue, after: str | None = None, limit: int = 32) -> list[str]:
    """Ids of the first waiting tasks behind `after` in the order, or from its start."""
    ranked = _rank(index, queue)
    here = ranked.find_place(index, after) if after else None
    if after and here is None:
        return []
    return [row["task_id"] for row in _list_waiting(index, queue, limit, here)]


def find_previous(index: Index, queue: Queue, before: str) -> QueueItem | None:
    """The task just before `before` in the order, decided ones included, so that one can look back."""
    ranked = _rank(index, queue)
    here = ranked.find_place(index, before)
    return _build_first(index, queue, ranked, ranked.list_beside(index, here, "<")) if here else None


def find_item(index: Index, queue: Queue, task_id: str) -> QueueItem | None:
    """Where a task stands in the order and why; None when the queue's filter does not hold it."""
    return index.remember(("item", queue, task_id), lambda: _find_item(index, queue, task_id))


def load_progress(index: Index, queue: Queue) -> ReviewProgress:
    """How far the queue has come."""
    voting = _is_voting(index)
    kept = None if voting else count_where(queue.task_filter, leave_out=("decision",))
    where = kept or find_where(index, queue.task_filter, leave_out=("decision",))
    counted = "sum(v.n)::BIGINT" if kept else "count(*)"
    columns = f"v.decision, {counted}, {f'count(*) FILTER ({_VOTED})' if voting else '0'}"
    own = {"reviewer": queue.reviewer} if voting else {}
    rows = index.query(where.select(columns) + " GROUP BY 1", where.params | own)
    counts, voted = {row[0]: row[1] for row in rows}, {row[0]: row[2] for row in rows}
    pace = index.query(
        """SELECT median(seconds_on_item) FROM (
            SELECT seconds_on_item FROM decisions
            WHERE verdict IN ('approve', 'reject', 'flag') AND seconds_on_item IS NOT NULL ORDER BY seq DESC LIMIT 50
        )"""
    )
    approved, rejected, flagged, skipped, waiting = (
        counts.get(word, 0) for word in ("approved", "rejected", "flagged", "skipped", "waiting")
    )
    return ReviewProgress(
        total=sum(counts.values()),
        decided=approved + rejected + flagged,
        approved=approved,
        rejected=rejected,
        flagged=flagged,
        skipped=skipped,
        open=counts.get("open", 0) + skipped + waiting - voted.get("waiting", 0),
        seconds_per_decision=pace[0][0],
        waiting=waiting,
        disputed=counts.get("disputed", 0),
    )


def _find_next(index: Index, queue: Queue, after: str | None) -> QueueItem | None:
    ranked = _rank(index, queue)
    here = ranked.find_place(index, after) if after else None
    return _build_first(index, queue, ranked, ranked.list_beside(index, here, ">", waiting=True))


def _find_item(index: Index, queue: Queue, task_id: str) -> QueueItem | None:
    ranked = _rank(index, queue)
    here = ranked.find_place(index, task_id)
    return _build_first(index, queue, ranked, [here] if here else [])


def _list_waiting(index: Index, queue: Queue, limit: int, after: Place | None = None) -> list[dict[str, Any]]:
    return _show(index, queue, _rank(index, queue).list_beside(index, after, ">", waiting=True, limit=limit))


def _build_first(index: Index, queue: Queue, ranked: Ranked, places: list[Place]) -> QueueItem | None:
    rows = _show(index, queue, places)
    return _build_item(queue, rows[0], 1 + ranked.count_before(index, places[0])) if rows else None


def _show(index: Index, queue: Queue, places: list[Place]) -> list[dict[str, Any]]:
    """What is shown of the tasks at these places, in their order."""
    if not places:
        return []
    runs, keys = [place.run for place in places], [place.key for place in places]
    source = "rounds" if queue.task_filter.scope == "all" else "trajectories"
    params = {"low": min(runs), "high": max(runs), "keys": keys}
    known = {(row["run"], row["key"]): row for row in index.records(_SHOWN.format(source=source), params)}
    rows = [known[place.run, place.key] for place in places if (place.run, place.key) in known]
    alarmed = [row["key"] for row in rows if queue.order == "risk" and row["audit"] in _ALARMS]
    found = {(run, key): rest for run, key, *rest in index.query(_WORST, {"keys": alarmed})} if alarmed else {}
    return [row | {"finding": found.get((row["run"], row["key"]))} for row in rows]


def _rank(index: Index, queue: Queue) -> Ranked:
    where = find_where(index, queue.task_filter, leave_out=("decision",))
    params = where.params | ({"seed": str(queue.seed)} if queue.order == "random" else {})
    waits = _wait(queue, voting=_is_voting(index))
    own = {"reviewer": queue.reviewer} if "$reviewer" in waits else {}
    return Ranked(where.source, where.condition, _ORDERS[queue.order], waits, params, own)


def _is_voting(index: Index) -> bool:
    """Whether any task waits for more votes: only then it matters who voted on what."""
    return index.remember(
        ("voting",), lambda: bool(index.query("SELECT 1 FROM verdicts WHERE state = 'waiting' LIMIT 1"))
    )


def _wait(queue: Queue, *, voting: bool) -> str:
    """The condition under which a task still waits in this queue. `voting`: some tasks wait for more votes."""
    decision = queue.task_filter.decision
    if decision == "all":
        return "TRUE"
    if decision == "open":
        untouched = "v.decision IN ('open', 'skipped')" if queue.with_skipped else "v.decision = 'open'"
        return f"({untouched} OR (v.decision = 'waiting' AND NOT {_VOTED}))" if voting else untouched
    if decision == "waiting":
        return f"(v.decision = 'waiting' AND NOT {_VOTED})"
    return f"v.decision = '{_STATES[decision]}'"


def _build_item(queue: Queue, row: dict[str, Any], position: int) -> QueueItem:
    gap, reasons = row["gap"], {"newest": "newest first", "random": "drawn at random"}
    inclusion = None
    if queue.order == "gap":
        reason = "no gap was measured" if gap is None else f"gap {gap:+.2f}".replace("-", "−")
    elif queue.order == "risk" and row["integrity"]:
        inclusion = DRAWN_SHARE if row["audit"] not in _ALARMS and is_drawn(row["task_id"]) else None
        reason = "drawn at random" if inclusion else _tell_audit(row)
    else:
        reason = reasons.get(queue.order) or row["risk_reason"] or "nothing in the record speaks against it"
    return QueueItem(row["task_id"], row["run_id"], position, reason, row["risk"], row["decision"], inclusion)


def _tell_audit(row: dict[str, Any]) -> str:
    """Why a task stands where it does: its gravest finding, or the check in which it stands out."""
    if row["finding"]:
        words = name_finding(*row["finding"])
        return words if words[:2].isupper() else words[:1].lower() + words[1:]
    lead = DETECTORS.get(row["lead"])
    if lead is not None and row["suspicion"]:
        return f"stands out in {lead.subject}"
    return "the audit found nothing"


_ALARMS = ("violated", "flagged")
_ORDERS = {"risk": "v.place", "gap": "-coalesce(v.gap, -9)", "newest": "-v.t", "random": "hash(v.task_id || $seed)"}
_SHOWN = """
SELECT v.run, v.key, v.task_id, v.risk, v.risk_reason, v.gap, v.decision, v.audit, v.integrity, v.suspicion, v.lead,
    u.run_id
FROM (SELECT * FROM {source} WHERE rowid IN (
    SELECT rowid FROM {source} WHERE run BETWEEN $low AND $high AND key IN (SELECT unnest($keys::UBIGINT[]))
)) v
JOIN runs u ON u.run = v.run
"""
_WORST = """
SELECT run, key, detector, sentence FROM findings WHERE rowid IN (
    SELECT rowid FROM findings WHERE key IN (SELECT unnest($keys::UBIGINT[])) AND severity <> 'note'
)
QUALIFY row_number() OVER (PARTITION BY run, key ORDER BY severity = 'flag', rowid) = 1
"""
_STATES = {name: name for name in ("skipped", "disputed", "approved", "rejected", "flagged")}
_VOTED = "v.key IN (SELECT key FROM votes WHERE reviewer = $reviewer)"
