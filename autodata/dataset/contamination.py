"""Whether a task shares text with a benchmark: runs of words, 13 by default, that stand in both.

Thirteen words without case and punctuation is the measure of Brown et al. 2020 (arXiv:2005.14165, appendix C). It finds
copied text and misses paraphrases; a benchmark text shorter than that is compared as a whole.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from autodata.errors import BadInput
from autodata.items.files import ALL_SPLITS, DATA_SUFFIXES, open_data, read_rows
from autodata.items.row import BadRow
from autodata.sources.document import Unreadable

NGRAM = 13
SHORTEST = 6
"""Words of a benchmark text from which it is looked for; shorter ones stand everywhere, and are only counted."""

SPAN_MAX = 300
SPANS_MAX = 20
"""Characters of a span and spans of a task that are kept."""

_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af"
_WORD = re.compile(rf"[{_IDEOGRAPHS}]|[^\W{_IDEOGRAPHS}]+")
"""Scripts without spaces are read character by character."""

_BASE = np.uint64(0x9E3779B97F4A7C15)

Hashes = NDArray[np.uint64]


class ContaminationSettings(BaseModel):
    """Benchmark files to compare with: .jsonl, .json, .csv, .parquet, … and .txt. `action`: hold tasks that share text
    back, or only report them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    files: tuple[str, ...] = Field(min_length=1)
    ngram: int = Field(NGRAM, ge=SHORTEST, le=50)
    action: Literal["exclude", "report"] = "exclude"


@dataclass(frozen=True, slots=True)
class Overlap:
    """A stretch of a task's `field` that stands in a benchmark, from character `start` to `end`; `text` is the task's,
    cut at SPAN_MAX. `row` counts as in the benchmark's file."""

    field: str
    start: int
    end: int
    text: str
    words: int
    benchmark: str
    row: int


@dataclass(frozen=True, slots=True)
class BenchmarkFile:
    """One file as it was read: `rows` that could be, `grams` different runs of words, `short` texts too short."""

    name: str
    sha256: str
    rows: int
    grams: int
    short: int


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Runs of words of all files, by length: sorted hashes, and where each was met (file, row)."""

    ngram: int
    files: tuple[BenchmarkFile, ...]
    grams: Mapping[int, tuple[Hashes, NDArray[np.int32], NDArray[np.int32]]]

    def find_overlaps(self, texts: Mapping[str, str]) -> tuple[Overlap, ...]:
        """Stretches of these fields that stand in the benchmark, in order; at most SPANS_MAX."""
        return tuple(overlap for name, text in texts.items() for overlap in self._search(name, text))[:SPANS_MAX]

    def _search(self, name: str, text: str) -> Iterator[Overlap]:
        words = list(_WORD.finditer(text))
        numbers = _hash_words([match.group().casefold() for match in words])
        hits: dict[int, tuple[int, int, int]] = {}
        for length, (known, files, rows) in self.grams.items():
            for at, place in zip(*_look_up(_hash_grams(numbers, length), known), strict=True):
                hit = at + length, int(files[place]), int(rows[place])
                hits[int(at)] = max(hits.get(int(at), hit), hit)
        for first, last, file, row in _merge(hits):
            start, end = words[first].start(), words[last - 1].end()
            shown = text[start : min(end, start + SPAN_MAX)] + ("…" if end - start > SPAN_MAX else "")
            yield Overlap(name, start, end, shown, last - first, self.files[file].name, row)


def load_benchmark(paths: Iterable[str | Path], ngram: int = NGRAM) -> Benchmark:
    """Read benchmark files. Raises BadInput for one that is not there, cannot be read or holds no text."""
    found: dict[int, _Found] = {}
    files = []
    for number, path in enumerate(Path(one) for one in paths):
        files.append(_read_file(path, number, ngram, found))
    return Benchmark(ngram, tuple(files), {length: one.sort() for length, one in sorted(found.items())})


@dataclass(slots=True)
class _Found:
    hashes: list[Hashes] = field(default_factory=list)
    files: list[NDArray[np.int32]] = field(default_factory=list)
    rows: list[NDArray[np.int32]] = field(default_factory=list)

    def add(self, hashes: Hashes, file: int, row: int) -> None:
        self.hashes.append(hashes)
        self.files.append(np.full(len(hashes), file, dtype=np.int32))
        self.rows.append(np.full(len(hashes), row, dtype=np.int32))

    def sort(self) -> tuple[Hashes, NDArray[np.int32], NDArray[np.int32]]:
        hashes, first = np.unique(np.concatenate(self.hashes), return_index=True)
        return hashes, np.concatenate(self.files)[first], np.concatenate(self.rows)[first]


def _read_file(path: Path, number: int, ngram: int, found: dict[int, _Found]) -> BenchmarkFile:
    rows = short = grams = 0
    for row, text in _read_texts(path):
        rows = max(rows, row)
        numbers = _hash_words([match.group().casefold() for match in _WORD.finditer(text)])
        if len(numbers) < SHORTEST:
            short += bool(len(numbers))
            continue
        length = min(ngram, len(numbers))
        hashes = np.unique(_hash_grams(numbers, length))
        grams += len(hashes)
        found.setdefault(length, _Found()).add(hashes, number, row)
    if not grams:
        raise BadInput(
            f"benchmark {path} holds no text of {SHORTEST} words or more, so nothing can be compared with it"
        )
    with open(path, "rb") as file:
        sha = hashlib.file_digest(file, "sha256").hexdigest()
    return BenchmarkFile(path.name, sha, rows, grams, short)


def _read_texts(path: Path) -> Iterator[tuple[int, str]]:
    """(row, text) of everything in a file that is text; a row that cannot be read is passed over."""
    if not path.is_file():
        raise BadInput(f"benchmark {path} is not a file; give .txt or one of {', '.join(DATA_SUFFIXES)}")
    if path.suffix.lower() == ".txt":
        try:
            blocks = re.split(r"\n\s*\n", path.read_text(encoding="utf-8", errors="replace"))
        except OSError as error:
            raise BadInput(f"benchmark {path} cannot be read: {error.strerror or error}") from error
        yield from ((number, block) for number, block in enumerate(blocks, start=1) if block.strip())
        return
    try:
        for file in open_data(path, ALL_SPLITS).files:
            for row in read_rows(file):
                if not isinstance(row, BadRow):
                    yield from ((row.number, text) for text in _list_texts(row.values))
    except Unreadable as problem:
        raise BadInput(f"benchmark {path} cannot be used: {problem}") from problem


def _list_texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _list_texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _list_texts(one)


@lru_cache(maxsize=200_000)
def _hash_word(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def _hash_words(words: list[str]) -> Hashes:
    return np.array([_hash_word(word) for word in words], dtype=np.uint64)


def _hash_grams(words: Hashes, length: int) -> Hashes:
    """64-bit polynomial hash of every run of `length` words. A wrong match takes two runs of equal hash: about one in
    two thousand for a billion words against ten million."""
    if len(words) < length:
        return np.zeros(0, dtype=np.uint64)
    with np.errstate(over="ignore"):
        total = np.zeros(len(words) - length + 1, dtype=np.uint64)
        for at in range(length):
            total = total * _BASE + words[at : at + len(total)]
    return total


def _look_up(hashes: Hashes, known: Hashes) -> tuple[list[int], list[int]]:
    """Places in `hashes` that are known, and where."""
    if not len(hashes):
        return [], []
    places = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
    at = np.flatnonzero(known[places] == hashes)
    return at.tolist(), places[at].tolist()


def _merge(hits: Mapping[int, tuple[int, int, int]]) -> Iterator[tuple[int, int, int, int]]:
    """Overlapping runs of words as one stretch, named by where its first run was met."""
    current: tuple[int, int, int, int] | None = None
    for first in sorted(hits):
        last, file, row = hits[first]
        if current and first <= current[1]:
            current = current[0], max(current[1], last), current[2], current[3]
        else:
            if current:
                yield current
            current = first, last, file, row
    if current:
        yield current
