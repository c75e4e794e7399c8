"""Journals that nobody writes any more, compressed where they lie. They are read, verified, audited, exported and built
into an index as before; whoever writes one again unpacks it first.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autodata.errors import JournalDamaged, StopRequested
from autodata.home import Home
from autodata.journal import JournalWriter, read_last
from autodata.journals.files import find_file, has_journal, pack_journal
from autodata.locks import is_locked
from autodata.stored_run import find_journal, list_run_ids

_ENDS = ("run_ended", "audit_ended")


@dataclass(frozen=True, slots=True)
class PlainJournal:
    """A journal that could be compressed: of a run, or of its audits. `why_not` says what speaks against it, or ""."""

    run_id: str
    path: Path
    bytes: int
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class CompressedJournal:
    """A journal that was compressed from `bytes` to `packed` bytes in so many seconds, its check included."""

    run_id: str
    path: Path
    records: int
    bytes: int
    packed: int
    seconds: float


def list_plain(home: Home, run_ids: Sequence[str] = ()) -> list[PlainJournal]:
    """Journals of these runs and their audits that are not compressed, or of all runs.

    Nothing speaks against one that ended as done, nor against a named one that nobody writes: a run that is resumed
    later unpacks its journal. Raises BadInput for a run that does not exist.
    """
    found = []
    for run_id in run_ids or list_run_ids(home):
        find_journal(home, run_id)
        for path in (home.journal(run_id), home.audit_journal(run_id)):
            if has_journal(path) and find_file(path) == path:
                why_not = _find_objection(path, named=bool(run_ids))
                found.append(PlainJournal(run_id, path, path.stat().st_size, why_not))
    return found


def compress_journals(journals: Sequence[PlainJournal]) -> Iterator[CompressedJournal | JournalDamaged]:
    """Compress these, one after the other; a damaged one is told and left as it is.

    At every moment a whole journal lies on the disk, and the plain one goes only after the other was read back. Raises
    HeldElsewhere where somebody writes one by now, StopRequested("disk") where the disk refuses.
    """
    for journal in journals:
        try:
            yield _compress(journal)
        except JournalDamaged as damage:
            yield damage


def _compress(journal: PlainJournal) -> CompressedJournal:
    started = time.perf_counter()
    # The writer's lock keeps everybody else from writing, and opening it checks the whole chain.
    with JournalWriter(journal.path) as held:
        size = journal.path.stat().st_size
        try:
            packed = pack_journal(journal.path)
        except OSError as error:
            raise StopRequested(
                "disk",
                f"cannot compress {journal.path}: {error.strerror or error}. It is as it was; free some space, then "
                "try again.",
            ) from error
    return CompressedJournal(journal.run_id, journal.path, held.seq, size, packed, time.perf_counter() - started)


def _find_objection(path: Path, *, named: bool) -> str:
    if is_locked(path):
        return "somebody writes it"
    if named:
        return ""
    try:
        last = read_last(path)
    except JournalDamaged:
        return "it is damaged; `autodata verify` says where"
    if last is None or last.kind not in _ENDS:
        return "it has no end; resume the run, or name it"
    if last.data.get("state") != "done":
        return f"it is {last.data.get('state')} and may be resumed; name the run to compress it all the same"
    return ""
