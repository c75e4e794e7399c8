"""The gate: what may leave under a policy, and the reason for everything that may not. Pure; a dry run is this code.

Under every policy a task leaves only when people approved it, its round was accepted, its weak and strong requests are
not known to differ, its record is intact, and the decision was about exactly the words that would be exported. A canary
never leaves, whatever was decided on it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from autodata.dataset.policies import APPROVED, GatePolicy
from autodata.dataset.reasons import CANARY, CONTAMINATED, NEAR_COPY, REASONS, TWIN, describe_reason
from autodata.dataset.rules import GateFacts, GateRow, find_reason, list_reasons

__all__ = [
    "CANARY",
    "REASONS",
    "Gate",
    "GateRow",
    "GateSummary",
    "Judged",
    "describe_reason",
    "describe_summary",
    "find_reason",
    "list_reasons",
    "summarise_gate",
    "summarise_judged",
]


class CountedFacts(GateFacts, Protocol):
    """Facts that `n` tasks share."""

    @property
    def n(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one task: `reason` is "" when it leaves, else a code of REASONS. `kept` is the task that leaves in
    its place; `overridden` the reasons that a lead set aside."""

    task_id: str
    run_id: str
    decision: str
    reason: str = ""
    kept: str = ""
    overridden: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The reason as a predicate: "is a near copy of t12, which leaves"; "" when it leaves."""
        if not self.reason:
            return ""
        return f"is a near copy of {self.kept}, which leaves" if self.reason == NEAR_COPY else REASONS[self.reason][0]


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


@dataclass(slots=True)
class Gate:
    """A policy with what a lead set aside (task to reasons), groups of near copies (task to group), and tasks that
    share text with a benchmark. `prepare` sees all tasks once, `judge` then speaks of each."""

    policy: GatePolicy = APPROVED
    overrides: Mapping[str, Collection[str]] = field(default_factory=dict)
    copies: Mapping[str, int] = field(default_factory=dict)
    contaminated: Collection[str] = frozenset()
    _best: dict[int, tuple[tuple[float, ...], str]] = field(default_factory=dict)
    _twins: dict[str, str] = field(default_factory=dict)

    def prepare(self, rows: Iterable[GateRow]) -> Gate:
        """Find the best of every group of near copies and the run that speaks for a task that is in several."""
        for row in rows:
            if not (row.twin or row.task_id in self.copies) or self.list_standing(row)[0]:
                continue
            if row.twin:
                known = self._twins.get(row.task_id)
                self._twins[row.task_id] = row.run_id if known is None else min(known, row.run_id)
            group = self.copies.get(row.task_id)
            if group is not None:
                place = _rank(row), row.task_id
                self._best[group] = min(self._best.get(group, place), place)
        return self

    def judge(self, row: GateRow) -> Judged:
        """What becomes of one task of those that were prepared."""
        standing, overridden = self.list_standing(row)
        if standing:
            return Judged(row.task_id, row.run_id, row.decision, standing[0], overridden=overridden)
        if row.twin and self._twins.get(row.task_id, row.run_id) != row.run_id:
            return Judged(row.task_id, row.run_id, row.decision, TWIN, row.task_id, overridden)
        kept = self._find_better(row)
        if kept and NEAR_COPY in self.overrides.get(row.task_id, ()):
            overridden, kept = (*overridden, NEAR_COPY), ""
        return Judged(row.task_id, row.run_id, row.decision, NEAR_COPY if kept else "", kept, overridden)

    def list_standing(self, row: GateRow) -> tuple[list[str], tuple[str, ...]]:
        """Reasons that stand, without those of its neighbours, and those that were set aside."""
        found = list_reasons(row, self.policy)
        if row.task_id in self.contaminated:
            found.append(CONTAMINATED)
        allowed = self.overrides.get(row.task_id, ())
        set_aside = tuple(reason for reason in found if reason in allowed and REASONS[reason][2])
        return [reason for reason in found if reason not in set_aside], set_aside

    def _find_better(self, row: GateRow) -> str:
        if not self.policy.one_per_cluster:
            return ""
        group = self.copies.get(row.task_id)
        best = self._best.get(group) if group is not None else None
        return best[1] if best and best[1] != row.task_id else ""


def summarise_gate(counts: Iterable[CountedFacts]) -> GateSummary:
    """The policy `approved` over counts of tasks that are alike."""
    return _summarise((facts.decision, find_reason(facts) or "", facts.n) for facts in counts)


def summarise_judged(judged: Iterable[Judged]) -> GateSummary:
    """Counts of what was judged task by task."""
    return _summarise((one.decision, one.reason, 1) for one in judged)


def describe_summary(summary: GateSummary) -> str:
    """Two sentences: how many approved tasks can be exported, and what holds the others back."""
    if not summary.approved:
        return "No task is approved yet."
    noun = "approved task" if summary.approved == 1 else "approved tasks"
    first = f"{summary.included:,} of {summary.approved:,} {noun} can be exported."
    held = ", ".join(describe_reason(reason, count) for reason, count in summary.held_approved.items())
    return f"{first} {held}." if held else first


def _rank(row: GateRow) -> tuple[float, ...]:
    """Smaller is better: a certified gap before none, then the larger one, then the larger measured one."""
    certified = row.certified if row.certified is not None else -2.0
    return -certified, -(row.gap if row.gap is not None else -2.0)


def _summarise(counted: Iterable[tuple[str, str, int]]) -> GateSummary:
    included = canaries = 0
    approved: Counter[str] = Counter()
    others: Counter[str] = Counter()
    for decision, reason, n in counted:
        if not reason:
            included += n
        elif reason == CANARY:
            canaries += n
        elif decision == "approved":
            approved[reason] += n
        else:
            others[reason] += n
    return GateSummary(included + approved.total(), included, _in_order(approved), _in_order(others), canaries)


def _in_order(counts: Counter[str]) -> dict[str, int]:
    return {reason: counts[reason] for reason in REASONS if counts[reason]}
