"""The shape of an answer: one expression, a tuple or interval, a set, a list, or a union of such.

Brackets are read here and not by the algebra library, which takes (2, 1) for an empty interval.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from autodata.answers.notation import strip_wrappers

ITEMS_MAX = 40

_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_BRACKETS = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class Leaf:
    """One expression, as written."""

    text: str


@dataclass(frozen=True, slots=True)
class Group:
    """Several parts. `kind`: "()", "[]", "(]" or "[)" in order; "{}", "list" and "union" in any order."""

    kind: str
    items: tuple[Shape, ...]


Shape = Leaf | Group


def read_shape(text: str, depth: int = 0) -> Shape | None:
    """The shape of an answer; None where its brackets do not match, or there are too many parts."""
    text = _unify(strip_wrappers(text))
    if depth > 4:
        return None
    if _THOUSANDS.fullmatch(text):
        return Leaf(text.replace(",", ""))
    parts = _split(text, r"\cup")
    if parts is None:
        return None
    if len(parts) > 1:
        return _group("union", parts, depth)
    if text[:1] in _BRACKETS and _closes_at(text) == len(text) - 1:
        items = _split(text[1:-1], ",")
        if items is None:
            return None
        kind = text[0] + text[-1]
        if kind == "{}" or len(items) > 1:
            return _group(kind, items, depth)
        return read_shape(text[1:-1], depth + 1) if kind == "()" else _group(kind, items, depth)
    items = _split(text, ",")
    if items is None:
        return None
    return Leaf(text) if len(items) == 1 else _group("list", items, depth)


def _group(kind: str, parts: list[str], depth: int) -> Group | None:
    parts = [part for part in parts if part.strip()]
    if len(parts) > ITEMS_MAX:
        return None
    items = [read_shape(part, depth + 1) for part in parts]
    if any(item is None for item in items):
        return None
    return Group(kind, tuple(item for item in items if item is not None))


def _unify(text: str) -> str:
    """Set braces and sizes of brackets as plain brackets, and words that join the parts of a list as commas."""
    text = re.sub(r"\\(?:left|right|bigl?|bigr?|Bigl?|Bigr?|biggl?|biggr?)(?![a-zA-Z])\s*", "", text)
    text = text.replace(r"\lbrace", "{").replace(r"\rbrace", "}").replace("∪", r"\cup ")
    text = re.sub(r"\\([{}])", r"\1", text) if text.startswith((r"\{", "{")) or r"\cup" in text else text
    if re.search(r"\d\s*(?:,\s*)?(?:\band\b|\bor\b)\s*[-+\\(\d]|\w\s*=\s*[^,]+\band\b", text):
        text = re.sub(r"\s*,?\s*(?:\band\b|\bor\b)\s*", ",", text)
    return text.strip()


def _closes_at(text: str) -> int:
    """Where the bracket that opens `text` closes, an interval's bracket by either kind; -1 for nowhere."""
    depth = 0
    for position, sign in enumerate(text):
        depth += (sign in "([{") - (sign in ")]}")
        if not depth:
            pair = text[0] + sign
            return position if pair in ("()", "[]", "{}", "(]", "[)") else -1
    return -1


def _split(text: str, separator: str) -> list[str] | None:
    """Parts between separators outside of all brackets; None where the brackets do not match."""
    parts, depth, start, position = [], 0, 0, 0
    while position < len(text):
        sign = text[position]
        depth += (sign in "([{") - (sign in ")]}")
        if depth < 0:
            return None
        if not depth and text.startswith(separator, position):
            parts.append(text[start:position])
            position += len(separator)
            start = position
            continue
        position += 1
    return None if depth else [*parts, text[start:]]
