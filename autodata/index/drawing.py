"""Which tasks are looked at by chance, so that what the audit misses can be counted, and which of them blindly.

Chance comes from a task's key, the first 64 bits of the SHA-256 of its id: evenly spread, the same for everybody, and
known to SQL and Python alike. The chance of being drawn is recorded with every label, for Horvitz and Thompson's
estimate (doi:10.1080/01621459.1952.10483446).
"""

from __future__ import annotations

from autodata.index.staging import task_key

DRAWN_SHARE = 0.05
"""Chance with which a task without an alarm is drawn for a random look."""

BLIND_SHARE = 0.30
"""Of the drawn ones: the share that is decided before its suspicion is shown."""

_GRAIN = 10_000

DRAWN = f"(v.key % {_GRAIN} < {round(DRAWN_SHARE * _GRAIN)})"
"""SQL for `is_drawn` of a task `v`."""

DRAW = f"(1 + v.key // {_GRAIN} % {_GRAIN}) / {_GRAIN}.0"
"""SQL for a number in (0, 1], even and independent of `DRAWN`: where a drawn task stands among the others."""


def is_drawn(task_id: str) -> bool:
    """Whether a task is one of those looked at by chance; only one without an alarm is then taken as such."""
    return task_key(task_id) % _GRAIN < round(DRAWN_SHARE * _GRAIN)


def is_blind(task_id: str) -> bool:
    """Whether a drawn task is to be decided before its suspicion is shown."""
    return is_drawn(task_id) and task_key(task_id) // _GRAIN**2 % _GRAIN < round(BLIND_SHARE * _GRAIN)
