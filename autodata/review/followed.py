"""A journal folded once in this process, and then only what was appended since."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Generic, Protocol, TypeVar

from autodata.journal import Record, read_records


class Fold(Protocol):
    """A state that takes in one record after another; kinds that it does not know change nothing."""

    def apply(self, record: Record) -> None: ...


State = TypeVar("State", bound=Fold)


class FollowedFold(Generic[State]):
    """The folds of journals by path. A file that was replaced, or that has become shorter, is read from its start."""

    def __init__(self, make: Callable[[], State]) -> None:
        self._make = make
        self._known: dict[str, _Folded[State]] = {}
        self.lock = RLock()
        """Hold it over a reading that must not change meanwhile: other threads of this process go on folding."""

    def read(self, path: Path) -> State:
        """The state by now; a fresh one where there is no file. The value goes on changing with later reads.

        Raises JournalDamaged at a line that is no record.
        """
        with self.lock:
            try:
                status = path.stat()
            except FileNotFoundError:
                self._known.pop(str(path), None)
                return self._make()
            known = self._known.get(str(path))
            if known is None or known.inode != status.st_ino or known.end > status.st_size:
                known = self._known[str(path)] = _Folded(status.st_ino, 0, self._make())
            for record in read_records(path, known.end):
                known.state.apply(record)
                known.end = record.end
            return known.state

    def forget(self) -> None:
        """Read every journal from its start the next time."""
        with self.lock:
            self._known.clear()


@dataclass(slots=True)
class _Folded(Generic[State]):
    """The fold up to byte `end` of one file, told apart from a replaced one by its inode."""

    inode: int
    end: int
    state: State
