"""The verdict: every cell of the table, the three axes, the order of causes, and what absent evidence means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.audit.arm import Arm
from autodata.audit.catalogue import CAUSE_WORDS, CAUSES, DETECTORS, NEEDED_FOR_VALIDITY
from autodata.audit.certified import certify_gap
from autodata.audit.gap_prior import GapPrior
from autodata.audit.variance import Noise
from autodata.audit.verdict import Finding, decide_verdict
from autodata.errors import BadInput

STATIC = {name: "done" for name, detector in DETECTORS.items() if detector.kind == "static"}
VALID = dict.fromkeys(NEEDED_FOR_VALIDITY, "done")
TAMPER = Finding("K2", "flag", "the recorded request costs weak 0.26 (p = 0.003)")
coverages = st.dictionaries(
    st.sampled_from(sorted(DETECTORS)), st.sampled_from(["done", "not_recorded", "not_run", "failed"])
)


def certify(gap, answers=5):
    arms = (Arm("weak", "neutral", (0.4,) * answers), Arm("strong", "neutral", (0.4 + gap,) * answers))
    return certify_gap(*arms, Noise(0.0144), GapPrior(0.2, 0.01, 100))


REAL, NOT_REAL, UNDECIDED = certify(0.5), certify(0.0), certify(0.2)


@pytest.mark.parametrize(
    ("certified", "coverage", "tampered", "action"),
    [
        (REAL, VALID, False, "keep"),
        (REAL, VALID, True, "keep_report"),
        (REAL, {}, False, "provisional"),
        (REAL, {}, True, "human"),
        (NOT_REAL, VALID, False, "drop"),
        (NOT_REAL, {}, True, "drop_freeze"),
        (UNDECIDED, VALID, False, "add_answers"),
        (certify(0.2, 12), VALID, False, "human"),
        (UNDECIDED, {}, True, "human_first"),
        (None, VALID, False, "certify"),
        (None, {}, True, "human"),
    ],
)
def test_every_cell_of_the_table(certified, coverage, tampered, action):
    findings = [TAMPER] if tampered else []
    got = decide_verdict(findings, {**STATIC, **coverage, "K2": "done"}, certified)
    assert (got.action, got.tampered) == (action, tampered)


@pytest.mark.parametrize(("severity", "difficulty"), [("flag", "undecided"), ("note", "real")])
def test_a_gap_measured_through_a_server_that_cuts_prompts_is_undecided(severity, difficulty):
    cut = Finding("S10", severity, "the server counted 300 of about 900 tokens")
    got = decide_verdict([cut], {**STATIC, **VALID}, REAL)
    assert got.difficulty == difficulty
    assert got.action == ("human" if difficulty == "undecided" else "keep")


def test_a_gap_that_is_not_real_stays_so_whatever_the_server_does():
    cut = Finding("S10", "flag", "the server counted 300 of about 900 tokens")
    assert decide_verdict([cut], STATIC, NOT_REAL).difficulty == "not_real"


def test_clean_needs_every_static_detector():
    assert decide_verdict([], STATIC).integrity == "clean"
    for name in STATIC:
        for lacking in ("not_recorded", "not_run", "failed"):
            assert decide_verdict([], {**STATIC, name: lacking}).integrity == "incomplete"


def test_a_violation_outweighs_an_incomplete_record():
    got = decide_verdict([Finding("S1", "violation", "line 3 differs")], {"S1": "not_recorded"})
    assert (got.integrity, got.tampered) == ("violated", True)


def test_a_signed_difference_is_not_clean_but_declared():
    assert decide_verdict([], STATIC, declared=True).integrity == "asymmetric_declared"
    assert decide_verdict([], {}, declared=True).integrity == "incomplete"


@pytest.mark.parametrize("detector", ["K5", "K6", "K7", "K8", "S9", "S12", "S14", "Z6", "Z7"])
def test_a_flag_of_a_validity_detector_makes_the_task_doubtful(detector):
    got = decide_verdict([Finding(detector, "flag", "look")], {**STATIC, **VALID, detector: "done"}, REAL)
    assert (got.validity, got.action) == ("doubtful", "provisional")


def test_a_note_does_not():
    assert decide_verdict([Finding("K5", "note", "small offset")], {**STATIC, **VALID}, REAL).validity == "ok"


def test_validity_is_ok_only_when_every_needed_check_is_done():
    for name in NEEDED_FOR_VALIDITY:
        assert decide_verdict([], {**STATIC, **VALID, name: "failed"}, REAL).validity == "unchecked"


def test_a_failed_endpoint_leaves_unchecked():
    assert "K5" in decide_verdict([], {**STATIC, "K5": "failed"}, REAL).unchecked


def test_what_was_not_recorded_is_told_apart_from_what_was_not_checked():
    got = decide_verdict([], {**STATIC, "S10": "not_recorded"}, REAL)
    assert got.not_recorded == ("S10",)
    assert "S10" not in got.unchecked
    assert "K6" in got.unchecked


@given(coverages)
def test_nothing_is_lost_between_checked_and_not_checked(coverage):
    got = decide_verdict([], coverage)
    checked = {name for name, state in coverage.items() if state == "done"} - {"K1"}
    assert checked | set(got.unchecked) | set(got.not_recorded) == set(DETECTORS)


@given(coverages)
def test_absent_evidence_never_reads_as_clean(coverage):
    got = decide_verdict([], coverage)
    assert (got.integrity == "clean") == all(coverage.get(name) == "done" for name in STATIC)
    assert got.difficulty == "unchecked"


def test_only_a_certified_gap_shows_that_the_gap_was_certified():
    assert "K1" in decide_verdict([], {**STATIC, "K1": "done"}).unchecked
    assert "K1" not in decide_verdict([], STATIC, REAL).unchecked


def test_causes_are_named_in_the_order_of_plainness():
    findings = [
        Finding("Z1", "flag", "luck"),
        Finding("S8", "flag", "two unused answers"),
        Finding("K5", "flag", "judge"),
        TAMPER,
        Finding("S1", "violation", "bytes"),
    ]
    coverage = {**STATIC, **VALID, "K2": "done", "Z1": "done"}
    named = []
    while findings:
        named.append(decide_verdict(findings, coverage, NOT_REAL).cause)
        findings.pop()
    assert named == ["bytes", "tamper", "judge", "process", "luck"]


def test_a_false_gap_without_a_finding_is_luck_and_a_real_one_has_no_cause():
    assert decide_verdict([], STATIC, NOT_REAL).cause == "luck"
    assert decide_verdict([], STATIC, REAL).cause is None


def test_a_finding_may_point_elsewhere_than_its_detector():
    found = Finding("S12", "flag", "the request says to be brief", cause="bytes")
    assert decide_verdict([found], STATIC, NOT_REAL).cause == "bytes"


def test_a_detector_that_was_not_run_cannot_have_a_finding():
    with pytest.raises(BadInput, match="K2 was not run"):
        decide_verdict([TAMPER], STATIC)


def test_an_unknown_detector_is_refused():
    with pytest.raises(BadInput, match="S99"):
        decide_verdict([], {"S99": "done"})


@pytest.mark.parametrize(
    "values", [("S99", "flag", "x"), ("S1", "fatal", "x"), ("S1", "flag", " "), ("S1", "flag", "x", "?")]
)
def test_impossible_findings_are_refused(values):
    with pytest.raises(BadInput):
        Finding(*values)


def test_the_catalogue_is_complete():
    assert [name for name in DETECTORS if name.startswith("S")] == [f"S{n}" for n in range(16)]
    assert [name for name in DETECTORS if name.startswith("Z")] == [f"Z{n}" for n in range(1, 10)]
    assert [name for name in DETECTORS if name.startswith("K")] == [f"K{n}" for n in range(1, 12)]
    assert set(CAUSE_WORDS) == set(CAUSES)
