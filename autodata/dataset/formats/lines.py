"""tasks.jsonl for programs and tasks.csv for people."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autodata.dataset.cells import make_cell
from autodata.dataset.entry import Entry
from autodata.dataset.formats.writer import CountingWriter, LineFile
from autodata.dataset.items import MODEL_ROLES, encode_item

CSV_COLUMNS = (
    "id",
    "split",
    "question",
    "context",
    "reference_answer",
    "rubric",
    "tags",
    "question_type",
    "domain",
    "source_title",
    "source_document",
    "source_passage",
    "weak_mean",
    "strong_mean",
    "gap",
    "policy",
    "weak_model",
    "strong_model",
    "judge_model",
    "challenger_model",
    "run_id",
    "round",
    "reviewer",
    "decision_reason",
    "decision_time",
    "simulated",
    "imported",
    "origin_id",
    "origin_row",
)

_MARK = b"\xef\xbb\xbf"
"""The byte-order mark: it tells spreadsheet programs that the file is UTF-8."""


class JsonLinesWriter(CountingWriter):
    """One JSON object per item and line, UTF-8: the bytes that the version's hash is made of."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._file = LineFile(folder / "tasks.jsonl")

    def write(self, entries: Sequence[Entry]) -> None:
        self._file.write(b"".join(encode_item(entry.item) for entry in entries))
        self.written[""] += len(entries)

    def close(self) -> None:
        self._file.close()


class CsvWriter(CountingWriter):
    """A table for people: every cell quoted, none a formula."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._file = LineFile(folder / "tasks.csv")
        self._file.write(_MARK + _render([CSV_COLUMNS]))

    def write(self, entries: Sequence[Entry]) -> None:
        rows = (flatten_item(entry) for entry in entries)
        self._file.write(_render([[make_cell(row[column]) for column in CSV_COLUMNS] for row in rows]))
        self.written[""] += len(entries)

    def close(self) -> None:
        self._file.close()


def flatten_item(entry: Entry) -> dict[str, Any]:
    """An item with one value per column, before it is made safe for a cell."""
    item = entry.item
    source, scores, decision, models = item["source"], item["scores"], item["decision"], item["models"]
    return {
        **item,
        "split": entry.split,
        "rubric": "\n".join(f"{c['criterion']} ({c['weight']:+g})" for c in item["rubric"]),
        "tags": ", ".join(item["tags"]),
        "source_title": source["title"],
        "source_document": source["document"],
        "source_passage": source["passage"],
        "weak_mean": scores["weak_mean"],
        "strong_mean": scores["strong_mean"],
        "gap": scores["gap"],
        "policy": item["policy"].get("name"),
        **{f"{role}_model": models[role] for role in MODEL_ROLES},
        "reviewer": decision["reviewer"],
        "decision_reason": decision["reason"],
        "decision_time": decision["time"],
        "imported": item["imported"]["format"] if item["imported"] else None,
        "origin_id": item["origin"]["id"] if item["origin"] else None,
        "origin_row": item["origin"]["row"] if item["origin"] else None,
    }


def _render(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue().encode()
