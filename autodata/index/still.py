"""The index as it is at one moment, for many reads that have to fit together while others go on writing."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb

from autodata.index.database import Index


@contextmanager
def hold_still(index: Index) -> Iterator[Index]:
    """Every read inside sees the index as it is now. For no longer than the work takes: the file keeps what is replaced
    until then."""
    still = _StillIndex(index)
    try:
        yield still
    finally:
        still.close()


class _StillIndex(Index):
    """One transaction of an index, in which every read sees the same."""

    def __init__(self, index: Index) -> None:
        transaction = index._root.cursor()
        transaction.begin()
        super().__init__(index.home, transaction, index.notices)
        self.revision, self.cleared = index.revision, index.cleared
        self._one_at_a_time = threading.RLock()

    def stream(self, sql: str, params: Sequence[Any] | dict[str, Any] = (), size: int = 10_000) -> Iterator[Any]:
        """The rows as columns, all at once: an open result would be lost with the transaction's next query."""
        with self._cursor() as cursor:
            table = cursor.sql(sql, params=params or None).to_arrow_table()
        for batch in table.to_batches(max_chunksize=size):
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)

    @contextmanager
    def write(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Refused: what is held still is only read."""
        raise RuntimeError("an index that is held still is only for reading")
        yield  # makes it a generator, as the caller expects

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._one_at_a_time:
            yield self._root
