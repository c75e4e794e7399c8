"""The gate named "approved": what may leave, and the reason for everything that may not. Pure.

A task leaves only when its current decision is approve, its round was accepted, its weak and strong requests are not
known to differ, its record is intact, and the decision was about exactly the words that would be exported. A canary
never leaves, whatever was decided on it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

GATE_NAME = "approved"

CANARY = "canary"

REASONS: dict[str, tuple[str, str]] = {
    CANARY: ("was planted to measure reviewers", "were planted to measure reviewers"),
    "record_damaged": ("has a damaged record", "have a damaged record"),
    "content_changed": (
        "was approved with other words than the record holds",
        "were approved with other words than the record holds",
    ),
    "not_accepted": ("was not accepted by its policy", "were not accepted by their policy"),
    "request_differs": (
        "has weak and strong requests that differ in more than the model",
        "have weak and strong requests that differ in more than the model",
    ),
    "not_decided": ("waits for a decision", "wait for a decision"),
    "waiting": ("waits for more votes", "wait for more votes"),
    "disputed": ("has votes that differ", "have votes that differ"),
    "skipped": ("was skipped and is still open", "were skipped and are still open"),
    "rejected": ("was rejected", "were rejected"),
    "flagged": ("is flagged", "are flagged"),
}
"""Reason codes with the predicate for one task and for several, in the order in which they are shown."""

_UNAPPROVED = {
    "open": "not_decided",
    "waiting": "waiting",
    "disputed": "disputed",
    "skipped": "skipped",
    "rejected": "rejected",
    "flagged": "flagged",
}


class GateFacts(Protocol):
    """What the gate looks at. `decision`: open, waiting, disputed, approved, rejected, flagged, skipped. `parity`:
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


class CountedFacts(GateFacts, Protocol):
    """Facts that `n` tasks share."""

    @property
    def n(self) -> int: ...


@dataclass(frozen=True, slots=True)
class GateRow:
    """The facts of one task."""

    task_id: str
    decision: str
    outcome: str
    parity: str
    damaged: bool
    content_changed: bool
    canary: bool


@dataclass(frozen=True, slots=True)
class GateResult:
    """Ids that may leave, and the reason code of each that may not, both in the order given."""

    included: tuple[str, ...]
    held: dict[str, str]


@dataclass(frozen=True, slots=True)
class GateSummary:
    """Counts for a page or a dry run. `held`: reason code to count, for approved tasks and all others apart.

    `canaries` are no tasks of the dataset's making: they stand in no other count.
    """

    approved: int
    included: int
    held_approved: dict[str, int]
    held_others: dict[str, int]
    canaries: int = 0

    @property
    def excluded(self) -> dict[str, int]:
        return {**self.held_approved, **self.held_others}


def find_reason(facts: GateFacts) -> str | None:
    """Why a task is held back, as a code of REASONS; None when it may leave."""
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


def apply_gate(rows: Iterable[GateRow]) -> GateResult:
    """The gate over single tasks. A dry run is this same function."""
    reasons = {row.task_id: find_reason(row) for row in rows}
    included = tuple(task_id for task_id, reason in reasons.items() if reason is None)
    return GateResult(included, {task_id: reason for task_id, reason in reasons.items() if reason is not None})


def summarise_gate(counts: Iterable[CountedFacts]) -> GateSummary:
    """The gate over counts of tasks that are alike."""
    included = canaries = 0
    approved: Counter[str] = Counter()
    others: Counter[str] = Counter()
    for facts in counts:
        reason = find_reason(facts)
        if reason is None:
            included += facts.n
        elif reason == CANARY:
            canaries += facts.n
        elif facts.decision == "approved":
            approved[reason] += facts.n
        else:
            others[reason] += facts.n
    return GateSummary(included + approved.total(), included, _in_order(approved), _in_order(others), canaries)


def count_reasons(reasons: Iterable[str]) -> dict[str, int]:
    """How often each reason code occurs, in the order of REASONS."""
    return _in_order(Counter(reasons))


def describe_reason(reason: str, count: int) -> str:
    """The predicate for `count` tasks, with the count: "9 have a damaged record"."""
    one, several = REASONS[reason]
    return f"{count:,} {one if count == 1 else several}"


def describe_summary(summary: GateSummary) -> str:
    """Two sentences: how many approved tasks can be exported, and what holds the others back."""
    if not summary.approved:
        return "No task is approved yet."
    noun = "approved task" if summary.approved == 1 else "approved tasks"
    first = f"{summary.included:,} of {summary.approved:,} {noun} can be exported."
    held = ", ".join(describe_reason(reason, count) for reason, count in summary.held_approved.items())
    return f"{first} {held}." if held else first


def _in_order(counts: Counter[str]) -> dict[str, int]:
    return {reason: counts[reason] for reason in REASONS if counts[reason]}
