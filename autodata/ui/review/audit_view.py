"""What the Review page may show of a task's audit: all of it, nothing yet, or nothing before a blind decision."""

from __future__ import annotations

from dataclasses import dataclass, replace

from autodata.index.database import Index
from autodata.index.drawing import DRAWN_SHARE, is_blind, is_drawn
from autodata.index.queries.alarms import is_audit_pending
from autodata.index.queries.blind import may_see_others
from autodata.index.queries.findings import AuditDetail, load_audit
from autodata.index.queries.task import TaskDetail


@dataclass(frozen=True, slots=True)
class AuditView:
    """`audit` is None where there is none or it is hidden: `blind` says that it is hidden until this task is decided.

    `pending`: the audit of the run has not come this far. `detectors` had findings and `inclusion` is the chance of
    having been drawn (None where the task was not); both are recorded with a label, shown or not.
    """

    audit: AuditDetail | None = None
    blind: bool = False
    pending: bool = False
    inclusion: float | None = None
    detectors: tuple[str, ...] = ()

    @property
    def violated(self) -> bool:
        """Whether bytes prove that something is not as agreed."""
        return self.audit is not None and self.audit.violations > 0


def look_at_audit(index: Index, detail: TaskDetail, reviewer: str) -> AuditView:
    """The view of one task. Of those drawn by chance some are decided blind; a violation is never hidden. What others
    labelled is kept from a reviewer whose vote has to be their own."""
    audit = load_audit(index, detail.task.id)
    if audit is None:
        return AuditView(pending=detail.accepted and is_audit_pending(index, detail.run_id))
    alarmed = bool(audit.violations or audit.flags or audit.flagged)
    inclusion = DRAWN_SHARE if not alarmed and is_drawn(detail.task.id) else None
    blind = inclusion is not None and is_blind(detail.task.id) and not detail.votes.votes
    if audit.labels and not may_see_others(index, detail.task.id, reviewer):
        audit = replace(audit, labels=tuple(label for label in audit.labels if label.reviewer == reviewer))
    return AuditView(None if blind else audit, blind, False, inclusion, audit.detectors)
