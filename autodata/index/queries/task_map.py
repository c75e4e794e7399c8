"""The weak × strong map of a filter, and its bands by run, round or source."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from autodata.index.database import Index
from autodata.index.queries.bands import build_band
from autodata.index.queries.filters import TaskFilter, Where, cell
from autodata.index.queries.searching import find_where
from autodata.index.tallies import GRID
from autodata.policy import Policy

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


def load_map(index: Index, task_filter: TaskFilter, cap: int = 5000, bins: int = GRID) -> MapData:
    """The map of a filter; its brush (`box`) is left out, so that what is outside stays visible. `violated` holds weak
    and strong of tasks with a violation, drawn evenly where there are more than RINGS."""
    where = find_where(index, task_filter, leave_out=("box",))
    kept = _find_cells(task_filter) if bins == GRID else None
    if kept is not None:
        counted = kept.select(
            "coalesce(sum(v.n) FILTER (v.strong IS NOT NULL), 0)::BIGINT, "
            "coalesce(sum(v.n) FILTER (v.strong IS NULL), 0)::BIGINT"
        )
        total, weak_only = index.query(counted, kept.params)[0]
    else:
        counted = where.select("count(v.strong), count(*) FILTER (v.weak IS NOT NULL AND v.strong IS NULL)")
        total, weak_only = index.query(counted, where.params)[0]
    if kept is not None and total > cap:
        density = index.frame(
            kept.select(f"v.weak / {GRID} AS weak, v.strong / {GRID} AS strong, v.band, sum(v.n)::BIGINT AS n")
            + " AND v.strong IS NOT NULL GROUP BY ALL ORDER BY ALL",
            kept.params,
        )
        return MapData(None, density, total, weak_only, 1 / GRID, *_list_violated(index, task_filter))
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


def count_bands_by(
    index: Index, task_filter: TaskFilter, group: Group, limit: int = 20, policy: Policy | None = None
) -> pd.DataFrame:
    """Columns key, label, band, n for `group` run, round or source, the largest groups first (rounds by number). The
    bands are those stored, or under `policy`, a rule to try."""
    key, label, order = _GROUPS[group]
    band, tried = build_band(policy)
    where = find_where(index, task_filter, leave_out=("bands",), wide=group == "source")
    counted = where.select(f"{key} AS id, {label} AS label, coalesce({band}, 'none') AS band, count(*) AS n")
    frame = index.frame(
        f"""
        WITH counted AS ({counted} GROUP BY 1, 3),
        chosen AS (SELECT id, sum(n) AS total FROM counted GROUP BY id ORDER BY {order} LIMIT $limit)
        SELECT id::VARCHAR AS key, label, band, n FROM counted JOIN chosen USING (id) ORDER BY {order}, band
        """,
        {**where.params, **tried, "limit": limit},
    )
    if group == "run":
        names = {str(run): name for run, name in index.query("SELECT run, run_id FROM runs")}
        frame["key"] = frame["label"] = frame["key"].map(names)
    return frame


def _find_cells(task_filter: TaskFilter) -> Where | None:
    """The counts kept by cell, where the filter asks for no more than all tasks, of one run or of every run."""
    plain = TaskFilter(
        scope=task_filter.scope,
        run_id=task_filter.run_id,
        box=task_filter.box,
        order=task_filter.order,
        descending=task_filter.descending,
    )
    if task_filter != plain or task_filter.scope == "accepted":
        return None
    mine = "" if task_filter.run_id is None else " AND v.run = (SELECT run FROM runs WHERE run_id = $run_id)"
    params = {} if task_filter.run_id is None else {"run_id": task_filter.run_id}
    return Where("cells v", f"v.scope = '{'all' if task_filter.scope == 'all' else 'last'}'{mine}", params)


def _list_violated(index: Index, task_filter: TaskFilter) -> tuple[pd.DataFrame, int]:
    """Where the tasks with a violation lie, as far as a map marks them, and how many there are."""
    where = find_where(index, task_filter, leave_out=("box",))
    measured = f"{where.condition} AND v.audit = 'violated' AND v.weak IS NOT NULL AND v.strong IS NOT NULL"
    sql = Where(where.source, measured, where.params).select("v.weak, v.strong, count(*) OVER () AS n")
    frame = index.frame(f"{sql} ORDER BY hash(v.key) LIMIT {RINGS}", where.params)
    return frame[["weak", "strong"]], int(frame["n"].iloc[0]) if len(frame) else 0


_GROUPS = {
    "run": ("v.run", "any_value(v.run)::VARCHAR", "total DESC, id"),
    "round": ("v.round", "any_value(v.round)::VARCHAR", "id"),
    "source": ("v.source_id", "any_value(v.title)", "total DESC, id"),
}
