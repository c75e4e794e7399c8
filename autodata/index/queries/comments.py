"""Comments on a task, as threads, and how many tasks wait for an answer."""

from __future__ import annotations

import orjson

from autodata.index.database import Index
from autodata.index.staging import task_key
from autodata.threads import Comment, fold_events


def load_comments(index: Index, task_id: str) -> tuple[Comment, ...]:
    """The comments on a task, oldest first. They are not hidden from anybody: a comment is said to everybody."""
    rows = index.query(
        "SELECT kind, t, data FROM comments WHERE key = ? AND task_id = ? ORDER BY seq", [task_key(task_id), task_id]
    )
    folded = fold_events((kind, t, orjson.loads(data)) for kind, t, data in rows)
    return tuple(folded.get(task_id, ()))


def count_commented(index: Index) -> int:
    """How many tasks have an open thread."""
    return int(index.query("SELECT count(*) FROM threads WHERE open > 0")[0][0])
