"""Reading fields of foreign JSON: a value of the right kind or None, and a note of what could not be used."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeGuard

import orjson

from autodata.bounded import read_bounded
from autodata.errors import BadInput
from autodata.importing.values import Unused
from autodata.model import Criterion

FILE_MAX = 2**30
"""Bytes of a file to import; what is larger can be split at its lines, or by run."""
DEPTH_MAX = 100
"""Levels of lists and objects in a foreign value; what is written down again has to fit into a record."""


class Ledger:
    """Gathers what could not be used while a file is read."""

    def __init__(self) -> None:
        self.unused: list[Unused] = []

    def drop(self, where: str, reason: str) -> None:
        """Note something that is left out."""
        self.unused.append(Unused(where, reason))

    def take_text(self, owner: Mapping[str, Any], name: str, where: str) -> str | None:
        """A text field; None where it is absent, null or not text, the last of which is noted."""
        value = owner.get(name)
        if value is None or isinstance(value, str):
            return value
        self.drop(f"{where}.{name}", f"is {describe(value)}, not text")
        return None

    def take_number(self, owner: Mapping[str, Any], name: str, where: str) -> float | None:
        """A finite number; None where it is absent, null or no number, the last of which is noted."""
        value = owner.get(name)
        if value is None:
            return None
        if is_number(value):
            return float(value)
        self.drop(f"{where}.{name}", f"is {describe(value)}, not a finite number")
        return None

    def take_count(self, owner: Mapping[str, Any], name: str, where: str) -> int | None:
        """A whole number, 0 or more; None where it is absent, null or something else, which is noted."""
        value = owner.get(name)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53:
            return value
        self.drop(f"{where}.{name}", f"is {describe(value)}, not a whole number from 0 up")
        return None

    def take_list(self, owner: Mapping[str, Any], name: str, where: str) -> list[Any]:
        """A list; empty where it is absent, null or something else, which is noted."""
        value = owner.get(name)
        if value is None or isinstance(value, list):
            return value or []
        self.drop(f"{where}.{name}", f"is {describe(value)}, not a list")
        return []

    def take_object(self, owner: Mapping[str, Any], name: str, where: str) -> dict[str, Any]:
        """An object; empty where it is absent, null or something else, which is noted."""
        value = owner.get(name)
        if value is None or isinstance(value, dict):
            return value or {}
        self.drop(f"{where}.{name}", f"is {describe(value)}, not an object")
        return {}

    def take_texts(self, owner: Mapping[str, Any], name: str, where: str) -> tuple[str, ...]:
        """A list of texts; items that are no text are noted and left out."""
        found = []
        for at, item in enumerate(self.take_list(owner, name, where)):
            if isinstance(item, str):
                found.append(item)
            else:
                self.drop(f"{where}.{name}[{at}]", f"is {describe(item)}, not text")
        return tuple(found)

    def take_scores(self, owner: Mapping[str, Any], name: str, where: str) -> list[tuple[int, float]]:
        """A list of numbers with their places; what is no number is noted and left out."""
        found = []
        for at, item in enumerate(self.take_list(owner, name, where)):
            if is_number(item):
                found.append((at, float(item)))
            else:
                self.drop(f"{where}.{name}[{at}]", f"is {describe(item)}, not a finite number")
        return found

    def take_rubric(
        self, owner: Mapping[str, Any], where: str, text_field: str = "criterion"
    ) -> tuple[tuple[Criterion, ...] | None, list[str]]:
        """A rubric and sentences about what is odd in it; None where it is absent.

        Where a category is given it decides the sign, because signs and categories disagree in published files. A
        criterion without text or usable weight is noted and left out.
        """
        if owner.get("rubric") is None:
            return None, []
        found: list[Criterion] = []
        flags: list[str] = []
        taken: set[str] = set()
        for at, item in enumerate(self.take_list(owner, "rubric", where)):
            place = f"{where}.rubric[{at}]"
            if not isinstance(item, dict):
                self.drop(place, f"is {describe(item)}, not an object")
                continue
            text, weight = item.get(text_field), item.get("weight")
            if not isinstance(text, str) or not text.strip():
                self.drop(place, f"has no {text_field}")
                continue
            number = read_weight(weight)
            if number is None:
                self.drop(place, f"has {'no weight' if weight is None else f'the weight {describe(weight)}'}")
                continue
            own = _choose_id(item.get("id"), at, taken, flags)
            found.append(
                Criterion(
                    own,
                    text,
                    _choose_sign(item, number, own, flags),
                    _keep_text(item.get("capability")),
                    _keep_text(item.get("weight_class")),
                )
            )
        return tuple(found), flags


def is_number(value: Any) -> TypeGuard[int | float]:
    """Whether a JSON value is a finite number; true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def read_weight(value: Any) -> float | None:
    """A weight given as a number or as text; None for anything else."""
    if isinstance(value, str):
        try:
            value = float(value.strip().replace("\u2212", "-"))
        except ValueError:
            return None
    return float(value) if is_number(value) else None


def read_time(value: Any) -> float | None:
    """Epoch seconds of an ISO 8601 text (UTC where it names no zone) or of a number; None for anything else."""
    if is_number(value):
        return float(value)
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def check_known(value: Any, known: Iterable[str | None], where: str, field: str) -> Any:
    """`value` where it is one of `known`; raises BadInput naming file, field and value.

    A word nobody here knows may mean anything; reading on would guess.
    """
    if (value is None or isinstance(value, str)) and value in known:
        return value
    words = ", ".join("null" if word is None else word for word in known)
    raise BadInput(f"{where}: {field} is {describe(value)}, which this importer does not know; known are {words}")


def describe(value: Any) -> str:
    """A value short enough for a sentence."""
    if isinstance(value, dict | list):
        return f"{'an object' if isinstance(value, dict) else 'a list'} with {len(value)} entries"
    text = "null" if value is None else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def read_json(path: Path) -> Any:
    """The whole file as JSON; raises BadInput naming the file."""
    try:
        return load_json(read_bytes(path))
    except orjson.JSONDecodeError as error:
        raise BadInput(f"{path} is not JSON: {error}") from error
    except ValueError as error:
        raise BadInput(f"{path} cannot be read: {error}") from error


def read_bytes(path: Path) -> bytes:
    """The file without a byte-order mark; raises BadInput naming it."""
    try:
        return read_bounded(path, FILE_MAX, "file").removeprefix(b"\xef\xbb\xbf")
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error


def load_json(raw: bytes) -> Any:
    """JSON in which no object holds a name twice: readers differ in which of the two they take, so neither can count.

    Raises ValueError naming what is wrong, also for NaN, infinities, bytes that are not UTF-8 and deep nesting.
    """
    value = orjson.loads(raw)
    level = [value]
    for _ in range(DEPTH_MAX):
        level = [child for item in level if isinstance(item, dict | list) for child in _list_children(item)]
        if not level:
            break
    else:
        raise ValueError(f"it is nested deeper than {DEPTH_MAX} levels; flatten it")
    json.loads(raw, object_pairs_hook=_refuse_doubles)
    return value


def _list_children(item: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return item.values() if isinstance(item, dict) else item


def _refuse_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise ValueError(f"the field {twice[:80]!r} stands twice in one object; leave one out")
    return found


def _choose_id(given: Any, at: int, taken: set[str], flags: list[str]) -> str:
    own = given if isinstance(given, str) and given.strip() else f"c{at + 1}"
    if own in taken:
        number = 2
        while f"{own}-{number}" in taken:
            number += 1
        flags.append(f"the id {own} stands there twice; the later criterion is called {own}-{number}")
        own = f"{own}-{number}"
    taken.add(own)
    return own


def _choose_sign(item: Mapping[str, Any], number: float, own: str, flags: list[str]) -> float:
    if isinstance(item.get("weight"), str):
        flags.append(f"criterion {own}: the weight is written as text, {item['weight']!r}")
    category = item.get("category")
    if category not in ("positive", "negative"):
        if "category" in item:
            flags.append(f"criterion {own}: the category {describe(category)} is neither positive nor negative")
        return number
    signed = -abs(number) if category == "negative" else abs(number)
    if signed != number:
        flags.append(f"criterion {own}: the category is {category} and the weight {number:+g}; the category decides")
    return signed


def _keep_text(value: Any) -> str:
    return value if isinstance(value, str) else ""
