"""A rubric as somebody else wrote it: kept as it is, with what is odd about it said, never mended in silence."""

from __future__ import annotations

import ast
import json
import math
import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from autodata.items.text import is_missing
from autodata.model import Criterion
from autodata.scoring import attainable_points
from autodata.sources.document import Unreadable

MAX_CRITERIA = 100
MAX_CRITERION_CHARS = 8_000
MAX_WEIGHT = 1_000_000
_MAX_LITERAL_CHARS = 200_000

TEXT_KEYS = ("criterion", "description", "requirement", "text", "statement", "rule", "content", "criteria", "title")
WEIGHT_KEYS = ("weight", "points", "score", "point")
SIGN_KEYS = ("category", "polarity", "sign", "type")
LIST_KEYS = ("rubric", "rubrics", "criteria", "items")
_NEGATIVE = {"negative", "penalty", "pitfall", "error"}
_NUMBER = re.compile(r"[+\-−]?\s*(?:\d+(?:\.\d*)?|\.\d+)")

# What a criterion's own words say about its sign. A hint for a reader, so only openings that leave little doubt.
_SAYS_GOOD = re.compile(r"^\W*(?:pitfall[^:]*:\s*)?(?:does not|doesn't|do not|avoids?|never|refrains from)\b", re.I)
_SAYS_ERROR = re.compile(r"^\W*(?:fails to|incorrectly|wrongly|mistakenly|falsely|omits|neglects to|confuses)\b", re.I)


@dataclass(slots=True)
class Rubric:
    """Criteria in the order given, and what is odd by kind: kind → ids of the criteria, empty for the whole rubric."""

    criteria: tuple[Criterion, ...] = ()
    flags: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


def read_rubric(value: Any) -> Rubric:
    """Criteria from a list of objects or texts, an object that holds or is one, or any of them as a JSON string.

    No criteria where there is nothing at all. Raises Unreadable, with the reason, for what is no rubric, and for one in
    which no weight is positive, because no answer can score above 0 by it.
    """
    items = _find_list(_parse_string(value) if isinstance(value, str) else value)
    rubric = Rubric()
    if len(items) > MAX_CRITERIA:
        raise Unreadable(f"its rubric has {len(items)} criteria; {MAX_CRITERIA} are the most")
    rubric.criteria = tuple(_read_criterion(f"c{number}", item, rubric) for number, item in enumerate(items, start=1))
    if not rubric.criteria:
        return rubric
    if attainable_points(rubric.criteria) <= 0:
        raise Unreadable("its rubric has no positive weight, so no answer can score above 0 by it")
    if all(not isinstance(item, dict) or _find(item, WEIGHT_KEYS) is None for item in items):
        rubric.flags.pop("criterion without a weight: 1 is used", None)
        rubric.flags["no weights: every criterion counts 1"] = []
    seen: dict[str, str] = {}
    for criterion in rubric.criteria:
        folded = " ".join(criterion.criterion.casefold().split())
        if folded in seen:
            rubric.flags["criterion given twice"] += [seen[folded], criterion.id]
        seen[folded] = criterion.id
    return rubric


def _parse_string(text: str) -> Any:
    """A JSON string, or the same as Python prints it, which tables saved from pandas hold."""
    bare = text.strip()
    if not bare:
        return None
    if len(bare) > _MAX_LITERAL_CHARS:
        raise Unreadable(f"its rubric has {len(bare):,} characters; {_MAX_LITERAL_CHARS:,} are the most")
    if bare[0] in "[{":
        for parse in (json.loads, ast.literal_eval):
            try:
                return parse(bare)
            except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
                continue
    raise Unreadable(f"its rubric is text that is no list: {bare[:60]!r}; give a JSON list of criteria")


def _find_list(value: Any) -> list[Any]:
    if is_missing(value):
        return []
    if isinstance(value, list | tuple):
        return list(value)
    if isinstance(value, dict):
        for key in LIST_KEYS:
            if isinstance(value.get(key), list) and _find(value, WEIGHT_KEYS) is None:
                return value[key]
        if columns := {key: column for key, column in value.items() if isinstance(column, list)}:
            lengths = {len(column) for column in columns.values()}
            if len(lengths) == 1:  # a list of objects as columns, which is how Parquet files of some writers hold it
                return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
        if value and all(isinstance(weight, int | float) and not isinstance(weight, bool) for weight in value.values()):
            return [{"criterion": text, "weight": weight} for text, weight in value.items()]
        if _find(value, TEXT_KEYS) is not None:
            return [value]
    raise Unreadable(f"its rubric is a {type(value).__name__}, not a list of criteria")


def _read_criterion(key: str, item: Any, rubric: Rubric) -> Criterion:
    if isinstance(item, str):
        rubric.flags["criterion without a weight: 1 is used"].append(key)
        return Criterion(key, _check_text(key, item), 1)
    if not isinstance(item, dict):
        raise Unreadable(f"criterion {key[1:]} of its rubric is a {type(item).__name__}, not an object or a text")
    text = _check_text(key, _find(item, TEXT_KEYS))
    weight = _read_weight(key, _find(item, WEIGHT_KEYS), rubric)
    named = _find(item, SIGN_KEYS)
    sign = named.strip().casefold() if isinstance(named, str) else ""
    if (sign in _NEGATIVE and weight > 0) or (sign == "positive" and weight < 0):
        weight = -weight
        rubric.flags["sign taken from its category, not from its weight"].append(key)
    if weight < 0 and _SAYS_GOOD.search(text):
        rubric.flags["negative weight on words that ask for something good: is the sign right?"].append(key)
    if weight > 0 and _SAYS_ERROR.search(text):
        rubric.flags["positive weight on words that describe an error: is the sign right?"].append(key)
    return Criterion(key, text, weight)


def _check_text(key: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Unreadable(f"criterion {key[1:]} of its rubric has no text (under {', '.join(TEXT_KEYS)})")
    if len(value) > MAX_CRITERION_CHARS:
        raise Unreadable(f"criterion {key[1:]} of its rubric has more than {MAX_CRITERION_CHARS:,} characters")
    return value.strip()


def _read_weight(key: str, value: Any, rubric: Rubric) -> float:
    number: float | None = None
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = float(value)
    elif isinstance(value, str) and (match := _NUMBER.match(value.strip())):
        number = float(re.sub(r"\s", "", match[0]).replace("−", "-"))
        rubric.flags["weight written as text"].append(key)
    if number is None or not math.isfinite(number):
        missing = is_missing(value)
        kind = "criterion without a weight" if missing else "weight that is no number"
        rubric.flags[f"{kind}: 1 is used"].append(key)
        return 1
    if abs(number) > MAX_WEIGHT:
        raise Unreadable(f"criterion {key[1:]} of its rubric weighs {number:g}; {MAX_WEIGHT:,} is the most")
    if number == 0:
        rubric.flags["weight 0: it tests nothing"].append(key)
    if not number.is_integer():
        rubric.flags["weight with a fraction"].append(key)
    return int(number) if number.is_integer() else number


def _find(item: dict[str, Any], keys: tuple[str, ...]) -> Any:
    """The first of `keys` that holds something."""
    return next((item[key] for key in keys if not is_missing(item.get(key))), None)
