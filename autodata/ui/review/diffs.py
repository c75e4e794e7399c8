"""What changed: words between two versions of a text, and bytes between two requests."""

from __future__ import annotations

import difflib
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

Span = tuple[str, str]
"""("same" | "gone" | "new" | "box", text)."""

_WORDS = re.compile(r"\s+|[^\W_]+|[\W_]", re.UNICODE)
_MAX_PRODUCT = 9_000_000
"""Above this product of word counts, matching would take seconds: both texts are shown whole instead."""
MEASURED = 4000
"""Characters from the beginning of a text that are compared to tell rewording from writing anew."""
REWORDED = 0.4
"""From this share of kept text on, a change is a rewording; below it, struck words between new ones cannot be read."""
_SPACE = {"\n", "\t", " "}


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One row of a side-by-side diff; a side without that line has no number and no spans."""

    kind: str
    left_number: int | None
    left: tuple[Span, ...]
    right_number: int | None
    right: tuple[Span, ...]


def diff_words(before: str, after: str) -> list[Span]:
    """`after` with what was taken out of `before` between; spans in reading order, neighbours of one kind joined."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) * len(new) > _MAX_PRODUCT and before != after:
        return [(kind, text) for kind, text in (("gone", before), ("new", after)) if text]
    spans: list[Span] = []
    for tag, a0, a1, b0, b1 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            spans.append(("same", "".join(old[a0:a1])))
            continue
        if a1 > a0:
            spans.append(("gone", "".join(old[a0:a1])))
        if b1 > b0:
            spans.append(("new", "".join(new[b0:b1])))
    return spans


def measure_kept(before: str, after: str) -> float:
    """The share of the longer text, in [0, 1], that stands in both; of long texts, that of their beginnings."""
    kept = sum(len(text) for kind, text in diff_words(before[:MEASURED], after[:MEASURED]) if kind == "same")
    return kept / max(1, min(MEASURED, max(len(before), len(after))))


def diff_rewording(before: str, after: str) -> list[Span]:
    """`diff_words` of a text that was reworded; a text that is mostly another one stands alone, unmarked."""
    return diff_words(before, after) if measure_kept(before, after) >= REWORDED else [("same", after)]


def list_request_lines(request: str) -> list[str]:
    """A recorded request body as readable lines, one per field and one per line of each message; "" gives none.

    The order of fields is the record's. What is not JSON is shown as it is.
    """
    if not request:
        return []
    try:
        body = json.loads(request)
    except ValueError:
        return request.splitlines()
    if not isinstance(body, dict):
        return request.splitlines()
    lines: list[str] = []
    for name, value in body.items():
        if name == "messages" and isinstance(value, list):
            for message in value:
                lines += _list_message_lines(message)
        else:
            lines.append(f"{name}: {_write_value(value)}")
    return lines


def diff_lines(left: Sequence[str], right: Sequence[str], allowed: Sequence[str] = ()) -> list[DiffLine]:
    """Rows of a side-by-side diff; changed lines that face each other are compared word by word.

    The kind of a row is same, changed, or allowed when both lines begin with the same one of `allowed`.
    """
    rows: list[DiffLine] = []
    for tag, a0, a1, b0, b1 in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        for step in range(max(a1 - a0, b1 - b0)):
            old = left[a0 + step] if a0 + step < a1 else None
            new = right[b0 + step] if b0 + step < b1 else None
            row = _make_row(tag == "equal", a0 + step, old, b0 + step, new)
            expected = any((old or "").startswith(name) and (new or "").startswith(name) for name in allowed)
            rows.append(replace(row, kind="allowed") if expected and row.kind == "changed" else row)
    return rows


def fold_equal(rows: Sequence[DiffLine], around: int = 2) -> list[DiffLine | int]:
    """Rows with every long run of equal ones replaced by its length, `around` kept on each side of a change."""
    near = {at + step for at, row in enumerate(rows) if row.kind != "same" for step in range(-around, around + 1)}
    folded: list[DiffLine | int] = []
    for far, group in groupby(range(len(rows)), key=lambda at: bool(near) and at not in near):
        run = list(group)
        folded += [len(run)] if far and len(run) > 2 else [rows[at] for at in run]
    return folded


def show_hidden(text: str) -> list[Span]:
    """Spans in which every invisible or direction-changing character stands as a box `U+202E`."""
    spans: list[Span] = []
    plain = ""
    for character in text:
        if is_hidden(character):
            if plain:
                spans.append(("same", plain))
                plain = ""
            spans.append(("box", f"U+{ord(character):04X}"))
        else:
            plain += character
    return [*spans, ("same", plain)] if plain else spans


def count_hidden(text: str) -> int:
    """How many characters of `text` a reader cannot see."""
    return sum(1 for character in text if is_hidden(character))


def is_hidden(character: str) -> bool:
    """Control, format and surrogate characters, other than line breaks, tabs and spaces."""
    return character not in _SPACE and character != "\r" and unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co"}


def _list_message_lines(message: Any) -> list[str]:
    if not isinstance(message, dict):
        return [_write_value(message)]
    role, content = str(message.get("role", "")), message.get("content")
    text = content if isinstance(content, str) else _write_value(content)
    first, *rest = text.split("\n")
    more = [
        f"{role} {name}: {_write_value(value)}" for name, value in message.items() if name not in ("role", "content")
    ]
    return [f"{role}: {first}", *rest, *more]


def _write_value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _make_row(equal: bool, left_at: int, old: str | None, right_at: int, new: str | None) -> DiffLine:
    left_number = left_at + 1 if old is not None else None
    right_number = right_at + 1 if new is not None else None
    if equal and old is not None:
        same = tuple(show_hidden(old))
        return DiffLine("same", left_number, same, right_number, same)
    if old is None or new is None:
        left = tuple(("gone", text) if kind == "same" else (kind, text) for kind, text in show_hidden(old or ""))
        right = tuple(("new", text) if kind == "same" else (kind, text) for kind, text in show_hidden(new or ""))
        return DiffLine("changed", left_number, left, right_number, right)
    spans = diff_words(old, new)
    return DiffLine("changed", left_number, _take_side(spans, "gone"), right_number, _take_side(spans, "new"))


def _take_side(spans: Sequence[Span], own: str) -> tuple[Span, ...]:
    side: list[Span] = []
    for kind, text in spans:
        if kind in ("same", own):
            side += [(kind if part == "same" else part, words) for part, words in show_hidden(text)]
    return tuple(side)
