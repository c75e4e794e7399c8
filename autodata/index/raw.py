"""Raw records: one line of a journal by its number, with its hash checked against its bytes."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import orjson

from autodata.home import Home
from autodata.index.known import AUDITS, OPTIMIZATIONS, RUNS
from autodata.journals.files import open_journal

SCAN_BYTES = 1 << 16
"""Below so many bytes a stretch of a journal is read line by line."""

_SEQ = re.compile(rb'\{"seq":(\d+),')
_SHA = re.compile(rb',"prev":"([0-9a-f]{64})","sha":"([0-9a-f]{64})"\}\n?$')


@dataclass(frozen=True, slots=True)
class RawRecord:
    """A record as it lies in its journal. `t` in epoch seconds; `whole`: its hash is that of its bytes.

    `line` is the record's text without its newline.
    """

    journal: str
    seq: int
    kind: str
    t: float
    sha: str
    prev: str
    line: str
    whole: bool


def read_raw(home: Home, journal: str, seq: int) -> RawRecord | None:
    """Record number `seq` of the journal of that name (`reviews`, `runs/ID`, `audits/ID`, `optimizations/NAME`);
    None where it is not there or cannot be read."""
    try:
        line = find_line(_find_path(home, journal), seq)
    except OSError:
        return None
    chained = _SHA.search(line) if line else None
    if line is None or chained is None:
        return None
    try:
        values = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    prev, sha = (group.decode() for group in chained.groups())
    body = line[: line.rindex(b',"sha"')]
    whole = hashlib.sha256(body).hexdigest() == sha
    text = line.rstrip(b"\n").decode("utf-8", "replace")
    return RawRecord(journal, seq, str(values.get("kind")), float(values.get("t") or 0.0), sha, prev, text, whole)


def find_line(path: Path, seq: int) -> bytes | None:
    """The line of record `seq`, by halving: numbers grow along the file. Raises OSError as opening it does."""
    with open_journal(path) as file:
        low, high = 0, file.seek(0, 2)
        while high - low > SCAN_BYTES:
            middle = (low + high) // 2
            file.seek(middle - 1)
            file.readline()
            start = file.tell()
            number = _read_seq(file.read(32)) if start < high else None
            if number is None or number > seq:
                high = middle
            else:
                low = start
        file.seek(low)
        while line := file.readline():
            number = _read_seq(line[:32])
            if number is None or number > seq:
                return None
            if number == seq:
                return line
    return None


def _read_seq(head: bytes) -> int | None:
    found = _SEQ.match(head)
    return int(found[1]) if found else None


def _find_path(home: Home, journal: str) -> Path:
    if journal.startswith(RUNS):
        return home.journal(journal.removeprefix(RUNS))
    if journal.startswith(AUDITS):
        return home.audit_journal(journal.removeprefix(AUDITS))
    if journal.startswith(OPTIMIZATIONS):
        return home.optimization_journal(journal.removeprefix(OPTIMIZATIONS))
    return home.reviews
