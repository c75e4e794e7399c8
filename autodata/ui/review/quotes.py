"""Where the judge's quotes stand in an answer: an answer cut into pieces that are quoted for some criteria or none."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

Piece = tuple[str, list[str]]
"""(text, ids of the criteria whose quote covers it). The texts joined are the answer."""

LIMIT = 20_000
"""Characters of one text that are sent to the browser unasked."""


def find_quote(text: str, quote: str) -> tuple[int, int] | None:
    """Start and end of `quote` in `text`, differences in white space aside; None when it is not there word for word."""
    words = quote.split()
    if not words:
        return None
    at = text.find(quote)
    if at >= 0:
        return at, at + len(quote)
    match = re.search(r"\s+".join(re.escape(word) for word in words), text)
    return match.span() if match else None


def split_by_quotes(text: str, quotes: Iterable[tuple[str, str]]) -> list[Piece]:
    """`text` in pieces; `quotes` are (criterion id, quote). A quote that is not in the text marks nothing."""
    found = [(span, criterion) for criterion, quote in quotes if (span := find_quote(text, quote)) is not None]
    borders = sorted({0, len(text), *(edge for span, _ in found for edge in span)})
    pieces: list[Piece] = []
    for start, end in pairwise(borders):
        ids = sorted({criterion for (low, high), criterion in found if low <= start and end <= high})
        pieces.append((text[start:end], ids))
    return pieces


def cut_text(text: str, whole: bool = False) -> tuple[str, int]:
    """What is sent of a text, and how many characters of it are left out."""
    if whole or len(text) <= LIMIT:
        return text, 0
    return text[:LIMIT], len(text) - LIMIT
