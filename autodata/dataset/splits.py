"""Train, validation and test by source, never by task: what was written from one document stays on one side.

A document's side follows from a seeded hash of its name, so it is the same in every version, whatever is added later.
Near copies and tasks of one source text stay together too; the group they make goes where its first document goes, so
a document moves only when a new task links it with another one.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, model_validator

from autodata.dataset.entry import SPLITS, Split


class SplitSettings(BaseModel):
    """Shares of the documents that go to validation and to test; the rest is for training."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    validation: float = Field(0.0, ge=0, lt=1)
    test: float = Field(0.0, ge=0, lt=1)
    seed: int = 0
    near_copies_together: bool = True

    @model_validator(mode="after")
    def _check_rest(self) -> SplitSettings:
        if self.validation + self.test >= 1:
            raise ValueError(f"validation {self.validation:g} and test {self.test:g} leave nothing for training")
        return self


@dataclass(frozen=True, slots=True)
class Placed:
    """What the split of a task depends on. `document` is "" where the source stands for itself."""

    task_id: str
    run_id: str
    source_id: str
    document: str


def assign_splits(
    tasks: Iterable[Placed], settings: SplitSettings, copies: Mapping[str, int] | None = None
) -> dict[tuple[str, str], Split]:
    """The split of every task by (run, task). `copies` maps tasks to their group of near copies."""
    groups, homes = _Groups(), dict[tuple[str, str], int]()
    documents: set[int] = set()
    for task in tasks:
        own = _number("document", task.document) if task.document else _number("source", task.source_id)
        documents.add(own)
        homes[task.run_id, task.task_id] = own
        groups.join(own, _number("text", task.source_id))
        if copies and task.task_id in copies:
            groups.join(own, _number("copies", str(copies[task.task_id])))
    first: dict[int, int] = {}
    for own in documents:
        root = groups.find(own)
        first[root] = min(first.get(root, own), own)
    return {key: _place(first[groups.find(own)], settings) for key, own in homes.items()}


def count_splits(splits: Iterable[Split]) -> dict[str, int]:
    """How many tasks each split has; those without any are named with 0."""
    counts = Counter(splits)
    return {split: counts[split] for split in SPLITS}


def _place(number: int, settings: SplitSettings) -> Split:
    digest = hashlib.sha256(f"{settings.seed}:{number}".encode()).digest()
    share = int.from_bytes(digest[:8], "big") / 2**64
    if share < settings.test:
        return "test"
    return "validation" if share < settings.test + settings.validation else "train"


def _number(kind: str, name: str) -> int:
    """64 bits that stand for a name: a million of them take less memory than the names."""
    return int.from_bytes(hashlib.sha256(f"{kind}:{name}".encode("utf-8", "surrogatepass")).digest()[:8], "big")


class _Groups:
    """Union-find over numbers."""

    def __init__(self) -> None:
        self._parent: dict[int, int] = {}

    def find(self, number: int) -> int:
        parent = self._parent
        root = number
        while (above := parent.get(root, root)) != root:
            root = above
        while (above := parent.get(number, number)) != root:
            parent[number] = root
            number = above
        return root

    def join(self, one: int, other: int) -> None:
        first, second = self.find(one), self.find(other)
        self._parent[max(first, second)] = min(first, second)
