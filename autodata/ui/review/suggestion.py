"""What the evidence speaks for, in a sentence beside the decision buttons: a suggestion, never a vote."""

from __future__ import annotations

from autodata.index.queries.finding_names import name_finding
from autodata.index.queries.findings import AuditDetail
from autodata.index.queries.task import TaskDetail
from autodata.ui.review.alarms import VIOLATIONS, begin_sentence
from autodata.ui.review.audit_view import AuditView
from autodata.ui.text import count_of, format_gap, format_score

REQUESTS = frozenset({"S1", "S2", "S3", "K2", "K3"})
"""Detectors whose findings are about the request, so that other tasks with the same one share them."""


def suggest(detail: TaskDetail, view: AuditView) -> str:
    """What to do and why: from the audit, before it from plain facts of the record, and nothing in a blind decision."""
    if not detail.accepted:
        return f"The rule did not accept this task: {detail.this.reason or detail.this.outcome}."
    if view.blind:
        return "Blind: decide on the evidence. What the audit found is shown afterwards."
    if view.audit is None:
        return _suggest_from_facts(detail, view)
    return _suggest_from_audit(view.audit)


def _suggest_from_facts(detail: TaskDetail, view: AuditView) -> str:
    worst = next((reason for reason in detail.reasons if reason.kind in VIOLATIONS), None)
    if worst is not None:
        return f"Suggested: reject. {begin_sentence(worst.sentence)}."
    if detail.reasons:
        return f"Look first: {detail.reasons[0].sentence}."
    return f"No alarm in the record. {'The audit is under way.' if view.pending else 'The task was not audited.'}"


def _suggest_from_audit(audit: AuditDetail) -> str:
    if audit.violations or audit.difficulty == "not_real":
        return f"Suggested: reject. {_tell_reject(audit)}"
    worst = _name_worst(audit)
    if audit.action in ("human", "human_first") and worst:
        return f"Look first: {worst}."
    if audit.difficulty == "undecided":
        return f"Undecided on fresh answers: P(gap ≥ {format_score(audit.bar)}) = {format_score(audit.chance)}."
    if audit.action == "keep_report":
        return f"The gap is real all the same. Report the attempt: {worst}."
    if audit.difficulty == "real":
        rest = "Nothing speaks against it." if audit.validity == "ok" else "Its validity is not checked."
        return f"The gap is real on fresh answers. {rest}" if not worst else f"Look first: {worst}."
    return f"Look first: {worst}." if worst else "No alarm in the record. The gap is not certified."


def _tell_reject(audit: AuditDetail) -> str:
    """The strongest words first: how many share it, else what was proved, else what was measured."""
    shared = audit.siblings and any(f.detector in REQUESTS and f.severity != "note" for f in audit.findings)
    if shared:
        verb = "shares" if audit.siblings == 1 else "share"
        return f"{count_of(audit.siblings, 'other task')} {verb} this weak request."
    if audit.violations:
        return f"{name_finding(audit.findings[0].detector, audit.findings[0].sentence, 80)}."
    below = f", P(gap ≥ {format_score(audit.bar)}) = {format_score(audit.chance)}" if audit.bar is not None else ""
    return f"The certified gap is {format_gap(audit.certified)}{below}."


def _name_worst(audit: AuditDetail) -> str:
    worst = next((finding for finding in audit.findings if finding.severity != "note"), None)
    return name_finding(worst.detector, worst.sentence, 80) if worst else ""
