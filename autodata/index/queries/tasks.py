"""What the Tasks page shows: the filtered table and how long it is. All paging happens in SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from autodata.index.database import Index
from autodata.index.queries.filters import (
    Box,
    DecisionState,
    Order,
    Scope,
    TaskFilter,
    count_where,
    order_by,
)
from autodata.index.queries.searching import find_where
from autodata.index.queries.task_map import Group, MapData, count_bands_by, load_map
from autodata.index.queries.votes import name_reviewers

__all__ = [
    "Box",
    "DecisionState",
    "Group",
    "MapData",
    "Order",
    "Scope",
    "TaskFilter",
    "count_bands_by",
    "count_tasks",
    "list_tasks",
    "load_map",
]

Place = tuple[int, int]
"""A task by its run and its key."""


def count_tasks(index: Index, task_filter: TaskFilter) -> int:
    """How many tasks the filter holds."""
    kept = count_where(task_filter)
    if kept is not None:
        return int(index.query(kept.select("coalesce(sum(v.n), 0)"), kept.params)[0][0])
    where = find_where(index, task_filter)
    return int(index.query(where.select("count(*)"), where.params)[0][0])


def list_tasks(
    index: Index, task_filter: TaskFilter, limit: int = 50, offset: int = 0, reviewer: str = ""
) -> pd.DataFrame:
    """One page, in a total order; who decided is there as far as `reviewer` may know it.

    Columns: task_id, question (first 200 characters), weak, strong, gap (NaN where not measured), band (`none` where
    not measured), round, rounds (of its source), gap_by_round (list of float), outcome, decision (open, waiting,
    disputed, approved, rejected, flagged, skipped), reviewer, run_id, source_id, title, parity, risk, risk_reason, t,
    simulated; of the audit: audit (violated, flagged, unchecked, clear), integrity, difficulty, validity ("" without
    one), certified, certified_low, certified_high and suspicion (NaN where there is none), basis, lead, copies (other
    tasks of its run that are near copies of it).
    """
    where = find_where(index, task_filter)
    found = where.source.startswith(("trajectories ", "rounds "))
    page = where.select(f"v.run, v.key{', v.rowid' if found else ''}") + _page(task_filter)
    chosen = index.query(page, {**where.params, "limit": limit, "offset": offset})
    rowids = [row[2] for row in chosen] if found else []
    return fetch_tasks(index, task_filter, [(row[0], row[1]) for row in chosen], reviewer, rowids)


def choose_tasks(index: Index, task_filter: TaskFilter, limit: int | None = None, offset: int = 0) -> list[Place]:
    """A page's tasks, or all, in a total order."""
    where = find_where(index, task_filter)
    page = where.select("v.run, v.key") + _page(task_filter)
    return [(run, key) for run, key in index.query(page, {**where.params, "limit": limit, "offset": offset})]


def fetch_tasks(
    index: Index, task_filter: TaskFilter, chosen: Sequence[Place], reviewer: str = "", rowids: Sequence[int] = ()
) -> pd.DataFrame:
    """The columns of `list_tasks` for these tasks, in their order. `rowids`: where their rows lay a moment ago, which
    spares looking for them; rows that moved since are looked for all the same.
    """
    runs = [run for run, _ in chosen]
    # A page mostly lies in few runs, whose rows lie together: their range lets the look-ups pass over all others.
    params = {"low": min(runs, default=0), "high": max(runs, default=0), "keys": [key for _, key in chosen]}
    every_round = task_filter.scope == "all"
    rows_of = _ROWS_OF_ROUNDS if every_round else _ROWS_OF_TRAJECTORIES
    found = index.records(rows_of + _AT, {"rowids": list(rowids)}) if rowids else []
    known = {(row["run"], row["key"]): row for row in found}
    if any(place not in known for place in chosen):
        table = "rounds" if every_round else "trajectories"
        found = index.records(rows_of + _PLACES.format(table=table), params)
        known = {(row["run"], row["key"]): row for row in found}
    rows = [known[place] for place in chosen if place in known]
    for add in (_add_runs, _add_trajectories) if every_round else (_add_runs,):
        add(index, rows, params)
    decided = [row["key"] for row in rows if row["decision"] != "open"]
    reviewers = name_reviewers(index, decided, reviewer) if decided else {}
    for row in rows:
        row["reviewer"] = reviewers.get(row["key"], "")
    # Arrays, not Series: making thirty of those takes longer than any query of a page.
    columns = {
        name: np.fromiter((row[name] for row in rows), object, len(rows))
        if kind == _ANY
        else np.array([row[name] for row in rows], kind)
        for name, kind in _KINDS.items()
    }
    return pd.DataFrame(columns)


def _page(task_filter: TaskFilter) -> str:
    return f" ORDER BY {order_by(task_filter)} LIMIT $limit OFFSET $offset"


def _add_runs(index: Index, rows: Sequence[dict[str, Any]], params: Mapping[str, Any]) -> None:
    runs = {
        run: {"run_id": run_id, "simulated": simulated}
        for run, run_id, simulated in index.query(
            "SELECT run, run_id, simulated FROM runs WHERE run BETWEEN $low AND $high",
            {"low": params["low"], "high": params["high"]},
        )
    }
    for row in rows:
        row |= runs[row["run"]]


def _add_trajectories(index: Index, rows: Sequence[dict[str, Any]], params: Mapping[str, Any]) -> None:
    """Give a page of rounds what only tasks and trajectories know; look-ups are far cheaper than their join."""
    questions = {
        (run, key): question
        for run, key, question in index.query(
            """SELECT run, key, question[:200] FROM tasks
            WHERE run BETWEEN $low AND $high AND key IN (SELECT unnest($keys::UBIGINT[]))""",
            dict(params),
        )
    }
    known: dict[tuple[int, str], Sequence[Any]] = {
        (run, source): rest
        for run, source, *rest in index.query(
            """SELECT run, source_id, title, rounds, gaps FROM trajectories
            WHERE run BETWEEN $low AND $high AND source_id IN (SELECT unnest($sources::VARCHAR[]))""",
            {"low": params["low"], "high": params["high"], "sources": sorted({row["source_id"] for row in rows})},
        )
    }
    for row in rows:
        row["question"] = questions.get((row["run"], row["key"]), "")
        rest = known.get((row["run"], row["source_id"]), ("", 1, []))
        row["title"], row["rounds"], row["gap_by_round"] = rest


_NUMBER, _ANY = "float64", "object"
_KINDS = {
    "task_id": _ANY, "question": _ANY, "weak": _NUMBER, "strong": _NUMBER, "gap": _NUMBER, "band": _ANY,
    "round": "int64", "rounds": "int64", "gap_by_round": _ANY, "outcome": _ANY, "decision": _ANY, "reviewer": _ANY,
    "run_id": _ANY, "source_id": _ANY, "title": _ANY, "parity": _ANY, "risk": _NUMBER, "risk_reason": _ANY,
    "t": _NUMBER, "simulated": "bool", "audit": _ANY, "integrity": _ANY, "difficulty": _ANY, "validity": _ANY,
    "certified": _NUMBER, "certified_low": _NUMBER, "certified_high": _NUMBER, "suspicion": _NUMBER, "basis": _ANY,
    "lead": _ANY, "copies": "int64",
}  # fmt: skip
"""Columns of `list_tasks` and how pandas holds them."""

_COLUMNS = """v.run, v.key, v.task_id, v.weak, v.strong, v.gap, coalesce(v.band, 'none') AS band, v.round, v.outcome,
v.decision, v.source_id, v.parity, v.risk, v.risk_reason, v.t, v.audit, v.integrity, v.difficulty, v.validity,
v.certified, v.certified_low, v.certified_high, v.suspicion, v.basis, v.lead, v.copies"""
# Rows are found by two narrow columns and fetched by their place, so that strings are unpacked for these rows only. A
# join here would undo that: it is pushed into the fetch as one more filter over the whole table.
_AT = "WHERE v.rowid IN (SELECT unnest($rowids::BIGINT[]))"
_PLACES = """WHERE v.rowid IN (
    SELECT rowid FROM {table} WHERE run BETWEEN $low AND $high AND key IN (SELECT unnest($keys::UBIGINT[]))
)"""
_ROWS_OF_ROUNDS = f"SELECT {_COLUMNS} FROM rounds v "
_ROWS_OF_TRAJECTORIES = f"""SELECT {_COLUMNS}, v.question[:200] AS question, v.title, v.rounds, v.gaps AS gap_by_round
FROM trajectories v """
