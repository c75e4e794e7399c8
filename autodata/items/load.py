"""From a data set to the sources of a run: look at the first rows, then read all, each bad one by its number."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autodata.errors import BadInput
from autodata.items.columns import FIELDS, ColumnMap, guess_columns, has_column, list_columns
from autodata.items.files import DataFile, DataSet, read_rows
from autodata.items.item import Grading, Item, Origin, build_item, describe_columns, make_source, name_kind
from autodata.items.row import MAX_ITEMS, BadRow, Row
from autodata.model import Source
from autodata.sources.document import Skipped, Unreadable
from autodata.sources.load import Duplicate, Loaded

PREVIEW_ROWS = 50
SAME_PROMPT_FLAG = "prompt that another item has with another answer, context or rubric"


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows that can be read, the columns met in them, and what they are taken for."""

    rows: tuple[Row, ...]
    columns: tuple[str, ...]
    guess: ColumnMap


@dataclass(frozen=True, slots=True)
class LoadedItems:
    """What became an item, what did not and why. `written`: items whose rubric has to be written.

    `flags` counts items by what is odd about them; `complete` is False where a limit ended the reading.
    """

    loaded: Loaded
    rows: int
    written: int
    flags: dict[str, int]
    complete: bool

    @property
    def items(self) -> int:
        return len(self.loaded.sources)


def preview_data(data: DataSet) -> Preview:
    """Look at the first rows. Raises BadInput when no row can be read."""
    rows: list[Row] = []
    problems: list[str] = []
    for file in data.files:
        try:
            for row in read_rows(file):
                if isinstance(row, BadRow):
                    problems.append(f"{file.name}:{row.number}: {row.reason}")
                else:
                    rows.append(row)
                if len(rows) >= PREVIEW_ROWS or len(problems) >= 20 * PREVIEW_ROWS:
                    break
        except Unreadable as problem:
            problems.append(f"{file.name}: {problem}")
        if len(rows) >= PREVIEW_ROWS:
            break
    if not rows:
        raise BadInput(_explain(f"no row of {data.path} can be read", problems))
    return Preview(tuple(rows), tuple(list_columns(rows)), guess_columns(rows))


def choose_columns(preview: Preview, chosen: dict[str, str]) -> ColumnMap:
    """The guess with what a person chose in its place; "" says that there is none.

    A column that was chosen is guessed for no other part. Raises BadInput for one that the first rows do not have, and
    when there is no prompt.
    """
    for part, column in chosen.items():
        if column and not has_column(preview.rows, column):
            raise BadInput(f"{part} column {column!r} is not in the data; it has {', '.join(preview.columns[:40])}")
    taken = set(chosen.values())
    guessed = {part: getattr(preview.guess, part) for part in FIELDS}
    columns = ColumnMap(**{part: column for part, column in guessed.items() if column not in taken} | chosen)
    if not columns.prompt:
        raise BadInput(f"no column looks like a prompt; name it. The data has {', '.join(preview.columns[:40])}")
    return columns


def load_items(data: DataSet, columns: ColumnMap, grading: Grading, limit: int | None = None) -> LoadedItems:
    """Read every row into items; reading stops once `limit` items are found.

    A row or file that cannot be used is reported and the rest goes on. Raises BadInput when nothing can be used.
    """
    if limit is not None and limit < 1:
        raise BadInput(f"limit {limit} is too small; give at least 1, or none for all")
    found = _Found(limit or MAX_ITEMS)
    for file in data.files:
        _read_file(file, data, columns, grading, found)
        if found.is_full:
            break
    if not found.sources:
        problems = [f"{skip.name}: {skip.reason}" for skip in found.skipped]
        raise BadInput(_explain(f"no row of {data.path} can be used", problems))
    loaded = Loaded(tuple(found.sources), tuple(found.skipped), tuple(found.duplicates))
    return LoadedItems(loaded, found.rows, found.written, dict(found.flags.most_common()), not found.is_full)


@dataclass(slots=True)
class _Found:
    """Items so far. An item met again is reported as a double and kept once."""

    limit: int
    rows: int = 0
    written: int = 0
    sources: list[Source] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)
    flags: Counter[str] = field(default_factory=Counter)
    _names: dict[str, str] = field(default_factory=dict)
    _prompts: set[int] = field(default_factory=set)

    @property
    def is_full(self) -> bool:
        return len(self.sources) >= self.limit

    def add(self, item: Item, origin: Origin, grading: Grading) -> None:
        name = f"{origin.file}:{origin.row}"
        if item.id in self._names:
            self.duplicates.append(Duplicate(name, self._names[item.id]))
            return
        self._names[item.id] = name
        if hash(item.prompt) in self._prompts:
            self.flags[SAME_PROMPT_FLAG] += 1
        self._prompts.add(hash(item.prompt))
        self.flags.update({name_kind(flag) for flag in item.flags})
        self.written += grading == "rubric" and not item.rubric
        self.sources.append(make_source(item, origin))


def _read_file(file: DataFile, data: DataSet, columns: ColumnMap, grading: Grading, found: _Found) -> None:
    try:
        sha = _hash_file(file.path)
        for row in read_rows(file, columns.top_level()):
            found.rows += 1
            if isinstance(row, BadRow):
                found.skipped.append(Skipped(f"{file.name}:{row.number}", row.reason))
                continue
            try:
                item = build_item(row, columns, grading)
            except Unreadable as problem:
                found.skipped.append(Skipped(f"{file.name}:{row.number}", str(problem)))
                continue
            origin = Origin(file.name, sha, row.number, data.split, describe_columns(columns, FIELDS))
            found.add(item, origin, grading)
            if found.is_full:
                return
    except Unreadable as problem:
        found.skipped.append(Skipped(file.name, str(problem)))
    except OSError as error:
        found.skipped.append(Skipped(file.name, f"it cannot be opened ({error.strerror or error})"))


def _hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _explain(sentence: str, problems: Sequence[str], shown: int = 10) -> str:
    lines = [f"  {problem}" for problem in problems[:shown]]
    if len(problems) > shown:
        lines.append(f"  and {len(problems) - shown:,} more")
    return "\n".join([sentence, *lines])
