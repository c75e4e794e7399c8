"""A task's record and its fresh answers make one verdict; a failed check is never clear."""

from __future__ import annotations

import pytest

from autodata.audit.catalogue import NEEDED_FOR_VALIDITY
from autodata.audit.fresh.result import Result
from autodata.audit.merged import merge_audit, read_certified
from autodata.audit.records import Chain
from autodata.audit.run_audit import RunView, audit_values
from autodata.audit.verdict import Finding
from autodata.errors import BadInput
from tests.audit.values import make_values
from tests.index.audit_world import CERTIFIED


def make_static(**changes):
    return audit_values(make_values(**changes), RunView(Chain(9), {}, None))


def certify(**numbers):
    return Result("K1", "done", (), {**CERTIFIED, **numbers})


def test_certified_gap_decides_the_difficulty():
    merged = merge_audit(make_static(), {"K1": certify()})
    assert (merged.verdict.difficulty, merged.certified.gap) == ("real", 0.31)
    assert "K1" not in merged.verdict.unchecked
    assert "Certified gap 0.31, real" in merged.sentence
    assert "blind judge sim-judge-b" in merged.sentence


def test_without_results_nothing_changes():
    static = make_static()
    assert merge_audit(static, {}) == static


def test_findings_of_both_are_ordered_by_severity():
    note = Finding("S13", "note", "strong answers repeat words")
    violation = Finding("K2", "violation", "the request changes the scores")
    merged = merge_audit(make_static(findings=(note,)), {"K2": Result("K2", "done", (violation,))})
    assert merged.findings == (violation, note)
    assert (merged.verdict.tampered, merged.verdict.cause) == (True, "tamper")


def test_result_takes_the_place_of_what_the_record_said_under_its_id():
    old = Finding("Z7", "flag", "answers of equal length")
    static = make_static(findings=(old,), coverage={"Z7": "done"}, lacking={"Z7": ("texts",)})
    merged = merge_audit(static, {"Z7": Result("Z7", "failed", missing=("the server was down",))})
    assert merged.findings == ()
    assert (merged.coverage["Z7"], merged.lacking["Z7"]) == ("failed", ("the server was down",))


def test_merging_twice_from_the_record_equals_once():
    static, results = make_static(), {"K1": certify(), "K5": Result("K5", "done")}
    merge_audit(static, {"K1": certify(verdict="not_real")})
    assert merge_audit(static, results) == merge_audit(static, dict(reversed(results.items())))


def test_failed_certification_leaves_the_gap_unchecked():
    merged = merge_audit(make_static(), {"K1": Result("K1", "failed", missing=("timeout",))})
    assert (merged.certified, merged.verdict.difficulty) == (None, "unchecked")
    assert "K1" in merged.verdict.unchecked


def test_real_gap_with_every_validity_check_done_is_kept():
    results = {name: Result(name, "done") for name in NEEDED_FOR_VALIDITY} | {"K1": certify()}
    merged = merge_audit(make_static(), results)
    assert (merged.verdict.validity, merged.verdict.action) == ("ok", "keep")


def test_violation_of_the_record_stays_whatever_fresh_answers_say():
    proof = Finding("S1", "violation", "the requests differ")
    merged = merge_audit(make_static(findings=(proof,), coverage={"S1": "done"}), {"K1": certify()})
    assert (merged.verdict.integrity, merged.verdict.tampered) == ("violated", True)


def test_siblings_are_named_in_the_action():
    proof = Finding("S1", "violation", "the requests differ")
    merged = merge_audit(make_static(findings=(proof,)), {}, siblings=14, shared="this request (9c1e…)")
    assert "14 other tasks share this request (9c1e…)" in merged.sentence


@pytest.mark.parametrize(("name", "value"), [("gap", "large"), ("verdict", "maybe"), ("weak", 2.5), ("chance", None)])
def test_number_of_a_wrong_kind_is_named(name, value):
    with pytest.raises(BadInput, match=name):
        read_certified(certify(**{name: value}))


def test_a_certified_gap_without_its_numbers_leaves_the_task_uncertified():
    merged = merge_audit(make_static(), {"K1": certify(chance=None)})
    assert (merged.certified, merged.coverage["K1"], merged.verdict.difficulty) == (None, "failed", "unchecked")
