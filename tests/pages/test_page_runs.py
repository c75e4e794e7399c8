"""Runs: the form starts a real run, its process ends, and the buttons write what they promise."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from autodata.home import Home
from autodata.index.queries.overview import RunCard
from autodata.journal import JournalWriter, read_records
from autodata.sources import Loaded
from autodata.ui.runs.control import LAUNCHED
from autodata.ui.runs.plan import RunForm, plan_run
from autodata.ui.runs.state import judge_state, write_sentence
from tests.support.journals import RunAuthor, write_run
from tests.support.page_driver import PageDriver

LONG = "A lease is a promise that expires. " * 40


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "leases.md").write_text(f"# Leases\n\n{LONG}")
    (folder / "clocks.md").write_text(f"# Clocks\n\n{LONG} Drift is bounded.")
    return folder


def open_form(home: Home, path: Path | str = "") -> PageDriver:
    page = PageDriver(home, "runs", new="1", runs__source="Folder or file")
    return page.set("runs.path", str(path)) if path else page


def test_empty_home_opens_the_form_with_the_samples(home: Home) -> None:
    page = PageDriver(home, "runs")
    assert "No run yet" in page.text("runs.new.sentence")
    assert "to work on" in page.text("runs.documents.found")
    assert not page.at.button(key="runs.start.button").disabled


def test_estimate_stands_beside_the_start(home: Home, documents: Path) -> None:
    text = open_form(home, documents).text("runs.estimate")
    assert "calls expected" in text
    assert "at least" in text


def test_dry_load_counts_documents_and_names_skipped_files(home: Home, documents: Path) -> None:
    (documents / "empty.txt").write_text("")
    text = open_form(home, documents).text("runs.documents.found")
    assert "2 documents to work on" in text
    assert "empty.txt" in text


def test_missing_folder_is_said_and_cannot_start(home: Home, tmp_path: Path) -> None:
    page = open_form(home, tmp_path / "nowhere")
    assert "does not exist" in page.text("runs.problems")
    assert page.at.button(key="runs.start.button").disabled


def test_no_document_chosen_is_said(home: Home) -> None:
    assert "No documents chosen yet" in open_form(home).text("runs.problems")


def test_impossible_policy_is_said_in_a_sentence(home: Home, documents: Path) -> None:
    page = open_form(home, documents).set("runs.deployed.strong_mean_min", 0.97)
    assert "no score can satisfy this policy" in page.text("runs.problems")
    assert page.at.button(key="runs.start.button").disabled


def test_percentage_typed_as_a_score_is_said(home: Home, documents: Path) -> None:
    page = open_form(home, documents).set("runs.deployed.weak_mean_max", 65.0)
    assert "65 % is 0.65" in page.text("runs.problems")


def test_small_budget_is_a_warning_not_a_problem(home: Home, documents: Path) -> None:
    page = open_form(home, documents).set("runs.calls", 5)
    assert "The budget of 5 calls is below" in page.text("runs.warnings")
    assert not page.at.button(key="runs.start.button").disabled


def test_seats_that_are_not_saved_point_at_settings(home: Home, documents: Path) -> None:
    page = open_form(home, documents).set("runs.seats", "saved")
    assert "No seats are saved yet" in page.text("runs.problems")


def test_missing_seats_file_is_named(home: Home, documents: Path, tmp_path: Path) -> None:
    page = open_form(home, documents).set("runs.seats", "file").set("runs.seats_path", str(tmp_path / "none.toml"))
    assert "none.toml does not exist" in page.text("runs.problems")


def test_missing_key_is_named_by_its_variable(home: Home, documents: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUTODATA_TEST_KEY", raising=False)
    seat = 'endpoint = "e"\nmodel = "m"\n'
    roles = "".join(f"[seats.{role}]\n{seat}" for role in ("challenger", "verifier", "weak", "strong", "judge"))
    home.root.mkdir(parents=True)
    home.seats.write_text(
        f'[endpoints.e]\nbase_url = "http://127.0.0.1:9/v1"\napi_key_env = "AUTODATA_TEST_KEY"\n{roles}'
    )
    page = open_form(home, documents).set("runs.seats", "saved")
    assert "AUTODATA_TEST_KEY is not set" in page.text("runs.problems")


def test_start_makes_a_run_whose_process_ends(home: Home, documents: Path) -> None:
    page = open_form(home, documents).set("runs.rounds.cs", 2)
    page.click("runs.start.button")
    assert page.at.query_params["run"] == "cs-0001"
    assert "cs-0001 is done" in page.wait_for_run("cs-0001").text("runs.run.sentence")
    kinds = [record.kind for record in read_records(home.journal("cs-0001"))]
    assert kinds[0] == "run_started"
    assert kinds[-1] == "run_ended"
    assert kinds.count("source") == 2


@pytest.mark.parametrize(("domain", "policy"), [("legal", "two_layer"), ("math", "exact")])
def test_other_domains_start_on_their_own_samples_with_their_own_rule(home: Home, domain: str, policy: str) -> None:
    page = PageDriver(home, "runs", new="1").set("runs.domain", domain)
    page.set(f"runs.rounds.{domain}", 2).set("runs.limit", 3).click("runs.start.button")
    assert f"{domain}-0001 is done" in page.wait_for_run(f"{domain}-0001").text("runs.run.sentence")
    records = list(read_records(home.journal(f"{domain}-0001")))
    assert records[0].data["policy"]["name"] == policy
    assert records[0].data["settings"]["inputs"][0].endswith(f"samples/{domain}")
    assert sum(record.kind == "source_done" for record in records) == 3


def test_custom_policy_is_frozen_in_the_journal(home: Home, documents: Path) -> None:
    page = open_form(home, documents).set("runs.deployed.gap_min", 0.25).set("runs.deployed.weak_rollouts", 2)
    page.set("runs.rounds.cs", 1).click("runs.start.button")
    policy = next(iter(read_records(home.journal("cs-0001")))).data["policy"]
    assert (policy["name"], policy["gap_min"], policy["weak_rollouts"]) == ("custom", 0.25, 2)
    assert "is done" in page.wait_for_run("cs-0001").text("runs.run.sentence")


def test_finished_run_shows_its_numbers(home: Home) -> None:
    written = write_run(home, "cs-0001", 4, plans=[["too_easy", "accepted"]], skipped=1)
    page = PageDriver(home, "runs", run="cs-0001")
    assert f"cs-0001 is done: {len(written.accepted)} of 4 sources accepted" in page.text("runs.run.sentence")
    body = page.text("runs.body")
    assert "too easy" in body
    assert "scan-0.pdf" in body
    assert "weak ≤ 0.65" in body
    assert not page.has("runs.resume")


def test_newest_run_is_shown_without_a_parameter(home: Home) -> None:
    write_run(home, "cs-0001", 1)
    write_run(home, "cs-0002", 1)
    assert PageDriver(home, "runs").text("runs.run.sentence").startswith("cs-0002")


def test_unknown_run_is_said(home: Home) -> None:
    write_run(home, "cs-0001", 1)
    assert "There is no run 'cs-0009' here" in PageDriver(home, "runs", run="cs-0009").text("runs.unknown.error")


def test_dead_process_is_stopped_and_can_be_resumed(home: Home) -> None:
    write_run(home, "cs-0001", 2, end=None)
    page = PageDriver(home, "runs", run="cs-0001")
    assert "cs-0001 is stopped (process ended)" in page.text("runs.run.sentence")
    assert page.has("runs.resume")


def test_failed_run_says_why(home: Home) -> None:
    write_run(home, "cs-0001", 1, end="failed", reason="the key was refused")
    page = PageDriver(home, "runs", run="cs-0001")
    assert "cs-0001 has failed" in page.text("runs.run.sentence")
    assert "The key was refused" in page.text("runs.run.sentence")


@pytest.mark.parametrize(("button", "request_word"), [("runs.pause", "pause"), ("runs.stop", "stop")])
def test_buttons_write_the_control_file(home: Home, button: str, request_word: str) -> None:
    write_run(home, "cs-0001", 2, end=None)
    with JournalWriter(home.journal("cs-0001")):  # a run is alive exactly when its journal is locked
        page = PageDriver(home, "runs", run="cs-0001").click(button)
        assert (home.run("cs-0001") / "control").read_text() == request_word
        assert f"cs-0001 is {'pausing' if request_word == 'pause' else 'stopping'}" in page.text("runs.run.sentence")


def test_resume_launches_a_process_that_finishes_the_run(home: Home, documents: Path) -> None:
    page = open_form(home, documents).set("runs.rounds.cs", 2).set("runs.calls", 3).click("runs.start.button")
    assert "cs-0001 is paused" in page.wait_for_run("cs-0001").text("runs.run.sentence")
    page.set("runs.newcalls", 5000).click("runs.resume")
    assert "cs-0001 is done" in page.wait_for_run("cs-0001", ends=2).text("runs.run.sentence")


def test_run_that_records_in_its_first_second_is_running_and_not_stopped(home: Home) -> None:
    write_run(home, "cs-0001", 1, end=None)
    page = PageDriver(home, "runs", run="cs-0001")
    page.at.session_state[LAUNCHED] = {"cs-0001": time.time() - 1e-3}
    with JournalWriter(home.journal("cs-0001")) as journal:
        journal.append("run_resumed", {"run_id": "cs-0001", "pid": 1, "host": "here"})
        page.ingest()
        assert "cs-0001 is running" in page.run().text("runs.run.sentence")


def test_two_runs_at_once_are_listed_with_their_states(home: Home) -> None:
    write_run(home, "cs-0001", 1, end=None)
    write_run(home, "cs-0002", 1, end=None)
    with JournalWriter(home.journal("cs-0001")), JournalWriter(home.journal("cs-0002")):
        text = PageDriver(home, "runs").text("runs.rows")
    assert text.count("running") == 2


def test_damaged_journal_cannot_be_resumed(home: Home) -> None:
    write_run(home, "cs-0001", 1, end="paused")
    path = home.journal("cs-0001")
    path.write_bytes(path.read_bytes().replace(b'"round":1', b'"round":7', 1))
    page = PageDriver(home, "runs", run="cs-0001")
    assert "is damaged" in page.text("runs.run.sentence")
    assert not page.has("runs.resume")


def make_card(state: str = "running", calls: int = 5, reason: str = "", damage: str = "") -> RunCard:
    values: dict[str, object] = dict.fromkeys(RunCard.__dataclass_fields__, 0)
    words = {"run_id": "cs-0001", "state": state, "reason": reason, "damage": damage, "sources": 4, "calls": calls}
    return RunCard(**{**values, **words})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("card", "facts", "word", "can_pause", "can_resume"),
    [
        (make_card(), {"alive": True}, "running", True, False),
        (make_card(), {"alive": True, "request": "pause"}, "pausing", False, False),
        (make_card(), {"alive": True, "request": "stop"}, "stopping", False, False),
        (make_card(), {"alive": False}, "stopped", False, True),
        (make_card(calls=0), {"alive": False}, "waiting", False, True),
        (make_card(calls=0), {"alive": False, "starting": True}, "starting", False, False),
        (make_card("paused"), {"alive": False}, "paused", False, True),
        (make_card("paused"), {"alive": True}, "running", True, False),
        (make_card("done"), {"alive": False}, "done", False, False),
        (make_card("failed"), {"alive": False}, "failed", False, True),
        (make_card(damage="Record 3"), {"alive": True}, "damaged", False, False),
    ],
)
def test_state_follows_record_process_and_request(
    card: RunCard, facts: dict[str, object], word: str, can_pause: bool, can_resume: bool
) -> None:
    state = judge_state(card, **facts)  # type: ignore[arg-type]
    assert (state.word, state.can_pause, state.can_resume) == (word, can_pause, can_resume)


def test_running_sentence_says_how_much_is_left() -> None:
    card = make_card()
    assert write_sentence(card, judge_state(card, alive=True), 720).endswith("about 12 min left")


def test_baseline_is_not_called_a_failure() -> None:
    card = make_card("done")
    sentence = write_sentence(card, judge_state(card, alive=False), None, baseline=True)
    assert sentence.endswith("measured once, as a baseline")


def test_passages_of_one_document_that_end_alike_are_one_line(home: Home) -> None:
    with RunAuthor(home, "cs-0001") as author:
        author.start(0)
        for source in ("a" * 16, "b" * 16):
            facts = {"id": source, "title": "Leases", "text": source, "document": "leases.md"}
            author.journal.append("source", {"source": {**facts, "passage": 1, "passages": 2, "metadata": {}}})
        for source in ("a" * 16, "b" * 16):
            author.journal.append("source_done", {"source": source, "outcome": "exhausted", "rounds": 1, "reason": ""})
        author.end()
    text = PageDriver(home, "runs", run="cs-0001").text("runs.body")
    assert text.count("Leases: exhausted after 1 round") == 1
    assert "2 passages" in text


def test_every_problem_of_a_form_is_named_at_once(tmp_path: Path) -> None:
    form = RunForm(inputs=(), policy_changes={"strong_mean_min": 2.0}, models="saved")

    def read_nothing(paths: tuple[str, ...]) -> Loaded:
        raise AssertionError(f"nothing should be read, got {paths}")

    plan = plan_run(form, Home(tmp_path), read_nothing)
    assert len(plan.problems) == 3
    assert not plan.ready
