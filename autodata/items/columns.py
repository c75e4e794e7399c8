"""Which column is what: named by a person, or guessed from names and shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from autodata.items.row import Row

NAMES: dict[str, tuple[str, ...]] = {
    "prompt": (
        "prompt", "question", "problem", "instruction", "query", "messages", "conversation", "conversations", "input",
        "task", "user_prompt", "user",
    ),
    "answer": (
        "answer", "reference_answer", "reference", "ground_truth", "expected_answer", "final_answer", "gold_answer",
        "solution", "response", "target", "completion", "output", "gold", "ideal", "answers",
    ),
    "rubric": ("rubric", "rubrics", "criteria", "grading_rubric", "rubric_items", "evaluation_criteria"),
    "context": ("context", "passage", "document", "background", "input"),
    "id": ("id", "prompt_id", "question_id", "item_id", "example_id", "uid", "uuid", "idx", "index", "key"),
    "system": ("system", "system_prompt", "system_message"),
}  # fmt: skip
"""What a column is taken for by its name, best first; case and separators do not count."""

_NESTED = ("answer", "rubric", "context", "prompt")


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """The column of each part of an item, "" for none. A dot leads inside: `info.rubric`, `answers.text.0`."""

    prompt: str = ""
    answer: str = ""
    rubric: str = ""
    context: str = ""
    id: str = ""
    system: str = ""

    def top_level(self) -> tuple[str, ...]:
        """Columns of the file that hold these, for formats that can read some of them: `a.b` is in `a` or is `a.b`."""
        named = [getattr(self, field.name) for field in fields(self)]
        return tuple(dict.fromkeys(name for path in named if path for name in (path, path.split(".")[0])))


FIELDS = tuple(field.name for field in fields(ColumnMap))


def guess_columns(rows: Sequence[Row]) -> ColumnMap:
    """A guess from the first rows: by name at the top, then one level down, each column for one part only."""
    columns = list_columns(rows)
    guess: dict[str, str] = {}
    for part in FIELDS:
        if name := _find_name(part, [column for column in columns if "." not in column], guess.values()):
            guess[part] = name
    for part in _NESTED:
        nested = [column for column in columns if "." in column]
        if part not in guess and (name := _find_name(part, nested, guess.values())):
            guess[part] = name
    return ColumnMap(**guess)


def list_columns(rows: Sequence[Row]) -> list[str]:
    """Columns of these rows in the order met, nested ones after their own as `outer.inner`."""
    found: dict[str, None] = {}
    for row in rows:
        for name, value in row.values.items():
            found[name] = None
            if isinstance(value, dict):
                found.update((f"{name}.{inner}", None) for inner in list(value)[:50])
    return list(found)


def read_path(values: dict[str, Any], path: str) -> Any:
    """The value under a column or a dotted path, None where there is none. A column may have a dot in its own name."""
    if path in values:
        return values[path]
    found: Any = values
    for part in path.split("."):
        if isinstance(found, dict):
            found = found.get(part)
        elif isinstance(found, list) and part.isdecimal() and len(part) < 8:
            found = found[int(part)] if int(part) < len(found) else None
        else:
            return None
    return found


def has_column(rows: Iterable[Row], path: str) -> bool:
    """Whether any of these rows has something, if only an empty cell, under `path`."""
    return any(path in row.values or read_path(row.values, path) is not None for row in rows)


def _find_name(part: str, columns: Sequence[str], taken: Iterable[str]) -> str:
    used = set(taken)
    folded: dict[str, str] = {}
    for column in columns:
        if column not in used:
            folded.setdefault(re.sub(r"[\W_]+", "_", column.rpartition(".")[2].casefold()).strip("_"), column)
    return next((folded[name] for name in NAMES[part] if name in folded), "")
