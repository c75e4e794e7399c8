"""From what a person points at to the sources of a run."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autodata.canon import hash_text
from autodata.errors import BadInput
from autodata.model import Source
from autodata.sources.document import MAX_FILE_BYTES, SUFFIXES, Document, Skipped
from autodata.sources.passages import split_passages
from autodata.sources.read import read_documents

MIN_PASSAGE_WORDS = 50


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A document or passage whose text was already loaded; `same_as` names the one that was kept."""

    name: str
    same_as: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became a source, what did not and why, and what was there twice; each in reading order."""

    sources: tuple[Source, ...]
    skipped: tuple[Skipped, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadCap:
    """The most that is looked at before a load gives up: files and folders, and bytes of the files that are read."""

    files: int
    bytes: int


def load_sources(
    inputs: Sequence[Path], *, passage_words: int = 700, limit: int | None = None, cap: LoadCap | None = None
) -> Loaded:
    """Read folders (with their subfolders, in name order) and files into sources of at most `passage_words` words.

    Reading stops once `limit` sources are found. A file that cannot be used is reported in `skipped` and the rest goes
    on. Raises BadInput when an input does not exist, nothing at all could be read, a number makes no sense, or there is
    more than `cap` allows: a load that was cut short would look like a whole one.
    """
    if passage_words < MIN_PASSAGE_WORDS:
        raise BadInput(f"passage words {passage_words} is too small; give at least {MIN_PASSAGE_WORDS}")
    if limit is not None and limit < 1:
        raise BadInput(f"limit {limit} is too small; give at least 1, or none for all")
    if not inputs:
        raise BadInput(f"no sources given; point at a folder or at files ({', '.join(SUFFIXES)})")
    for path in inputs:
        _check_exists(path)
    found, counter = _Found(limit), _Counter(cap)
    for path in inputs:
        for item in _read_input(path, counter):
            if isinstance(item, Skipped):
                found.skipped.append(item)
            else:
                found.add(item, passage_words)
            if found.is_full():
                return found.freeze()
    if not found.sources:
        raise BadInput(_explain_nothing(inputs, found.skipped))
    return found.freeze()


class _Counter:
    """Counts what a load looks at and ends it when that is more than its cap allows."""

    def __init__(self, cap: LoadCap | None) -> None:
        self.cap = cap
        self.names = 0
        self.bytes = 0

    def see_name(self, root: Path) -> None:
        """Count one file or folder."""
        self.names += 1
        if self.cap and self.names > self.cap.files:
            self._give_up(root, f"{self.cap.files:,} files and folders")

    def see_file(self, path: Path, root: Path) -> None:
        """Count the bytes of a file that is about to be read."""
        if self.cap is None or path.suffix.lower() not in SUFFIXES:
            return
        try:
            self.bytes += min(path.stat().st_size, MAX_FILE_BYTES)
        except OSError:
            return  # reading it will say why
        if self.bytes > self.cap.bytes:
            self._give_up(root, f"{self.cap.bytes // 2**20:,} MB of documents")

    def _give_up(self, root: Path, most: str) -> None:
        raise BadInput(
            f"{_show(str(root))} holds more than {most}, too much to look through while you wait. Choose a folder with "
            "the documents alone, or start the run with `autodata run PATH`, which reads as much as there is."
        )


class _Found:
    """Sources gathered so far; remembers texts by hash, whole documents and passages alike."""

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self.sources: list[Source] = []
        self.skipped: list[Skipped] = []
        self.duplicates: list[Duplicate] = []
        self._documents: dict[str, str] = {}
        self._passages: dict[str, str] = {}

    def add(self, document: Document, passage_words: int) -> None:
        whole = hash_text(document.text)
        if whole in self._documents:
            self.duplicates.append(Duplicate(document.name, self._documents[whole]))
            return
        self._documents[whole] = document.name
        passages = split_passages(document.text, passage_words)
        for number, text in enumerate(passages, start=1):
            name = f"{document.name} (passage {number} of {len(passages)})" if len(passages) > 1 else document.name
            source_id = hash_text(text)[:16]
            if source_id in self._passages:
                self.duplicates.append(Duplicate(name, self._passages[source_id]))
            elif not self.is_full():
                self._passages[source_id] = name
                self.sources.append(
                    Source(source_id, document.title, text, document.name, number, len(passages), document.metadata)
                )

    def is_full(self) -> bool:
        return self.limit is not None and len(self.sources) >= self.limit

    def freeze(self) -> Loaded:
        return Loaded(tuple(self.sources), tuple(self.skipped), tuple(self.duplicates))


def _check_exists(path: Path) -> None:
    try:
        path.stat()
    except (OSError, ValueError) as error:
        missing = isinstance(error, FileNotFoundError | NotADirectoryError | ValueError)
        problem = "does not exist" if missing else f"cannot be opened ({error})"
        raise BadInput(
            f"{_show(str(path))} {problem}; check the path (relative paths start at {Path.cwd()})"
        ) from error


def _read_input(path: Path, counter: _Counter) -> Iterator[Document | Skipped]:
    if not path.is_dir():
        counter.see_file(path, path)
        yield from read_documents(path, _show(path.name))
        return
    seen = False
    for item in _walk(path, path, set(), counter):
        seen = True
        if isinstance(item, Skipped):
            yield item
        else:
            counter.see_file(item, path)
            yield from read_documents(item, _show(item.relative_to(path).as_posix()))
    if not seen:
        yield Skipped(_show(str(path)), f"the folder holds no file; supported are {', '.join(SUFFIXES)}")


def _walk(folder: Path, root: Path, visited: set[tuple[int, int]], counter: _Counter) -> Iterator[Path | Skipped]:
    """Files below `folder` in name order. Hidden names are passed over; a folder reached twice is read once."""
    try:
        status = folder.stat()
        if (status.st_dev, status.st_ino) in visited:
            return
        visited.add((status.st_dev, status.st_ino))
        with os.scandir(folder) as entries:
            names = []
            for entry in entries:
                counter.see_name(root)
                if not entry.name.startswith("."):
                    names.append(entry.name)
    except OSError as error:
        name = _show(folder.relative_to(root).as_posix())
        yield Skipped(name, f"the folder cannot be opened ({error.strerror}); check its permissions")
        return
    for name in sorted(names):
        path = folder / name
        if _is_folder(path):
            yield from _walk(path, root, visited, counter)
        else:
            yield path


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False  # opening it as a file will say why


def _show(name: str) -> str:
    """A file name as text that can be stored: bytes that are not UTF-8 become replacement characters."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _explain_nothing(inputs: Sequence[Path], skipped: Sequence[Skipped], shown: int = 10) -> str:
    lines = [f"  {skip.name}: {skip.reason}" for skip in skipped[:shown]]
    if len(skipped) > shown:
        lines.append(f"  and {len(skipped) - shown} more")
    where = ", ".join(_show(str(path)) for path in inputs)
    return "\n".join([f"no readable document in {where}; supported are {', '.join(SUFFIXES)}", *lines])
