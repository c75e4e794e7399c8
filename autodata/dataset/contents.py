"""contents.jsonl: one short line an item, so that versions can be compared whatever formats they were written in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from autodata.dataset.entry import Entry
from autodata.errors import BadInput

CONTENTS = "contents.jsonl"

_LEFT_OUT = ("id", "content_sha")
_SHORT = 12
"""Hex digits of a field's hash: enough to tell two versions of one task apart."""


@dataclass(frozen=True, slots=True)
class ContentLine:
    """One item of a version: its split, and a short hash of every field by name."""

    task_id: str
    run_id: str
    split: str
    content_sha: str
    fields: dict[str, str]


def describe_entry(entry: Entry) -> dict[str, Any]:
    """The line of one item."""
    item = entry.item
    return {
        "id": item["id"],
        "run_id": item["run_id"],
        "split": entry.split,
        "content_sha": item["content_sha"],
        "fields": {name: _hash_field(value) for name, value in item.items() if name not in _LEFT_OUT},
    }


def read_contents(folder: Path) -> Iterator[ContentLine]:
    """The items of a version, in its order; raises BadInput when the file is missing or not readable."""
    path = folder / CONTENTS
    try:
        with open(path, "rb") as file:
            for line in file:
                one = orjson.loads(line)
                yield ContentLine(one["id"], one["run_id"], one["split"], one["content_sha"], one["fields"])
    except FileNotFoundError:
        raise BadInput(f"{path} is missing, so the version cannot be compared; it was written without it") from None
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise BadInput(f"{path} cannot be read: {error}") from error


def _hash_field(value: Any) -> str:
    encoded = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(encoded).hexdigest()[:_SHORT]
