"""What a check over many tasks together says of a run, or of one group of its tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from autodata.audit.verdict import Coverage, Severity


@dataclass(frozen=True, slots=True)
class RunFinding:
    """`severity` is "" where nothing was found, or nothing could be. `sentence` says which, and why.

    `numbers` holds JSON values only; `request` or `cluster` in it, 16 hex digits, name the group of tasks it is about.
    """

    detector: str
    coverage: Coverage
    sentence: str
    severity: Severity | Literal[""] = ""
    numbers: Mapping[str, Any] = field(default_factory=dict)


def name_group(number: int) -> str:
    """A group's 64 bits as 16 hex digits."""
    return f"{number:016x}"
