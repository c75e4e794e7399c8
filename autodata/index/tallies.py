"""Counts of one run, kept beside its rows so that no page counts half a million rounds to draw one figure.

Every count is taken anew from the run's rows whenever a batch touched them: a round that comes again after a resume
replaces the earlier one, and a sum that is only added to would keep both.
"""

from __future__ import annotations

from collections.abc import Collection

import duckdb

from autodata.index.staging import Batch

GRID = 32
"""Cells along each axis of the weak x strong map as it is kept in `cells`."""

TABLES = ("standings", "tallies", "cells", "piles", "uses", "paces")

_SCOPES = (("all", "rounds"), ("last", "trajectories"))


def store_tallies(db: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    """Bring the counts of the batch's run up to date, after all its rows were written."""
    if any(batch.keyed[table] for table in ("sources", "tasks", "results")):
        _count_again(db, "standings", _STANDINGS, batch.run)
    if batch.rounds:
        _count_again(db, "tallies", _TALLIES, batch.run)
        count_tasks(db, [batch.run])
    if batch.calls:
        _add_uses(db, batch.run, min(row[1] for row in batch.calls))
        _count_seconds(db, batch.run, min(row[2] for row in batch.calls))


def count_tasks(db: duckdb.DuckDBPyConnection, runs: Collection[int]) -> None:
    """Count the tasks of these runs again, after a round or a mark of the audit has changed."""
    _count_scopes(db, "piles", _PILES, runs)
    _count_scopes(db, "cells", _CELLS, runs)


def count_decided(db: duckdb.DuckDBPyConnection, changed: Collection[tuple[int, str]]) -> None:
    """Count again what hangs on decisions, for the runs and outcomes of what was decided; places on the map do not."""
    outcomes = sorted({outcome for _, outcome in changed})
    _count_scopes(db, "piles", _PILES, {run for run, _ in changed}, outcomes)


def clear_tallies(db: duckdb.DuckDBPyConnection, run: int) -> None:
    """Take the counts of one run out of the index."""
    for table in TABLES:
        db.execute(f"DELETE FROM {table} WHERE run = ?", [run])


def _count_scopes(
    db: duckdb.DuckDBPyConnection, table: str, sql: str, runs: Collection[int], outcomes: Collection[str] | None = None
) -> None:
    if not runs:
        return
    mine = f"run IN ({', '.join(str(int(run)) for run in sorted(runs))})"
    params = {} if outcomes is None else {"outcomes": list(outcomes)}
    if params:
        mine += " AND list_contains($outcomes, coalesce(outcome, ''))"
    db.execute(f"DELETE FROM {table} WHERE {mine}", params)
    for scope, source in _SCOPES:
        db.execute(f"INSERT INTO {table} {sql.format(scope=scope, source=source, mine=mine)}", params)


def _count_again(db: duckdb.DuckDBPyConnection, table: str, sql: str, run: int) -> None:
    db.execute(f"DELETE FROM {table} WHERE run = ?", [run])
    db.execute(f"INSERT INTO {table} {sql}", {"run": run})


def _add_uses(db: duckdb.DuckDBPyConnection, run: int, since: int) -> None:
    """Add the calls from record `since` on; a call is recorded once, so what was counted stays."""
    rows = db.execute(_USES, {"run": run, "since": since}).fetchall()
    db.execute("DELETE FROM uses WHERE run = ?", [run])
    db.executemany("INSERT INTO uses VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)


def _count_seconds(db: duckdb.DuckDBPyConnection, run: int, since: float) -> None:
    """Count the seconds from `since` on again; the first may have been counted in part."""
    params = {"run": run, "since": float(int(since))}
    db.execute("DELETE FROM paces WHERE run = $run AND second >= $since", params)
    db.execute(_PACES, params)


_STANDINGS = """
SELECT $run, sources, documents, tasks, done, exhausted, undecided, skipped, rounds_to_accept
FROM (SELECT count(*) AS sources, count(DISTINCT document) AS documents FROM sources WHERE run = $run),
    (SELECT count(*) AS tasks FROM tasks WHERE run = $run),
    (SELECT count(*) AS done, count(*) FILTER (outcome = 'exhausted') AS exhausted,
        count(*) FILTER (outcome = 'undecided') AS undecided, count(*) FILTER (outcome = 'skipped') AS skipped,
        avg(accepted_round) FILTER (outcome = 'accepted') AS rounds_to_accept FROM results WHERE run = $run)
"""

_TALLIES = """
SELECT $run, round, outcome, coalesce(band, 'none'), count(*), count(gap), coalesce(sum(gap), 0),
    coalesce(sum(saved), 0)
FROM rounds WHERE run = $run GROUP BY ALL ORDER BY ALL
"""

_CELLS = f"""
SELECT run, '{{scope}}', least(floor(weak * {GRID}), {GRID - 1})::INTEGER AS x,
    CASE WHEN strong IS NOT NULL THEN least(floor(strong * {GRID}), {GRID - 1})::INTEGER END AS y,
    coalesce(band, 'none'), count(*), count(*) FILTER (audit = 'violated')
FROM {{source}} WHERE {{mine}} AND weak IS NOT NULL GROUP BY ALL ORDER BY ALL
"""

_PILES = """
SELECT run, '{scope}', outcome, decision, parity, audit, difficulty, integrity <> '', risk > 0, count(*),
    count(certified), coalesce(sum(certified), 0)
FROM {source} WHERE {mine} AND key IS NOT NULL GROUP BY ALL ORDER BY ALL
"""

_USES = """
SELECT $run, role, max(model), sum(calls)::BIGINT, sum(errors)::BIGINT, sum(prompt_tokens)::BIGINT,
    sum(completion_tokens)::BIGINT, sum(answered)::BIGINT, sum(seconds), sum(silent)::BIGINT, sum(simulated)::BIGINT,
    sum(cached_tokens)::BIGINT, sum(asked_again)::BIGINT
FROM (
    SELECT * FROM uses WHERE run = $run
    UNION ALL
    SELECT run, role, max(model), count(*), count(error_kind), coalesce(sum(prompt_tokens), 0),
        coalesce(sum(completion_tokens), 0), count(seconds) FILTER (error_kind IS NULL),
        coalesce(sum(seconds) FILTER (error_kind IS NULL), 0),
        count(*) FILTER (error_kind IS NULL AND (prompt_tokens IS NULL OR completion_tokens IS NULL)),
        count(*) FILTER (error_kind IS NULL AND simulated),
        coalesce(sum(least(coalesce(cached_tokens, 0), coalesce(prompt_tokens, 0))), 0),
        count(*) FILTER (error_kind IS NULL AND ask > 0)
    FROM calls WHERE run = $run AND seq >= $since GROUP BY run, role
) GROUP BY role ORDER BY role
"""

_PACES = """
INSERT INTO paces
SELECT $run, floor(t)::BIGINT, count(*), sum(coalesce(prompt_tokens, 0) + coalesce(completion_tokens, 0))::BIGINT
FROM calls WHERE run = $run AND t >= $since GROUP BY ALL ORDER BY ALL
"""
