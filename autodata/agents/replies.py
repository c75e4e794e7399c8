"""Reading JSON out of a model's prose: find the object that was asked for, repair what is safe to repair."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, TypeVar

import json_repair

from autodata.errors import MalformedReply

T = TypeVar("T")

_START = re.compile(r'\{\s*["}]')
_REST = re.compile(r'["}\]]')
_MAX_FAILED_STARTS = 300
_MAX_REPAIR_CHARS, _MAX_REPAIR_BRACES = 200_000, 1_000
"""Beyond these a reply is no slip, and reading it would hold up every other call of the run."""


def find_object(text: str, key: str) -> dict[str, Any]:
    """The last JSON object in `text` that has `key`.

    The last, because models think aloud and echo the format before they answer. Slips such as fences, comments or
    trailing commas are repaired, a cut-off reply is not completed. Raises MalformedReply without such an object, and
    for one that gives a field twice.
    """
    return _find_objects(text, key)[-1]


def read_agreed(text: str, key: str, parse: Callable[[dict[str, Any]], T], stance: Callable[[T], object]) -> T:
    """What the reply's objects with `key` say, as far as `parse` can read them; the last one where they agree.

    For replies that decide something: they quote texts of other agents, which may hold an object that looks like a
    decision. Raises MalformedReply when two readable objects differ in their `stance`, when the last one may lie inside
    a broken one, and what `parse` raises when none is readable.
    """
    read: list[T] = []
    problem: MalformedReply | None = None
    for values in _find_objects(text, key, alone=True):
        try:
            read.append(parse(values))
        except MalformedReply as error:
            problem = error
    if not read:
        raise problem or MalformedReply(f"no JSON object with {key!r} in the reply")
    if any(stance(one) != stance(read[0]) for one in read):
        raise MalformedReply(f"the reply holds {len(read)} objects with {key!r} that contradict each other")
    return read[-1]


def read_text(values: dict[str, Any], key: str, *, required: bool = True) -> str:
    """A string field, stripped; raises MalformedReply when it is required and absent, empty or not a string."""
    value = values.get(key, "")
    if not isinstance(value, str):
        raise MalformedReply(f"{key} is {type(value).__name__}, not text")
    if required and not value.strip():
        raise MalformedReply(f"{key} is missing or empty")
    return value.strip()


def read_lines(values: dict[str, Any], key: str) -> tuple[str, ...]:
    """A field that holds texts: a list of them, or one alone; empty ones and an absent field give nothing.

    An entry may be an object whose texts belong together, e.g. a conclusion with its reason. Raises MalformedReply for
    anything else.
    """
    value = values.get(key)
    lines = []
    for item in value if isinstance(value, list) else [] if value is None else [value]:
        parts = list(item.values()) if isinstance(item, dict) else [item]
        if not all(isinstance(part, str) for part in parts):
            raise MalformedReply(f"{key} holds {show_value(item)}, not text")
        lines.append(" ".join(part.strip() for part in parts if part.strip()))
    return tuple(line for line in lines if line)


def show_value(value: Any) -> str:
    """A value of a reply for a message: short, whatever the model wrote."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    shown = repr(value)
    return shown if len(shown) <= 80 else f"{shown[:80]}…"


def _find_objects(text: str, key: str, *, alone: bool = False) -> list[dict[str, Any]]:
    """All objects with `key`, at least one. `alone`: the last of them may not lie inside a broken one."""
    objects, inside = _iterate_objects(text)
    found = [value for value in objects if key in value]
    if found and inside and alone:
        raise MalformedReply(f"the object with {key!r} lies inside a broken JSON object")
    if not found:
        found = [value for value in _repair(text) if key in value]
    if not found:
        shown = " ".join(text[:1_000].split())[:120]
        raise MalformedReply(f"no JSON object with {key!r} in the reply: {shown!r}")
    return found


def _iterate_objects(text: str) -> tuple[list[dict[str, Any]], bool]:
    """Objects that can be read, and whether the last may lie inside one that cannot, whose rest then follows it."""
    decoder = json.JSONDecoder(object_pairs_hook=_make_object)
    found: list[dict[str, Any]] = []
    failed, end, start = 0, 0, _START.search(text)
    while start and failed < _MAX_FAILED_STARTS:
        position = start.start()
        try:
            value, end = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):  # ValueError: also a number of thousands of digits
            failed += 1
            start = _START.search(text, position + 1)
        else:
            found.append(value)
            start = _START.search(text, end)
    return found, failed > 0 and _REST.search(text, end) is not None


def _make_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _ in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise MalformedReply(f"the field {show_value(double)} is given twice in one object")
    return values


def _repair(text: str) -> list[dict[str, Any]]:
    text = text[max(0, text.find("{")) :]
    braces = text.count("{")
    # More braces opened than closed: the reply was cut off, and repair would make up its end.
    if not braces or braces > text.count("}") or braces > _MAX_REPAIR_BRACES or len(text) > _MAX_REPAIR_CHARS:
        return []
    try:
        value = json_repair.loads(text)
    except (ValueError, RecursionError):
        return []
    candidates = value if isinstance(value, list) else [value]
    return [candidate for candidate in candidates if isinstance(candidate, dict)]
