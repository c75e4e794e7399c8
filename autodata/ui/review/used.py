"""The part of a source passage that a task rests on: runs of words it shares with the task, and their sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

Piece = tuple[str, str]
"""(text, "" | "near" | "used"): used words stand in the task as they are, near ones are the rest of their sentence."""

WORDS = 6
"""The shortest run of words that counts: shorter ones are shared by chance."""

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_\u3040-\u30ff\u3400-\u9fff]+")
_END = re.compile(r"[.!?。!?]+[\"'”’)\]]*\s+|\n\s*\n")


def find_used(passage: str, texts: Iterable[str], words: int = WORDS) -> list[tuple[int, int]]:
    """Spans (start, end) of `passage`, in order and apart, whose words stand in one of `texts` in the same order.

    Every span covers at least `words` words; case, punctuation and white space make no difference.
    """
    places = [(found.start(), found.end()) for found in _WORD.finditer(passage)]
    own = [passage[start:end].casefold() for start, end in places]
    grams = set[tuple[str, ...]]()
    for text in texts:
        grams.update(_list_grams([found.group().casefold() for found in _WORD.finditer(text)], words))
    spans: list[tuple[int, int]] = []
    for at, gram in enumerate(_list_grams(own, words)):
        if gram not in grams:
            continue
        start, end = places[at][0], places[at + words - 1][1]
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans


def split_used(passage: str, texts: Iterable[str], words: int = WORDS) -> list[Piece]:
    """`passage` in pieces; joined they are the passage."""
    used = find_used(passage, texts, words)
    near = [span for span in _list_sentences(passage) if _touches(span, used)]
    borders = sorted({0, len(passage), *(edge for span in (*used, *near) for edge in span)})
    pieces: list[Piece] = []
    at = 0
    for start, end in pairwise(borders):
        while at < len(used) and used[at][1] <= start:
            at += 1
        inside = at < len(used) and used[at][0] <= start
        kind = "used" if inside else "near" if _touches((start, end), near) else ""
        if pieces and pieces[-1][1] == kind:
            pieces[-1] = (pieces[-1][0] + passage[start:end], kind)
        else:
            pieces.append((passage[start:end], kind))
    return pieces


def describe_used(pieces: Sequence[Piece]) -> str:
    """How much of the passage stands in the task word for word; "" for an empty passage."""
    whole = sum(len(text) for text, _ in pieces)
    used = sum(len(text) for text, kind in pieces if kind == "used")
    if not whole:
        return ""
    if not used:
        return f"no {WORDS} words in a row stand in the task"
    return f"{max(1, round(100 * used / whole))} % of it stands in the task word for word"


def _list_grams(words: Sequence[str], length: int) -> list[tuple[str, ...]]:
    return [tuple(words[at : at + length]) for at in range(len(words) - length + 1)]


def _list_sentences(text: str) -> list[tuple[int, int]]:
    edges = [0, *(found.end() for found in _END.finditer(text)), len(text)]
    return [(start, end) for start, end in pairwise(edges) if end > start]


def _touches(span: tuple[int, int], others: Sequence[tuple[int, int]]) -> bool:
    """Whether a span overlaps one of `others`, which are in order and apart."""
    low, high = 0, len(others)
    while low < high:
        middle = (low + high) // 2
        if others[middle][1] <= span[0]:
            low = middle + 1
        else:
            high = middle
    return low < len(others) and others[low][0] < span[1]
