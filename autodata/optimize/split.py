"""Three sets of sources: to learn from, to select by, and to confirm on. Whole documents, dealt out by their hash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from autodata.canon import hash_value
from autodata.errors import BadInput
from autodata.model import Source

SetName = Literal["train", "validation", "third"]
SHARES: Mapping[SetName, float] = {"train": 0.3, "validation": 0.4, "third": 0.3}
"""Share of the sources that each set should have. The analyst reads the first, the keep rule decides on the second, the
winner is measured again on the third, which decides nothing."""


@dataclass(frozen=True, slots=True)
class Split:
    """The sources of each set. No document has passages in two of them."""

    train: tuple[Source, ...]
    validation: tuple[Source, ...]
    third: tuple[Source, ...]

    def list_sets(self) -> dict[SetName, tuple[Source, ...]]:
        return {"train": self.train, "validation": self.validation, "third": self.third}


def split_sources(sources: Sequence[Source], seed: int) -> Split:
    """Deal documents out in the order of their hash, each to the set that is furthest below its share.

    The hash is of the seed and the document's sources, so the order in which files were given does not matter. Raises
    BadInput for fewer documents than sets.
    """
    documents: dict[str, list[Source]] = {}
    for source in sources:
        documents.setdefault(source.document or source.id, []).append(source)
    if len(documents) < len(SHARES):
        raise BadInput(
            f"a search needs at least {len(SHARES)} documents, one for each of its sets ({', '.join(SHARES)}), and "
            f"these sources come from {len(documents)}. Passages of one document are never in two sets, because a "
            "recipe could learn the document. Give more documents"
        )
    dealt: dict[SetName, list[Source]] = {name: [] for name in SHARES}
    ordered = sorted(documents.values(), key=lambda own: hash_value([seed, sorted(source.id for source in own)]))
    for position, own in enumerate(ordered):
        empty = [name for name in SHARES if not dealt[name]]
        # The last documents go to sets that have none yet.
        open_sets = empty if len(ordered) - position <= len(empty) else list(SHARES)
        poorest = min(open_sets, key=lambda name: (len(dealt[name]) + len(own) / 2) / SHARES[name])
        dealt[poorest] += own
    return Split(tuple(dealt["train"]), tuple(dealt["validation"]), tuple(dealt["third"]))
