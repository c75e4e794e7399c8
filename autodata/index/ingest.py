"""From journals to the index: incremental, in batches, each batch and its position in one transaction.

The chain is checked on the way. A record that does not follow stops the journal there: what is before it stays, the
journal is marked damaged and says why, and it is tried again when the file changes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import orjson
import pyarrow as pa

from autodata.belonging import explain_stranger
from autodata.home import Home
from autodata.index.auditing import audit_pending
from autodata.index.batches import begin_batch
from autodata.index.database import Index, open_index, remove_database
from autodata.index.known import (
    AUDITS,
    REVIEWS,
    KnownJournal,
    find_journals,
    find_subject,
    forget_journal,
    load_journal,
    load_journals,
    save_journal,
)
from autodata.index.reader import Cursor, read_on, still_follows
from autodata.index.rollup import clear_audits, clear_run, store_rounds
from autodata.index.staging import Batch
from autodata.index.store import store_batch
from autodata.index.tallies import store_tallies
from autodata.index.threads import store_threads
from autodata.index.verdicts import clear_reviews, store_decisions
from autodata.journals.files import inspect_journal

BATCH_BYTES = 24 * 2**20
"""About how much of a journal one transaction takes in: large enough for the rate, small enough for the memory and for
the pages: while a batch is turned into columns no other thread of the process runs."""


@dataclass(frozen=True, slots=True)
class IngestProgress:
    """How far a pass has come: bytes taken in, of `total` that were new when it began, and records."""

    bytes: int
    total: int
    records: int
    seconds: float

    @property
    def share(self) -> float:
        """In [0, 1]."""
        return min(1.0, self.bytes / self.total) if self.total else 1.0

    @property
    def rate(self) -> float:
        """Records per second."""
        return self.records / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """None before the first bytes."""
        return self.seconds * (self.total - self.bytes) / self.bytes if self.bytes else None


Progress = Callable[[IngestProgress], None]
"""Called after every batch."""


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What one pass did. `damaged`: (journal, sentence) of every journal whose chain is broken."""

    records: int
    bytes: int
    seconds: float
    journals: tuple[str, ...]
    damaged: tuple[tuple[str, str], ...]

    @property
    def rate(self) -> float:
        """Records per second."""
        return self.records / self.seconds if self.seconds else 0.0


def ingest_home(index: Index, home: Home, on_progress: Progress | None = None) -> IngestReport:
    """Take in everything new in the journals of `home`, decisions last. Cheap when there is nothing new.

    From then on the index reads requests back from the journals of `home`, wherever its own file lies.
    """
    started, records, size, touched = time.perf_counter(), 0, 0, []
    index.home = home
    paths = find_journals(home)
    known = load_journals(index, home)
    _forget_missing(index, known, {name for name, _ in paths})
    pending = [(name, path) for name, path in paths if not (name in known and known[name].settled)]
    total = sum(_count_new(path, known.get(name)) for name, path in pending)
    for name, path in pending:
        with index.lock(name):
            for count, length in _ingest_journal(index, name, path):
                records, size = records + count, size + length
                touched.append(name)
                if on_progress:
                    on_progress(IngestProgress(size, total, records, time.perf_counter() - started))
    damaged = [(name, journal.damage) for name, journal in sorted(known.items()) if journal.damage]
    if touched or damaged:
        damaged = index.query("SELECT name, damage FROM journals WHERE damage <> '' ORDER BY name")
    return IngestReport(
        records, size, time.perf_counter() - started, tuple(dict.fromkeys(touched)), tuple((n, d) for n, d in damaged)
    )


def ingest_reviews_now(index: Index, home: Home) -> int:
    """Take in new decisions only, right after one was appended; returns how many records were new."""
    if not home.reviews.exists():
        return 0
    with index.lock(REVIEWS):
        return sum(count for count, _ in _ingest_journal(index, REVIEWS, home.reviews))


def rebuild(
    home: Home,
    on_progress: Progress | None = None,
    *,
    audit: bool = False,
    on_audit: Callable[[int], None] | None = None,
) -> IngestReport:
    """Delete the index file and build it from the journals. Raises HeldElsewhere when another process has it.

    With `audit` every task is audited, too, a few milliseconds each; else the app does so in its own time.
    `on_audit` is called with the tasks that are audited by then.
    """
    open_index(home).close()
    remove_database(home)
    with open_index(home) as index:
        report = ingest_home(index, home, on_progress)
        if audit:
            audit_pending(index, home, on_tasks=on_audit)
        index.checkpoint()
    return report


def _count_new(path: Path, journal: KnownJournal | None) -> int:
    """Bytes of a journal that are not in the index."""
    try:
        size = inspect_journal(path).size
    except FileNotFoundError:
        return 0
    read = journal.cursor.position if journal else 0
    return size - read if size >= read else size


def _forget_missing(index: Index, known: dict[str, KnownJournal], present: set[str]) -> None:
    """A journal that was deleted leaves the index too."""
    for name in known.keys() - present:
        with index.lock(name):
            subject = find_subject(index, known[name])
            with index.write() as db:
                _clear(index, db, name, subject)
                forget_journal(db, known[name])


def _ingest_journal(index: Index, name: str, path: Path) -> Iterator[tuple[int, int]]:
    """Yields (records, bytes) for each batch written."""
    try:
        state = inspect_journal(path)
    except FileNotFoundError:
        return
    journal = load_journal(index, name, path)
    if journal.settled:
        return
    subject = find_subject(index, journal)
    if state.size < journal.cursor.position or not still_follows(path, journal.cursor):
        _start_over(index, journal, subject)
    relocated, journal.inode = state.inode != journal.inode, state.inode
    last: Batch | None = None
    while True:
        before = journal.cursor.position, journal.cursor.records
        batch = begin_batch(index, journal, subject, last)
        first = journal.cursor.position == 0
        journal.cursor.damage = explain_stranger(index.home, path) if first else ""
        if not journal.cursor.damage:
            _fill(batch, journal)
        moved = journal.cursor.position - before[0]
        changed = journal.cursor.damage != journal.damage
        if moved or changed or relocated:
            relocated = False
            journal.damage = journal.cursor.damage
            journal.damaged_at = state.mtime_ns if journal.damage else 0
            _write(index, journal, batch, first)
        if not moved:
            return
        last = batch
        yield journal.cursor.records - before[1], moved


def _fill(batch: Batch, journal: KnownJournal) -> None:
    """Read one batch; a record whose fields do not have their form damages the journal like a broken chain."""
    cursor = journal.cursor
    good = Cursor(cursor.position, cursor.records, cursor.head)
    try:
        for line in read_on(journal.path, cursor, BATCH_BYTES):
            batch.add(line)
            good.position, good.records, good.head = cursor.position, cursor.records, cursor.head
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        good.damage = f"cannot be understood ({type(error).__name__}: {error})"
        journal.cursor = good
    if journal.cursor.damage:
        journal.cursor.damage = journal.describe_damage(journal.cursor.damage)


def _write(index: Index, journal: KnownJournal, batch: Batch, first: bool) -> None:
    try:
        with index.write() as db:
            store_batch(db, batch, first)
            store_rounds(db, batch, first)
            store_decisions(db, batch)
            store_threads(db, batch)
            store_tallies(db, batch)
            save_journal(db, journal)
    except (pa.ArrowInvalid, pa.ArrowTypeError, orjson.JSONDecodeError) as error:
        raise ValueError(
            f"{journal.path}: a record up to number {journal.cursor.records:,} holds a value of a wrong "
            f"kind ({error}); nothing of this batch was indexed"
        ) from error


def _start_over(index: Index, journal: KnownJournal, subject: int) -> None:
    with index.write() as db:
        _clear(index, db, journal.name, subject)
        journal.cursor = Cursor()
        save_journal(db, journal)


def _clear(index: Index, db: duckdb.DuckDBPyConnection, name: str, subject: int) -> None:
    if name == REVIEWS:
        clear_reviews(db)
    elif name.startswith(AUDITS):
        clear_audits(db, subject)
    else:
        index.cleared += 1
        clear_run(db, subject)
