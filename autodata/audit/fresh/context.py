"""What every check of one audit shares."""

from __future__ import annotations

from dataclasses import dataclass

from autodata.audit.certified import DEFAULT_BAR
from autodata.audit.run_luck import RunNoise
from autodata.context import LoopContext


@dataclass(frozen=True, slots=True)
class AuditContext:
    """The audited run's noise, and the means of asking: `loop` holds the audit's own seats, seed, recipe and recorder.

    Its recorder writes to the audit's journal, where `source` of every call and commit is the task's id and `round`
    is 0. `run_noise` is None where the run measured no side twice.
    """

    audit_id: str
    loop: LoopContext
    run_noise: RunNoise | None
    bar: float = DEFAULT_BAR
