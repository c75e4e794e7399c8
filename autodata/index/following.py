"""A run's journal followed for the audit, as far as the index has checked it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from autodata.audit.book import RunBook
from autodata.audit.records import TaskRecords
from autodata.errors import JournalDamaged
from autodata.index.audit_rows import AuditedTask
from autodata.journal import read_records


class FollowedRun:
    """What was read of one run, and where to go on. `inode` tells whether the journal is still the same file.

    `known` are keys of tasks that were audited before this reading began, `measured` wait to be written. `unreadable`
    are sentences about records of a wrong form; their tasks cannot be audited, all others are.
    """

    def __init__(self, path: Path, inode: int) -> None:
        self.inode = inode
        self.position = 0
        self.known: set[int] = set()
        self.measured: list[AuditedTask] = []
        self.unreadable: list[str] = []
        self._book = RunBook(path)
        self._path = path
        self._flushed = 0

    def read_on(self, until: int) -> Iterator[TaskRecords | None]:
        """Tasks that became complete before byte `until`; None after every record, so that the caller may stop."""
        for record in read_records(self._path, self.position):
            if record.end > until:
                return
            start, self.position = self.position, record.end
            try:
                tasks = self._book.take(record, start)
            except JournalDamaged as error:
                self.unreadable.append(str(error))
                tasks = []
            yield from tasks
            yield None

    def read_open(self) -> Iterator[TaskRecords]:
        """Tasks that were decided on while their source never ended, as after a crash; once for what was read."""
        if self._flushed == self.position:
            return
        self._flushed = self.position
        for source in self._book.list_open():
            try:
                yield from self._book.read_open(source)
            except JournalDamaged as error:
                self.unreadable.append(str(error))
