"""A kind of problem: stated in words, read back from the words, worked out step by step.

A family derives its answer from numbers and a set of steps that went wrong; every wrong step takes a turn that looks
right. Nothing about a problem is kept anywhere: whoever has its text can work it out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

Numbers = tuple[int, ...]
Work = tuple[str, tuple[str, ...]]
"""A final answer as written, and the sentences that lead to it."""


@dataclass(frozen=True, slots=True)
class Family:
    """One kind of problem. `steps` are what can go wrong."""

    name: str
    words: tuple[str, ...]
    """Words of a source that make this family likely."""
    state: Callable[[Numbers], str]
    read: Callable[[str], Numbers | None]
    steps: Callable[[Numbers], tuple[str, ...]]
    derive: Callable[[Numbers, frozenset[str], bool, Random], Work]


@dataclass(frozen=True, slots=True)
class PosedFamily(Family):
    """A kind that is also posed: `draw` makes the numbers of a problem for a size from 1 to 6."""

    draw: Callable[[Random, int], Numbers]


def read_groups(pattern: re.Pattern[str], text: str) -> Numbers | None:
    """The numbers of the first match: a group that is no number counts as 1, one that is absent as 0."""
    found = pattern.search(text)
    if not found:
        return None
    return tuple(0 if value is None else int(value) if value.lstrip("-").isdigit() else 1 for value in found.groups())
