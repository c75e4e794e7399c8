"""Everything a view holds, page by page or as what an act on the whole view needs: for files and for many decisions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from autodata.index.database import Index
from autodata.index.queries.filters import TaskFilter, order_by
from autodata.index.queries.searching import find_where
from autodata.index.queries.tasks import choose_tasks, fetch_tasks

FETCHED = 5_000
"""Tasks of a file that are held at a time."""


@dataclass(frozen=True, slots=True)
class WholeTask:
    """What a decision on a task among many rests on. `violated`: the audit found what bytes prove; `accepted`: by its
    policy; `cluster`: the number that near copies share, None where there are none."""

    task_id: str
    run_id: str
    content_sha: str
    violated: bool
    accepted: bool
    cluster: int | None


@dataclass(frozen=True, slots=True)
class SampleTask:
    """A task as a preview shows it: question (first 160 characters), gap None where not measured, state of the audit
    (violated, flagged, unchecked, clear)."""

    task_id: str
    question: str
    gap: float | None
    audit: str
    decision: str


def list_whole(index: Index, task_filter: TaskFilter) -> list[WholeTask]:
    """Every task of the view in its order. About half a second for 100,000."""
    where = find_where(index, task_filter)
    chosen = where.select(
        f"v.run, v.key, v.audit, v.outcome, v.cluster, row_number() OVER (ORDER BY {order_by(task_filter)}) AS place"
    )
    return [
        WholeTask(*row)
        for row in index.query(
            f"""SELECT k.task_id, u.run_id, k.content_sha, c.audit = 'violated', c.outcome = 'accepted', c.cluster
            FROM ({chosen}) c JOIN tasks k ON k.run = c.run AND k.key = c.key JOIN runs u ON u.run = c.run
            ORDER BY c.place""",
            where.params,
        )
    ]


def draw_sample(index: Index, task_filter: TaskFilter, size: int = 5) -> list[SampleTask]:
    """Some tasks of the view, drawn evenly and the same ones every time; all of them when there are no more."""
    where = find_where(index, task_filter, wide=True)
    drawn = where.select("v.run, v.key") + f" ORDER BY hash(v.key), v.key LIMIT {int(size)}"
    keys = index.query(drawn, where.params)
    if not keys:
        return []
    source = "all_tasks" if task_filter.scope == "all" else "trajectories"
    rows = index.records(
        f"""SELECT v.run, v.key, v.task_id, v.question[:160] AS question, v.gap, v.audit, v.decision FROM {source} v
        WHERE v.key IN (SELECT unnest($keys::UBIGINT[]))""",
        {"keys": [key for _, key in keys]},
    )
    places = {pair: place for place, pair in enumerate(keys)}
    own = sorted((places[row["run"], row["key"]], row) for row in rows if (row["run"], row["key"]) in places)
    return [
        SampleTask(row["task_id"], row["question"] or "", row["gap"], row["audit"], row["decision"]) for _, row in own
    ]


def stream_tasks(
    index: Index, task_filter: TaskFilter, size: int = FETCHED, reviewer: str = ""
) -> Iterator[pd.DataFrame]:
    """The view's tasks in its order, as `list_tasks` gives them, `size` at a time: the order is made once, so that no
    task is missed or comes twice when something changes meanwhile."""
    chosen = choose_tasks(index, task_filter)
    for start in range(0, len(chosen), size):
        yield fetch_tasks(index, task_filter, chosen[start : start + size], reviewer)


def find_cluster(index: Index, task_id: str) -> int | None:
    """The number that a task shares with its near copies; None when it has none."""
    rows = index.query("SELECT cluster FROM audits WHERE task_id = ? AND cluster IS NOT NULL", [task_id])
    return int(rows[0][0]) if rows else None
