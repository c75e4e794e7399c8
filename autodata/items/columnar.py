"""Rows of Parquet and Arrow files, as a stream, and only of the columns that are wanted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from autodata.items.row import Row
from autodata.sources.document import Unreadable

_BATCH_BYTES = 32 * 2**20
_BATCH_ROWS = 512
_MAX_GROUP_BYTES = 4 * 2**30
"""Uncompressed size of one row group, which Parquet decodes column by column."""


def read_parquet(path: Path, columns: Sequence[str] | None = None) -> Iterator[Row]:
    """Rows from 1; `columns` are top-level names, None for all. Raises Unreadable for a row group that is too large."""
    with pq.ParquetFile(path) as file:
        metadata = file.metadata
        sizes = [metadata.row_group(index).total_byte_size for index in range(metadata.num_row_groups)]
        if max(sizes, default=0) > _MAX_GROUP_BYTES:
            limit = _MAX_GROUP_BYTES // 2**30
            raise Unreadable(f"it has a row group of more than {limit} GB; write it again with smaller row groups")
        rows = max(1, min(_BATCH_ROWS, _BATCH_BYTES * metadata.num_rows // max(1, sum(sizes))))
        names = None if columns is None else [name for name in file.schema_arrow.names if name in columns]
        yield from _number_rows(file.iter_batches(batch_size=rows, columns=names), None)


def read_arrow(path: Path, columns: Sequence[str] | None = None) -> Iterator[Row]:
    """The same for an Arrow stream (what `save_to_disk` writes) or file (Feather), memory-mapped."""
    with pa.memory_map(str(path)) as mapped:
        try:
            reader: Iterator[pa.RecordBatch] = iter(pa.ipc.open_stream(mapped))
        except pa.ArrowInvalid:
            mapped.seek(0)
            table = pa.ipc.open_file(mapped)
            reader = (table.get_batch(index) for index in range(table.num_record_batches))
        yield from _number_rows(reader, columns)


def _number_rows(batches: Iterator[pa.RecordBatch], columns: Sequence[str] | None) -> Iterator[Row]:
    number = 0
    for batch in batches:
        kept = batch if columns is None else batch.select([name for name in batch.schema.names if name in columns])
        rows = max(1, min(_BATCH_ROWS, _BATCH_BYTES * batch.num_rows // max(1, kept.nbytes)))
        for start in range(0, batch.num_rows, rows):
            for values in kept.slice(start, rows).to_pylist():
                number += 1
                yield Row(number, values)
