"""What a check that asks models hands back, and the task it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from autodata.audit.records import TaskRecords
from autodata.audit.task_audit import TaskAudit
from autodata.audit.verdict import Coverage, Finding
from autodata.model import Source

Why = Literal["all", "flagged", "random", "asked"]
"""Why a task is audited: the plan takes all, the record flagged it, drawn at random, somebody asked."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One task under audit: its records, what they alone show, and its passage (None where it is not recorded).

    `inclusion` is the chance, in (0, 1], with which a random draw took it; 1 where it was not drawn.
    """

    records: TaskRecords
    static: TaskAudit
    source: Source | None
    why: Why = "asked"
    inclusion: float = 1.0

    @property
    def task_id(self) -> str:
        return self.records.task.id


@dataclass(frozen=True, slots=True)
class Result:
    """One detector's result on one task, as the audit's journal keeps it (`check` record).

    `numbers` holds JSON values only. `missing` says what the record or the seats lack; `failed` coverage means that
    calls failed or could not be read: the task is unchecked there, never clear.
    """

    detector: str
    coverage: Coverage
    findings: tuple[Finding, ...] = ()
    numbers: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    missing: tuple[str, ...] = ()
