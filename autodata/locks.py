"""Advisory locks on files: who writes a journal, who exports a dataset. A lock ends with its process."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from autodata.errors import HeldElsewhere

POLL_S = 0.005


def take_lock(fd: int, wait_s: float, message: str) -> None:
    """Lock the open file for this process alone, waiting up to `wait_s` seconds.

    Raises HeldElsewhere(message) when another holder does not let go in time.
    """
    deadline = time.monotonic() + wait_s
    while True:
        try:
            return fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise HeldElsewhere(message) from None
        time.sleep(POLL_S)


def is_locked(path: Path) -> bool:
    """Whether a process on this machine holds the file's lock right now; False when there is no such file."""
    try:
        fd = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False
