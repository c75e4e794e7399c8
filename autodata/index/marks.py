"""What the audit says of a task, repeated beside its round and its trajectory, so that no page has to join.

A task without an audit has "" where an audit would have a word, and stands by plain facts of its record.
"""

from __future__ import annotations

from collections.abc import Collection

import duckdb

from autodata.index.drawing import DRAW, DRAWN
from autodata.index.tallies import count_tasks

AUDIT_STATE = """CASE WHEN a.violations > 0 THEN 'violated' WHEN a.flags > 0 OR a.flagged THEN 'flagged'
WHEN a.integrity IN ('clean', 'asymmetric_declared') THEN 'clear' ELSE 'unchecked' END"""
"""SQL for the state of an audit `a`."""

_PRESSING = """CASE WHEN a.violations > 0 THEN 10 + coalesce(a.suspicion, 0) WHEN a.key IS NOT NULL
THEN coalesce(a.suspicion, 0) WHEN v.parity = 'differs' THEN 10 + v.risk / 10 ELSE v.risk / 4 END"""

# Suspicion is -log10 of what is even among clean tasks, and so is the place of a drawn one.
_PLACE = f"""CASE WHEN a.violations > 0 THEN -1000 - coalesce(a.suspicion, 0)
WHEN a.key IS NULL THEN CASE WHEN v.parity = 'differs' THEN -1000 ELSE 0 END - v.risk / 2 + 1e-6 * coalesce(v.gap, 9)
WHEN {DRAWN} AND a.flags = 0 AND NOT a.flagged THEN log10({DRAW})
ELSE -coalesce(a.suspicion, least(a.flags, 1)) END"""

_MARKS = {
    "audit": AUDIT_STATE,
    **{name: f"coalesce(a.{name}, '')" for name in ("integrity", "difficulty", "validity", "basis", "lead")},
    **{name: f"a.{name}" for name in ("suspicion", "certified", "certified_low", "certified_high", "cluster")},
    "copies": "coalesce(a.alike, 0)",
    "pressing": _PRESSING,
    "place": _PLACE,
}

MARKS = tuple(_MARKS)
"""Columns of `rounds` and `trajectories` that repeat the audit, in the order of the tables."""

SELECT_MARKS = ", ".join(f"{sql} AS {name}" for name, sql in _MARKS.items())
"""SQL for the marks of a round or a trajectory `v` with its audit `a`, if there is one."""


def mark_tasks(db: duckdb.DuckDBPyConnection, run: int, keys: Collection[int] | None = None) -> None:
    """Bring the marks of these tasks of a run, or of all of it, up to date after `audits` has changed."""
    params = {"run": run, "keys": None if keys is None else list(keys)}
    changes = ", ".join(f"{name} = m.{name}" for name in MARKS)
    for table in ("rounds", "trajectories"):
        db.execute(
            f"""UPDATE {table} SET {changes} FROM (
                SELECT v.run, v.key, {SELECT_MARKS}
                FROM (SELECT run, key, parity, risk, gap FROM {table} WHERE run = $run AND key IS NOT NULL
                    AND ($keys IS NULL OR key IN (SELECT unnest($keys::UBIGINT[])))) v
                LEFT JOIN (SELECT * FROM audits WHERE run = $run) a ON a.key = v.key
            ) m WHERE m.run = {table}.run AND m.key = {table}.key""",
            params,
        )
    count_tasks(db, [run])
