"""The band of a task under a rule that is tried, as SQL over the stored means."""

from __future__ import annotations

from typing import Any

from autodata.acceptance import bound_means
from autodata.index.database import Index
from autodata.index.queries.filters import TaskFilter
from autodata.index.queries.searching import find_where
from autodata.policy import Policy

STORED = "v.band"
"""The band that each task was given under the rule of its own run."""


def build_band(policy: Policy | None) -> tuple[str, dict[str, Any]]:
    """SQL for the band of the row `v` under `policy`, NULL where not measured, and its parameters; no policy means the
    band that is stored. Follows `acceptance.find_band`; a test holds the two together."""
    if policy is None:
        return STORED, {}
    bounds = bound_means(policy)
    weak, strong = "round(v.weak, 9)", "round(v.strong, 9)"
    ceiling = f" OR {strong} >= $strong_mean_max" if bounds.strong_mean_max is not None else ""
    sql = f"""CASE
        WHEN v.weak IS NULL THEN NULL
        WHEN {strong} < {weak} THEN 'inverted'
        WHEN {weak} {">" if bounds.weak_mean_inclusive else ">="} $weak_mean_max{ceiling} THEN 'easy'
        WHEN v.strong IS NULL THEN NULL
        WHEN {strong} {"<" if bounds.strong_mean_min_inclusive else "<="} $strong_mean_min THEN 'hard'
        WHEN round(v.strong - v.weak, 9) >= $gap_min THEN 'right'
        ELSE 'easy' END"""
    params = {
        "weak_mean_max": bounds.weak_mean_max,
        "strong_mean_min": bounds.strong_mean_min,
        "gap_min": round(bounds.gap_min, 9),
    }
    return sql, params | ({"strong_mean_max": bounds.strong_mean_max} if ceiling else {})


def count_bands_under(index: Index, task_filter: TaskFilter, policy: Policy) -> dict[str, int]:
    """Tasks measured on both sides by their band under `policy`, the brush left out: right, easy, hard, inverted."""
    band, params = build_band(policy)
    where = find_where(index, task_filter, leave_out=("box",))
    measured = where.select(f"{band} AS tried, count(*)") + " AND v.weak IS NOT NULL AND v.strong IS NOT NULL"
    counts: dict[str, int] = dict(index.query(f"{measured} GROUP BY tried", {**where.params, **params}))
    return {name: int(counts.get(name, 0)) for name in ("right", "easy", "hard", "inverted")}
