"""Reading files that a person pointed at: whole, but never more than expected, and nothing that could wait for ever."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from autodata.errors import BadInput

SETTINGS_MAX = 2**20
"""Bytes of a file that a person writes by hand: seats, prices, a policy."""


def read_bounded(path: Path, most: int, what: str) -> bytes:
    """The bytes of a regular file of at most `most` bytes; `what` names it in errors.

    Raises BadInput for a folder, pipe, socket or device and for a larger file, OSError as opening it does.
    """
    # Without blocking: opening a pipe that nobody writes to would never return.
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(fd, "rb") as file:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise BadInput(f"{what} {path} is not a regular file but a folder, a pipe or a device; give a file")
        data = file.read(most + 1)
    if len(data) > most:
        raise BadInput(f"{what} {path} has more than {_describe(most)}; split it, or give the file that was meant")
    return data


def _describe(count: int) -> str:
    return f"{count // 2**20:,} MB" if count >= 2**20 else f"{count:,} bytes"
