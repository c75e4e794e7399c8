"""Two ways to the same index: as the app left it, and built anew from the journals."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

import duckdb

from autodata.home import Home
from autodata.index import Index, open_index
from autodata.index.ingest import ingest_home

_LEFT_OUT = ("meta", "journals", "audits", "findings", "run_findings", "run_audits", "cells", "piles")
"""Where a journal's file lies is no fact of it, and how far the audit has come is a matter of time."""
_AUDIT_COLUMNS = (
    *("audit", "integrity", "difficulty", "validity", "basis", "lead", "suspicion", "cluster", "copies"),
    *("pressing", "place", "run", "text_no", "no", "certified", "certified_low", "certified_high"),
)
"""Columns that repeat what the audit found, and numbers that say in which order things came in."""


def find_differences(home: Home) -> list[str]:
    """Tables in which the home's own index, brought up to date, differs from one made anew. The app must be closed.

    A file that turns out to be damaged only now is begun anew, as the app would.
    """
    with tempfile.TemporaryDirectory(prefix="autodata-equal-") as folder:
        other = Home(Path(folder) / "home")
        shutil.copytree(home.root, other.root, ignore=shutil.ignore_patterns("autodata.duckdb*", "simulator"))
        made, _ = _read_all(other)
        kept, broken = _read_all(home)
        if broken:
            kept, _ = _read_all(home, broken)
    return [table for table, rows in kept.items() if rows != made[table]]


def _read_all(home: Home, broken: str = "") -> tuple[dict[str, list[str]], str]:
    """Every table of the home's index after it was brought up to date, or what broke it."""
    index = open_index(home, broken)
    try:
        ingest_home(index, home)
        return read_tables(index), ""
    except duckdb.Error:
        if not index.broken:
            raise
        return {}, index.broken
    finally:
        with suppress(duckdb.Error):
            index.close()


def read_tables(index: Index) -> dict[str, list[str]]:
    """Every row of every table, sorted, as text."""
    names = [row[0] for row in index.query("SELECT table_name FROM duckdb_tables() ORDER BY 1")]
    found = {}
    for name in names:
        if name in _LEFT_OUT:
            continue
        columns = [
            row[0] for row in index.query("SELECT column_name FROM duckdb_columns() WHERE table_name = ?", [name])
        ]
        kept = ", ".join(f'"{column}"' for column in columns if column not in _AUDIT_COLUMNS)
        found[name] = sorted(map(str, index.query(f"SELECT {kept} FROM {name}"))) if kept else []
    return found
