"""What pages ask of all runs at once, without everything else that is known of each: their rules and their models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from autodata.index.database import Index


def load_policies(index: Index) -> Mapping[str, Mapping[str, Any]]:
    """The rule of every run by its id, the newest run first; empty for an import that recorded none."""
    return index.remember(("policies",), lambda: _read_policies(index))


def list_models(index: Index) -> list[str]:
    """The models that had a seat in any run, by name."""
    sql = "SELECT DISTINCT unnest(json_extract_string(models, '$.*')) AS model FROM runs ORDER BY model"
    return index.remember(("models",), lambda: [model for (model,) in index.query(sql) if model])


def _read_policies(index: Index) -> dict[str, Mapping[str, Any]]:
    rows = index.query("SELECT run_id, policy FROM runs ORDER BY started DESC, run_id DESC")
    return {run_id: orjson.loads(text) if text else {} for run_id, text in rows}
