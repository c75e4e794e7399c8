"""Leases: a task that one reviewer has on screen is offered to nobody else until the lease ends.

Who holds what lies in one small file, changed under a lock and replaced as a whole, so that of many reviewers who ask
at once exactly one gets a task. A lease is a courtesy, not a record: losing the file loses no decision.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson

from autodata.errors import BadInput
from autodata.home import Home
from autodata.locks import take_lock
from autodata.review.entry import check_reviewer

WAIT_S = 5.0
"""How long one change may wait for the others."""


@dataclass(frozen=True, slots=True)
class Lease:
    """`until` in epoch seconds; from then on anybody may take the task."""

    task_id: str
    reviewer: str
    until: float


def claim_task(home: Home, task_id: str, reviewer: str, seconds: float, *, places: int = 1) -> Lease | None:
    """The reviewer's lease on the task, new or renewed; None while `places` others hold it.

    `places` is how many reviewers may look at a task at once: the quorum. Raises BadInput for a name that cannot be
    used or a time that is not positive, HeldElsewhere when the file stays locked.
    """
    return claim_first(home, (task_id,), reviewer, seconds, places=places)


def claim_first(home: Home, task_ids: Iterable[str], reviewer: str, seconds: float, *, places: int = 1) -> Lease | None:
    """A lease on the first of the tasks that has a free place, and on no other; None when none has.

    Every earlier lease of the reviewer ends: one person looks at one task.
    """
    name = check_reviewer(reviewer)
    if not seconds > 0 or places < 1:
        raise BadInput(f"a lease of {seconds} s for {places} reviewers; both must be positive")
    with _change(home) as (leases, save):
        others = [lease for lease in leases if lease.reviewer != name]
        for task_id in task_ids:
            if sum(lease.task_id == task_id for lease in others) < places:
                own = Lease(task_id, name, time.time() + seconds)
                save([*others, own])
                return own
        save(others)
    return None


def release_leases(home: Home, reviewer: str) -> None:
    """End every lease of this reviewer; nothing happens where there is none."""
    name = check_reviewer(reviewer)
    with _change(home) as (leases, save):
        if any(lease.reviewer == name for lease in leases):
            save([lease for lease in leases if lease.reviewer != name])


def list_leases(home: Home) -> tuple[Lease, ...]:
    """Leases in force, oldest end first. Reads a file that is always whole, so it takes no lock."""
    return tuple(sorted(_read(home), key=lambda lease: lease.until))


@contextmanager
def _change(home: Home) -> Iterator[tuple[list[Lease], Callable[[list[Lease]], None]]]:
    """Leases in force and a function that replaces them, alone among all processes."""
    home.root.mkdir(parents=True, exist_ok=True)
    fd = os.open(_place(home).with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o644)
    try:
        take_lock(fd, WAIT_S, f"the leases of {home.root} are locked by another process; try again")
        yield _read(home), lambda leases: _write(home, leases)
    finally:
        os.close(fd)


def _read(home: Home) -> list[Lease]:
    """A file that cannot be read counts as empty: nobody waits for a lease that nobody can see."""
    try:
        rows = orjson.loads(_place(home).read_bytes())
        leases = [Lease(str(task), str(reviewer), float(until)) for task, reviewer, until in rows]
    except (OSError, ValueError, TypeError):
        return []
    now = time.time()
    return [lease for lease in leases if lease.until > now]


def _write(home: Home, leases: list[Lease]) -> None:
    path = _place(home)
    fresh = path.with_suffix(".new")
    fresh.write_bytes(orjson.dumps([[lease.task_id, lease.reviewer, lease.until] for lease in leases]))
    fresh.replace(path)


def _place(home: Home) -> Path:
    return home.root / "leases.json"
