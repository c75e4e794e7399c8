"""One row of somebody's data before anything is made of it, and how much of one file is taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

MAX_ROW_BYTES = 16 * 2**20
"""One line of text, or one element of a JSON list. A longer one is reported and passed over."""

MAX_TEXT_CHARS = 200_000
"""A prompt, context or answer, about 30,000 words; recipes of given tasks allow as much."""

MAX_ITEMS = 200_000
"""Items of one run; they are held in memory."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row that can be read. `number` counts as a person would: lines of JSON Lines, else rows after the header."""

    number: int
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be read, with the reason and the remedy."""

    number: int
    reason: str
