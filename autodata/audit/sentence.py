"""A verdict in words for the person who decides: what was claimed, what was measured, why, and what was not checked.

The words speak of effects and bytes. A person's confirmed label is the only place where anybody calls a task
sabotaged, and no chance of intent is computed or printed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autodata.audit.catalogue import CAUSE_WORDS, DETECTORS, Cause
from autodata.audit.certified import CertifiedGap
from autodata.audit.verdict import Action, Finding, Verdict

ACTION_WORDS: dict[Action, str] = {
    "keep": "keep",
    "keep_report": "keep the task and report the attempt, which does not explain the gap",
    "provisional": "provisional: check judge, rubric, task text and reference next, then a person decides",
    "certify": "measure the gap on fresh answers",
    "add_answers": "ask for more fresh answers",
    "human": "a person decides",
    "human_first": "a person decides, at the top of the queue",
    "drop": "drop; nobody is to blame",
    "drop_freeze": "drop, freeze this agent version and audit its cluster",
}

INTEGRITY_WORDS = {
    "clean": "Requests and records are clean.",
    "violated": "Requests or records are not as agreed.",
    "asymmetric_declared": "Requests differ as the signed contract allows.",
    "incomplete": "The records are incomplete.",
}

GAP_WORDS = {"real": "real", "not_real": "not real", "undecided": "undecided"}


@dataclass(frozen=True, slots=True)
class Claim:
    """What the loop recorded of a task: means on the score scale (None: not measured), graded answers per side."""

    task: str
    weak: float | None
    strong: float | None
    weak_answers: int
    strong_answers: int

    @property
    def gap(self) -> float | None:
        return None if self.weak is None or self.strong is None else self.strong - self.weak


def write_sentence(
    verdict: Verdict,
    claim: Claim,
    findings: Sequence[Finding],
    certified: CertifiedGap | None = None,
    *,
    judge: str = "",
    siblings: int = 0,
    shared: str = "",
) -> str:
    """The whole text for one task: claim, certified gap, integrity, cause with its findings, what was not checked,
    action.

    `judge` names the blind judge; `siblings` other tasks share `shared` (a request or rubric with its hash). Findings
    are quoted as they are: they may hold text of a task and must be shown as text.
    """
    parts = [
        _tell_claim(claim),
        _tell_gap(certified, verdict, judge),
        INTEGRITY_WORDS[verdict.integrity],
        _tell_cause(verdict.cause, findings),
        tell_unchecked(verdict),
        f"Suggested action: {ACTION_WORDS[verdict.action]}{_tell_siblings(siblings, shared)}.",
    ]
    return " ".join(part for part in parts if part)


def tell_unchecked(verdict: Verdict) -> str:
    """What the verdict does not rest on, in words: "Not checked: ..." and "Not recorded: ..."; never empty."""
    parts = []
    if verdict.unchecked:
        parts.append(f"Not checked: {_name(verdict.unchecked)}.")
    if verdict.not_recorded:
        parts.append(f"Not recorded: {_name(verdict.not_recorded)}.")
    return " ".join(parts) or "Every check was run."


def _tell_claim(claim: Claim) -> str:
    if claim.gap is None:
        return f"Task {claim.task}. No gap was recorded."
    return (
        f"Task {claim.task}. Recorded gap {claim.gap:.2f} (weak {claim.weak:.2f}, strong {claim.strong:.2f}, "
        f"{claim.weak_answers}+{claim.strong_answers})."
    )


def _tell_gap(certified: CertifiedGap | None, verdict: Verdict, judge: str) -> str:
    if certified is None:
        return "The gap was not certified."
    blind = f"blind judge {judge}" if judge else "blind judge"
    note = f" Note: {certified.note}." if certified.note else ""
    word = GAP_WORDS[certified.verdict]
    if verdict.difficulty != certified.verdict:
        word = "undecided, for the server seems to cut prompts and fresh answers went through it too"
    return (
        f"Certified gap {_signed(certified.gap)}, {word} ({100 * certified.level:.0f} % interval "
        f"{_signed(certified.low)} to {_signed(certified.high)}, "
        f"P(gap ≥ {certified.bar:.2f}) = {certified.chance:.2f}; "
        f"{certified.weak}+{certified.strong} fresh answers, neutral request, {blind}).{note}"
    )


def _tell_cause(cause: Cause | None, findings: Sequence[Finding]) -> str:
    if cause is None:
        return ""
    words = [f.sentence.strip().rstrip(".") for f in findings if f.named_cause == cause and f.severity != "note"]
    return f"Cause: {'; '.join([CAUSE_WORDS[cause], *words])}."


def _tell_siblings(siblings: int, shared: str) -> str:
    if not siblings:
        return ""
    tasks = "1 other task shares" if siblings == 1 else f"{siblings} other tasks share"
    return f"; {tasks} {shared or 'this request'}"


def _name(detectors: Sequence[str]) -> str:
    return ", ".join(DETECTORS[name].subject for name in detectors)


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
