"""Who is a witness that a task is clean: the label honest-hard, or an approval with the audit hidden."""

from __future__ import annotations

from pathlib import Path

import pytest

from autodata.audit.calibration import Voucher
from autodata.home import Home
from autodata.review.clean_tasks import find_witnesses
from autodata.review.decisions import record_decision
from autodata.review.labels import record_label, undo_label

SHA = "a" * 64


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def give(home: Home, label: str, reviewer: str = "Ada") -> None:
    record_label(home, task_id="t1", run_id="r1", content_sha=SHA, label=label, reviewer=reviewer)


def decide(home: Home, verdict: str, reviewer: str = "Bo", **seen) -> None:
    reason = "Luck" if verdict == "flag" else ""
    record_decision(
        home, task_id="t1", run_id="r1", content_sha=SHA, verdict=verdict, reviewer=reviewer, reason=reason, seen=seen
    )


def test_the_label_honest_hard_vouches_for_the_content_that_was_looked_at(home):
    give(home, "honest_hard")
    found = find_witnesses(home)["t1"]
    assert (found.voucher, found.content_sha, found.refusal) == (Voucher("label", "Ada"), SHA, "")


def test_an_approval_vouches_only_when_the_audit_was_hidden(home):
    decide(home, "approve", gap=0.4)
    found = find_witnesses(home)["t1"]
    assert (found.voucher, found.against) == (None, False)
    assert "with the audit on screen" in found.refusal


def test_a_blind_approval_vouches(home):
    decide(home, "approve", gap=0.4, blind=True)
    assert find_witnesses(home)["t1"].voucher == Voucher("decision", "Bo")


@pytest.mark.parametrize("label", ["sabotage", "artefact", "luck", "invalid"])
def test_one_word_against_it_outweighs_every_voucher(home, label):
    give(home, "honest_hard", "Ada")
    decide(home, "approve", blind=True)
    give(home, label, "Cy")
    found = find_witnesses(home)["t1"]
    assert (found.voucher, found.against) == (None, True)
    assert found.refusal == f"it was labelled {label} by Cy"


@pytest.mark.parametrize(("verdict", "word"), [("reject", "rejected"), ("flag", "flagged")])
def test_a_decision_against_it_outweighs_the_label(home, verdict, word):
    give(home, "honest_hard")
    decide(home, verdict)
    assert find_witnesses(home)["t1"].refusal == f"it was {word} by Bo"


def test_a_label_that_was_taken_back_vouches_for_nothing(home):
    give(home, "honest_hard")
    undo_label(home, "Ada")
    assert find_witnesses(home) == {}


def test_unsure_is_no_witness(home):
    give(home, "unsure")
    found = find_witnesses(home)["t1"]
    assert (found.voucher, found.against, found.refusal) == (None, False, "nobody could tell")
