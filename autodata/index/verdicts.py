"""What people said, rolled up: the verdict in force on every task, and the votes behind it."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import duckdb

from autodata.index.settling import SettledTask, settle_rows
from autodata.index.staging import Batch, Row, task_key
from autodata.index.store import append_columns
from autodata.index.tallies import count_decided


def store_decisions(db: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    """Bring the decisions in force up to date after the batch's rows were appended."""
    tasks = sorted({row[3] for row in batch.decisions})
    if tasks:
        refresh_verdicts(db, tasks)


def refresh_verdicts(db: duckdb.DuckDBPyConnection, task_ids: list[str]) -> None:
    """Settle these tasks anew, by what autodata.votes says that their decisions come to."""
    keys = [task_key(task_id) for task_id in task_ids]
    for table in ("verdicts", "votes"):
        db.execute(f"DELETE FROM {table} WHERE key IN (SELECT unnest(?::UBIGINT[]))", [keys])
    verdicts, votes = _settle(db, keys)
    for table, settled in (("verdicts", verdicts), ("votes", votes)):
        if settled:
            append_columns(db, table, list(zip(*settled, strict=True)))
    changed: set[tuple[int, str]] = set()
    for table in ("rounds", "trajectories"):
        rows = db.execute(
            f"""UPDATE {table} SET decision = w.state FROM (
                SELECT k.key, coalesce(d.state, 'open') AS state FROM (SELECT unnest($keys)::UBIGINT AS key) k
                LEFT JOIN verdicts d USING (key)
            ) w WHERE w.key = {table}.key RETURNING {table}.run, coalesce({table}.outcome, '')""",
            {"keys": keys},
        )
        changed.update(rows.fetchall())
    count_decided(db, changed)


def clear_reviews(db: duckdb.DuckDBPyConnection) -> None:
    """Take everything that people said out of the index."""
    for table in (*_OF_PEOPLE, "verdicts", "votes"):
        db.execute(f"DELETE FROM {table}")
    changed: set[tuple[int, str]] = set()
    for table in ("rounds", "trajectories"):
        rows = db.execute(
            f"UPDATE {table} SET decision = 'open' WHERE decision <> 'open' RETURNING run, coalesce(outcome, '')"
        )
        changed.update(rows.fetchall())
    count_decided(db, changed)


def _settle(db: duckdb.DuckDBPyConnection, keys: list[int]) -> tuple[list[Row], list[Row]]:
    """Rows of `verdicts` and `votes` of the tasks with these keys."""
    result = db.execute(_DECISIONS, {"keys": keys})
    names = [column[0] for column in result.description]
    by_task: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in result.fetchall():
        decision = dict(zip(names, row, strict=True))
        by_task[decision["task_id"]].append(decision)
    verdicts: list[Row] = []
    votes: list[Row] = []
    for task_id, rows in by_task.items():
        settled = settle_rows(rows)
        if settled.settlement.standing != "open":
            verdicts.append(_build_verdict(task_id, settled))
        votes += [
            tuple(vote.own if name == "own" else vote.row[name] for name in _VOTE_COLUMNS) for vote in settled.votes
        ]
    return verdicts, votes


def _build_verdict(task_id: str, settled: SettledTask) -> Row:
    row, standing = settled.deciding, settled.settlement
    said = [row[name] if row else "" for name in ("reason", "note", "reviewer")]
    t, content = (row["t"], row["content_sha"]) if row else (None, "")
    end = (t, content, task_key(task_id), standing.given, standing.needed)
    return (task_id, standing.deciding or "", standing.standing, *said, *end)


_OF_PEOPLE = (
    "decisions", "exports", "members", "withdrawals", "overrides", "labels", "teams", "canaries", "criterion_checks",
    "comments", "threads", "edits",
)  # fmt: skip

_VOTE_COLUMNS = (
    "task_id", "key", "run_id", "reviewer", "verdict", "reason", "note", "t", "decision_id", "adjudicates", "own",
    "seconds_on_item",
)  # fmt: skip
_DECISIONS = f"""
SELECT {", ".join(name for name in _VOTE_COLUMNS if name != "own")}, content_sha, undoes, second_opinion, quorum, blind
FROM decisions WHERE key IN (SELECT unnest($keys::UBIGINT[])) ORDER BY seq
"""
