"""The verdict in words: numbers, cause, what was not checked, and no word about anybody's intent."""

from __future__ import annotations

import re
from itertools import product

import pytest

from autodata.audit.arm import Arm
from autodata.audit.catalogue import DETECTORS
from autodata.audit.certified import certify_gap
from autodata.audit.gap_prior import NO_PRIOR, GapPrior
from autodata.audit.sentence import ACTION_WORDS, Claim, tell_unchecked, write_sentence
from autodata.audit.variance import Noise
from autodata.audit.verdict import Finding, decide_verdict

CLAIM = Claim("8841", 0.41, 0.75, 3, 3)
STATIC = {name: "done" for name, detector in DETECTORS.items() if detector.kind == "static"}
TAMPER = Finding("K2", "flag", "with its recorded request weak scores 0.40, with the neutral one 0.66 (p = 0.003).")


RUN = GapPrior(0.2, 0.01, 100)


def certify(gap, prior=RUN):
    arms = (Arm("weak", "neutral", (0.4,) * 5), Arm("strong", "neutral", (0.4 + gap,) * 5))
    return certify_gap(*arms, Noise(0.0144), prior)


def test_the_whole_text_of_a_false_gap():
    certified = certify(0.0)
    verdict = decide_verdict([TAMPER], {**STATIC, "K2": "done", "K5": "done"}, certified)
    text = write_sentence(verdict, CLAIM, [TAMPER], certified, judge="Y", siblings=14, shared="this request (sha 9c1e)")
    assert text.startswith(
        "Task 8841. Recorded gap 0.34 (weak 0.41, strong 0.75, 3+3). Certified gap 0.00, not real (90 %"
    )
    assert "interval −0." in text
    assert re.search(r"P\(gap ≥ 0\.20\) = 0\.\d\d; 5\+5 fresh answers, neutral request, blind judge Y\)", text)
    assert "Cause: the recorded request changes the scores; with its recorded request weak scores 0.40" in text
    assert "Not checked:" in text
    assert "rubric independence" in text
    assert text.endswith(
        "Suggested action: drop, freeze this agent version and audit its cluster; "
        "14 other tasks share this request (sha 9c1e)."
    )


def test_why_a_real_gap_is_not_certified_is_said():
    cut = Finding("S10", "flag", "the server counted 300 of about 900 tokens")
    verdict = decide_verdict([cut], STATIC, certify(0.5))
    text = write_sentence(verdict, CLAIM, [cut], certify(0.5))
    assert "Certified gap 0.50, undecided, for the server seems to cut prompts" in text


def test_what_was_not_checked_is_always_said():
    for coverage, certified in product(({}, STATIC, {**STATIC, "K5": "failed"}), (None, certify(0.5), certify(0.0))):
        verdict = decide_verdict([], coverage, certified)
        assert "Not checked: " in write_sentence(verdict, CLAIM, [], certified)


def test_what_was_not_recorded_is_said_apart():
    verdict = decide_verdict([], {**STATIC, "S10": "not_recorded"})
    assert "Not recorded: context window." in tell_unchecked(verdict)


def test_a_full_audit_says_so():
    verdict = decide_verdict([], dict.fromkeys(DETECTORS, "done"), certify(0.5))
    assert tell_unchecked(verdict) == "Every check was run."


def test_a_full_audit_of_a_partial_record_does_not_claim_to_be_full():
    coverage = {**dict.fromkeys(DETECTORS, "done"), "S10": "not_recorded"}
    assert tell_unchecked(decide_verdict([], coverage, certify(0.5))) == "Not recorded: context window."


@pytest.mark.parametrize("findings", [[], [TAMPER], [Finding("S1", "violation", "line 3 differs")]])
def test_no_word_about_intent_whatever_was_found(findings):
    coverage = {**STATIC, "K2": "done"}
    for certified in (None, certify(0.5), certify(0.2), certify(0.0)):
        verdict = decide_verdict(findings, coverage, certified)
        text = write_sentence(verdict, CLAIM, findings, certified).lower()
        assert not re.search(r"sabotag|intent|deliberate|cheat|guilt|malic", text)
        assert text.count("p(") == text.count("p(gap ≥")  # the only probability is that of the gap


def test_an_honest_false_gap_blames_nobody():
    certified = certify(0.0)
    text = write_sentence(decide_verdict([], STATIC, certified), CLAIM, [], certified)
    assert "Cause: luck or unexplained." in text
    assert "drop; nobody is to blame" in text


def test_a_gap_that_was_not_certified_is_not_given_a_number():
    text = write_sentence(decide_verdict([], STATIC), CLAIM, [])
    assert "The gap was not certified." in text
    assert "P(gap" not in text


def test_a_gap_that_was_not_recorded_is_not_zero():
    text = write_sentence(decide_verdict([], STATIC), Claim("7", 0.4, None, 3, 0), [])
    assert text.startswith("Task 7. No gap was recorded.")


def test_the_limits_of_a_measurement_are_part_of_the_text():
    certified = certify(0.5, NO_PRIOR)
    text = write_sentence(decide_verdict([], STATIC, certified), CLAIM, [], certified)
    assert "Note: no other task was measured; this gap stands alone." in text


def test_findings_of_other_causes_and_notes_are_not_given_as_the_cause():
    findings = [TAMPER, Finding("K5", "flag", "the judge adds 0.1"), Finding("K4", "note", "anchors are fine")]
    coverage = {**STATIC, "K2": "done", "K4": "done", "K5": "done"}
    text = write_sentence(decide_verdict(findings, coverage, certify(0.0)), CLAIM, findings, certify(0.0))
    assert "judge adds" not in text
    assert "anchors are fine" not in text


def test_one_sibling_is_one_task():
    verdict = decide_verdict([], STATIC)
    assert "1 other task shares this request." in write_sentence(verdict, CLAIM, [], siblings=1)


def test_every_action_has_words():
    assert all(ACTION_WORDS.values())
    assert len(ACTION_WORDS) == 9
