"""The file formats of a dataset version. Each writer streams items into one file and forces it to the disk."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from autodata.dataset.cells import make_cell
from autodata.dataset.items import IMPORT_FIELDS, MODEL_ROLES, ORIGIN_FIELDS, encode_item
from autodata.errors import BadInput


class ItemWriter(Protocol):
    """One file being written. `close` flushes it to the disk; after an error the file is thrown away instead."""

    def write(self, items: Sequence[dict[str, Any]]) -> None: ...
    def close(self) -> None: ...


class JsonLinesWriter:
    """One JSON object per item and line, UTF-8: the bytes that the version's hash is made of."""

    def __init__(self, path: Path) -> None:
        self._file = open(path, "xb")  # noqa: SIM115 - closed by close()

    def write(self, items: Sequence[dict[str, Any]]) -> None:
        self._file.write(b"".join(encode_item(item) for item in items))

    def close(self) -> None:
        _close_durably(self._file)


class ParquetWriter:
    """Nested columns under one fixed schema; the policy, whose fields vary, as a JSON string."""

    def __init__(self, path: Path) -> None:
        self._file = open(path, "xb")  # noqa: SIM115 - closed by close()
        self._writer = pq.ParquetWriter(self._file, PARQUET_SCHEMA, compression="zstd")

    def write(self, items: Sequence[dict[str, Any]]) -> None:
        rows = [{**item, "policy": encode_policy(item["policy"])} for item in items]
        self._writer.write_table(pa.Table.from_pylist(rows, schema=PARQUET_SCHEMA))

    def close(self) -> None:
        try:
            self._writer.close()
        finally:
            _close_durably(self._file)


class CsvWriter:
    """A table for people: every cell quoted, none a formula. The byte-order mark tells Excel that it is UTF-8."""

    def __init__(self, path: Path) -> None:
        self._file = open(path, "x", encoding="utf-8-sig", newline="")  # noqa: SIM115 - closed by close()
        self._writer = csv.writer(self._file, quoting=csv.QUOTE_ALL)
        self._writer.writerow(CSV_COLUMNS)

    def write(self, items: Sequence[dict[str, Any]]) -> None:
        for item in items:
            cells = _flatten(item)
            self._writer.writerow([make_cell(cells[column]) for column in CSV_COLUMNS])

    def close(self) -> None:
        _close_durably(self._file)


WRITERS: dict[str, type[JsonLinesWriter] | type[ParquetWriter] | type[CsvWriter]] = {
    "jsonl": JsonLinesWriter,
    "parquet": ParquetWriter,
    "csv": CsvWriter,
}

CSV_COLUMNS = (
    "id",
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

PARQUET_SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("context", pa.string()),
        ("question", pa.string()),
        ("reference_answer", pa.string()),
        ("rubric", pa.list_(pa.struct([("id", pa.string()), ("criterion", pa.string()), ("weight", pa.float64())]))),
        ("tags", pa.list_(pa.string())),
        ("question_type", pa.string()),
        ("domain", pa.string()),
        (
            "source",
            pa.struct(
                [("id", pa.string()), ("title", pa.string()), ("document", pa.string()), ("passage", pa.int32())]
            ),
        ),
        (
            "scores",
            pa.struct(
                [
                    ("weak_mean", pa.float64()),
                    ("strong_mean", pa.float64()),
                    ("gap", pa.float64()),
                    ("weak", pa.list_(pa.float64())),
                    ("strong", pa.list_(pa.float64())),
                ]
            ),
        ),
        ("policy", pa.string()),
        ("models", pa.struct([(role, pa.string()) for role in MODEL_ROLES])),
        ("run_id", pa.string()),
        ("round", pa.int32()),
        ("content_sha", pa.string()),
        (
            "decision",
            pa.struct(
                [("verdict", pa.string()), ("reviewer", pa.string()), ("reason", pa.string()), ("time", pa.string())]
            ),
        ),
        ("simulated", pa.bool_()),
        ("imported", pa.struct([(name, pa.string()) for name in IMPORT_FIELDS])),
        ("origin", pa.struct([(name, pa.int64() if name == "row" else pa.string()) for name in ORIGIN_FIELDS])),
    ]
)


def check_formats(formats: Sequence[str]) -> tuple[str, ...]:
    """The formats once each, in the order of WRITERS; raises BadInput listing what there is."""
    unknown = [name for name in formats if name not in WRITERS]
    if unknown or not formats:
        given = f"format {unknown[0]!r} is unknown" if unknown else "no format was given"
        raise BadInput(f"{given}; choose from {', '.join(WRITERS)}")
    return tuple(name for name in WRITERS if name in formats)


def encode_policy(policy: dict[str, Any]) -> str:
    """A policy as the Parquet column holds it: JSON with sorted keys."""
    return orjson.dumps(policy, option=orjson.OPT_SORT_KEYS).decode()


def _flatten(item: dict[str, Any]) -> dict[str, Any]:
    source, scores, decision, models = item["source"], item["scores"], item["decision"], item["models"]
    return {
        **item,
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


def _close_durably(file: Any) -> None:
    try:
        file.flush()
        os.fsync(file.fileno())
    finally:
        file.close()
