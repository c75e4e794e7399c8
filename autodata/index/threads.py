"""The roll-up of comments: how many each task has, and how many of its threads are open."""

from __future__ import annotations

import duckdb
import orjson

from autodata.index.staging import Batch, Row, task_key
from autodata.index.store import append_columns
from autodata.threads import count_open, fold_events


def store_threads(db: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    """Bring the roll-up up to date after the batch's comments were appended."""
    keys = sorted({row[4] for row in batch.comments})
    if not keys:
        return
    rows = db.execute(
        "SELECT kind, t, data FROM comments WHERE key IN (SELECT unnest(?::UBIGINT[])) ORDER BY seq", [keys]
    ).fetchall()
    folded = fold_events((kind, t, orjson.loads(data)) for kind, t, data in rows)
    db.execute("DELETE FROM threads WHERE key IN (SELECT unnest(?::UBIGINT[]))", [keys])
    found: list[Row] = [
        (task_id, task_key(task_id), len(comments), count_open(comments)) for task_id, comments in folded.items()
    ]
    append_columns(db, "threads", list(zip(*found, strict=True)))
