"""What a reader gives back, what it refuses, and how much it will take from one file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from autodata.errors import AutodataError

SUFFIXES = (".md", ".markdown", ".txt", ".html", ".htm", ".pdf", ".docx", ".jsonl")
"""The file name endings that can be read, lower case."""

MAX_FILE_BYTES = 50 * 1024 * 1024
MAX_TEXT_CHARS = 5_000_000
"""Extracted text of one document, about 800,000 words. A small file can unpack to far more than it weighs."""


@dataclass(frozen=True, slots=True)
class Document:
    """Normalised text of one document (or one JSONL record) before it is split. `metadata` is JSON-safe."""

    name: str
    title: str
    text: str
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that gave no source: its name as the person knows it, the reason and the remedy in one sentence."""

    name: str
    reason: str


class Unreadable(AutodataError):
    """One file or record cannot be used; the message is the reason and the remedy. The rest goes on."""


def check_length(chars: int) -> None:
    """Raise Unreadable when a document holds more text than one document may."""
    if chars > MAX_TEXT_CHARS:
        raise Unreadable(
            f"it holds more than {MAX_TEXT_CHARS:,} characters of text; split it into smaller files and load those"
        )
