"""The journals that the index knows, and how far each has been taken in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from autodata.home import Home, is_name
from autodata.index.database import Index
from autodata.index.reader import Cursor
from autodata.index.staging import AUDIT_TABLES
from autodata.journals.files import inspect_journal, list_journals

REVIEWS = "reviews"
RUNS = "runs/"
AUDITS = "audits/"
OPTIMIZATIONS = "optimizations/"


@dataclass(slots=True)
class KnownJournal:
    """A journal as the index knows it. `number` is its own, and a run's is that of the run."""

    name: str
    path: Path
    number: int
    cursor: Cursor
    inode: int
    damage: str
    damaged_at: int

    @property
    def run_id(self) -> str:
        """The run it is the journal of, or an audit of; a search's name; "" for the reviews."""
        return self.name.partition("/")[2]

    @property
    def settled(self) -> bool:
        """Whether the file holds nothing that was not taken in, or given up on for its damage."""
        try:
            state = inspect_journal(self.path)
        except FileNotFoundError:
            return True
        if state.inode != self.inode:
            return False
        return state.size == self.cursor.position or bool(self.damage and self.damaged_at == state.mtime_ns)

    def describe_damage(self, problem: str) -> str:
        """The sentence for a record that does not follow or cannot be understood."""
        where, rest = "the decisions", "Decisions after it are not counted."
        if self.name.startswith(RUNS):
            where, rest = f"run {self.run_id}", "Tasks after it are marked incomplete."
        elif self.name.startswith(AUDITS):
            where, rest = f"the audit of run {self.run_id}", "What it found after it does not count."
        elif self.name.startswith(OPTIMIZATIONS):
            where, rest = f"search {self.run_id}", "What it did after it is not shown."
        return f"Record {self.cursor.records + 1:,} of {where} {problem}. Everything before it is intact. {rest}"


def find_journals(home: Home) -> list[tuple[str, Path]]:
    """Names and paths: runs in the order of their ids, their audits, searches for recipes, and the reviews last so that
    a decision finds its task.
    """
    found: list[tuple[str, Path]] = []
    for prefix, folder in ((RUNS, home.runs), (AUDITS, home.audits), (OPTIMIZATIONS, home.optimizations)):
        # A folder with another kind of name is no run of ours: a copy of one would bring its tasks in twice.
        paths = (path for path in list_journals(folder) if is_name(path.parent.name))
        found += [(f"{prefix}{path.parent.name}", path) for path in paths]
    if home.reviews.exists():
        found.append((REVIEWS, home.reviews))
    return found


def load_journals(index: Index, home: Home) -> dict[str, KnownJournal]:
    """Every journal the index knows, in one query: a pass that finds nothing new must cost next to nothing."""
    return {row[0]: _build(row, _find_path(home, row[0])) for row in index.query(_JOURNALS)}


def load_journal(index: Index, name: str, path: Path) -> KnownJournal:
    """One journal, made known when it is not."""
    for row in index.query(f"{_JOURNALS} WHERE name = ?", [name]):
        return _build(row, path)
    with index.write() as db:
        number = db.execute("SELECT coalesce(max(run), 0) + 1 FROM journals").fetchall()[0][0]
        journal = KnownJournal(name, path, number, Cursor(), 0, "", 0)
        save_journal(db, journal)
        if name.startswith(RUNS):
            _move_audits(db, journal.run_id, since=None, to=number)
    return journal


def save_journal(db: duckdb.DuckDBPyConnection, journal: KnownJournal) -> None:
    """Write down how far it has been taken in."""
    cursor = journal.cursor
    place = [cursor.position, cursor.records, cursor.head, journal.inode, journal.damage, journal.damaged_at]
    db.execute("DELETE FROM journals WHERE name = ?", [journal.name])
    db.execute("INSERT INTO journals VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [journal.name, journal.number, *place])


def forget_journal(db: duckdb.DuckDBPyConnection, journal: KnownJournal) -> None:
    """Take a journal out; what was asked about a run that is gone stays, under a number of its own."""
    db.execute("DELETE FROM journals WHERE name = ?", [journal.name])
    if journal.name.startswith(RUNS):
        _move_audits(db, journal.run_id, since=journal.number, to=None)


def find_subject(index: Index, journal: KnownJournal) -> int:
    """The number of the run that a journal's records are about: of an audit, the audited run's where it is here."""
    if not journal.name.startswith(AUDITS):
        return journal.number
    rows = index.query("SELECT run FROM journals WHERE name = ?", [f"{RUNS}{journal.run_id}"])
    return int(rows[0][0]) if rows else journal.number


def _move_audits(db: duckdb.DuckDBPyConnection, run_id: str, *, since: int | None, to: int | None) -> None:
    """Give what models were asked about a run another number; None is that of the audit's own journal."""
    for (own,) in db.execute("SELECT run FROM journals WHERE name = ?", [f"{AUDITS}{run_id}"]).fetchall():
        for table in AUDIT_TABLES:
            db.execute(
                f"UPDATE {table} SET run = ? WHERE run = ?",
                [own if to is None else to, own if since is None else since],
            )


def _find_path(home: Home, name: str) -> Path:
    if name == REVIEWS:
        return home.reviews
    kind, _, run_id = name.partition("/")
    if f"{kind}/" == OPTIMIZATIONS:
        return home.optimization_journal(run_id)
    return home.audit_journal(run_id) if f"{kind}/" == AUDITS else home.journal(run_id)


def _build(row: tuple[Any, ...], path: Path) -> KnownJournal:
    name, number, position, records, head, inode, damage, damaged_at = row
    return KnownJournal(name, path, number, Cursor(position, records, head), inode, damage, damaged_at)


_JOURNALS = "SELECT name, run, position, records, head, inode, damage, damaged_at FROM journals"
