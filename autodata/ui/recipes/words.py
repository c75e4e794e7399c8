"""The Recipes page's sentences: what a search has come to, and what it was started with."""

from __future__ import annotations

from collections.abc import Sequence

from autodata.index.queries.recipes import SearchDetail, VersionRow
from autodata.ui.text import count_of, format_age, format_count

STATES = {
    "open": "under way or interrupted",
    "done": "done",
    "paused": "paused",
    "stopped": "stopped",
    "failed": "failed",
}


def write_matter(detail: SearchDetail, versions: Sequence[VersionRow]) -> str:
    """What a person should know first."""
    row = detail.row
    if row.mode == "test":
        return f"{row.name} compares two recipes on the same sources"
    if detail.alarm:
        return f"{row.name} raised the alarm: more tasks are accepted and fewer of their gaps are real"
    waiting = [one for one in versions if one.state == "candidate"]
    first, best = versions[0] if versions else None, _find_best(waiting)
    if first is None:
        return f"{row.name} has not written its first version yet"
    if row.promoted and not waiting:
        return f"{row.name}: a person made one of its versions the default"
    if best is None:
        return f"{row.name} kept none of {count_of(row.ended, 'change')} so far"
    moved = f"{_share(first)} to {_share(best)} of the held-out sources"
    candidates = count_of(len(waiting), "candidate waits", "candidates wait")
    return f"{candidates} for a person; the best went from {moved}"


def describe_search(detail: SearchDetail) -> str:
    """What it was started with, and how far it is."""
    row = detail.row
    sets = ", ".join(f"{name} {count}" for name, count in detail.sets.items())
    parts = [
        f"{row.domain}, policy {row.policy}, {STATES.get(row.state, row.state)} {format_age(row.last)}",
        f"iteration {row.ended:,} of {row.planned:,}" if row.mode == "search" else "",
        f"{row.refused:,} refused by the guard" if row.refused else "",
        f"sources: {sets}" if sets else "",
        f"{format_count(row.calls)} calls",
        row.reason,
    ]
    return "; ".join(part for part in parts if part) + "."


def _find_best(versions: Sequence[VersionRow]) -> VersionRow | None:
    """By the lower end of the interval: few sources make the luckiest shares."""
    return max(versions, key=lambda one: one.selected.interval[0], default=None)


def _share(one: VersionRow) -> str:
    return "–" if one.selected.value is None else f"{one.selected.value:.2f}"
