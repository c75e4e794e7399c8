"""The journal: append-only JSON lines, hash-chained. The truth of a run and of every decision.

A line is one JSON object `{"seq":…,"t":…,"kind":…,…,"prev":"<sha of the line before>","sha":"<sha>"}`; `sha` is the
SHA-256 of the line's bytes up to `,"sha"`. Reading needs no canonical form: the hashed bytes are the bytes on disk.
docs/architecture.md lists the kinds of record and their fields.

Durability: a line is handed to the operating system before `append` returns, so a killed process loses nothing it was
told was written; `sync` also survives a power cut. A torn last line is set aside beside the journal, never parsed.

A journal that nobody writes may lie compressed (autodata.journals); it is read and verified all the same, and a writer
unpacks it first.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from autodata.canon import replace_surrogates
from autodata.errors import JournalDamaged, StopRequested
from autodata.journals.files import drop_packed, has_journal, inspect_journal, open_for_writing, open_journal

GENESIS = "0" * 64
_SHA_SUFFIX = re.compile(rb',"sha":"([0-9a-f]{64})"\}$')
_RESERVED = {"seq", "t", "kind", "prev", "sha"}


@dataclass(frozen=True, slots=True)
class Record:
    """One line of a journal. `end` is the byte offset just after it; `data` holds the payload only."""

    seq: int
    t: float
    kind: str
    data: dict[str, Any]
    sha: str
    end: int


@dataclass(frozen=True, slots=True)
class JournalReport:
    """What a full check found: intact records, the head of the chain, problems as sentences, a torn tail's bytes."""

    records: int
    head: str
    problems: tuple[str, ...]
    torn_bytes: int = 0

    @property
    def ok(self) -> bool:
        return not self.problems


class JournalWriter:
    """The single writer of one journal. Holds an exclusive lock on it until closed.

    Raises HeldElsewhere when another process writes this journal, JournalDamaged when its chain is broken.
    A torn last line is moved to `<name>.torn` before the first append.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        # A glance at who is alive (runs.is_alive) holds a shared lock for an instant: outwait it.
        self._fd = open_for_writing(path, 0.3, _say_held(path))
        try:
            report = verify_journal(path)
            if not report.ok:
                raise JournalDamaged(report.problems[0])
            drop_packed(path)
            self._size = os.fstat(self._fd).st_size
            if report.torn_bytes:
                self._set_torn_tail_aside(report.torn_bytes)
        except BaseException:
            os.close(self._fd)
            raise
        self._seq = report.records
        self._head = report.head

    @classmethod
    def open_tail(cls, path: Path, *, wait_s: float = 5.0) -> JournalWriter:
        """A writer for a small journal that many processes share: hold it for one append, then close it.

        Waits up to `wait_s` seconds for the lock, then raises HeldElsewhere. Checks the last record only, so its cost
        does not grow with the journal; raises JournalDamaged when that record is not intact. What is read from the
        journal while the writer is open cannot change: that is how a condition is checked before an append.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        writer = cls.__new__(cls)
        writer.path = path
        writer._fd = open_for_writing(path, wait_s, _say_held(path))
        try:
            writer._size = os.fstat(writer._fd).st_size
            line, torn = _read_last_line(lambda count, at: os.pread(writer._fd, count, at), writer._size)
            record = _check_last_line(line, path)
            if torn:
                writer._set_torn_tail_aside(torn)
        except BaseException:
            os.close(writer._fd)
            raise
        writer._seq, writer._head = (record.seq, record.sha) if record else (0, GENESIS)
        return writer

    @property
    def head(self) -> str:
        """SHA of the last record; 64 zeros for an empty journal."""
        return self._head

    @property
    def seq(self) -> int:
        """Number of the last record; 0 for an empty journal."""
        return self._seq

    def append(self, kind: str, data: dict[str, Any]) -> Record:
        """Append one record; raises StopRequested("disk") when the disk refuses, leaving the journal as it was."""
        clash = _RESERVED & data.keys()
        if clash:
            raise ValueError(f"payload of {kind} uses reserved fields {sorted(clash)}")
        seq, now = self._seq + 1, time.time()
        body = _dump({"seq": seq, "t": now, "kind": kind, **data, "prev": self._head})[:-1]
        sha = hashlib.sha256(body).hexdigest()
        self._write(body + b',"sha":"' + sha.encode() + b'"}\n')
        self._seq, self._head = seq, sha
        return Record(seq, now, kind, data, sha, self._size)

    def sync(self) -> None:
        """Force what was appended to the disk itself."""
        os.fsync(self._fd)

    def close(self) -> None:
        """Sync, unlock, close. Safe to call twice."""
        if self._fd >= 0:
            try:
                os.fsync(self._fd)
            finally:
                os.close(self._fd)
                self._fd = -1

    def __enter__(self) -> JournalWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write(self, line: bytes) -> None:
        written = 0
        try:
            while written < len(line):
                written += os.write(self._fd, line[written:])
        except OSError as error:
            # A half-written line would be a torn tail for the next reader: take it back before reporting.
            if written:
                os.ftruncate(self._fd, self._size)
            raise StopRequested(
                "disk",
                f"cannot write {self.path}: {error.strerror}. Free some space, then resume: nothing recorded is lost.",
            ) from error
        self._size += len(line)

    def _set_torn_tail_aside(self, count: int) -> None:
        keep = self._size - count
        tail = os.pread(self._fd, count, keep)
        with open(self.path.with_name(self.path.name + ".torn"), "ab") as aside:
            aside.write(tail + b"\n")
        os.ftruncate(self._fd, keep)
        self._size = keep


def append_once(path: Path, kind: str, data: dict[str, Any], *, wait_s: float = 5.0) -> Record:
    """Append one record to a journal that many processes share, and force it to the disk.

    Raises HeldElsewhere after `wait_s` seconds without the lock, JournalDamaged when the last record is not intact,
    StopRequested("disk") when the disk refuses.
    """
    with JournalWriter.open_tail(path, wait_s=wait_s) as writer:
        return writer.append(kind, data)


def read_records(path: Path, start: int = 0) -> Iterator[Record]:
    """Records from byte offset `start` on, chain not checked. Stops before a line that is still being written.

    Raises JournalDamaged at a complete line that is not a record.
    """
    if not has_journal(path):
        return
    for line, end in _read_lines(path, start):
        record = _parse(line, end)
        if record is None:
            raise JournalDamaged(f"{path}: the line ending at byte {end:,} is not a record")
        yield record


def read_last(path: Path) -> Record | None:
    """The last complete record, whatever the journal's length; None for an empty or missing journal.

    Raises JournalDamaged when that record is not intact.
    """
    if not has_journal(path):
        return None
    with open_journal(path) as file:

        def read(count: int, at: int) -> bytes:
            file.seek(at)
            return file.read(count)

        return _check_last_line(_read_last_line(read, file.seek(0, os.SEEK_END))[0], path)


def verify_journal(path: Path) -> JournalReport:
    """Check every line's hash, its link to the line before and its number. Never raises for damaged content."""
    records, head, end = 0, GENESIS, 0
    if not has_journal(path):
        return JournalReport(0, GENESIS, ())
    size = inspect_journal(path).size  # before reading: what is appended meanwhile is no torn tail
    for line, line_end in _read_lines(path, 0):
        record = _parse(line, line_end)
        problem = _find_problem(line, record, records + 1, head)
        if problem or record is None:
            intact = f"Everything before it is intact ({records:,} records)."
            return JournalReport(records, head, (f"Record {records + 1:,} of {path} {problem}. {intact}",))
        records, head, end = record.seq, record.sha, line_end
    return JournalReport(records, head, (), torn_bytes=max(0, size - end))


def _say_held(path: Path) -> str:
    return f"{path} is being written by another process. Wait for it, or stop it with `autodata stop`."


def _find_problem(line: bytes, record: Record | None, seq: int, head: str) -> str:
    if record is None:
        return "is not a journal record"
    match = _SHA_SUFFIX.search(line)
    if match is None or hashlib.sha256(line[: match.start()]).hexdigest() != record.sha:
        return "does not match its hash"
    # The writer puts both hashes last, so what it wrote need not be parsed again.
    written = f'"prev":"{head}","sha":"{record.sha}"}}'.encode()
    if not line.endswith(written) and orjson.loads(line).get("prev") != head:
        return "does not follow the record before it (a line is missing, moved or swapped)"
    if record.seq != seq:
        return f"is numbered {record.seq:,}"
    return ""


def _parse(line: bytes, end: int) -> Record | None:
    try:
        raw = orjson.loads(line)
        data = {key: value for key, value in raw.items() if key not in _RESERVED}
        return Record(int(raw["seq"]), float(raw["t"]), str(raw["kind"]), data, str(raw["sha"]), end)
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
        return None


def _read_lines(path: Path, start: int) -> Iterator[tuple[bytes, int]]:
    """Complete lines without their newline, each with the offset after it."""
    with open_journal(path) as file:
        file.seek(start)
        end = start
        for line in file:
            if not line.endswith(b"\n"):
                return
            end += len(line)
            yield line[:-1], end


def _read_last_line(read: Callable[[int, int], bytes], size: int) -> tuple[bytes | None, int]:
    """The last complete line without its newline (None when there is none), and the size of a torn tail after it.

    `read` gives so many bytes from an offset.
    """
    tail, start = b"", size
    while start > 0 and tail.count(b"\n") < 2:
        step = min(start, 1 << 16)
        start -= step
        tail = read(step, start) + tail
    complete, newline, torn = tail.rpartition(b"\n")
    return (complete.rpartition(b"\n")[2], len(torn)) if newline else (None, len(tail))


def _check_last_line(line: bytes | None, path: Path) -> Record | None:
    if line is None:
        return None
    record = _parse(line, 0)
    match = _SHA_SUFFIX.search(line)
    if record is None or match is None or hashlib.sha256(line[: match.start()]).hexdigest() != record.sha:
        raise JournalDamaged(
            f"The last record of {path} is not what was written, so nothing can be added to it. "
            "`autodata verify` says what is still intact."
        )
    return record


def _dump(value: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:
        return orjson.dumps(replace_surrogates(value))
