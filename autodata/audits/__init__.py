"""Audits that ask models, as processes: draft one with its cost, create it, work on it, pause it, look it up.

An audit of a run is a journal `audits/<run>/journal.jsonl` beside the run, never in it; `control` holds a request while
there is one. Whoever writes the journal holds its lock, so an audit is alive exactly when it is locked.
"""

from autodata.audits.drafting import AuditDraft, AuditOrder, create_audit, draft_audit
from autodata.audits.processes import (
    execute_audit,
    find_audit,
    is_alive,
    launch_audit,
    launch_order,
    request_audit,
    wait_until_ended,
)

__all__ = [
    "AuditDraft",
    "AuditOrder",
    "create_audit",
    "draft_audit",
    "execute_audit",
    "find_audit",
    "is_alive",
    "launch_audit",
    "launch_order",
    "request_audit",
    "wait_until_ended",
]
