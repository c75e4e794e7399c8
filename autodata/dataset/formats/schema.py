"""Columns of the Parquet files and of the Hugging Face folder: an item's fields, nested, under one fixed schema."""

from __future__ import annotations

from typing import Any

import orjson
import pyarrow as pa

from autodata.dataset.items import IMPORT_FIELDS, MODEL_ROLES, ORIGIN_FIELDS

RUBRIC = pa.list_(pa.struct([("id", pa.string()), ("criterion", pa.string()), ("weight", pa.float64())]))

PARQUET_SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("context", pa.string()),
        ("question", pa.string()),
        ("reference_answer", pa.string()),
        ("rubric", RUBRIC),
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


def encode_policy(policy: dict[str, Any]) -> str:
    """A policy as the Parquet column holds it: JSON with sorted keys."""
    return orjson.dumps(policy, option=orjson.OPT_SORT_KEYS).decode()


def make_columns(item: dict[str, Any]) -> dict[str, Any]:
    """An item as a row of PARQUET_SCHEMA: the policy, whose fields vary, becomes a JSON string."""
    return {**item, "policy": encode_policy(item["policy"])}


def estimate_bytes(item: dict[str, Any]) -> int:
    """About how much text an item holds, so that a few huge ones fill a row group as many small ones do."""
    texts = len(item["context"]) + len(item["question"]) + len(item["reference_answer"])
    return 512 + texts + sum(80 + len(criterion["criterion"]) for criterion in item["rubric"])
