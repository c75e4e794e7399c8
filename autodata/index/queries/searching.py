"""A filter's SQL where its search reads answers: what they hold is looked up once and kept until something changes."""

from __future__ import annotations

from typing import Any

from autodata.index.database import Index
from autodata.index.queries.filters import FOUND_IN_ANSWERS, TaskFilter, Where, build_where, escape_like

KEPT = 20_000
"""Tasks found that are handed from query to query; a search that finds more reads the answers every time."""


def find_where(index: Index, task_filter: TaskFilter, **options: Any) -> Where:
    """`build_where` for a filter of this index."""
    return build_where(task_filter, **options, found=_find_in_answers(index, task_filter))


def _find_in_answers(index: Index, task_filter: TaskFilter) -> tuple[int, ...] | None:
    """Keys of the tasks with the search in an answer or their source; None where they are not needed or too many."""
    search = task_filter.search.strip()
    if not search or not task_filter.answers:
        return None
    params = {"search": f"%{escape_like(search)}%"}
    sql = f"SELECT DISTINCT key FROM ({FOUND_IN_ANSWERS}) WHERE key IS NOT NULL LIMIT {KEPT + 1}"
    found: tuple[int, ...] = index.remember(
        ("in answers", search), lambda: tuple(row[0] for row in index.query(sql, params))
    )
    return found if len(found) <= KEPT else None
