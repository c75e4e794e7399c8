"""Reads a journal onwards from where the index stopped, checking the chain on the way.

The check is the one of `autodata.journal.verify_journal`, made resumable: position, number and hash of the last record
are enough to go on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from autodata.journal import GENESIS
from autodata.journals.files import open_journal

_SUFFIX = len(',"sha":""}') + 64
_PREV = len(',"prev":""') + 64


@dataclass(slots=True)
class Cursor:
    """How far a journal has been read: byte after the last good record, how many there were, the last one's hash."""

    position: int = 0
    records: int = 0
    head: str = GENESIS
    damage: str = ""
    """What is wrong with the next record; "" while the chain holds."""


@dataclass(slots=True)
class Line:
    """One good record, payload and envelope in `data`, lying at `start` for `length` bytes (newline left out)."""

    data: dict[str, Any]
    start: int
    length: int


def still_follows(path: Path, cursor: Cursor) -> bool:
    """Whether the file still ends its first `position` bytes with the record the cursor names."""
    if cursor.position == 0:
        return True
    with open_journal(path) as file:
        file.seek(max(0, cursor.position - 67))
        return file.read(67) == cursor.head.encode() + b'"}\n'


def read_on(path: Path, cursor: Cursor, max_bytes: int) -> Iterator[Line]:
    """Good records from the cursor on, at least one if there is one, at most about `max_bytes` of them.

    Moves the cursor with every record yielded. Stops before a line that is still being written, and at the first
    record that does not follow, after naming the problem in `cursor.damage`.
    """
    cursor.damage = ""
    taken = 0
    with open_journal(path) as file:
        file.seek(cursor.position)
        for line in file:
            if not line.endswith(b"\n"):
                return
            data, problem = _check(line, cursor)
            if problem or data is None:
                cursor.damage = problem
                return
            good = Line(data, cursor.position, len(line) - 1)
            cursor.position += len(line)
            cursor.records += 1
            cursor.head = data["sha"]
            yield good
            taken += len(line)
            if taken >= max_bytes:
                return


def _check(line: bytes, cursor: Cursor) -> tuple[dict[str, Any] | None, str]:
    try:
        data = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None, "is not a journal record"
    if (
        not isinstance(data, dict)
        or not isinstance(data.get("kind"), str)
        or not isinstance(data.get("t"), float | int)
    ):
        return None, "is not a journal record"
    body = memoryview(line)[: -_SUFFIX - 1]
    sha = hashlib.sha256(body).hexdigest()
    if line[-_SUFFIX - 1 :] != b',"sha":"' + sha.encode() + b'"}\n':
        return None, "does not match its hash"
    if body[-_PREV:] != b',"prev":"' + cursor.head.encode() + b'"':
        return None, "does not follow the record before it (a line is missing, moved or swapped)"
    if data.get("seq") != cursor.records + 1:
        return None, f"is numbered {data.get('seq')}"
    return data, ""
