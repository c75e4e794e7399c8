"""The way into Review with a view of the tasks."""

from __future__ import annotations

from typing import NoReturn

from autodata.index.queries.filters import TaskFilter
from autodata.ui.links import open_page

ORDERS = ("risk", "gap", "newest")
"""Orders that Review knows too; any other becomes the order by risk."""


def make_view(view: TaskFilter) -> dict[str, str]:
    """A view as Review's URL parameters. What is decided stays out of the queue unless the view asks for it."""
    return {
        "q": view.search,
        "band": ",".join(view.bands),
        "outcome": ",".join(view.outcomes),
        "decision": "open" if view.decision == "all" else view.decision,
        "run": view.run_id or "",
        "source": view.source_id or "",
        "scope": view.scope,
        "parity": view.parity or "",
        "audit": ",".join(view.audit),
        "detector": view.detector or "",
        "integrity": view.integrity or "",
        "difficulty": view.difficulty or "",
        "validity": view.validity or "",
        "model": view.model or "",
        "tag": view.tag,
        "comments": "open" if view.commented else "",
        "answers": "1" if view.answers else "",
        "at_round": str(view.round or ""),
        "cluster": "" if view.cluster is None else str(view.cluster),
        "order": view.order if view.order in ORDERS else "risk",
    }


def open_review(view: TaskFilter, task_id: str = "") -> NoReturn:
    """Open Review on a view's queue, at one task or at the first that waits."""
    open_page("review", **make_view(view), task=task_id)
