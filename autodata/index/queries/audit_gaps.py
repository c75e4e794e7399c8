"""Gaps claimed against gaps certified, as the Audit page draws them."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from autodata.index.database import Index
from autodata.index.queries.audit_filter import AuditFilter, build_where

POINTS = 5000
"""Above so many certified tasks a map shows how many lie where, not each of them."""

CELL = 1 / 32


@dataclass(frozen=True, slots=True)
class GapMap:
    """Claimed against certified gaps, in [-1, 1]. `points`: task_id, claimed, certified, low, high, difficulty; or,
    above POINTS tasks, `density`: claimed, certified (lower corners of cells of width CELL), n. `total` of the view's
    tasks are certified, `uncertified` are not; the means are of the certified ones."""

    total: int
    real: int
    undecided: int
    not_real: int
    uncertified: int
    claimed: float | None
    certified: float | None
    points: pd.DataFrame | None
    density: pd.DataFrame | None


def load_gap_map(index: Index, view: AuditFilter) -> GapMap:
    """Certified tasks of a view."""
    where, params = build_where(view)
    counts = index.query(
        f"""SELECT count(a.certified), count(*) FILTER (a.difficulty = 'real'),
            count(*) FILTER (a.difficulty = 'undecided'), count(*) FILTER (a.difficulty = 'not_real'),
            count(*) - count(a.certified), avg(a.claimed) FILTER (a.certified IS NOT NULL), avg(a.certified)
        FROM audits a WHERE {where}""",
        params,
    )[0]
    total, real, undecided, not_real, uncertified, claimed, certified = counts
    drawn = f"{where} AND a.certified IS NOT NULL AND a.claimed IS NOT NULL"
    if total <= POINTS:
        points = index.frame(
            f"""SELECT a.task_id, a.claimed, a.certified, a.certified_low AS low, a.certified_high AS high, a.difficulty
            FROM audits a WHERE {drawn} ORDER BY a.key""",
            params,
        )
        return GapMap(total, real, undecided, not_real, uncertified, claimed, certified, points, None)
    density = index.frame(
        f"""SELECT floor(a.claimed / $cell) * $cell AS claimed, floor(a.certified / $cell) * $cell AS certified,
            count(*) AS n
        FROM audits a WHERE {drawn} GROUP BY 1, 2 ORDER BY 1, 2""",
        {**params, "cell": CELL},
    )
    return GapMap(total, real, undecided, not_real, uncertified, claimed, certified, None, density)
