"""Comments on a task, as threads, and how many tasks wait for an answer."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from autodata.index.database import Index
from autodata.index.queries.blind import may_see_others
from autodata.index.staging import task_key
from autodata.threads import Comment, fold_events


@dataclass(frozen=True, slots=True)
class Said:
    """The comments on a task that a person may read, oldest first, and how many are kept from them until they voted."""

    comments: tuple[Comment, ...] = ()
    hidden: int = 0


def load_comments(index: Index, task_id: str, reviewer: str) -> Said:
    """The comments on a task as far as `reviewer` may know them: under a blind quorum one's own until one has voted."""
    rows = index.query(
        "SELECT kind, t, data FROM comments WHERE key = ? AND task_id = ? ORDER BY seq", [task_key(task_id), task_id]
    )
    if not rows:
        return Said()
    folded = fold_events((kind, t, orjson.loads(data)) for kind, t, data in rows)
    comments = tuple(folded.get(task_id, ()))
    if may_see_others(index, task_id, reviewer):
        return Said(comments)
    own = tuple(comment for comment in comments if comment.author == reviewer)
    return Said(own, len(comments) - len(own))


def count_commented(index: Index) -> int:
    """How many tasks have an open thread."""
    return int(index.query("SELECT count(*) FROM threads WHERE open > 0")[0][0])
