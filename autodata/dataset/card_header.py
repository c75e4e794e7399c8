"""The YAML header of a card: what the Hugging Face hub and `datasets` read. Every value is quoted as JSON, which YAML
reads as it stands, so that no name can become a key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq

from autodata.dataset.entry import SPLITS
from autodata.dataset.formats.features import SCHEMAS, describe_features
from autodata.dataset.formats.hub import FOLDER
from autodata.index.queries.dataset_card import NOT_RECORDED

_LICENCE = re.compile(r"[a-z0-9][a-z0-9.-]{0,40}")
"""Licences as the hub names them, e.g. cc-by-4.0; others are "other" there and in full in the text."""

_SIZES = ((10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"), (10**7, "1M<n<10M"))
LINES = ("sft", "grpo", "dpo")
"""Formats with a folder of their own, one file a split."""


def render_header(manifest: Mapping[str, Any], licences: Mapping[str, int], folder: Path, part: str = "") -> str:
    """The header, with its fences, for the card of the whole version in `folder`, or of one folder in it.

    `part` is "" or hf, sft, grpo or dpo. A loader reads one kind of file per folder, so each of these opens by its own
    path: load_dataset("v001"), load_dataset("v001/grpo").
    """
    files, schema = _find_files(folder, part)
    lines = [
        "---",
        f"pretty_name: {_quote(manifest['name'] + ' ' + manifest['version'])}",
        f"license: {_quote(_name_licence(licences))}",
        "task_categories:",
        "- text-generation",
        "size_categories:",
        f"- {_quote(_name_size(manifest['items']))}",
        "tags:",
        *(f"- {_quote(tag)}" for tag in _list_tags(manifest)),
    ]
    if files:
        # `datasets` keeps what it read under the folder's name and these lines, not under its path: without the hash,
        # the next version would open as this one.
        told = f"{manifest['name']} {manifest['version']} {manifest['files_hash']}"
        lines += ["configs:", "- config_name: default", f"  description: {_quote(told)}", "  data_files:"]
        lines += [line for split, path in files for line in (f"  - split: {split}", f"    path: {_quote(path)}")]
    if schema:
        lines += ["dataset_info:", "  features:", *describe_features(SCHEMAS[schema])]
        lines += _render_splits(folder / FOLDER / "data") if schema == "hf" else []
    return "\n".join([*lines, "---", ""])


def _find_files(folder: Path, part: str) -> tuple[list[tuple[str, str]], str]:
    """(split, path) of what the folder of a card opens as, and the schema; "" where types are left to the loader."""
    if part in LINES:
        present = [split for split in SPLITS if (folder / part / f"{split}.jsonl").exists()]
        return [(split, f"{split}.jsonl") for split in present], part
    data = folder / FOLDER / "data"
    shards: list[tuple[str, str]] = [(one, f"{one}-*.parquet") for one in SPLITS if any(data.glob(f"{one}-*.parquet"))]
    if shards:
        place = "data" if part else f"{FOLDER}/data"
        return [(split, f"{place}/{pattern}") for split, pattern in shards], "hf"
    if (folder / "tasks.parquet").exists():
        return [("train", "tasks.parquet")], "parquet"
    return ([("train", "tasks.jsonl")], "") if (folder / "tasks.jsonl").exists() else ([], "")


def _render_splits(data: Path) -> list[str]:
    lines, held, stored = ["  splits:"], 0, 0
    for split in SPLITS:
        paths = sorted(data.glob(f"{split}-*.parquet"))
        if paths:
            metadata = [pq.read_metadata(path) for path in paths]
            size = sum(
                one.row_group(number).total_byte_size for one in metadata for number in range(one.num_row_groups)
            )
            rows = sum(one.num_rows for one in metadata)
            lines += [f"  - name: {split}", f"    num_bytes: {size}", f"    num_examples: {rows}"]
            held, stored = held + size, stored + sum(path.stat().st_size for path in paths)
    return [*lines, f"  download_size: {stored}", f"  dataset_size: {held}"]


def _name_licence(licences: Mapping[str, int]) -> str:
    known = {name.strip().lower() for name in licences}
    if known == {NOT_RECORDED} or not known:
        return "unknown"
    (only,) = known if len(known) == 1 else ("",)
    return only if _LICENCE.fullmatch(only) else "other"


def _name_size(items: int) -> str:
    return next((name for limit, name in _SIZES if items < limit), "n>10M")


def _list_tags(manifest: Mapping[str, Any]) -> list[str]:
    tags = ["synthetic", "autodata", *("reinforcement-learning" for one in ["grpo"] if one in manifest["formats"])]
    return [*tags, *(["simulated"] if manifest["simulated"] else [])]


def _quote(text: str) -> str:
    return orjson.dumps(text).decode()
