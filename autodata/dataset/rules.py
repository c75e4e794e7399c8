"""The rules of the gate: which reasons hold one task back under a policy. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from autodata.dataset.policies import APPROVED, GatePolicy
from autodata.dataset.reasons import CANARY, LEFT_OUT

_UNAPPROVED = {
    "open": "not_decided",
    "waiting": "waiting",
    "disputed": "disputed",
    "skipped": "skipped",
    "rejected": "rejected",
    "flagged": "flagged",
}
_PARITY_SHOWN = ("same", "declared")


class GateFacts(Protocol):
    """What every policy looks at. `decision`: open, waiting, disputed, approved, rejected, flagged, skipped. `parity`:
    same, differs, … `canary`: planted, or made out of a planted task."""

    @property
    def canary(self) -> bool: ...

    @property
    def decision(self) -> str: ...
    @property
    def outcome(self) -> str: ...
    @property
    def parity(self) -> str: ...
    @property
    def damaged(self) -> bool: ...
    @property
    def content_changed(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class GateRow:
    """The facts of one task. `alarm`: none, open, settled or confirmed, of the violations that the audit found.

    `difficulty` is the audit's word on the gap, `certified` the gap on fresh answers with the lower end of its 90 %
    interval. `approvals` counts people, `last_word` a lead's. `twin`: the same task is in another run as well.
    """

    task_id: str
    decision: str
    outcome: str
    parity: str
    damaged: bool
    content_changed: bool
    canary: bool
    run_id: str = ""
    audited: bool = True
    alarm: str = "none"
    difficulty: str = "unchecked"
    certified: float | None = None
    certified_low: float | None = None
    gap: float | None = None
    approvals: int = 1
    last_word: bool = False
    twin: bool = False


def find_reason(facts: GateFacts) -> str | None:
    """Why every policy holds a task back, as a code of REASONS; None when the policy `approved` lets it leave."""
    if facts.canary:
        return CANARY
    if facts.decision != "approved":
        return _UNAPPROVED.get(facts.decision, "not_decided")
    if facts.damaged:
        return "record_damaged"
    if facts.content_changed:
        return "content_changed"
    if facts.outcome != "accepted":
        return "not_accepted"
    if facts.parity == "differs":
        return "request_differs"
    return None


def list_reasons(row: GateRow, policy: GatePolicy = APPROVED) -> list[str]:
    """Every reason that holds one task back by itself, the gravest first; of a task that nobody approved only that."""
    first = find_reason(row)
    if row.canary or row.decision != "approved":
        return [first] if first else []
    checks = (
        (LEFT_OUT, row.run_id in policy.leave_out_runs),
        ("record_damaged", row.damaged),
        ("content_changed", row.content_changed),
        ("not_accepted", row.outcome != "accepted"),
        ("request_differs", row.parity == "differs"),
        ("request_unknown", policy.parity_shown and row.parity not in (*_PARITY_SHOWN, "differs")),
        ("not_audited", policy.needs_audit and not row.audited),
        ("alarm_open", policy.alarms_settled and row.alarm == "open"),
        ("alarm_confirmed", policy.alarms_settled and row.alarm == "confirmed"),
        ("gap_not_real", policy.gap_not_refuted and row.difficulty == "not_real"),
        *_check_certified(row, policy),
        ("quorum_not_met", row.approvals < policy.quorum and not row.last_word),
    )
    return [reason for reason, holds in checks if holds]


def _check_certified(row: GateRow, policy: GatePolicy) -> tuple[tuple[str, bool], ...]:
    bar = policy.certified_low_above
    if bar is None:
        return ()
    return (
        ("not_certified", row.certified_low is None),
        ("certified_gap_low", row.certified_low is not None and row.certified_low <= bar),
    )
