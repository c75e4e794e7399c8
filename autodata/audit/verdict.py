"""From findings to a verdict: three axes, a cause and what to do next. Effects and bytes only, never anybody's intent.

Integrity: did the recorded requests, answers and scores go through as agreed? Difficulty: is the gap real on fresh
answers? Validity: is it a gap worth training on? All combinations occur: an attempt can be ineffective, an honest gap
can be luck.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from autodata.audit.catalogue import CAUSES, DETECTORS, NEEDED_FOR_VALIDITY, TAMPER_TESTS, Cause
from autodata.audit.certified import CertifiedGap, find_next_size
from autodata.errors import BadInput

Severity = Literal["violation", "flag", "note"]
"""Bytes prove it; look at it; worth knowing."""

Coverage = Literal["done", "not_recorded", "not_run", "failed"]
"""What became of a detector: it ran; the record lacks what it needs; nobody ran it; its calls failed."""

Integrity = Literal["clean", "violated", "asymmetric_declared", "incomplete"]
Difficulty = Literal["real", "not_real", "undecided", "unchecked"]
Validity = Literal["ok", "doubtful", "unchecked"]

Action = Literal[
    "keep", "keep_report", "provisional", "certify", "add_answers", "human", "human_first", "drop", "drop_freeze"
]
"""keep_report: keep the task, report the attempt. provisional: check validity next, then a human. certify: measure
the gap next. drop_freeze: drop, freeze the agent version, audit its cluster."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One detector's result on one task. `cause` is the detector's own unless the evidence points elsewhere.

    Raises BadInput for a detector, severity or cause that does not exist, or an empty sentence.
    """

    detector: str
    severity: Severity
    sentence: str
    cause: Cause | None = None

    def __post_init__(self) -> None:
        if self.detector not in DETECTORS:
            raise BadInput(f"detector {self.detector!r} is unknown")
        if self.severity not in Severity.__args__:  # type: ignore[attr-defined]
            raise BadInput(f"severity {self.severity!r} is unknown")
        if self.cause is not None and self.cause not in CAUSES:
            raise BadInput(f"cause {self.cause!r} is unknown")
        if not self.sentence.strip():
            raise BadInput(f"the finding of {self.detector} has no sentence")

    @property
    def named_cause(self) -> Cause:
        return self.cause or DETECTORS[self.detector].cause


@dataclass(frozen=True, slots=True)
class Verdict:
    """The three axes with cause and action. `tampered` = there is evidence of tampering, whoever did it and why ever.

    `unchecked` and `not_recorded` are detector ids, in the order of the catalogue: what this verdict does not rest on.
    """

    integrity: Integrity
    difficulty: Difficulty
    validity: Validity
    tampered: bool
    cause: Cause | None
    action: Action
    unchecked: tuple[str, ...]
    not_recorded: tuple[str, ...]


def decide_verdict(
    findings: Sequence[Finding],
    coverage: Mapping[str, Coverage],
    certified: CertifiedGap | None = None,
    *,
    declared: bool = False,
    needed: Collection[str] = NEEDED_FOR_VALIDITY,
) -> Verdict:
    """The verdict on one task. A detector missing from `coverage` was not run; absent evidence never reads as clean.

    Integrity: violated by any violation; else incomplete unless every static detector is done; else
    asymmetric_declared when a person signed a difference (`declared`); else clean. Validity: doubtful with any flag
    of a validity detector; else ok when all `needed` are done; else unchecked. Difficulty: the certified gap's, or
    unchecked without one; a real gap is undecided where the record says that the server cuts prompts (S10), for fresh
    answers went through the same server. A partial record may hold a finding and still be incomplete.

    Raises BadInput for an unknown detector, or a finding of a detector that was not run.
    """
    state = _complete_coverage(coverage, certified)
    for finding in findings:
        if state[finding.detector] == "not_run":
            raise BadInput(f"{finding.detector} was not run and cannot have a finding")
    violated = any(finding.severity == "violation" for finding in findings)
    tampered = violated or any(f.severity == "flag" and f.detector in TAMPER_TESTS for f in findings)
    difficulty = _decide_difficulty(findings, certified)
    validity = _decide_validity(findings, state, needed)
    return Verdict(
        integrity=_decide_integrity(violated, state, declared),
        difficulty=difficulty,
        validity=validity,
        tampered=tampered,
        cause=find_cause(findings, difficulty),
        action=_choose_action(difficulty, validity, tampered, certified),
        unchecked=tuple(name for name, found in state.items() if found in ("not_run", "failed")),
        not_recorded=tuple(name for name, found in state.items() if found == "not_recorded"),
    )


def find_cause(findings: Sequence[Finding], difficulty: Difficulty) -> Cause | None:
    """The first cause, in the order bytes, plumbing, budget, tamper, judge, rubric, task text, process, that has a
    violation or a flag; luck when the gap is not real and nothing else was found; None otherwise.
    """
    found = {f.named_cause for f in findings if f.severity != "note"} - {"luck"}
    first = next((cause for cause in CAUSES if cause in found), None)
    return first or ("luck" if difficulty == "not_real" else None)


def _complete_coverage(coverage: Mapping[str, Coverage], certified: CertifiedGap | None) -> dict[str, Coverage]:
    unknown = sorted(coverage.keys() - DETECTORS.keys())
    if unknown:
        raise BadInput(f"detectors {unknown} are unknown")
    state: dict[str, Coverage] = {name: coverage.get(name, "not_run") for name in DETECTORS}
    # Only a certified gap shows that the gap was certified.
    if certified is not None:
        state["K1"] = "done"
    elif state["K1"] == "done":
        state["K1"] = "not_run"
    return state


def _decide_difficulty(findings: Sequence[Finding], certified: CertifiedGap | None) -> Difficulty:
    if certified is None:
        return "unchecked"
    cut = any(finding.detector == "S10" and finding.severity != "note" for finding in findings)
    return "undecided" if cut and certified.verdict == "real" else certified.verdict


def _decide_integrity(violated: bool, state: Mapping[str, Coverage], declared: bool) -> Integrity:
    if violated:
        return "violated"
    static = [name for name, detector in DETECTORS.items() if detector.kind == "static"]
    if any(state[name] != "done" for name in static):
        return "incomplete"
    return "asymmetric_declared" if declared else "clean"


def _decide_validity(findings: Sequence[Finding], state: Mapping[str, Coverage], needed: Collection[str]) -> Validity:
    if any(f.severity != "note" and DETECTORS[f.detector].axis == "validity" for f in findings):
        return "doubtful"
    return "ok" if all(state.get(name) == "done" for name in needed) else "unchecked"


def _choose_action(
    difficulty: Difficulty, validity: Validity, tampered: bool, certified: CertifiedGap | None
) -> Action:
    if difficulty == "unchecked":
        return "human" if tampered else "certify"
    if difficulty == "not_real":
        return "drop_freeze" if tampered else "drop"
    if difficulty == "undecided":
        if tampered:
            return "human_first"
        return "add_answers" if certified and find_next_size(certified) else "human"
    if validity == "ok":
        return "keep_report" if tampered else "keep"
    return "human" if tampered else "provisional"
