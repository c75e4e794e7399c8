"""What the Tasks page shows: the filtered table, the map and its distributions. All paging happens in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

from autodata.index.database import Index
from autodata.index.queries.filters import (
    AUDIT_STATE,
    Box,
    DecisionState,
    Order,
    Scope,
    TaskFilter,
    Where,
    cell,
    is_ranked,
    order_by,
)
from autodata.index.queries.searching import find_where
from autodata.index.queries.votes import name_reviewers

__all__ = [
    "Box",
    "DecisionState",
    "MapData",
    "Order",
    "Scope",
    "TaskFilter",
    "count_bands_by",
    "count_tasks",
    "list_tasks",
    "load_map",
]


Group = Literal["run", "round", "source"]
RINGS = 400
"""Tasks with a violation that a map marks at most."""


@dataclass(frozen=True, slots=True)
class MapData:
    """Tasks on the weak × strong map. `points` (at most the cap asked for): task_id, weak, strong, gap, band,
    outcome, decision, question (first 120 characters); None above the cap, where `density` has weak, strong, band, n
    on a grid of width `cell`. `total`: tasks with both sides measured; `weak_only`: without a strong side. `violated`
    has weak and strong of tasks with a violation, at most RINGS of the `violations` that there are."""

    points: pd.DataFrame | None
    density: pd.DataFrame | None
    total: int
    weak_only: int
    cell: float
    violated: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"weak": [], "strong": []}))
    violations: int = 0


def count_tasks(index: Index, task_filter: TaskFilter) -> int:
    """How many tasks the filter holds."""
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
    return fetch_tasks(index, task_filter, choose_tasks(index, task_filter, limit, offset), reviewer)


def choose_tasks(
    index: Index, task_filter: TaskFilter, limit: int | None = None, offset: int = 0
) -> list[tuple[int, int]]:
    """Run and key of a page's tasks, or of all, in a total order."""
    where = find_where(index, task_filter, ranked=is_ranked(task_filter))
    page = where.select("v.run, v.key") + f" ORDER BY {order_by(task_filter)} LIMIT $limit OFFSET $offset"
    return [(run, key) for run, key in index.query(page, {**where.params, "limit": limit, "offset": offset})]


def fetch_tasks(
    index: Index, task_filter: TaskFilter, chosen: Sequence[tuple[int, int]], reviewer: str = ""
) -> pd.DataFrame:
    """The columns of `list_tasks` for these tasks, in their order."""
    runs = [row[0] for row in chosen]
    # A page mostly lies in few runs, whose rows lie together: their range lets the look-ups pass over all others.
    params = {"low": min(runs, default=0), "high": max(runs, default=0), "keys": [row[1] for row in chosen]}
    every_round = task_filter.scope == "all"
    frame = index.frame(_ROWS_OF_ROUNDS if every_round else _ROWS_OF_TRAJECTORIES, params)
    places = {pair: place for place, pair in enumerate(chosen)}
    pairs = zip(frame["run"], frame["key"], strict=True)
    order = sorted((places[pair], row) for row, pair in enumerate(pairs) if pair in places)
    frame = frame.iloc[[row for _, row in order]].reset_index(drop=True)
    _add_run_and_reviewer(index, frame, params, reviewer)
    _add_audit(index, frame, params)
    if every_round:
        _add_trajectories(index, frame, params)
    return frame.drop(columns=["run", "key"])


def load_map(index: Index, task_filter: TaskFilter, cap: int = 5000, bins: int = 30) -> MapData:
    """The map of a filter; its brush (`box`) is left out, so that what is outside stays visible. `violated` holds weak
    and strong of tasks with a violation, drawn evenly where there are more than RINGS."""
    where = find_where(index, task_filter, leave_out=("box",))
    counted = where.select("count(v.strong), count(*) FILTER (v.weak IS NOT NULL AND v.strong IS NULL)")
    total, weak_only = index.query(counted, where.params)[0]
    if total <= cap:
        where = find_where(index, task_filter, leave_out=("box",), wide=True)
    measured = Where(where.source, where.condition + " AND v.weak IS NOT NULL AND v.strong IS NOT NULL", where.params)
    if total <= cap:
        columns = (
            "v.task_id, v.weak, v.strong, v.gap, coalesce(v.band, 'none') AS band, v.outcome, v.decision, "
            "v.question[:120] AS question"
        )
        points = index.frame(measured.select(columns) + " ORDER BY v.t, v.task_id", measured.params)
        return MapData(points, None, total, weak_only, 1 / bins, *_list_violated(index, task_filter))
    cells = f"{cell('v.weak', bins)} AS weak, {cell('v.strong', bins)} AS strong"
    columns = f"{cells}, coalesce(v.band, 'none') AS band, count(*) AS n"
    density = index.frame(measured.select(columns) + " GROUP BY ALL ORDER BY ALL", measured.params)
    return MapData(None, density, total, weak_only, 1 / bins, *_list_violated(index, task_filter))


def count_bands_by(index: Index, task_filter: TaskFilter, group: Group, limit: int = 20) -> pd.DataFrame:
    """Columns key, label, band, n for `group` run, round or source, the largest groups first (rounds by number)."""
    key, label, order = _GROUPS[group]
    where = find_where(index, task_filter, leave_out=("bands",), wide=group == "source")
    counted = where.select(f"{key} AS id, {label} AS label, coalesce(v.band, 'none') AS band, count(*) AS n")
    frame = index.frame(
        f"""
        WITH counted AS ({counted} GROUP BY 1, 3),
        chosen AS (SELECT id, sum(n) AS total FROM counted GROUP BY id ORDER BY {order} LIMIT $limit)
        SELECT id::VARCHAR AS key, label, band, n FROM counted JOIN chosen USING (id) ORDER BY {order}, band
        """,
        {**where.params, "limit": limit},
    )
    if group == "run":
        names = {str(run): name for run, name in index.query("SELECT run, run_id FROM runs")}
        frame["key"] = frame["label"] = frame["key"].map(names)
    return frame


def _list_violated(index: Index, task_filter: TaskFilter) -> tuple[pd.DataFrame, int]:
    """Where the tasks with a violation lie, as far as a map marks them, and how many there are."""
    where = find_where(index, task_filter, leave_out=("box",))
    violated = "v.key IN (SELECT key FROM audits WHERE violations > 0)"
    measured = f"{where.condition} AND {violated} AND v.weak IS NOT NULL AND v.strong IS NOT NULL"
    sql = Where(where.source, measured, where.params).select("v.weak, v.strong, count(*) OVER () AS n")
    frame = index.frame(f"{sql} ORDER BY hash(v.key) LIMIT {RINGS}", where.params)
    return frame[["weak", "strong"]], int(frame["n"].iloc[0]) if len(frame) else 0


def _add_audit(index: Index, frame: pd.DataFrame, params: dict[str, Any]) -> None:
    """Give a page of tasks what the audit says of them."""
    known = {
        (row.pop("run"), row.pop("key")): row
        for row in index.records(
            f"SELECT run, key, {AUDIT_STATE} AS audit, cluster, {', '.join(_AUDITED)} FROM audits a WHERE {_AUDITS}",
            {name: params[name] for name in ("low", "high", "keys")},
        )
    }
    rows = [known.get(pair, {}) for pair in zip(frame["run"], frame["key"], strict=True)]
    frame["audit"] = [row.get("audit", "unchecked") for row in rows]
    frame["copies"] = _count_copies(
        index, [(run, row.get("cluster")) for run, row in zip(frame["run"], rows, strict=True)]
    )
    for name, numeric in _AUDITED.items():
        values = [row.get(name) for row in rows]
        frame[name] = pd.Series(values, dtype="float64") if numeric else [value or "" for value in values]


def _count_copies(index: Index, clusters: Sequence[tuple[int, int | None]]) -> list[int]:
    """How many other tasks of its run share each cluster."""
    wanted = sorted({cluster for _, cluster in clusters if cluster is not None})
    if not wanted:
        return [0] * len(clusters)
    sizes = {
        (run, cluster): n
        for run, cluster, n in index.query(
            """SELECT run, cluster, count(*) FROM audits WHERE cluster IN (SELECT unnest($wanted::UBIGINT[]))
            GROUP BY ALL""",
            {"wanted": wanted},
        )
    }
    return [sizes.get(pair, 1) - 1 for pair in clusters]


def _add_run_and_reviewer(index: Index, frame: pd.DataFrame, params: dict[str, Any], reviewer: str) -> None:
    runs = {
        run: rest
        for run, *rest in index.query(
            "SELECT run, run_id, simulated FROM runs WHERE run BETWEEN $low AND $high",
            {"low": params["low"], "high": params["high"]},
        )
    }
    reviewers = name_reviewers(index, params["keys"], reviewer)
    frame["reviewer"] = [reviewers.get(key, "") for key in frame["key"]]
    frame["run_id"] = [runs[run][0] for run in frame["run"]]
    frame["simulated"] = [runs[run][1] for run in frame["run"]]


def _add_trajectories(index: Index, frame: pd.DataFrame, params: dict[str, Any]) -> None:
    """Give a page of rounds what only tasks and trajectories know; look-ups are far cheaper than their join."""
    questions = {
        (run, key): question
        for run, key, question in index.query(
            """SELECT run, key, question[:200] FROM tasks
            WHERE run BETWEEN $low AND $high AND key IN (SELECT unnest($keys::UBIGINT[]))""",
            {name: params[name] for name in ("low", "high", "keys")},
        )
    }
    known: dict[tuple[int, str], Sequence[Any]] = {
        (run, source): rest
        for run, source, *rest in index.query(
            """SELECT run, source_id, title, rounds, gaps FROM trajectories
            WHERE run BETWEEN $low AND $high AND source_id IN (SELECT unnest($sources::VARCHAR[]))""",
            {"low": params["low"], "high": params["high"], "sources": sorted(set(frame["source_id"]))},
        )
    }
    rows: list[Sequence[Any]] = [
        known.get(pair, ("", 1, [])) for pair in zip(frame["run"], frame["source_id"], strict=True)
    ]
    frame["question"] = [questions.get(pair, "") for pair in zip(frame["run"], frame["key"], strict=True)]
    for place, name in enumerate(("title", "rounds", "gap_by_round")):
        frame[name] = [row[place] for row in rows]


_COLUMNS = """v.run, v.key, v.task_id, v.weak, v.strong, v.gap, coalesce(v.band, 'none') AS band, v.round, v.outcome,
v.decision, v.source_id, v.parity, v.risk, v.risk_reason, v.t"""
# Rows are found by two narrow columns and fetched by their place, so that strings are unpacked for these rows only. A
# join here would undo that: it is pushed into the fetch as one more filter over the whole table.
_PLACES = """rowid IN (
    SELECT rowid FROM {table} WHERE run BETWEEN $low AND $high AND key IN (SELECT unnest($keys::UBIGINT[]))
)"""
_AUDITS = _PLACES.format(table="audits")
_AUDITED = {
    "integrity": False,
    "difficulty": False,
    "validity": False,
    "certified": True,
    "certified_low": True,
    "certified_high": True,
    "suspicion": True,
    "basis": False,
    "lead": False,
}
"""Columns of an audit that a row of the table has, and whether they are numbers."""
_ROWS_OF_ROUNDS = f"SELECT {_COLUMNS} FROM rounds v WHERE v.{_PLACES.format(table='rounds')}"
_ROWS_OF_TRAJECTORIES = f"""SELECT {_COLUMNS}, v.question[:200] AS question, v.title, v.rounds, v.gaps AS gap_by_round
FROM trajectories v WHERE v.{_PLACES.format(table="trajectories")}"""
_GROUPS = {
    "run": ("v.run", "any_value(v.run)::VARCHAR", "total DESC, id"),
    "round": ("v.round", "any_value(v.round)::VARCHAR", "id"),
    "source": ("v.source_id", "any_value(v.title)", "total DESC, id"),
}
