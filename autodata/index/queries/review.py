"""The review queue: an order over tasks, the next one and why, and how far the work has come.

By risk, tasks with a violation come first, then by suspicion. Among them stand tasks without an alarm, drawn by
chance: each where one of its kind would stand if its suspicion were as good as random. What the audit has not reached
stands by plain facts of its record.
"""

from __future__ import annotations

from typing import Any

from autodata.audit.catalogue import DETECTORS
from autodata.index.database import Index
from autodata.index.queries.decisions import DecisionDetail, list_last_decisions
from autodata.index.queries.drawing import DRAW, DRAWN, DRAWN_SHARE, is_drawn
from autodata.index.queries.findings import name_finding
from autodata.index.queries.queue import Queue, QueueItem, QueueOrder, ReviewProgress
from autodata.index.queries.searching import find_where
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
    "list_next",
    "load_progress",
    "load_queue",
]


def load_queue(index: Index, queue: Queue, limit: int = 200) -> list[QueueItem]:
    """The first waiting tasks of the queue. `position` counts the waiting ones only here."""
    inner, own = _rank(index, queue)
    places = index.records(
        f"SELECT r.run, r.key FROM ({inner}) r WHERE r.waits {_order('ASC')} LIMIT {int(limit)}", own
    )
    rows = _show(index, queue, places)
    return [_build_item(queue, row, position) for position, row in enumerate(rows, 1)]


def find_next(index: Index, queue: Queue, after: str | None = None) -> QueueItem | None:
    """The first waiting task behind `after` in the order (whether or not `after` itself still waits), the first of
    all when it is None or not in the order, None at the end."""
    item = index.remember(("next", queue, after), lambda: _find_next(index, queue, after))
    if item is not None:
        index.remember(("item", queue, item.task_id), lambda: item)  # whoever goes there asks for its place at once
    return item


def list_next(index: Index, queue: Queue, after: str | None = None, limit: int = 32) -> list[str]:
    """Ids of the first waiting tasks behind `after` in the order, or from its start."""
    inner, own = _rank(index, queue)
    here = "r.a > h.a OR (r.a = h.a AND r.key > h.key)"
    beyond = f"(SELECT bool_or({here}) FROM ranked h WHERE h.key = $here)" if after else "TRUE"
    sql = f"""WITH ranked AS MATERIALIZED ({inner})
        SELECT r.run, r.key FROM ranked r WHERE r.waits AND {beyond} {_order("ASC")} LIMIT {int(limit)}"""
    places = index.records(sql, own | ({"here": task_key(after)} if after else {}))
    return [row["task_id"] for row in _show(index, queue, places)]


def find_previous(index: Index, queue: Queue, before: str) -> QueueItem | None:
    """The task just before `before` in the order, decided ones included, so that one can look back."""
    return _find_beside(index, queue, before, "<")[1]


def find_item(index: Index, queue: Queue, task_id: str) -> QueueItem | None:
    """Where a task stands in the order and why; None when the queue's filter does not hold it."""
    key = {"key": task_key(task_id)}
    return index.remember(("item", queue, task_id), lambda: _find_first(index, queue, "r.key = $key", key))


def load_progress(index: Index, queue: Queue) -> ReviewProgress:
    """How far the queue has come."""
    where = find_where(index, queue.task_filter, leave_out=("decision",))
    voting = _is_voting(index)
    columns = f"v.decision, count(*), {f'count(*) FILTER ({_VOTED})' if voting else '0'}"
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
    if after:
        known, item = _find_beside(index, queue, after, ">", "r.waits")
        if known:
            return item
    return _find_first(index, queue, "r.waits")


def _find_first(index: Index, queue: Queue, condition: str, params: dict[str, Any] | None = None) -> QueueItem | None:
    """The first task under a condition, and how many stand before it: one pass over the order for both."""
    inner, own = _rank(index, queue)
    chosen = f"SELECT * FROM ranked r WHERE {condition} {_order('ASC')} LIMIT 1"
    sql = f"WITH ranked AS MATERIALIZED ({inner}), chosen AS ({chosen}) SELECT c.run, c.key, {_BEFORE} FROM chosen c"
    return _build_first(index, queue, index.records(sql, own | (params or {})))


def _find_beside(
    index: Index, queue: Queue, task_id: str, sign: str, condition: str = "TRUE"
) -> tuple[bool, QueueItem | None]:
    """Whether the order holds a task, and the nearest one on one side of it under a condition."""
    inner, own = _rank(index, queue)
    beyond = f"r.a {sign} h.a OR (r.a = h.a AND r.key {sign} h.key)"
    direction = "ASC" if sign == ">" else "DESC"
    sql = f"""WITH ranked AS MATERIALIZED ({inner}), here AS (SELECT a, key FROM ranked WHERE key = $here),
        chosen AS (SELECT r.* FROM ranked r, here h WHERE {condition} AND ({beyond}) {_order(direction)} LIMIT 1)
        SELECT c.run, c.key, {_BEFORE} FROM here LEFT JOIN chosen c ON TRUE"""
    places = index.records(sql, own | {"here": task_key(task_id)})
    found = [place for place in places if place["key"] is not None]
    return bool(places), _build_first(index, queue, found)


def _build_first(index: Index, queue: Queue, places: list[dict[str, Any]]) -> QueueItem | None:
    rows = _show(index, queue, places)
    return _build_item(queue, rows[0], rows[0]["before"] + 1) if rows else None


def _show(index: Index, queue: Queue, places: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is shown of the tasks at these places, in their order."""
    if not places:
        return []
    runs, keys = [place["run"] for place in places], [place["key"] for place in places]
    params = {"low": min(runs), "high": max(runs), "keys": keys}
    source = "rounds" if queue.task_filter.scope == "all" else "trajectories"
    known = {(row["run"], row["key"]): row for row in index.records(_SHOWN.format(source=source), params)}
    audited = {row["key"]: row for row in index.records(_AUDITED, {"keys": keys})} if queue.order == "risk" else {}
    return [
        place | known[pair] | {"audit": audited.get(place["key"])}
        for place in places
        if (pair := (place["run"], place["key"])) in known
    ]


def _rank(index: Index, queue: Queue) -> tuple[str, dict[str, Any]]:
    """Every task of the filter with its place in the order as the numbers a and key, ascending; `waits`: it is in."""
    where = find_where(index, queue.task_filter, leave_out=("decision",), ranked=queue.order == "risk")
    params = where.params | ({"seed": str(queue.seed)} if queue.order == "random" else {})
    waits = _wait(queue, voting=_is_voting(index))
    params |= {"reviewer": queue.reviewer} if "$reviewer" in waits else {}
    return where.select(f"v.run, v.key, {waits} AS waits, {_ORDERS[queue.order]} AS a"), params


def _order(direction: str) -> str:
    return f"ORDER BY r.a {direction}, r.key {direction}"


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
    elif queue.order == "risk" and row["audit"] is not None:
        inclusion = DRAWN_SHARE if _has_no_alarm(row["audit"]) and is_drawn(row["task_id"]) else None
        reason = "drawn at random" if inclusion else _tell_audit(row["audit"])
    else:
        reason = reasons.get(queue.order) or row["risk_reason"] or "nothing in the record speaks against it"
    return QueueItem(row["task_id"], row["run_id"], position, reason, row["risk"], row["decision"], inclusion)


def _has_no_alarm(audit: dict[str, Any]) -> bool:
    return not (audit["violations"] or audit["flags"] or audit["flagged"])


def _tell_audit(audit: dict[str, Any]) -> str:
    """Why a task stands where it does: its gravest finding, or the check in which it stands out."""
    if audit["detector"] and not _has_no_alarm(audit):
        words = name_finding(audit["detector"], audit["sentence"])
        return words if words[:2].isupper() else words[:1].lower() + words[1:]
    lead = DETECTORS.get(audit["lead"] or "")
    if lead is not None and audit["suspicion"]:
        return f"stands out in {lead.subject}"
    return "the audit found nothing"


_NO_ALARM = "a.violations = 0 AND a.flags = 0 AND NOT a.flagged"
# Suspicion is -log10 of what is even among clean tasks, and so is the place of a drawn one.
_ORDERS = {
    "risk": f"""CASE WHEN a.violations > 0 THEN -1000 - coalesce(a.suspicion, 0)
    WHEN a.key IS NULL THEN CASE WHEN v.parity = 'differs' THEN -1000 ELSE 0 END - v.risk / 2
        + 1e-6 * coalesce(v.gap, 9)
    WHEN {DRAWN} AND {_NO_ALARM} THEN log10({DRAW}) ELSE -coalesce(a.suspicion, least(a.flags, 1)) END""",
    "gap": "-coalesce(v.gap, -9)",
    "newest": "-v.t",
    "random": "hash(v.task_id || $seed)",
}
_SHOWN = """
SELECT v.run, v.key, v.task_id, v.risk, v.risk_reason, v.gap, v.decision, u.run_id
FROM (SELECT * FROM {source} WHERE rowid IN (
    SELECT rowid FROM {source} WHERE run BETWEEN $low AND $high AND key IN (SELECT unnest($keys::UBIGINT[]))
)) v
JOIN runs u ON u.run = v.run
"""
_AUDITED = """
WITH mine AS (SELECT unnest($keys::UBIGINT[]) AS key)
SELECT a.key, a.violations, a.flags, a.flagged, a.suspicion, a.lead, f.detector, f.sentence
FROM (SELECT key, violations, flags, flagged, suspicion, lead FROM audits WHERE key IN (FROM mine)) a
LEFT JOIN (
    SELECT key, detector, sentence FROM findings WHERE rowid IN (
        SELECT rowid FROM findings WHERE key IN (FROM mine) AND severity <> 'note'
    )
    QUALIFY row_number() OVER (PARTITION BY key ORDER BY severity = 'flag', rowid) = 1
) f USING (key)
"""
_BEFORE = "(SELECT count(*) FROM ranked r WHERE r.a < c.a OR (r.a = c.a AND r.key < c.key)) AS before"
_STATES = {name: name for name in ("skipped", "disputed", "approved", "rejected", "flagged")}
_VOTED = "v.key IN (SELECT key FROM votes WHERE reviewer = $reviewer)"
