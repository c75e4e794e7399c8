"""What may leave, and why everything else may not."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.dataset.gate import (
    REASONS,
    Gate,
    GateRow,
    GateSummary,
    describe_reason,
    describe_summary,
    find_reason,
    summarise_gate,
)


@dataclass(frozen=True)
class Counted:
    decision: str
    outcome: str
    parity: str
    damaged: bool
    content_changed: bool
    canary: bool
    n: int


rows = st.builds(
    GateRow,
    task_id=st.uuids().map(str),
    decision=st.sampled_from(["open", "waiting", "disputed", "approved", "rejected", "flagged", "skipped"]),
    outcome=st.sampled_from(["accepted", "too_easy", "undecided"]),
    parity=st.sampled_from(["same", "differs", "not recorded"]),
    damaged=st.booleans(),
    content_changed=st.booleans(),
    canary=st.booleans(),
)


GOOD = GateRow("t1", "approved", "accepted", "same", damaged=False, content_changed=False, canary=False)


def judge(drawn: list[GateRow]) -> dict[str, str]:
    """What holds each task back; "" for one that leaves."""
    gate = Gate().prepare(drawn)
    return {row.task_id: gate.judge(row).reason for row in drawn}


@given(st.lists(rows, unique_by=lambda row: row.task_id))
def test_no_canary_ever_leaves(drawn):
    judged = judge(drawn)
    assert all(judged[row.task_id] == "canary" for row in drawn if row.canary)


def test_approved_accepted_task_leaves():
    assert find_reason(GOOD) is None


def test_task_whose_requests_were_not_recorded_leaves():
    assert find_reason(replace(GOOD, parity="not recorded")) is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"decision": "open"}, "not_decided"),
        ({"decision": "skipped"}, "skipped"),
        ({"decision": "rejected"}, "rejected"),
        ({"decision": "flagged"}, "flagged"),
        ({"decision": "waiting"}, "waiting"),
        ({"decision": "disputed"}, "disputed"),
        ({"canary": True}, "canary"),
        ({"canary": True, "decision": "open"}, "canary"),
        ({"decision": "something new"}, "not_decided"),
        ({"outcome": "too_easy"}, "not_accepted"),
        ({"outcome": "undecided"}, "not_accepted"),
        ({"parity": "differs"}, "request_differs"),
        ({"content_changed": True}, "content_changed"),
        ({"damaged": True}, "record_damaged"),
        ({"damaged": True, "parity": "differs", "decision": "rejected"}, "rejected"),
    ],
)
def test_task_is_held_back_for_its_reason(changes, reason):
    assert judge([replace(GOOD, **changes)]) == {"t1": reason}


@given(st.lists(rows, unique_by=lambda row: row.task_id))
def test_every_task_is_either_included_or_held_with_a_known_reason(drawn):
    assert set(judge(drawn).values()) <= {"", *REASONS}


@given(st.lists(rows, unique_by=lambda row: row.task_id))
def test_dry_run_counts_what_the_export_would_do(drawn):
    held = [reason for reason in judge(drawn).values() if reason]
    counts = [Counted(r.decision, r.outcome, r.parity, r.damaged, r.content_changed, r.canary, 1) for r in drawn]
    summary = summarise_gate(counts)
    assert summary.included == len(drawn) - len(held)
    assert sum(summary.excluded.values()) + summary.canaries == len(held)
    assert summary.approved == sum(row.decision == "approved" and not row.canary for row in drawn)


@given(st.lists(rows, unique_by=lambda row: row.task_id))
def test_canaries_stand_in_no_count_but_their_own(drawn):
    counts = [Counted(r.decision, r.outcome, r.parity, r.damaged, r.content_changed, r.canary, 1) for r in drawn]
    with_them, without = summarise_gate(counts), summarise_gate([one for one in counts if not one.canary])
    assert (with_them.excluded, with_them.approved) == (without.excluded, without.approved)


def test_summary_says_how_many_can_leave_and_what_holds_the_others():
    summary = summarise_gate(
        [
            Counted("approved", "accepted", "same", False, False, False, 31),
            Counted("approved", "accepted", "differs", False, False, False, 9),
            Counted("approved", "accepted", "same", False, True, False, 1),
            Counted("approved", "too_easy", "same", False, False, False, 2),
            Counted("open", "accepted", "same", False, False, False, 114),
        ]
    )
    assert describe_summary(summary) == (
        "31 of 43 approved tasks can be exported. "
        "1 was approved with other words than the record holds, 2 were not accepted by their policy, "
        "9 have weak and strong requests that differ in more than the model."
    )
    assert summary.held_others == {"not_decided": 114}


def test_summary_of_nothing_approved_says_so():
    assert describe_summary(GateSummary(0, 0, {}, {"not_decided": 3})) == "No task is approved yet."
    assert describe_summary(GateSummary(1, 1, {}, {})) == "1 of 1 approved task can be exported."


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_reads_as_a_sentence_for_one_and_for_many(reason):
    assert describe_reason(reason, 1).startswith("1 ")
    assert describe_reason(reason, 1_234).startswith("1,234 ")


def test_documented_reasons_are_those_there_are_with_who_may_override_them() -> None:
    page = (Path(__file__).parents[2] / "docs" / "dataset.md").read_text(encoding="utf-8")
    table = page.split("| code | why a task stays | a lead may override |\n")[1].split("\n\n")[0]
    rows = [line.strip("|").split("|") for line in table.splitlines()[1:]]
    told = {code: cells[2].strip() for cells in rows for code in re.findall(r"`(\w+)`", cells[0])}
    assert told == {code: "yes" if may else "no" for code, (_, _, may) in REASONS.items()}
