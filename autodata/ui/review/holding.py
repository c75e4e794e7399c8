"""Which task a reviewer is given: the first that still takes their vote and that nobody else has on screen.

A task on screen is leased to its reviewer, renewed while it stays there and given back when they decide or leave. The
functions that choose and hold touch no session state, so that an action of the page can never be cut in half by them.
"""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from autodata.errors import HeldElsewhere
from autodata.home import Home
from autodata.index.queries.review import Queue, QueueItem, find_item, find_next, list_next
from autodata.review.leases import Lease, claim_task, list_leases, release_leases
from autodata.review.shared import find_standing, read_reviews
from autodata.team import Team
from autodata.ui.state import Workbench, get_workbench

HELD = "review.held"
"""Name under which this session holds a task."""

AHEAD = 16
"""Tasks that are tried beyond those that others hold, before the end of the queue is believed."""


def choose_next(bench: Workbench, queue: Queue, after: str | None = None) -> QueueItem | None:
    """Lease the next waiting task behind `after` (else from the start) to the queue's reviewer, and to nobody else.

    None when nothing is left for them. Without a name nothing is leased.
    """
    index, home, name = bench.index, bench.home, queue.reviewer
    found = find_next(index, queue, after) or (find_next(index, queue) if after else None)
    wanted = queue.task_filter.decision
    if found is None or not name or _take(home, found.task_id, name, wanted):
        return found
    ahead = AHEAD + len(list_leases(home))
    tried = {found.task_id}
    for start in (after, None):
        for task_id in list_next(index, queue, start, ahead):
            if task_id not in tried and task_id != after and _take(home, task_id, name, wanted):
                return find_item(index, queue, task_id)
            tried.add(task_id)
    return None


def hold(home: Home, task_id: str, reviewer: str) -> tuple[Lease, ...]:
    """Lease the task on screen, anew or on; returns the leases of those who hold it instead, () where it is ours."""
    if not reviewer or _claim(home, task_id, reviewer):
        return ()
    return tuple(lease for lease in list_leases(home) if lease.task_id == task_id and lease.reviewer != reviewer)


def is_held(home: Home, task_id: str, reviewer: str) -> bool:
    """Whether this reviewer's lease on the task is in force."""
    return any((lease.task_id, lease.reviewer) == (task_id, reviewer) for lease in list_leases(home))


def give_back(home: Home, reviewer: str) -> None:
    """End this reviewer's lease."""
    if reviewer:
        with suppress(HeldElsewhere, OSError):
            release_leases(home, reviewer)


def keep_holding(home: Home, task_id: str, reviewer: str) -> None:
    """Renew the lease of the task on screen while it stays there."""
    seconds = 60 * read_reviews(home).team.lease_minutes
    st.session_state[HELD] = reviewer
    st.fragment(_renew, run_every=max(1.0, seconds / 3))(home, task_id, reviewer)


def leave_review(title: str) -> None:
    """Give back what this session held when another page is opened. Called before every page."""
    name = None if title == "Review" else st.session_state.pop(HELD, None)
    if name:
        give_back(get_workbench().home, name)


def _renew(home: Home, task_id: str, reviewer: str) -> None:
    hold(home, task_id, reviewer)


def _take(home: Home, task_id: str, reviewer: str, wanted: str) -> bool:
    """Lease a task that still takes this reviewer's vote. Whoever held it before had decided by the time they let go,
    so the journal is asked once the lease is ours."""
    if not _claim(home, task_id, reviewer):
        return False
    settled, own = find_standing(home, task_id, reviewer)
    if wanted not in ("open", "waiting"):
        return wanted in ("all", settled.standing)
    return settled.standing in ("open", "skipped") or (settled.standing == "waiting" and own is None)


def _claim(home: Home, task_id: str, reviewer: str) -> bool:
    """Whether the task is the reviewer's to look at. A lease is a courtesy: where none can be had, nobody waits."""
    team = read_reviews(home).team
    places = _count_places(home, task_id, team)
    try:
        return claim_task(home, task_id, reviewer, 60 * team.lease_minutes, places=places) is not None
    except (HeldElsewhere, OSError):
        return True


def _count_places(home: Home, task_id: str, team: Team) -> int:
    """How many may look at the task at once: as many as votes are missing."""
    settled, _ = find_standing(home, task_id, "")
    needed = settled.needed if settled.standing == "waiting" else team.quorum
    return max(1, needed - settled.given)
