"""The Audit page in every state: what it says, what it offers, and that nothing unchecked looks checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from autodata.home import Home
from autodata.importing.store import import_path
from autodata.index.ingest import ingest_home
from autodata.ui.state import get_workbench
from tests.importing.builders import make_generic_round, make_line, write_lines
from tests.support.audit_rows import (
    STATIC_DONE,
    AuditRow,
    fill_audit,
    insert_check,
    insert_label,
    insert_run_finding,
    insert_session,
    list_accepted,
)
from tests.support.journals import write_run
from tests.support.page_driver import PageDriver

ACCEPTED = [["accepted"], ["too_easy", "accepted"]]


def fill(home: Home, tasks: int = 12, **options: object) -> list[AuditRow]:
    write_run(home, "cs-0001", tasks, plans=ACCEPTED, parity_broken=bool(options.pop("broken", False)))
    return fill_audit(home, "cs-0001", **options)  # type: ignore[arg-type]


def clean_rows(home: Home, certified: bool = False) -> list[AuditRow]:
    write_run(home, "cs-0001", 6, plans=ACCEPTED)
    fill_audit(home, "cs-0001", [])
    names = [task for task, *_ in list_accepted(get_workbench().index, "cs-0001")]
    value, word = (0.35, "real") if certified else (None, "unchecked")
    return fill_audit(
        home, "cs-0001", [AuditRow(name, certified=value, difficulty=word) for name in names]
    )  # fmt: skip


def list_accepted_of(run_id: str) -> list[str]:
    bench = get_workbench()
    bench.ingest.stop()
    ingest_home(bench.index, bench.home)
    return [task for task, *_ in list_accepted(bench.index, run_id)]


def test_a_home_without_runs_points_at_the_runs(home: Home) -> None:
    page = PageDriver(home, "audit")
    assert "Nothing to audit yet" in page.text("audit.none.empty")
    assert page.at.button(key="audit.none.action").label == "Start a run"


def test_a_run_without_accepted_tasks_says_so(home: Home) -> None:
    write_run(home, "cs-0001", 3, plans=[["too_easy"]])
    page = PageDriver(home, "audit")
    assert "No task was accepted yet" in page.text("audit.none.empty")
    assert "3 rounds" in page.text("audit.none.empty")


def test_the_sentence_counts_tasks_by_their_worst_finding(home: Home) -> None:
    fill(home)
    words = PageDriver(home, "audit").text("audit.sentence")
    assert words.startswith("2 violations and 4 flags among 12 accepted tasks")


def test_the_note_says_what_was_checked_and_what_was_not(home: Home) -> None:
    fill(home)
    words = PageDriver(home, "audit").text("audit.sentence")
    assert "Static and statistical checks ran on all 12." in words
    assert "The gap was measured again on 6; 6 are not certified." in words


def test_the_key_counts_certified_gaps_by_verdict(home: Home) -> None:
    fill(home)
    assert PageDriver(home, "audit").text("audit.key") == "real 2undecided 2not real 2not certified 6"


def test_nothing_certified_has_a_place_of_its_own_and_no_map(home: Home) -> None:
    clean_rows(home)
    page = PageDriver(home, "audit")
    assert "Not certified" in page.text("audit.uncertified")
    assert "none is certified" in page.text("audit.sentence")
    assert not page.at.get("plotly_chart")


def test_everything_clean_says_so_and_still_names_what_was_not_run(home: Home) -> None:
    clean_rows(home, certified=True)
    page = PageDriver(home, "audit")
    assert page.text("audit.sentence").startswith("No violation and no flag among 6 accepted tasks")
    assert "No check that ran found anything" in page.text("audit.findings")
    assert "Not run: " in page.text("audit.findings")
    assert "tamper test" in page.text("audit.findings")


def test_findings_stand_by_detector_the_violation_first(home: Home) -> None:
    fill(home)
    words = PageDriver(home, "audit").text("audit.findings")
    assert words.index("Weak and strong requests differ") < words.index("Cut off, empty or refused answers")


def test_a_detector_in_the_url_narrows_the_tasks(home: Home) -> None:
    fill(home)
    page = PageDriver(home, "audit", detector="S9")
    assert page.text("audit.total").startswith("2 tasks")
    assert page.has("audit.clear.detector")


def test_taking_the_detector_off_shows_all_tasks_again(home: Home) -> None:
    fill(home)
    page = PageDriver(home, "audit", detector="S9").click("audit.clear.detector")
    assert page.text("audit.total").startswith("12 tasks")
    assert "detector" not in page.at.query_params


@pytest.mark.parametrize("value", ["X9", "S1' OR TRUE", "<img src=x>"])
def test_a_detector_that_does_not_exist_counts_as_none(home: Home, value: str) -> None:
    fill(home)
    assert PageDriver(home, "audit", detector=value).text("audit.total").startswith("12 tasks")


def test_the_verdict_filter_keeps_its_tasks(home: Home) -> None:
    fill(home)
    page = PageDriver(home, "audit").set("audit.verdict", "not_real")
    assert set(page.at.dataframe[0].value["Gap"]) == {"■ Not real"}


def test_a_cluster_in_the_url_lists_its_tasks(home: Home) -> None:
    rows = fill(home)
    group = str(rows[0].request)
    page = PageDriver(home, "audit", group=f"request:{group}")
    assert page.text("audit.total").startswith("4 tasks")
    assert page.has("audit.clear.group")


def test_clusters_show_size_and_mean_gaps(home: Home) -> None:
    fill(home)
    words = PageDriver(home, "audit").text("audit.clusters")
    assert "51d0 22farequest" in words.replace(" request", "request")
    assert "+0.06" in words


def test_a_run_filter_in_the_url_narrows_everything(home: Home) -> None:
    fill(home)
    write_run(home, "cs-0002", 4, plans=ACCEPTED)
    fill_audit(home, "cs-0002")
    page = PageDriver(home, "audit", audit__run="cs-0002")
    assert "among 4 accepted tasks of cs-0002" in page.text("audit.sentence")
    assert set(page.at.dataframe[0].value["Run"]) == {"cs-0002"}


def test_alarm_rates_say_their_scale_and_every_run(home: Home) -> None:
    fill(home)
    page = PageDriver(home, "audit")
    assert "scale 0 to " in page.text("audit.ratesname")
    assert "cs-000150 %6 of 12" in page.text("audit.rates")


def test_what_speaks_of_a_run_as_a_whole_is_named(home: Home) -> None:
    fill(home)
    insert_run_finding(get_workbench().index, "cs-0001", "Z2", "flag", "31 of 44 gaps lie in [0.20, 0.22).")
    assert "31 of 44 gaps" in PageDriver(home, "audit").text("audit.runchecks")


def test_the_worst_task_is_selected_first_with_its_findings(home: Home) -> None:
    rows = fill(home, broken=True)
    page = PageDriver(home, "audit")
    assert "1 difference" in page.text("audit.parity")
    assert rows[0].findings[0][2] in page.text("audit.taskfindings")


def test_a_task_in_the_url_is_selected(home: Home) -> None:
    rows = fill(home)
    page = PageDriver(home, "audit", task=rows[4].task_id)
    assert rows[4].task_id in page.text("audit.parity")
    assert "checks ran and found nothing" in page.text("audit.taskfindings")


def test_a_task_that_was_not_audited_is_named_as_such(home: Home) -> None:
    fill(home)
    assert "t0000 was not audited" in PageDriver(home, "audit", task="t0000").text("audit.unaudited")


def test_equal_requests_are_green(home: Home) -> None:
    fill(home)
    assert "Same bytes but for the model" in PageDriver(home, "audit").text("audit.parity")


def test_changed_requests_are_red_with_the_bytes_on_first_paint(home: Home) -> None:
    fill(home, broken=True)
    assert "Answer in one short sentence." in PageDriver(home, "audit").text("audit.requests")


def test_the_whole_request_is_shown_when_asked_for(home: Home) -> None:
    fill(home, broken=True)
    page = PageDriver(home, "audit").set("audit.show", "whole")
    assert "temperature: 1.0" in page.text("audit.requests")


def test_another_answer_can_be_compared(home: Home) -> None:
    rows = fill(home, broken=True)
    page = PageDriver(home, "audit", task=rows[0].task_id).set(f"audit.answer.{rows[0].task_id}", 2)
    assert "answer 3" in page.text("audit.parity")


def test_the_reading_of_the_record_says_how_far_it_is(home: Home) -> None:
    fill(home, rows=[], audited=0)
    page = PageDriver(home, "audit")
    assert page.text("audit.sentence").startswith("The audit of 12 accepted tasks begins")
    assert "0 of 12 accepted tasks read" in page.text("audit.reading")


def test_an_audit_that_failed_says_why_and_can_be_resumed(home: Home) -> None:
    fill(home)
    insert_session(get_workbench().index, "cs-0001", state="failed", reason="the judge's endpoint answered 401")
    page = PageDriver(home, "audit")
    assert "has failed: 120 of about 400 calls" in page.text("audit.progress")
    assert "answered 401" in page.text("audit.progress")
    assert page.at.button(key="audit.resume").label == "Resume"


def test_an_audit_whose_process_is_gone_is_not_called_running(home: Home) -> None:
    fill(home)
    insert_session(get_workbench().index, "cs-0001")
    page = PageDriver(home, "audit")
    assert "is stopped" in page.text("audit.progress")
    assert page.has("audit.resume")


def test_a_spent_budget_asks_for_a_new_limit(home: Home) -> None:
    fill(home)
    insert_session(get_workbench().index, "cs-0001", state="paused", reason="budget of 120 calls spent")
    page = PageDriver(home, "audit")
    assert page.at.number_input(key="audit.limit").value == 400


def test_an_audit_that_is_done_leaves_no_strip(home: Home) -> None:
    fill(home)
    insert_session(get_workbench().index, "cs-0001", state="done")
    assert PageDriver(home, "audit").text("audit.progress") == ""


def test_at_most_one_button_is_filled(home: Home) -> None:
    fill(home)
    insert_session(get_workbench().index, "cs-0001", state="failed", reason="x")
    page = PageDriver(home, "audit")
    assert [button.key for button in page.at.button if button.proto.type == "primary"] == ["audit.resume"]


def test_certify_shows_its_cost_before_the_click(home: Home) -> None:
    fill(home)
    page = PageDriver(home, "audit")
    assert page.at.button(key="audit.certify").label == "Certify 6 of cs-0001"
    assert "60 solver calls, 60 judge calls" in page.text("audit.cost")
    assert "0 USD, simulated" in page.text("audit.cost")


def test_a_filter_certifies_its_own_tasks_only(home: Home) -> None:
    fill(home)
    page = PageDriver(home, "audit", detector="S9", audit__run="cs-0001")
    assert page.at.button(key="audit.certify").label == "Certify 2 more"


def test_plans_name_their_calls(home: Home) -> None:
    fill(home)
    captions = PageDriver(home, "audit").at.radio(key="audit.plan").proto.captions
    assert len(captions) == 3
    assert all("judge call" in caption and "simulated" in caption for caption in captions)


def test_an_import_without_seats_says_so_instead_of_offering_calls(home: Home, tmp_path: Path) -> None:
    run_id = import_path(home, write_lines(tmp_path / "a.jsonl", make_line())).run_id
    fill_audit(home, run_id, [AuditRow(task) for task in list_accepted_of(run_id)])
    page = PageDriver(home, "audit")
    assert "was imported" in page.text("audit.noseats")
    assert not page.has("audit.certify")


def test_an_import_without_requests_is_not_recorded_and_never_green(home: Home, tmp_path: Path) -> None:
    bare = [
        {name: value for name, value in rollout.items() if name != "request"}
        for rollout in make_generic_round()["rollouts"]
    ]
    line = make_line(rounds=[make_generic_round(rollouts=bare)])
    run_id = import_path(home, write_lines(tmp_path / "a.jsonl", line)).run_id
    fill_audit(home, run_id, [AuditRow(task) for task in list_accepted_of(run_id)])
    page = PageDriver(home, "audit")
    assert "Requests not recorded" in page.text("audit.parity")
    assert "This import did not record them" in page.text("audit.paritynote")
    assert "Same bytes" not in page.text()


def test_a_weak_request_that_was_made_worse_elsewhere_is_red_on_first_paint(home: Home, tmp_path: Path) -> None:
    rollouts = make_generic_round()["rollouts"]
    for rollout in rollouts:
        if rollout["solver"] == "weak":
            rollout["request"]["messages"][0]["content"] += " Answer badly."
    line = make_line(rounds=[make_generic_round(rollouts=rollouts)])
    run_id = import_path(home, write_lines(tmp_path / "a.jsonl", line)).run_id
    fill_audit(home, run_id, [AuditRow(task) for task in list_accepted_of(run_id)])
    page = PageDriver(home, "audit")
    assert "1 difference" in page.text("audit.parity")
    assert " Answer badly." in page.text("audit.requests")


def test_anchors_are_told_with_their_interval(home: Home) -> None:
    rows = fill(home)
    found = [{"severity": "flag", "sentence": "Anchors lose 0.21."}]
    numbers = {"drop": 0.21, "low": 0.14, "high": 0.28, "p": 0.0004, "anchors": 12}
    insert_check(get_workbench().index, "cs-0001", rows[0].task_id, "K4", numbers=numbers, findings=found)
    words = PageDriver(home, "audit").text("audit.trust")
    assert "weak lost +0.21, 90 % interval +0.14 to +0.28, 12 anchors, p < 0.001" in words


def test_anchors_that_failed_are_not_called_clear(home: Home) -> None:
    rows = fill(home)
    insert_check(get_workbench().index, "cs-0001", rows[0].task_id, "K4", coverage="failed", missing=["no reply"])
    assert "cs-0001: no reply" in PageDriver(home, "audit").text("audit.trust")


def test_precision_is_a_number_from_five_labels_on(home: Home) -> None:
    rows = fill(home)
    for at, row in enumerate(rows[:5]):
        label = "artefact" if at < 4 else "honest_hard"
        insert_label(get_workbench().index, "cs-0001", row.task_id, label, detectors=["S14"], seq=at)
    words = PageDriver(home, "audit").text("audit.findings")
    assert "0.80" in words
    assert "too few" in words


def test_sabotage_is_said_of_labels_alone(home: Home) -> None:
    rows = fill(home, broken=True)
    assert "sabotage" not in PageDriver(home, "audit").text().replace("planted sabotage", "").replace(
        "plants sabotage", ""
    )
    insert_label(get_workbench().index, "cs-0001", rows[0].task_id, "sabotage", detectors=["S1"])
    assert "1 sabotage" in PageDriver(home, "audit").text("audit.trust")


def test_missing_records_are_counted_and_the_check_is_not_clear(home: Home) -> None:
    write_run(home, "cs-0001", 6, plans=ACCEPTED)
    fill_audit(home, "cs-0001", [])
    lost = {**STATIC_DONE, "S1": "not_recorded"}
    names = [task for task, *_ in list_accepted(get_workbench().index, "cs-0001")]
    rows = [AuditRow(name, coverage=lost, more={"integrity": "incomplete"}) for name in names]
    fill_audit(home, "cs-0001", rows)
    page = PageDriver(home, "audit")
    assert "6 lack records that a check needs." in page.text("audit.sentence")
    assert "request symmetry" in page.text("audit.findings")


def test_every_page_of_simulated_data_says_so(home: Home) -> None:
    fill(home)
    assert PageDriver(home, "audit").text("audit.simulated") == "Simulated"
