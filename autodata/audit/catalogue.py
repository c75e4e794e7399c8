"""The detectors by id: what each looks at, which question it bears on, and which cause its findings point to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Axis = Literal["integrity", "difficulty", "validity", "run"]
"""The question a detector bears on; `run` for what speaks of many tasks together."""

Kind = Literal["static", "statistical", "counterfactual"]

Cause = Literal["bytes", "plumbing", "budget", "tamper", "judge", "rubric", "task_text", "process", "luck"]
CAUSES: tuple[Cause, ...] = Cause.__args__  # type: ignore[attr-defined]
"""In the order in which a cause is named: the plainest evidence first, luck last."""

CAUSE_WORDS: dict[Cause, str] = {
    "bytes": "the request differs",
    "plumbing": "scores or answers are not what was recorded",
    "budget": "the answer budget ran out",
    "tamper": "the recorded request changes the scores",
    "judge": "the judge makes part of the gap",
    "rubric": "the rubric or reference makes part of the gap",
    "task_text": "the text of the task makes part of the gap",
    "process": "the way the task was found",
    "luck": "luck or unexplained",
}


@dataclass(frozen=True, slots=True)
class Detector:
    """`subject` is the words of "not checked: ..."."""

    id: str
    kind: Kind
    axis: Axis
    cause: Cause
    subject: str


def _list(kind: Kind, *rows: tuple[str, Axis, Cause, str]) -> dict[str, Detector]:
    return {name: Detector(name, kind, axis, cause, subject) for name, axis, cause, subject in rows}


DETECTORS: dict[str, Detector] = {
    **_list(
        "static",
        ("S0", "integrity", "plumbing", "recomputed acceptance"),
        ("S1", "integrity", "bytes", "request symmetry"),
        ("S2", "integrity", "bytes", "pinned templates"),
        ("S3", "integrity", "bytes", "sampling parameters"),
        ("S4", "integrity", "bytes", "model identity"),
        ("S5", "integrity", "plumbing", "answers as judged"),
        ("S6", "integrity", "judge", "judge blindness"),
        ("S7", "integrity", "rubric", "commit order"),
        ("S8", "integrity", "process", "rollout ledger"),
        ("S9", "validity", "budget", "failure causes"),
        ("S10", "validity", "budget", "context window"),
        ("S11", "validity", "task_text", "invisible characters"),
        ("S12", "validity", "task_text", "instructions in texts"),
        ("S13", "validity", "rubric", "leakage"),
        ("S14", "validity", "rubric", "rubric weights"),
        ("S15", "integrity", "plumbing", "journal chain"),
    ),
    **_list(
        "statistical",
        ("Z1", "difficulty", "luck", "luck risk"),
        ("Z2", "run", "process", "threshold hugging"),
        ("Z3", "run", "process", "weak-answer anomalies"),
        ("Z4", "run", "process", "person fit"),
        ("Z5", "run", "process", "expected weak score"),
        ("Z6", "validity", "judge", "judge reliability"),
        ("Z7", "validity", "judge", "answer length"),
        ("Z8", "run", "process", "divergence of versions"),
        ("Z9", "run", "process", "near-duplicate clusters"),
    ),
    **_list(
        "counterfactual",
        ("K1", "difficulty", "luck", "certified gap"),
        ("K2", "integrity", "tamper", "tamper test"),
        ("K3", "integrity", "tamper", "prompt and solver parts"),
        ("K4", "integrity", "tamper", "anchors"),
        ("K5", "validity", "judge", "blind re-judge"),
        ("K6", "validity", "rubric", "rubric independence"),
        ("K7", "validity", "task_text", "sanitised task"),
        ("K8", "validity", "rubric", "reference answer"),
        ("K9", "validity", "task_text", "other models"),
        ("K10", "validity", "budget", "larger budget"),
        ("K11", "validity", "task_text", "elicitation"),
    ),
}

TAMPER_TESTS = ("K2", "K3", "K4")
"""A flag of one of these is evidence of tampering; so is a violation by any detector."""

NEEDED_FOR_VALIDITY = ("K5", "K6", "K7", "K8")
"""Without these a real gap is real for this text, rubric and judge only."""
