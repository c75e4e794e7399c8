"""Small multiples: where the tasks of each run, round or source lie on the weak × strong map."""

from __future__ import annotations

from dataclasses import dataclass

from autodata.index.database import Index
from autodata.index.queries.bands import build_band
from autodata.index.queries.filters import TaskFilter, cell
from autodata.index.queries.searching import find_where
from autodata.index.queries.tasks import Group
from autodata.policy import Policy


@dataclass(frozen=True, slots=True)
class SmallMap:
    """One group. `cells` are (weak, strong, tasks) with the lower corner of a cell in [0, 1]; `right` of the `total`
    tasks measured on both sides are in the band."""

    key: str
    label: str
    total: int
    right: int
    cells: tuple[tuple[float, float, int], ...]


@dataclass(frozen=True, slots=True)
class Multiples:
    """The largest groups (rounds by number), on a grid of width `cell`; `groups` counts those that there are."""

    maps: tuple[SmallMap, ...]
    groups: int
    cell: float


def load_multiples(
    index: Index,
    task_filter: TaskFilter,
    group: Group,
    limit: int = 15,
    bins: int = 20,
    policy: Policy | None = None,
) -> Multiples:
    """The maps of a view by group; its brush (`box`) is left out, as on the large map. `policy` is a rule to try:
    without it a task has the band that its own run gave it."""
    key, label, order = _GROUPS[group]
    band, tried = build_band(policy)
    where = find_where(index, task_filter, leave_out=("box",), wide=group == "source")
    columns = (
        f"{key} AS id, {label} AS label, {cell('v.weak', bins)} AS weak, {cell('v.strong', bins)} AS strong, "
        f"count(*) AS n, count(*) FILTER (({band}) = 'right') AS n_right"
    )
    rows = index.query(
        f"""
        WITH cells AS ({where.select(columns)} AND v.weak IS NOT NULL AND v.strong IS NOT NULL GROUP BY id, weak, strong),
        sizes AS (SELECT id, sum(n) AS total, sum(n_right) AS n_right, any_value(label) AS label FROM cells GROUP BY id),
        chosen AS (SELECT *, count(*) OVER () AS groups FROM sizes ORDER BY {order} LIMIT $limit)
        SELECT id::VARCHAR, c.label, total, c.n_right, groups, list({{'x': weak, 'y': strong, 'n': n}} ORDER BY weak, strong)
        FROM chosen c JOIN cells USING (id) GROUP BY id, c.label, total, c.n_right, groups ORDER BY {order}
        """,  # noqa: E501
        {**where.params, **tried, "limit": limit},
    )
    names = {str(run): name for run, name in index.query("SELECT run, run_id FROM runs")} if group == "run" else {}
    return Multiples(
        tuple(
            SmallMap(
                names.get(found, found),
                names.get(found, str(name or "")),
                int(total),
                int(right),
                tuple((spot["x"], spot["y"], int(spot["n"])) for spot in spots),
            )
            for found, name, total, right, _, spots in rows
        ),
        int(rows[0][4]) if rows else 0,
        1 / bins,
    )


_GROUPS = {
    "run": ("v.run", "any_value(v.run)::VARCHAR", "total DESC, id"),
    "round": ("v.round", "any_value(v.round)::VARCHAR", "id"),
    "source": ("v.source_id", "any_value(v.title)", "total DESC, id"),
}
