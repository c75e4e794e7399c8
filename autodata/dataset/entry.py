"""What every format writer gets of one task: its item, its whole row of the index and the split it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from autodata.index.queries.dataset import ExportRow

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")


@dataclass(frozen=True, slots=True)
class Entry:
    """One task on its way into a version. `item` is what autodata.dataset.items makes of `row`; without splits
    everything is `train`."""

    item: dict[str, Any]
    row: ExportRow
    split: Split = "train"
