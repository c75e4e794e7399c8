"""Parquet: row groups are cut by what the items hold, not by how they arrive, so equal items give equal bytes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from autodata.dataset.entry import Entry
from autodata.dataset.formats.schema import PARQUET_SCHEMA, estimate_bytes, make_columns
from autodata.dataset.formats.writer import CountingWriter, close_durably

GROUP_ROWS = 4_096
GROUP_BYTES = 24 * 2**20
"""A row group ends at the first of both; it is what a writer holds in memory."""


class ParquetFile:
    """One Parquet file of items."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: BinaryIO = open(path, "xb")  # noqa: SIM115 - closed by close()
        self._writer = pq.ParquetWriter(self._file, PARQUET_SCHEMA, compression="zstd")
        self._rows: list[dict[str, Any]] = []
        self._bytes = 0
        self.total = 0
        """Bytes of text taken in so far, about."""

    def add(self, item: dict[str, Any]) -> None:
        size = estimate_bytes(item)
        self._rows.append(make_columns(item))
        self._bytes += size
        self.total += size
        if len(self._rows) >= GROUP_ROWS or self._bytes >= GROUP_BYTES:
            self._flush()

    def close(self) -> None:
        try:
            self._flush()
            self._writer.close()
        finally:
            close_durably(self._file)

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(pa.Table.from_pylist(self._rows, schema=PARQUET_SCHEMA))
            self._rows, self._bytes = [], 0


class ParquetWriter(CountingWriter):
    """tasks.parquet: all items in one file."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._file = ParquetFile(folder / "tasks.parquet")

    def write(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            self._file.add(entry.item)
        self.written[""] += len(entries)

    def close(self) -> None:
        self._file.close()
