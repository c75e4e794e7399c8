"""What detectors find, in words: one line per detector, as a list of findings shows it."""

from __future__ import annotations

from autodata.audit.catalogue import DETECTORS

FOUND_WORDS = {
    "S0": "Scores or acceptance do not add up",
    "S1": "Weak and strong requests differ",
    "S2": "Request is not its template",
    "S3": "Sampling settings differ",
    "S4": "Another model answered",
    "S5": "Judged answer is not the recorded one",
    "S6": "Judge could tell the solvers apart",
    "S7": "Task or rubric changed after an answer",
    "S8": "Answers left out or asked for again",
    "S9": "Cut off, empty or refused answers",
    "S10": "Prompt cut or window exceeded",
    "S11": "Invisible or look-alike characters",
    "S12": "Instructions in texts",
    "S13": "Reference or rubric could be read",
    "S14": "One criterion carries the gap",
    "S15": "Journal chain is broken",
    "Z1": "Gap may be luck",
    "Z2": "Gaps crowd just above the bar",
    "Z3": "Weak answers unusual",
    "Z4": "Verdicts do not fit each other",
    "Z5": "Weak score lower than expected",
    "Z6": "Judge is not reliable",
    "Z7": "Gap explained by length",
    "Z8": "More accepted, fewer certified",
    "Z9": "Near-duplicate tasks",
    "K1": "Certified gap below the bar",
    "K2": "Neutral request lifts weak",
    "K3": "Request makes part of the gap",
    "K4": "Anchors fall under the request",
    "K5": "Blind judge disagrees",
    "K6": "Gap hangs on the rubric",
    "K7": "Sanitised task lifts weak",
    "K8": "Judge misgrades known answers",
    "K9": "Peer far above weak",
    "K10": "Larger budget lifts weak",
    "K11": "Elicitation closes the gap",
}

VERDICT_WORDS = {
    "": "All findings",
    "alarm": "With a finding",
    "violation": "⬣ Violation",
    "flag": "△ Flag",
    "clear": "✓ Clean record",
    "nothing": "Nothing found",
    "real": "● Real",
    "undecided": "○ Undecided",
    "not_real": "■ Not real",
    "not_certified": "◌ Not certified",
    "incomplete": "◌ Records incomplete",
}
"""Filters by verdict as a list offers them."""

SEVERITY_MARKS = {"violation": "⬣ Violation", "flag": "△ Flag", "note": "Note"}
GAP_MARKS = {"real": "● Real", "undecided": "○ Undecided", "not_real": "■ Not real"}
NOT_CERTIFIED = "◌ Not certified"
NO_FINDING = "None found"


def name_found(detector: str) -> str:
    """What a detector's finding says; for one this version does not know its id."""
    return FOUND_WORDS.get(detector, detector)


def name_subject(detector: str) -> str:
    """What a detector looks at, as after "not checked:"."""
    return DETECTORS[detector].subject if detector in DETECTORS else detector
