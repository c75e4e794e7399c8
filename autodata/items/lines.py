"""Rows of text files, as a stream: JSON Lines, a JSON list, CSV and its kin. Nothing is held but the row at hand."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from autodata.items.row import MAX_ROW_BYTES, BadRow, Row
from autodata.sources.document import Unreadable

_CHUNK = 1 << 16
_OUTSIDE, _INSIDE = re.compile(rb'["{}\[\],]'), re.compile(rb'["\\]')
_DELIMITERS = (",", "\t", ";", "|")
_TOO_LONG = f"it has more than {MAX_ROW_BYTES // 2**20} MB; take it out or shorten it"
_BYTES = re.compile("[\ud800-\udfff]")


def read_json_lines(path: Path) -> Iterator[Row | BadRow]:
    """One object a line; empty lines are passed over. Raises Unreadable for a file that is not text."""
    with path.open("rb") as file:
        _check_text(file)
        number = 0
        while line := file.readline(MAX_ROW_BYTES + 1):
            number += 1
            if len(line) > MAX_ROW_BYTES:
                while line and not line.endswith(b"\n"):
                    line = file.readline(MAX_ROW_BYTES)
                yield BadRow(number, _TOO_LONG)
            elif line.strip():
                yield _parse_object(line, number)


def read_json(path: Path) -> Iterator[Row | BadRow]:
    """A list of objects, one after another without reading it whole; a file that is JSON Lines by content as such.

    Raises Unreadable for anything else, and at the place where a list is cut off.
    """
    with path.open("rb") as file:
        _check_text(file)
        first = _skip_blanks(file)
        if first == b"{" and _is_object(file.readline(MAX_ROW_BYTES)):
            lines = True
        elif first == b"[":
            lines = False
        else:
            raise Unreadable("it is neither a JSON list of objects nor JSON Lines; save it as one of them")
        if not lines:
            file.seek(file.tell() + 1)
            for number, element in enumerate(_split_list(file), start=1):
                yield BadRow(number, _TOO_LONG) if element is None else _parse_object(element, number)
    if lines:
        yield from read_json_lines(path)


def read_table(path: Path) -> Iterator[Row | BadRow]:
    """CSV, or whatever delimiter the first line uses. A short row is filled up; a long one is reported.

    Raises Unreadable for a file that is not text, without a header, or from the line on where a cell never ends.
    """
    csv.field_size_limit(max(csv.field_size_limit(), 4 * MAX_ROW_BYTES))
    with path.open("rb") as raw:
        _check_text(raw)
        with io.TextIOWrapper(raw, encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            head = file.readline(MAX_ROW_BYTES)
            file.seek(0)
            reader = csv.reader(_bound_lines(file), delimiter=_find_delimiter(head, path.suffix), strict=True)
            names = _name_columns(next(reader, []))
            for number in itertools.count(1):
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    if "expected after" not in str(error):  # the end of the file, or a cell beyond all measure
                        problem = f"row {number:,} and what follows cannot be read ({error}); is a quote not closed?"
                        raise Unreadable(problem) from error
                    yield BadRow(number, f"its quotes do not fit ({error})")
                    continue
                if cells:
                    yield _make_row(number, names, cells)


def _check_text(file: BinaryIO) -> None:
    """Look at the beginning, then go back to where the text starts."""
    head = file.read(8192)
    if not head.strip():
        raise Unreadable("it is empty")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("it is UTF-16; save it as UTF-8")
    if b"\0" in head:
        raise Unreadable("it is not text, whatever its name says; give it the ending of its real format")
    file.seek(3 if head.startswith(b"\xef\xbb\xbf") else 0)


def _skip_blanks(file: BinaryIO) -> bytes:
    """The first byte that is no white space, which stays to be read; b"" at the end."""
    while byte := file.read(1):
        if not byte.isspace():
            file.seek(-1, io.SEEK_CUR)
            return byte
    return b""


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False


def _parse_object(data: bytes, number: int) -> Row | BadRow:
    try:
        value: Any = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        try:
            value = json.loads(data)  # reads NaN and Infinity, which Python and pandas write
        except (ValueError, RecursionError):
            return BadRow(number, f"it is not valid JSON ({error})")
    if not isinstance(value, dict):
        return BadRow(number, f"it is a {type(value).__name__}, not an object with named fields")
    return Row(number, value)


def _split_list(file: BinaryIO) -> Iterator[bytes | None]:
    """The elements of a JSON list after its bracket, each as its bytes; None for one that is too long.

    Only brackets, commas and strings are looked at, so that a broken element does not take the rest with it.
    """
    depth, in_string, skip = 1, False, 0
    element, too_long = bytearray(), False
    while chunk := file.read(_CHUNK):
        start, position, skip = 0, skip, 0
        while match := (_INSIDE if in_string else _OUTSIDE).search(chunk, position):
            token, position = match[0], match.end()
            if token == b"\\":
                position += 1
                skip = max(0, position - len(chunk))
            elif token == b'"':
                in_string = not in_string
            elif token in b"{[":
                depth += 1
            elif token in b"}]":
                depth -= 1
            if (token == b"," and depth == 1) or depth == 0:
                element += chunk[start : match.start()]
                if too_long or element.strip():
                    yield None if too_long else bytes(element)
                element, too_long, start = bytearray(), False, position
            if depth == 0:
                return
        element += chunk[start:]
        if len(element) > MAX_ROW_BYTES:
            element, too_long = bytearray(), True
    raise Unreadable("it ends before its list does: the file is cut off")


def _bound_lines(file: io.TextIOWrapper) -> Iterator[str]:
    while line := file.readline(MAX_ROW_BYTES + 1):
        if len(line) > MAX_ROW_BYTES:
            raise Unreadable(f"a line has more than {MAX_ROW_BYTES // 2**20} MB; rows from there on are not read")
        yield line


def _find_delimiter(head: str, suffix: str) -> str:
    if suffix.lower() == ".tsv":
        return "\t"
    bare = re.sub(r'"[^"]*"', "", head)
    return max(_DELIMITERS, key=lambda mark: (bare.count(mark), mark == ","))


def _name_columns(cells: list[str]) -> list[str]:
    if not any(cell.strip() for cell in cells):
        raise Unreadable("its first line names no columns; add a header")
    names, used = [], Counter[str]()
    for number, cell in enumerate(cells, start=1):
        name = _BYTES.sub("\ufffd", cell.strip()) or f"column {number}"
        used[name] += 1
        names.append(f"{name} ({used[name]})" if used[name] > 1 else name)
    return names


def _make_row(number: int, names: list[str], cells: list[str]) -> Row | BadRow:
    if len(cells) > len(names):
        return BadRow(number, f"it has {len(cells)} cells, but the header names {len(names)} columns")
    if any(_BYTES.search(cell) for cell in cells):
        return BadRow(number, "it holds bytes that are not UTF-8; save the file as UTF-8")
    return Row(number, dict(zip(names, cells + [""] * (len(names) - len(cells)), strict=True)))
