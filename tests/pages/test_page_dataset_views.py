"""The Dataset page: policies, overrides, versions and how they differ, the blind sample, what is in a version."""

from __future__ import annotations

import csv
import io

import pytest

from autodata.dataset.plan import ExportPlan
from autodata.dataset.policies import GATE_PRESETS
from autodata.dataset.sampling import current_samples
from autodata.home import Home
from autodata.journal import read_records
from autodata.review.team import Team, record_team
from autodata.ui.dataset.preview import write_reasons
from autodata.ui.state import get_workbench
from tests.support.journals import WrittenRun, write_decision, write_run
from tests.support.page_driver import PageDriver


@pytest.fixture
def written(home: Home) -> WrittenRun:
    """Four approved tasks of six, of which one has requests that differ."""
    run = write_run(home, "cs-0001", 5, plans=[["accepted"]])
    for task in run.accepted[:3]:
        write_decision(home, task, run_id="cs-0001", content_sha=run.content[task])
    broken = write_run(home, "cs-0002", 1, plans=[["accepted"]], parity_broken=True)
    write_decision(home, broken.accepted[0], run_id="cs-0002", content_sha=broken.content[broken.accepted[0]])
    return run


def export(home: Home) -> PageDriver:
    return PageDriver(home, "dataset").click("dataset.export")


def name_lead(home: Home, page: PageDriver) -> PageDriver:
    page.at.session_state["reviewer.name"] = "Lea"
    return page.run()


def test_policy_says_what_it_asks_for(home: Home, written: WrittenRun) -> None:
    page = PageDriver(home, "dataset").set("dataset.policy", "certified")
    assert "certified gap above 0.2 at its lower end" in page.text("dataset.clauses")


def test_stricter_policy_holds_more_back_with_the_reason(home: Home, written: WrittenRun) -> None:
    page = PageDriver(home, "dataset").set("dataset.policy", "certified")
    assert "approved, but " in page.text("dataset.gate")
    assert page.at.button(key="dataset.export").disabled


def test_policy_of_ones_own_is_offered(home: Home, written: WrittenRun) -> None:
    (home.root / "policies").mkdir()
    (home.root / "policies" / "strict.toml").write_text("quorum = 2\n")
    page = PageDriver(home, "dataset").set("dataset.policy", "strict")
    assert "approved by 2 people" in page.text("dataset.clauses")
    assert "was approved by fewer people" in page.text("dataset.held")


def test_policy_file_that_cannot_be_read_is_named(home: Home, written: WrittenRun) -> None:
    (home.root / "policies").mkdir()
    (home.root / "policies" / "bad.toml").write_text("quorum = [")
    assert "bad.toml cannot be read" in PageDriver(home, "dataset").text("dataset.policyerror")


def test_every_task_with_its_reason_is_a_table(home: Home, written: WrittenRun) -> None:
    PageDriver(home, "dataset")
    rows = list(csv.DictReader(io.StringIO(write_reasons(get_workbench(), ExportPlan()).decode("utf-8-sig"))))
    reasons = sorted(row["reason"] for row in rows)
    assert reasons == ["", "", "", "not_decided", "not_decided", "request_differs"]


def test_splits_are_counted_before_anything_is_written(home: Home, written: WrittenRun) -> None:
    page = PageDriver(home, "dataset").set("dataset.test", 0.3)
    assert "Train" in page.text("dataset.splitcounts")
    assert not home.datasets.exists()


def test_lead_lets_a_task_pass_and_the_journal_says_why(home: Home, written: WrittenRun) -> None:
    page = name_lead(home, PageDriver(home, "dataset"))
    page.set("dataset.overridewhy", "the difference is a comment").click("dataset.overridedo")
    kinds = [record.data["code"] for record in read_records(home.reviews) if record.kind == "override"]
    page.ingest()
    page.run()
    assert kinds == ["request_differs"]
    assert page.text("dataset.gatehead.sentence").startswith("3 of 4")
    assert "1 reason set aside by a lead" in page.text("dataset.overridden")
    assert page.at.button(key="dataset.export").label == "Export 4 tasks"


def test_reviewer_may_not_override(home: Home, written: WrittenRun) -> None:
    record_team(home, Team(others="reviewer", roles={"Lea": "lead"}), "Lea")
    page = PageDriver(home, "dataset")
    assert not page.has("dataset.overridedo")
    assert page.at.button(key="dataset.export").disabled


def test_versions_say_how_they_differ(home: Home, written: WrittenRun) -> None:
    export(home)
    task = written.accepted[3]
    write_decision(home, task, run_id="cs-0001", content_sha=written.content[task])
    page = PageDriver(home, "dataset").click("dataset.export")
    assert "1 added, 0 removed, 0 changed, 3 the same" in page.text("dataset.diff")
    assert task in page.text("dataset.diff")


def test_version_holds_when_verified(home: Home, written: WrittenRun) -> None:
    page = export(home).click("dataset.verify")
    assert "hold." in page.text("dataset.verified")


def test_changed_file_of_a_version_is_found(home: Home, written: WrittenRun) -> None:
    page = export(home)
    path = home.datasets / "autodata" / "v001" / "tasks.jsonl"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes() + b"\n")
    assert "tasks.jsonl" in page.click("dataset.verify").text("dataset.verified")


def test_withdrawn_version_says_why(home: Home, written: WrittenRun) -> None:
    page = name_lead(home, export(home))
    page.set("dataset.withdrawwhy", "a source was private").click("dataset.withdrawdo")
    page.ingest()
    page.run()
    assert "Withdrawn by Lea: a source was private." in page.text("dataset.standing")
    assert not page.has("dataset.withdrawdo")


def test_task_decided_otherwise_marks_the_version(home: Home, written: WrittenRun) -> None:
    export(home)
    write_decision(
        home, written.accepted[0], "reject", run_id="cs-0001", content_sha=written.content[written.accepted[0]]
    )
    page = PageDriver(home, "dataset", version="autodata/v001")
    assert "1 outdated" in page.text("dataset.versions")
    assert written.accepted[0] in page.text("dataset.outdated")


def test_link_to_a_version_opens_it(home: Home, written: WrittenRun) -> None:
    export(home)
    page = PageDriver(home, "dataset", version="autodata/v001")
    assert "autodata v001" in page.text("dataset.versionhead")


def test_sample_is_drawn_and_judged_blind(home: Home, written: WrittenRun) -> None:
    page = name_lead(home, export(home)).set("dataset.view", "sample").click("dataset.draw")
    (sample,) = current_samples(home).samples.values()
    first = sample.task_ids[0]
    assert "none judged yet" in page.text("dataset.bound")
    shown = page.text("dataset.sampled")
    assert "Question" in shown
    assert "approved" not in shown.lower()
    page.set(f"dataset.samplenote.{first}", "the reference is wrong").click(f"dataset.defect.{first}")
    (verdict,) = [record.data for record in read_records(home.reviews) if record.kind == "sample_verdict"]
    assert (verdict["task_id"], verdict["verdict"], verdict["note"]) == (first, "defect", "the reference is wrong")


def test_nobody_judges_without_a_name(home: Home, written: WrittenRun) -> None:
    page = export(home).set("dataset.view", "sample").click("dataset.draw")
    assert page.text("dataset.sampled") == ""
    page.set("dataset.reviewer", "Ada").click("dataset.reviewername")
    assert "Question" in page.text("dataset.sampled")


def test_bound_is_said_when_all_are_judged(home: Home, written: WrittenRun) -> None:
    page = name_lead(home, export(home)).set("dataset.view", "sample").click("dataset.draw")
    for task in next(iter(current_samples(home).samples.values())).task_ids:
        page.click(f"dataset.clean.{task}")
    assert "all tasks were looked at" in page.text("dataset.bound")
    assert "has judged every task" in page.text("dataset.allsampled")


def test_contents_show_what_training_may_expect(home: Home, written: WrittenRun) -> None:
    page = export(home).set("dataset.view", "inside")
    assert "All weak rollouts scored 0" in page.text("dataset.expect")
    assert "Found in round" in page.text("dataset.makeup")


def test_contents_of_nothing_say_so(home: Home) -> None:
    write_run(home, "cs-0001", 2, plans=[["accepted"]])
    page = PageDriver(home, "dataset").set("dataset.view", "inside")
    assert "No task is in it yet" in page.text("dataset.nothing")


@pytest.mark.parametrize("name", list(GATE_PRESETS))
def test_every_preset_draws(home: Home, written: WrittenRun, name: str) -> None:
    assert "can be exported" in PageDriver(home, "dataset").set("dataset.policy", name).text("dataset.gate")
