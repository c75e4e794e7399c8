"""Writes a batch of staged rows into the index, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from autodata.index.staging import KEYS, TEXT_COLUMN, Batch, Row, text_key

_ARROW = {
    "VARCHAR": pa.string(),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
    "UBIGINT": pa.uint64(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
}


APPENDED = (
    "calls", "skipped", "decisions", "exports", "members", "withdrawals", "overrides", "labels", "teams", "canaries",
    "criterion_checks", "comments", "edits",
)  # fmt: skip
"""Tables whose rows are only ever added to."""


def store_batch(db: duckdb.DuckDBPyConnection, batch: Batch, first: bool) -> None:
    """Write everything but rounds. `first`: nothing of this run is in the index yet, so nothing can come again."""
    numbers = _store_texts(db, batch)
    for table, rows in batch.keyed.items():
        if rows:
            columns = _turn(rows.values())
            place = TEXT_COLUMN.get(table)
            if place is not None:
                columns[place] = [numbers.get(sha) for sha in columns[place]]
            replace_rows(db, table, columns, batch.run, first)
    for table in APPENDED:
        if rows := getattr(batch, table):
            append_columns(db, table, _turn(rows))
    if batch.state:
        db.execute("DELETE FROM runs WHERE run = ?", [batch.run])
        append_columns(db, "runs", [[batch.state.get(name)] for name in _schema(db, "runs").names])


def replace_rows(
    db: duckdb.DuckDBPyConnection,
    table: str,
    columns: list[Sequence[Any]],
    run: int,
    first: bool,
    select: str = "SELECT * FROM staged",
) -> None:
    """Insert rows of a table in KEYS, taking out earlier rows of the same key.

    `select` makes the rows out of `staged`, which has the table's first columns: as many as are given.
    """
    staged = _to_arrow(db, table, columns)
    db.register("staged", staged)
    if not first:
        same = " AND ".join(f"{table}.{key} = staged.{key}" for key in KEYS[table])
        db.execute(f"DELETE FROM {table} USING staged WHERE {table}.run = {int(run)} AND {same}")
    db.execute(f"INSERT INTO {table} {select}")
    db.unregister("staged")


def append_columns(db: duckdb.DuckDBPyConnection, table: str, columns: list[Sequence[Any]]) -> None:
    """Append columns in the order of the table."""
    db.register("staged", _to_arrow(db, table, columns))
    db.execute(f"INSERT INTO {table} SELECT * FROM staged")
    db.unregister("staged")


def _store_texts(db: duckdb.DuckDBPyConnection, batch: Batch) -> dict[str, int]:
    """Numbers of every text the batch brings or refers to; new texts are stored."""
    named = ((batch.keyed[table].values(), at) for table, at in TEXT_COLUMN.items())
    wanted = batch.texts.keys() | {row[at] for rows, at in named for row in rows if row[at]}
    if not wanted:
        return {}
    keys = pa.table({"key": pa.array([text_key(sha) for sha in wanted], pa.uint64())})
    db.register("wanted", keys)
    found = db.execute("SELECT sha, no FROM texts SEMI JOIN wanted USING (key)").fetchall()
    db.unregister("wanted")
    numbers = {sha: no for sha, no in found if sha in wanted}
    fresh = [sha for sha in batch.texts if sha not in numbers]
    if fresh:
        last = db.execute("SELECT coalesce(max(no), 0) FROM texts").fetchall()[0][0]
        start = last + 1
        numbers.update((sha, start + i) for i, sha in enumerate(fresh))
        append_columns(
            db,
            "texts",
            [
                list(range(start, start + len(fresh))),
                [text_key(sha) for sha in fresh],
                fresh,
                [batch.texts[sha] for sha in fresh],
            ],
        )
    return numbers


def _turn(rows: Iterable[Row]) -> list[Sequence[Any]]:
    return list(zip(*rows, strict=True))


def _to_arrow(db: duckdb.DuckDBPyConnection, table: str, columns: list[Sequence[Any]]) -> pa.Table:
    schema = pa.schema(list(_schema(db, table))[: len(columns)])
    arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


_SCHEMAS: dict[str, pa.Schema] = {}


def _schema(db: duckdb.DuckDBPyConnection, table: str) -> pa.Schema:
    """The table's columns as Arrow fields, asked of the database: schema.sql stays the only place that lists them."""
    if table not in _SCHEMAS:
        described = db.execute(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index", [table]
        ).fetchall()
        _SCHEMAS[table] = pa.schema([(name, _ARROW[kind]) for name, kind in described])
    return _SCHEMAS[table]
