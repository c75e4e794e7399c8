"""What the index file is, told without changing it: for a program that reports and repairs nothing."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

import duckdb

from autodata.home import Home
from autodata.index.database import SCHEMA_VERSION, find_holder


@dataclass(frozen=True, slots=True)
class IndexState:
    """`version` as written in it, None where it cannot be read. `holder`: the process that has it open, as words.

    `problem` says why it would be moved aside and built again; "" when it would not.
    """

    exists: bool
    bytes: int = 0
    version: int | None = None
    holder: str = ""
    problem: str = ""


def inspect_index(home: Home) -> IndexState:
    """The state of the home's index file; it is opened for reading only, and never when another process has it."""
    path = home.database
    if not path.is_file():
        return IndexState(False)
    size = path.stat().st_size
    try:
        with closing(duckdb.connect(str(path), read_only=True)) as connection:
            row = connection.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone()
    except duckdb.Error as error:
        holder = find_holder(error)
        problem = "" if holder else f"it cannot be read: {str(error).splitlines()[0][:200]}"
        return IndexState(True, size, None, holder, problem)
    version = int(row[0]) if row and str(row[0]).isdigit() else None
    if version != SCHEMA_VERSION:
        return IndexState(True, size, version, "", f"it has version {version}, this program writes {SCHEMA_VERSION}")
    return IndexState(True, size, version)
