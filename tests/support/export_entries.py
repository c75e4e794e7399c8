"""Entries as the gate hands them to the writers, with answers, and an index-free way to open a writer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autodata.dataset.entry import Entry, Split
from autodata.dataset.formats import FormatOptions, open_writer
from autodata.dataset.formats.writer import ItemWriter
from autodata.dataset.items import make_item
from autodata.home import Home
from autodata.index import open_index
from autodata.index.queries.dataset import AnswerRow
from tests.support.export_rows import make_row


def make_answer(solver: str = "strong", index: int = 0, **changes: Any) -> AnswerRow:
    """A whole, graded answer; `changes` replace its fields."""
    fields = {
        "solver": solver,
        "index": index,
        "status": "ok",
        "finish_reason": "stop",
        "answer": f"{solver} answer {index}",
        "score": 0.8 if solver == "strong" else 0.3,
        "purpose": "select",
    }
    return AnswerRow(**{**fields, **changes})


def make_entry(split: Split = "train", reviewer: str = "Ada", **changes: Any) -> Entry:
    """A task with two answers a side; `changes` replace fields of its row."""
    answers = tuple(make_answer(solver, index) for solver in ("strong", "weak") for index in (0, 1))
    row = make_row(**{"answers": answers, **changes})
    return Entry(make_item(row, reviewer), row, split)


def write_format(
    name: str, folder: Path, batches: Sequence[Sequence[Entry]], options: FormatOptions | None = None
) -> ItemWriter:
    """All of one format, written in these batches; the writer is closed."""
    with open_index(Home(folder / ".home")) as index:
        writer = open_writer(name, folder, options or FormatOptions(), index)
        for batch in batches:
            writer.write(batch)
        writer.close()
    return writer
