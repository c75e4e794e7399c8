"""JSONL: one document per line, every bad line reported by its number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from autodata.canon import to_canonical_json
from autodata.sources.document import Document, Skipped, Unreadable, check_length
from autodata.sources.text import clean_text, decode_text, find_heading, plain_title

_MAX_METADATA_BYTES = 100_000
_FIELDS = "each line is one object with `text` (a string) and, optionally, `id`, `title` and `metadata`"


def read_records(data: bytes, name: str, facts: dict[str, Any]) -> Iterator[Document | Skipped]:
    """A document per good line, a Skipped named file:line per bad one. Empty lines are passed over.

    `facts` is metadata of the file, given to every document. Raises Unreadable when the file is no text.
    """
    text, note = decode_text(data)
    facts = {**facts, "note": note} if note else facts
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield _read_record(line, f"{name}:{number}", {**facts, "line": number})
            except Unreadable as problem:
                yield Skipped(f"{name}:{number}", str(problem))


def _read_record(line: str, name: str, facts: dict[str, Any]) -> Document:
    try:
        record = orjson.loads(line)
    except (orjson.JSONDecodeError, UnicodeEncodeError) as error:
        raise Unreadable(f"it is not valid JSON ({error}); {_FIELDS}") from error
    if not isinstance(record, dict):
        raise Unreadable(f"it is a {type(record).__name__}, not an object; {_FIELDS}")
    text = record.get("text")
    if not isinstance(text, str):
        raise Unreadable(f"`text` is {'missing' if 'text' not in record else 'not a string'}; {_FIELDS}")
    check_length(len(text))
    text = clean_text(text)
    if not text.strip():
        raise Unreadable("`text` is empty; remove the line or give it a text")
    title = record.get("title")
    if title is not None and not isinstance(title, str):
        raise Unreadable(f"`title` is a {type(title).__name__}, not a string")
    return Document(name, _choose_title(title, text, name), text, {**facts, **_keep_identity(record)})


def _keep_identity(record: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    if (given := record.get("id")) is not None:
        if isinstance(given, bool) or not isinstance(given, str | int):
            raise Unreadable(f"`id` is a {type(given).__name__}, not a string or a whole number")
        kept["record_id"] = str(given)
    if (metadata := record.get("metadata")) is not None:
        if not isinstance(metadata, dict):
            raise Unreadable(f"`metadata` is a {type(metadata).__name__}, not an object")
        kept["record"] = metadata
    try:
        size = len(to_canonical_json(kept))
    except TypeError as error:
        raise Unreadable("`metadata` is nested too deeply; flatten it") from error
    if size > _MAX_METADATA_BYTES:
        raise Unreadable(f"`metadata` has {size:,} bytes, more than {_MAX_METADATA_BYTES:,}; keep only what is needed")
    return kept


def _choose_title(given: str | None, text: str, name: str) -> str:
    return plain_title(given or "") or find_heading(text) or name
