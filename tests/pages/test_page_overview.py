"""Overview: the sentence, the next action and the figures follow from what is in the home."""

from __future__ import annotations

import pytest

from autodata.home import Home
from autodata.index.queries.overview import FunnelStage, RunCard, Totals
from autodata.ui.overview.matter import describe_stage, find_matter
from autodata.ui.overview.panels import tidy_need
from tests.support.journals import write_decision, write_run
from tests.support.page_driver import PageDriver


def test_first_visit_offers_the_samples(home: Home) -> None:
    page = PageDriver(home, "overview")
    assert "No sources yet" in page.text("overview.first")
    assert page.at.button(key="overview.samples").label == "Start with the samples"


def test_open_tasks_are_the_matter_and_review_the_action(home: Home) -> None:
    written = write_run(home, "cs-0001", 6, plans=[["too_easy", "accepted"]])
    page = PageDriver(home, "overview")
    assert f"{len(written.accepted)} tasks wait for a decision" in page.text("overview.matter.sentence")
    assert page.at.button(key="overview.matter.action").label == "Review the riskiest first"


def test_simulated_data_is_labelled(home: Home) -> None:
    write_run(home, "cs-0001", 2)
    assert PageDriver(home, "overview").text("overview.matter.simulated") == "Simulated"


def test_real_data_is_not_labelled_simulated(home: Home) -> None:
    write_run(home, "cs-0001", 2, simulated=False)
    assert PageDriver(home, "overview").tree("overview.matter.simulated") is None


def test_funnel_counts_losses_with_outcome_words(home: Home) -> None:
    write_run(home, "cs-0001", 4, plans=[["too_easy", "too_easy", "accepted"]])
    text = PageDriver(home, "overview").text("overview.funnel")
    assert "Tasks written12" in text.replace("\n", "")
    assert "8 too easy" in text


def test_everything_decided_leads_to_the_dataset(home: Home) -> None:
    written = write_run(home, "cs-0001", 2, plans=[["accepted"]])
    for task in written.accepted:
        write_decision(home, task, run_id="cs-0001", content_sha=written.content[task])
    page = PageDriver(home, "overview")
    assert "Everything is decided. 2 approved tasks are in no dataset yet" in page.text("overview.matter.sentence")
    assert page.at.button(key="overview.matter.action").label == "Export the dataset"


def test_a_dead_process_needs_somebody(home: Home) -> None:
    write_run(home, "cs-0001", 2, end=None)
    text = PageDriver(home, "overview").text("overview.needs")
    assert "cs-0001 stopped: its process ended" in text
    assert "Resume run" in text


def test_skipped_files_are_named_as_a_need(home: Home) -> None:
    write_run(home, "cs-0001", 2, skipped=2)
    assert "2 inputs could not be used" in PageDriver(home, "overview").text("overview.needs")


def test_damaged_journal_is_an_alarm(home: Home) -> None:
    write_run(home, "cs-0001", 2)
    path = home.journal("cs-0001")
    lines = path.read_bytes().splitlines(keepends=True)
    lines[-3] = lines[-3].replace(b'"seq":', b'"seq": ', 1)
    path.write_bytes(b"".join(lines))
    assert "does not match its hash" in PageDriver(home, "overview").text("overview.needs")


def test_map_and_outcomes_are_drawn_with_their_finding(home: Home) -> None:
    write_run(home, "cs-0001", 4)
    page = PageDriver(home, "overview")
    assert len(page.at.get("plotly_chart")) == 2


def make_totals(**changes: object) -> Totals:
    values: dict[str, object] = dict.fromkeys(Totals.__dataclass_fields__, 0)
    values |= {"claimed_gap": None, "first_round_gap": None, "calls_per_accepted": None}
    return Totals(**{**values, "runs": 1, **changes})  # type: ignore[arg-type]


def make_card(run_id: str = "cs-0001") -> RunCard:
    values: dict[str, object] = dict.fromkeys(RunCard.__dataclass_fields__, 0)
    words = {"run_id": run_id, "state": "running", "reason": "", "gap_by_round": (), "damage": "", "sources": 40}
    return RunCard(**{**values, **words})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("totals", "moving", "target"),
    [
        (make_totals(open=3, accepted=3), [make_card()], "review"),
        (make_totals(accepted=3, approved=3), [make_card()], "runs"),
        (make_totals(accepted=3, approved=3), [], "dataset"),
        (make_totals(accepted=3, approved=3, exported=3), [], "start"),
        (make_totals(rounds=9), [], "start"),
    ],
)
def test_the_next_action_follows_from_what_is_open(totals: Totals, moving: list[RunCard], target: str) -> None:
    assert find_matter(totals, moving).target == target


def test_one_open_task_is_written_in_the_singular() -> None:
    assert find_matter(make_totals(open=1), []).sentence == "1 task waits for a decision"


def test_many_losses_are_summed_as_other() -> None:
    losses = tuple((word, 1) for word in ("too_easy", "narrow_gap", "inverted", "saturated", "weak_zero", "undecided"))
    assert describe_stage(FunnelStage("accepted", 1, losses), 1).endswith("1 saturated, 2 other")


def test_state_of_a_run_is_said_once() -> None:
    assert tidy_need("cs-1 paused: paused; resume the run to go on") == "cs-1 paused: resume the run to go on"
    assert tidy_need("cs-1: 3 sources undecided") == "cs-1: 3 sources undecided"


def test_baseline_is_named_beside_the_counts() -> None:
    note = find_matter(make_totals(open=1, rounds=40, baseline_rounds=28), []).note
    assert note.endswith("40 rounds, and 28 of a baseline.")
