"""The DuckDB file: one owner process, one connection, a cursor per call, one writer at a time.

The file holds nothing that the journals do not, so whatever is wrong with it (truncated, of another version) is
answered by moving it aside and building it again.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import pandas as pd

from autodata.errors import BadInput, HeldElsewhere, StopRequested
from autodata.home import Home

SCHEMA_VERSION = 8

Value = TypeVar("Value")

MEMORY = "1GB"
"""What the database may hold in memory. Pages read few columns, which fit at a million tasks; larger work is spilled
beside the file."""

_CONFIG = {
    "storage_compatibility_version": "v1.5.0",
    "memory_limit": MEMORY,
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
_DISK = re.compile(
    r"No space left on device|Disk quota exceeded|File too large|Read-only file system|Permission denied"
    r"|Operation not permitted"
)
"""What the system says when it does not take what is written."""
_HOLDER = re.compile(r"held in (?P<program>.*?) \(PID (?P<pid>\d+)\)")


class Index:
    """The open index. Reads may come from any thread; writes go through `write`, one at a time.

    `home` is where the journals lie. `notices` says, as sentences, what happened while opening, e.g. that a damaged
    file was moved aside.
    """

    def __init__(self, home: Home, connection: duckdb.DuckDBPyConnection, notices: tuple[str, ...] = ()) -> None:
        self.home = home
        self.notices = notices
        self.revision = 0
        """Grows with every committed write; a page may key its caches by it."""
        self.cleared = 0
        """Grows whenever a run is taken out, to leave or to be read again: what was read of it before is void."""
        self._root = connection
        self._writer = threading.RLock()
        self._locks: dict[str, threading.Lock] = {}
        self._remembered: tuple[int, dict[Hashable, Any]] = (0, {})
        self._inode = _find_inode(home.database)
        self.broken = ""
        """What the database said when its file could no longer be used; whoever holds the index opens it again."""

    def query(self, sql: str, params: Sequence[Any] | dict[str, Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a SELECT."""
        with self._cursor() as cursor:
            return cursor.execute(sql, params or None).fetchall()

    def records(self, sql: str, params: Sequence[Any] | dict[str, Any] = ()) -> list[dict[str, Any]]:
        """All rows of a SELECT, each as column name to value."""
        with self._cursor() as cursor:
            result = cursor.execute(sql, params or None)
            names = [column[0] for column in result.description]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def stream(self, sql: str, params: Sequence[Any] | dict[str, Any] = (), size: int = 10_000) -> Iterator[Any]:
        """Rows of a SELECT one after another, fetched `size` at a time: for results that are better not held whole."""
        cursor = self._root.cursor()
        try:
            result = cursor.execute(sql, params or None)
            while rows := result.fetchmany(size):
                yield from rows
        finally:
            cursor.close()

    def frame(self, sql: str, params: Sequence[Any] | dict[str, Any] = ()) -> pd.DataFrame:
        """All rows of a SELECT as a DataFrame."""
        with self._cursor() as cursor:
            return cursor.execute(sql, params or None).df()

    @contextmanager
    def write(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor inside one transaction: committed at the end, rolled back when anything is raised."""
        with self._writer, self._cursor() as cursor:
            cursor.begin()
            try:
                yield cursor
            except BaseException:
                with suppress(duckdb.Error):  # what was raised says more than that there is nothing to roll back
                    cursor.rollback()
                raise
            cursor.commit()
            self.revision += 1

    def remember(self, key: Hashable, build: Callable[[], Value]) -> Value:
        """What `build` returned the last time it was asked for under `key`, until the next write.

        Pages draw the same figures again at every click; only what cannot be changed by its reader may be kept here.
        """
        revision, kept = self._remembered
        if revision != self.revision:
            revision, kept = self._remembered = (self.revision, {})
        if key not in kept:
            kept[key] = build()
        value: Value = kept[key]
        return value

    def lock(self, name: str) -> threading.Lock:
        """The lock of one journal's ingestion: two threads never take in the same records."""
        return self._locks.setdefault(name, threading.Lock())

    def check_file(self) -> None:
        """Notice that the file was deleted, replaced or cut short behind the database's back; `broken` says so."""
        path = self.home.database
        try:
            if path.stat().st_ino != self._inode:
                self.broken = "it was replaced by another file"
            elif not _is_whole(self._root.cursor(), path):
                self.broken = "a part of it is missing"
        except FileNotFoundError:
            self.broken = "it was deleted"

    def checkpoint(self) -> None:
        """Fold the write-ahead log into the file; left to the database's own time while it is still busy with it."""
        with self._writer, self._cursor() as cursor, suppress(duckdb.TransactionException):
            cursor.execute("CHECKPOINT")

    def close(self) -> None:
        """Wait for the writer, then release the file. Safe to call twice."""
        with self._writer:
            self._root.close()

    def __enter__(self) -> Index:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        try:
            cursor = self._root.cursor()
        except duckdb.Error as error:
            self._note(error)
            raise
        try:
            yield cursor
        except duckdb.Error as error:
            self._note(error)
            raise
        finally:
            with suppress(duckdb.Error):
                cursor.close()

    def _note(self, error: duckdb.Error) -> None:
        """Remember that the file is of no use any more; raise StopRequested instead when the disk refused."""
        refusal = _DISK.search(str(error))
        if refusal:
            raise StopRequested(
                "disk",
                f"cannot write {self.home.database}: {refusal[0]}. Free some space or mend its permissions. Nothing "
                "recorded is lost: the index is brought up to date from the journals.",
            ) from error
        # A block whose checksum is wrong comes as the base class alone.
        corrupt = "Corrupt database" in str(error)
        if corrupt or isinstance(error, (duckdb.FatalException, duckdb.InternalException, duckdb.IOException)):
            self.broken = str(error).splitlines()[0]


def open_index(home: Home, broken: str = "") -> Index:
    """Open, or create, the index of `home`; a file that cannot be used is moved aside and begun anew, empty.

    `broken` is what was found wrong with it while it was open: it is not trusted again.

    The caller ingests afterwards, which rebuilds what was there. Raises HeldElsewhere naming the process that has
    the file, BadInput when the home cannot be written.
    """
    try:
        home.root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(
            f"home {home.root} cannot be created: {error.strerror}. Give another folder with --home"
        ) from error
    if broken:
        return _begin_anew(home, f"could not be used any more ({broken})")
    try:
        connection = _connect(home.database)
    except (
        duckdb.IOException,
        duckdb.SerializationException,
        duckdb.InternalException,
        duckdb.FatalException,
    ) as error:
        _raise_if_held(home.database, error)
        _raise_if_forbidden(home.database, error)
        return _begin_anew(home, "is damaged or not a database of this program")
    try:
        version = _read_version(connection) if _is_whole(connection, home.database) else "unreadable"
        if version == SCHEMA_VERSION:
            return Index(home, connection)
        if version is None:
            _create_schema(connection)
            return Index(home, connection)
    except duckdb.Error:
        version = "unreadable"
    except BaseException:
        connection.close()
        raise
    connection.close()
    if version == "unreadable":
        return _begin_anew(home, "is damaged: a part of it is missing")
    return _begin_anew(home, f"has schema version {version}, this program writes {SCHEMA_VERSION}")


def remove_database(home: Home) -> None:
    """Delete the index file and its write-ahead log. Nothing that matters is lost: `rebuild` makes it again."""
    for path in _database_files(home.database):
        path.unlink(missing_ok=True)


def find_holder(error: duckdb.Error) -> str:
    """The process that has the file open, as words, when that is what the error says; else ""."""
    text = str(error)
    if "lock" not in text.lower():
        return ""
    holder = _HOLDER.search(text)
    return f"process {holder['pid']} ({holder['program']})" if holder else "another process"


def _find_inode(path: Path) -> int:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return 0


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(path), config=_CONFIG)  # type: ignore[arg-type]


def _is_whole(connection: duckdb.DuckDBPyConnection, path: Path) -> bool:
    """Whether the file can hold the blocks in use; DuckDB itself notices only when it reads what is missing.

    Free blocks do not count: the last ones of a sound file may never have been written.
    """
    block_size, blocks = connection.execute("SELECT block_size, used_blocks FROM pragma_database_size()").fetchall()[0]
    return path.stat().st_size >= block_size * blocks


def _read_version(connection: duckdb.DuckDBPyConnection) -> int | str | None:
    """The schema version; None for a file without any table, "unknown" for somebody else's tables."""
    tables = {row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    if not tables:
        return None
    if "meta" not in tables:
        return "unknown"
    row = connection.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone()
    return int(row[0]) if row and str(row[0]).isdigit() else "unknown"


def _create_schema(connection: duckdb.DuckDBPyConnection) -> None:
    connection.begin()
    connection.execute((files("autodata.index") / "schema.sql").read_text(encoding="utf-8"))
    connection.execute("INSERT INTO meta VALUES ('schema_version', ?)", [str(SCHEMA_VERSION)])
    connection.commit()
    connection.execute("CHECKPOINT")


def _begin_anew(home: Home, why: str) -> Index:
    aside = home.database.with_name(
        f"{home.database.name}.aside-{time.strftime('%Y%m%dT%H%M%S')}-{time.time_ns() % 10**6}"
    )
    left = [path for path in _database_files(home.database) if path.exists()]
    for path in left:
        path.rename(path.with_name(path.name.replace(home.database.name, aside.name)))
    connection = _connect(home.database)
    _create_schema(connection)
    moved = f"was moved to {aside.name} and " if left else ""
    notice = (
        f"{home.database.name} {why}. It {moved}is built again from the journals; "
        "no task and no decision is lost. `autodata rebuild` does the same at any time."
    )
    return Index(home, connection, (notice,))


def _database_files(path: Path) -> tuple[Path, ...]:
    return path, path.with_name(path.name + ".wal")


def _raise_if_held(path: Path, error: duckdb.Error) -> None:
    who = find_holder(error)
    if not who:
        return
    holder = _HOLDER.search(str(error))
    stop = f", or end it with `kill {holder['pid']}`" if holder else ""
    raise HeldElsewhere(
        f"{path} is open in {who}; only one process may open it. If Autodata is already running, use its page in the "
        f"browser. Otherwise close that process{stop}, or use another folder with --home."
    ) from error


def _raise_if_forbidden(path: Path, error: duckdb.Error) -> None:
    text = str(error)
    if "Permission denied" in text or "Read-only" in text or "No space left" in text:
        raise BadInput(f"{path} cannot be opened: {text.splitlines()[0]}") from error
