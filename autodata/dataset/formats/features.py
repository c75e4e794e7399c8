"""Columns of every file that a loader types, and how the header of a Hugging Face card names them.

Without them a loader guesses types from the first lines, and fails where a later one holds what those did not.
"""

from __future__ import annotations

import pyarrow as pa

from autodata.dataset.formats.schema import PARQUET_SCHEMA, RUBRIC

MESSAGES = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))

SFT_SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("messages", MESSAGES),
        ("answer_by", pa.string()),
        ("model", pa.string()),
        ("score", pa.float64()),
        ("simulated", pa.bool_()),
    ]
)
GRPO_SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("prompt", MESSAGES),
        ("context", pa.string()),
        ("question", pa.string()),
        ("answer", pa.string()),
        ("rubric", RUBRIC),
        ("judge", pa.string()),
        ("weak_mean", pa.float64()),
        ("strong_mean", pa.float64()),
        ("info", pa.string()),
        ("simulated", pa.bool_()),
    ]
)
DPO_SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("prompt", MESSAGES),
        ("chosen", MESSAGES),
        ("rejected", MESSAGES),
        ("score_chosen", pa.float64()),
        ("score_rejected", pa.float64()),
        ("model_chosen", pa.string()),
        ("model_rejected", pa.string()),
        ("simulated", pa.bool_()),
    ]
)
_ROLLOUT = pa.struct(
    [
        ("solver", pa.string()),
        ("index", pa.int64()),
        ("purpose", pa.string()),
        ("status", pa.string()),
        ("finish_reason", pa.string()),
        ("answer", pa.string()),
        ("answer_sha", pa.string()),
        ("score", pa.float64()),
        ("earned", pa.float64()),
        ("penalty", pa.float64()),
        ("attainable", pa.float64()),
        ("verdicts", pa.list_(pa.struct([("id", pa.string()), ("met", pa.float64()), ("quote", pa.string())]))),
        ("note", pa.string()),
    ]
)
_ROUND = pa.struct(
    [
        ("round", pa.int64()),
        ("task_id", pa.string()),
        ("outcome", pa.string()),
        ("reason", pa.string()),
        ("weak_mean", pa.float64()),
        ("strong_mean", pa.float64()),
        ("gap", pa.float64()),
        ("question", pa.string()),
    ]
)
_VOTE = pa.struct(
    [
        ("verdict", pa.string()),
        ("reason", pa.string()),
        ("seconds_on_item", pa.float64()),
        ("time", pa.string()),
        ("second_opinion", pa.bool_()),
        ("adjudicates", pa.bool_()),
    ]
)
_FINDING = pa.struct(
    [
        ("detector", pa.string()),
        ("severity", pa.string()),
        ("cause", pa.string()),
        ("sentence", pa.string()),
        ("fresh", pa.bool_()),
    ]
)
_AUDIT = pa.struct(
    [
        ("integrity", pa.string()),
        ("difficulty", pa.string()),
        ("validity", pa.string()),
        ("severity", pa.string()),
        ("suspicion", pa.float64()),
        ("claimed_gap", pa.float64()),
        ("certified_gap", pa.float64()),
        ("certified_low", pa.float64()),
        ("certified_high", pa.float64()),
        ("chance", pa.float64()),
        ("fresh_weak", pa.int64()),
        ("fresh_strong", pa.int64()),
        ("coverage", pa.list_(pa.struct([("detector", pa.string()), ("state", pa.string())]))),
    ]
)
RAW_SCHEMA = pa.schema(
    [
        *PARQUET_SCHEMA,
        pa.field("split", pa.string()),
        pa.field("band", pa.string()),
        pa.field("parity", pa.string()),
        pa.field("policy_sha", pa.string()),
        pa.field("recipe", pa.struct([("name", pa.string()), ("sha", pa.string())])),
        pa.field("software", pa.string()),
        pa.field("source_text", pa.string()),
        pa.field("source_metadata", pa.string()),
        pa.field("clauses", pa.string()),
        pa.field("rounds", pa.list_(_ROUND)),
        pa.field("rollouts", pa.list_(_ROLLOUT)),
        pa.field("votes", pa.list_(_VOTE)),
        pa.field("findings", pa.list_(_FINDING)),
        pa.field("audit", _AUDIT),
    ]
)

SCHEMAS: dict[str, pa.Schema] = {
    "parquet": PARQUET_SCHEMA,
    "sft": SFT_SCHEMA,
    "grpo": GRPO_SCHEMA,
    "dpo": DPO_SCHEMA,
    "hf": PARQUET_SCHEMA,
    "raw": RAW_SCHEMA,
}
"""By format. tasks.jsonl has the columns of Parquet, but `policy` is an object there; CSV has no types."""

_WORDS = {"double": "float64", "bool": "bool", "string": "string", "int32": "int32", "int64": "int64"}


def describe_features(schema: pa.Schema, indent: str = "  ") -> list[str]:
    """The lines under `features:` in a card's header."""
    return [line for field in schema for line in _describe_field(field.name, field.type, indent)]


def name_type(kind: pa.DataType) -> str:
    """A column's type in words: `list of {id: string, met: float64}`."""
    if pa.types.is_list(kind):
        return f"list of {name_type(kind.value_type)}"
    if pa.types.is_struct(kind):
        fields = ", ".join(f"{field.name}: {name_type(field.type)}" for field in kind)
        return f"{{{fields}}}"
    return _WORDS[str(kind)]


def _describe_field(name: str, kind: pa.DataType, indent: str) -> list[str]:
    return [f"{indent}- name: {name}", *_describe_type(kind, f"{indent}  ")]


def _describe_type(kind: pa.DataType, indent: str) -> list[str]:
    if pa.types.is_list(kind):
        inner = kind.value_type
        if pa.types.is_struct(inner):
            return [f"{indent}list:", *_describe_fields(inner, indent)]
        return [f"{indent}list: {_WORDS[str(inner)]}"]
    if pa.types.is_struct(kind):
        return [f"{indent}struct:", *_describe_fields(kind, indent)]
    return [f"{indent}dtype: {_WORDS[str(kind)]}"]


def _describe_fields(kind: pa.DataType, indent: str) -> list[str]:
    return [line for field in kind for line in _describe_field(field.name, field.type, indent)]
