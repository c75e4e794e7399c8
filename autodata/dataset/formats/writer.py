"""Files being written: streamed, buffered, forced to the disk when they are whole, and never over another file."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Protocol

from autodata.dataset.entry import Entry, Split

BUFFER = 2**20
"""Bytes that are gathered before they are handed to the operating system."""


class ItemWriter(Protocol):
    """The files of one format being written.

    `written` lines per split, or under "" where a format has one file for all; `skipped`: why tasks stand in no line of
    it, reason code to count. After an error the files are thrown away with their folder.
    """

    @property
    def written(self) -> Mapping[str, int]: ...
    @property
    def skipped(self) -> Mapping[str, int]: ...

    def write(self, entries: Sequence[Entry]) -> None: ...
    def close(self) -> None: ...


class CountingWriter:
    """What all writers count."""

    def __init__(self) -> None:
        self.written: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()


class LineFile:
    """One file of lines; raises FileExistsError when there is one of that name."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: BinaryIO = open(path, "xb", buffering=BUFFER)  # noqa: SIM115 - closed by close()

    def write(self, content: bytes) -> None:
        self._file.write(content)

    def close(self) -> None:
        close_durably(self._file)


class SplitFiles:
    """One file of lines per split, made when its first line comes: no split has an empty file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[Split, LineFile] = {}

    def write(self, split: Split, content: bytes) -> None:
        if split not in self._files:
            self._files[split] = LineFile(self._folder / f"{split}.jsonl")
        self._files[split].write(content)

    def close(self) -> None:
        for file in self._files.values():
            file.close()


def close_durably(file: BinaryIO) -> None:
    """Flush a file to the disk itself and close it, whatever goes wrong."""
    try:
        file.flush()
        os.fsync(file.fileno())
    finally:
        file.close()
