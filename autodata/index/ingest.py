"""From journals to the index: incremental, in batches, each batch and its position in one transaction.

The chain is checked on the way. A record that does not follow stops the journal there: what is before it stays, the
journal is marked damaged and says why, and it is tried again when the file changes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from autodata.home import Home, is_name
from autodata.index.database import Index, open_index, remove_database
from autodata.index.reader import Cursor, read_on, still_follows
from autodata.index.rollup import clear_reviews, clear_run, store_decisions, store_rounds
from autodata.index.staging import Batch
from autodata.index.store import store_batch
from autodata.index.tallies import store_tallies

REVIEWS = "reviews"
BATCH_BYTES = 24 * 2**20
"""About how much of a journal one transaction takes in: large enough for the rate, small enough for the memory and for
the pages: while a batch is turned into columns no other thread of the process runs."""

Progress = Callable[[int, int], None]
"""Called with bytes taken in and bytes in all."""


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


@dataclass(slots=True)
class _Journal:
    """A journal as the index knows it."""

    name: str
    path: Path
    run: int
    cursor: Cursor
    inode: int
    damage: str
    damaged_at: int


def ingest_home(index: Index, home: Home, on_progress: Progress | None = None) -> IngestReport:
    """Take in everything new in the journals of `home`, decisions last. Cheap when there is nothing new.

    From then on the index reads requests back from the journals of `home`, wherever its own file lies.
    """
    started, records, size, touched = time.perf_counter(), 0, 0, []
    index.home = home
    paths = _find_journals(home)
    known = _load_journals(index, home)
    _forget_missing(index, known, {name for name, _ in paths})
    total = sum(path.stat().st_size for _, path in paths) if on_progress else 0
    for name, path in paths:
        if name in known and _is_settled(known[name]):
            continue
        with index.lock(name):
            for count, length in _ingest_journal(index, name, path):
                records, size = records + count, size + length
                touched.append(name)
                if on_progress:
                    on_progress(size, total)
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


def rebuild(home: Home, on_progress: Progress | None = None) -> IngestReport:
    """Delete the index file and build it from the journals. Raises HeldElsewhere when another process has it."""
    open_index(home).close()
    remove_database(home)
    with open_index(home) as index:
        report = ingest_home(index, home, on_progress)
        index.checkpoint()
    return report


def _find_journals(home: Home) -> list[tuple[str, Path]]:
    """Names and paths, runs in the order of their ids, the reviews last so that a decision finds its task."""
    paths = sorted(home.runs.glob("*/journal.jsonl"))
    # A folder with another kind of name is no run of ours: a copy of one would bring its tasks in twice.
    found = [(path.parent.name, path) for path in paths if is_name(path.parent.name)]
    if home.reviews.exists():
        found.append((REVIEWS, home.reviews))
    return [(name if path == home.reviews else f"runs/{name}", path) for name, path in found]


def _load_journals(index: Index, home: Home) -> dict[str, _Journal]:
    """Every journal the index knows, in one query: a pass that finds nothing new must cost next to nothing."""
    rows = index.query("SELECT name, run, position, records, head, inode, damage, damaged_at FROM journals")
    return {name: _build_journal(name, _find_path(home, name), *rest) for name, *rest in rows}


def _find_path(home: Home, name: str) -> Path:
    return home.reviews if name == REVIEWS else home.journal(name.removeprefix("runs/"))


def _is_settled(journal: _Journal) -> bool:
    """Whether the file holds nothing that was not taken in, or given up on for its damage."""
    try:
        stat = journal.path.stat()
    except FileNotFoundError:
        return True
    if stat.st_ino != journal.inode:
        return False
    return stat.st_size == journal.cursor.position or bool(journal.damage and journal.damaged_at == stat.st_mtime_ns)


def _forget_missing(index: Index, known: dict[str, _Journal], present: set[str]) -> None:
    """A journal that was deleted leaves the index too."""
    for name in known.keys() - present:
        with index.lock(name), index.write() as db:
            _clear(db, name, known[name].run)
            db.execute("DELETE FROM journals WHERE name = ?", [name])


def _ingest_journal(index: Index, name: str, path: Path) -> Any:
    """Yields (records, bytes) for each batch written."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return
    journal = _load_journal(index, name, path)
    if _is_settled(journal):
        return
    if stat.st_size < journal.cursor.position or not still_follows(path, journal.cursor):
        _start_over(index, journal)
    journal.inode = stat.st_ino
    state = _load_state(index, journal.run) if journal.cursor.position and name != REVIEWS else {}
    while True:
        before = journal.cursor.position, journal.cursor.records
        batch = Batch(journal.run, state if name == REVIEWS else state or _begin_state(journal))
        first = journal.cursor.position == 0
        _fill(batch, journal)
        moved = journal.cursor.position - before[0]
        changed = journal.cursor.damage != journal.damage
        if moved or changed:
            journal.damage = journal.cursor.damage
            journal.damaged_at = stat.st_mtime_ns if journal.damage else 0
            _write(index, journal, batch, first)
        if not moved:
            return
        state = batch.state
        yield journal.cursor.records - before[1], moved


def _fill(batch: Batch, journal: _Journal) -> None:
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
        journal.cursor.damage = _describe_damage(journal)


def _describe_damage(journal: _Journal) -> str:
    if journal.name == REVIEWS:
        where, rest = "the decisions", "Decisions after it are not counted."
    else:
        where, rest = f"run {journal.path.parent.name}", "Tasks after it are marked incomplete."
    problem = journal.cursor.damage
    return f"Record {journal.cursor.records + 1:,} of {where} {problem}. Everything before it is intact. {rest}"


def _write(index: Index, journal: _Journal, batch: Batch, first: bool) -> None:
    try:
        with index.write() as db:
            store_batch(db, batch, first)
            store_rounds(db, batch, first)
            store_decisions(db, batch)
            store_tallies(db, batch)
            _save_journal(db, journal)
    except (pa.ArrowInvalid, pa.ArrowTypeError, orjson.JSONDecodeError) as error:
        raise ValueError(
            f"{journal.path}: a record up to number {journal.cursor.records:,} holds a value of a wrong "
            f"kind ({error}); nothing of this batch was indexed"
        ) from error


def _start_over(index: Index, journal: _Journal) -> None:
    with index.write() as db:
        _clear(db, journal.name, journal.run)
        journal.cursor = Cursor()
        _save_journal(db, journal)


def _clear(db: Any, name: str, run: int) -> None:
    if name == REVIEWS:
        clear_reviews(db)
    else:
        clear_run(db, run)


def _load_journal(index: Index, name: str, path: Path) -> _Journal:
    for run, position, records, head, inode, damage, damaged_at in index.query(
        "SELECT run, position, records, head, inode, damage, damaged_at FROM journals WHERE name = ?", [name]
    ):
        return _build_journal(name, path, run, position, records, head, inode, damage, damaged_at)
    with index.write() as db:
        run = db.execute("SELECT coalesce(max(run), 0) + 1 FROM journals").fetchall()[0][0]
        journal = _Journal(name, path, run, Cursor(), 0, "", 0)
        _save_journal(db, journal)
    return journal


def _build_journal(
    name: str, path: Path, run: int, position: int, records: int, head: str, inode: int, damage: str, damaged_at: int
) -> _Journal:
    return _Journal(name, path, run, Cursor(position, records, head), inode, damage, damaged_at)


def _save_journal(db: Any, journal: _Journal) -> None:
    cursor = journal.cursor
    db.execute("DELETE FROM journals WHERE name = ?", [journal.name])
    db.execute(
        "INSERT INTO journals VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            journal.name,
            journal.run,
            cursor.position,
            cursor.records,
            cursor.head,
            journal.inode,
            journal.damage,
            journal.damaged_at,
        ],
    )


def _begin_state(journal: _Journal) -> dict[str, Any]:
    return {
        "run": journal.run,
        "run_id": journal.path.parent.name,
        "active_s": 0.0,
        "calls": 0,
        "prompt_tokens": 0,
        "completion_tokens": 0,
        "state": "running",
        "settings": "{}",
        "policy": "{}",
        "recipe": "{}",
        "warnings": "[]",
        "models": "{}",
        "reason": "",
        "simulated": False,
        "baseline": False,
        "imported": "",
    }


def _load_state(index: Index, run: int) -> dict[str, Any]:
    found = index.records("SELECT * FROM runs WHERE run = ?", [run])
    if not found:
        return {}
    state = found[0]
    contract = (orjson.loads(state["settings"]).get("seats") or {}).get("contract") or {}
    return {**state, "allowed": contract.get("allowed") or []}
