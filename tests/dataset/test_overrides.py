"""Overrides and alarms against real journals: who may, what stands, what a version says of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autodata.dataset.overrides import fold_overrides, record_override, undo_override
from autodata.dataset.plan import ExportPlan
from autodata.dataset.policies import GATE_PRESETS, change_policy
from autodata.dataset.versions import export_dataset, preview_export, read_manifest
from autodata.errors import BadInput
from autodata.home import Home
from autodata.index import Index, open_index
from autodata.index.ingest import ingest_home
from autodata.index.queries.dataset_gate import stream_facts
from autodata.index.queries.dataset_versions import load_overrides
from autodata.journal import read_records
from autodata.review.labels import record_label
from autodata.review.team import Team, record_team
from tests.support.datasets import append, approve, read_items, write_accepted
from tests.support.journals import WrittenRun

AUDITED = ExportPlan(policy=GATE_PRESETS["audited"])


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "data")


@pytest.fixture
def index(home: Home) -> Iterator[Index]:
    with open_index(home) as opened:
        yield opened


@pytest.fixture
def bad(home: Home) -> WrittenRun:
    """Two approved tasks whose weak and strong requests differ."""
    run = write_accepted(home, "cs-bad", 2, parity_broken=True)
    approve(home, run)
    return run


def override(home: Home, run: WrittenRun, task: str, code: str = "request_differs", **more) -> str:
    fields = {"content_sha": run.content[task], "reason": "signed by both sides", "reviewer": "Lea", **more}
    return record_override(home, task_id=task, run_id=run.run_id, code=code, **fields)


def find_alarms(home: Home, index: Index) -> set[str]:
    preview_export(home, index, AUDITED)
    return {facts.alarm for facts in stream_facts(index)}


def test_overridden_task_leaves_and_the_manifest_says_who_and_why(home, index, bad):
    override(home, bad, bad.accepted[0])
    result = export_dataset(home, index, "set")
    assert [item["id"] for item in read_items(result.path)] == [bad.accepted[0]]
    (said,) = read_manifest(home, "set", "v001")["gate"]["overrides"]
    assert {**said, "time": ""} == {
        "task_id": bad.accepted[0],
        "code": "request_differs",
        "reason": "signed by both sides",
        "reviewer": "Lea",
        "time": "",
    }


def test_lead_is_a_pseudonym_in_the_manifest_where_reviewers_are(home, index, bad):
    override(home, bad, bad.accepted[0])
    result = export_dataset(home, index, "set", reviewer_pseudonyms=True)
    assert b"Lea" not in (result.path / "manifest.json").read_bytes()


def test_override_that_no_task_needs_is_not_in_the_manifest(home, index, bad):
    good = write_accepted(home, "cs-good", 1)
    approve(home, good)
    override(home, good, good.accepted[0])
    export_dataset(home, index, "set")
    assert read_manifest(home, "set", "v001")["gate"]["overrides"] == []


def test_override_is_taken_back(home, index, bad):
    given = override(home, bad, bad.accepted[0])
    assert undo_override(home, bad.accepted[0], "request_differs", "Lea") == given
    ingest_home(index, home)
    assert load_overrides(index) == []
    assert fold_overrides(read_records(home.reviews)).by_id == {}
    with pytest.raises(BadInput, match="nothing to take back: request_differs is not overridden"):
        undo_override(home, bad.accepted[0], "request_differs", "Lea")


def test_index_and_fold_say_the_same(home, index, bad):
    for task in bad.accepted:
        override(home, bad, task)
        override(home, bad, task, "alarm_open")
    undo_override(home, bad.accepted[0], "alarm_open", "Bo")
    ingest_home(index, home)
    folded = {one.override_id for one in fold_overrides(read_records(home.reviews)).by_id.values()}
    assert {one.override_id for one in load_overrides(index)} == folded
    assert len(folded) == 3


def test_override_of_other_words_does_not_count(home, index, bad):
    override(home, bad, bad.accepted[0], content_sha="0" * 64)
    ingest_home(index, home)
    assert load_overrides(index) == []


def test_same_override_again_records_nothing(home, bad):
    assert override(home, bad, bad.accepted[0]) == override(home, bad, bad.accepted[0])


@pytest.mark.parametrize("act", ["give", "undo"])
def test_override_takes_a_lead(home, bad, act):
    record_team(home, Team(others="reviewer", roles={"Lea": "lead"}), "Lea")
    override(home, bad, bad.accepted[0])
    acts = {
        "give": lambda: override(home, bad, bad.accepted[1], reviewer="Ada"),
        "undo": lambda: undo_override(home, bad.accepted[0], "request_differs", "Ada"),
    }
    with pytest.raises(BadInput, match="Ada is a reviewer and may not override the gate; that takes a lead"):
        acts[act]()


def test_override_needs_a_why(home, bad):
    with pytest.raises(BadInput, match="needs a reason; it is printed in the dataset's card"):
        override(home, bad, bad.accepted[0], reason="  ")


def test_planted_task_cannot_be_overridden(home, bad):
    append(home, "canaries", {"run_id": bad.run_id, "copied_from": "", "tasks": {bad.accepted[0]: "leak"}, "by": "Lea"})
    with pytest.raises(BadInput, match="was planted to measure reviewers and never leaves"):
        override(home, bad, bad.accepted[0])


def test_planted_task_stays_whatever_a_forged_record_says(home, index, bad):
    override(home, bad, bad.accepted[0])
    append(home, "canaries", {"run_id": bad.run_id, "copied_from": "", "tasks": {bad.accepted[0]: "leak"}, "by": "Lea"})
    assert preview_export(home, index, ExportPlan()).summary.included == 0


def test_alarm_that_no_decision_saw_is_open(home, index, bad):
    assert find_alarms(home, index) == {"open"}


def test_alarm_that_the_approving_decision_saw_is_settled(home, index):
    run = write_accepted(home, "cs-bad", 1, parity_broken=True)
    approve(home, run, seen={"violations": 99})
    assert find_alarms(home, index) == {"settled"}


@pytest.mark.parametrize(
    ("label", "state"),
    [("honest_hard", "settled"), ("sabotage", "confirmed"), ("unsure", "open"), ("luck", "confirmed")],
)
def test_label_settles_or_confirms_an_alarm(home, index, label, state):
    run = write_accepted(home, "cs-bad", 1, parity_broken=True)
    approve(home, run)
    task = run.accepted[0]
    given = record_label(
        home, task_id=task, run_id=run.run_id, content_sha=run.content[task], label=label, reviewer="Bo"
    )
    assert find_alarms(home, index) == {state}
    record_label(
        home, task_id=task, run_id=run.run_id, content_sha=run.content[task], label="undo", reviewer="Bo",
        undoes=given.label_id,
    )  # fmt: skip
    assert find_alarms(home, index) == {"open"}


def test_approval_that_saw_the_alarm_overrules_an_earlier_label(home, index):
    run = write_accepted(home, "cs-bad", 1, parity_broken=True)
    task = run.accepted[0]
    record_label(home, task_id=task, run_id=run.run_id, content_sha=run.content[task], label="luck", reviewer="Bo")
    approve(home, run, seen={"violations": 99})
    assert find_alarms(home, index) == {"settled"}


def test_quorum_of_the_gate_counts_people(home, index):
    run = write_accepted(home, "cs-1", 2)
    approve(home, run)
    first = run.accepted[0]
    append(home, "decision", {"decision_id": "d-bo", "task_id": first, "verdict": "approve", "reviewer": "Bo",
                              "content_sha": run.content[first], "second_opinion": True})  # fmt: skip
    plan = ExportPlan(policy=change_policy(GATE_PRESETS["approved"], quorum=2))
    selection = preview_export(home, index, plan)
    assert [facts.task_id for facts in selection.stream_leaving()] == [first]
    assert selection.summary.held_approved == {"quorum_not_met": 1}
