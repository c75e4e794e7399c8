"""Runs: what a run will cost and has cost, what its rounds warn of, how it goes on when a limit was reached."""

from __future__ import annotations

from pathlib import Path

import pytest

from autodata.home import Home
from autodata.journal import JournalWriter, read_records
from autodata.prices import find_prices_file
from tests.support.journals import write_run
from tests.support.page_driver import PageDriver

ROLES = ("challenger", "verifier", "weak", "strong", "judge")
LONG = "A lease is a promise that expires. " * 40


def write_prices(home: Home, *models: str) -> None:
    """10 a million tokens in and 20 out for each model."""
    home.root.mkdir(parents=True, exist_ok=True)
    find_prices_file(home).write_text("".join(f'[models."{model}"]\ninput = 10\noutput = 20\n' for model in models))


def write_seats(home: Home) -> None:
    home.root.mkdir(parents=True, exist_ok=True)
    seats = "".join(f'[seats.{role}]\nendpoint = "e"\nmodel = "m-{role}"\nmax_tokens = 900\n' for role in ROLES)
    home.seats.write_text(f'[endpoints.e]\nbase_url = "http://127.0.0.1:9/v1"\n{seats}')


def give_terms(home: Home, state: str = "paused", **terms: object) -> None:
    """A resume with other terms, and an end after it."""
    with JournalWriter(home.journal("cs-0001")) as journal:
        journal.append("run_resumed", {"run_id": "cs-0001", "pid": 1, "host": "h", **terms})
        journal.append("run_ended", {"state": state, "reason": "the budget is spent", "totals": {}})


def price_run(home: Home, *models: str) -> None:
    table = {"currency": "EUR", "models": {model: {"input": 10, "output": 20} for model in models}}
    give_terms(home, prices=table)


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "leases.md").write_text(f"# Leases\n\n{LONG}")
    return folder


def open_form(home: Home, path: Path) -> PageDriver:
    return PageDriver(home, "runs", new="1", runs__source="Folder or file").set("runs.path", str(path))


def test_estimate_of_a_simulated_run_says_that_it_costs_nothing(home: Home, documents: Path) -> None:
    text = open_form(home, documents).text("runs.estimate")
    assert "tokens" in text
    assert "0 USD, simulated" in text


def test_estimate_of_priced_seats_has_a_range_of_money(home: Home, documents: Path) -> None:
    write_seats(home)
    write_prices(home, *(f"m-{role}" for role in ROLES))
    text = open_form(home, documents).set("runs.seats", "saved").text("runs.estimate")
    assert "; about " in text
    assert "USD (" in text


def test_estimate_without_a_price_is_unknown_and_not_zero(home: Home, documents: Path) -> None:
    write_seats(home)
    text = open_form(home, documents).set("runs.seats", "saved").text("runs.estimate")
    assert "calls of unknown price" in text


def test_money_budget_without_a_price_cannot_be_started(home: Home, documents: Path) -> None:
    write_seats(home)
    page = open_form(home, documents).set("runs.seats", "saved").set("runs.cost", 5.0)
    assert "price of model 'm-challenger' (challenger) is not known" in page.text("runs.problems")
    assert page.at.button(key="runs.start.button").disabled


def test_money_budget_below_the_expected_cost_is_warned_of(home: Home, documents: Path) -> None:
    write_seats(home)
    write_prices(home, *(f"m-{role}" for role in ROLES))
    page = open_form(home, documents).set("runs.seats", "saved").set("runs.cost", 0.001)
    assert "The budget of 0.0010 USD is below the" in page.text("runs.warnings")


def test_broken_price_table_is_said_on_the_form(home: Home, documents: Path) -> None:
    home.root.mkdir(parents=True)
    find_prices_file(home).write_text("[models.x]\ninput = -1\noutput = 1")
    assert "(got -1)" in open_form(home, documents).text("runs.problems")


def test_folder_with_too_many_files_is_said_and_does_not_block(home: Home) -> None:
    assert "too much to look through while you wait" in open_form(home, Path("/")).text("runs.problems")


def test_stop_rule_and_money_budget_are_frozen_in_the_journal(home: Home, documents: Path) -> None:
    page = open_form(home, documents).set("runs.rounds.cs", 1).set("runs.cost", 5.0).set("runs.stop", 2.0)
    page.click("runs.start.button")
    settings = next(iter(read_records(home.journal("cs-0001")))).data["settings"]
    assert (settings["budget_cost"], settings["stop_acceptance_below"]) == (5.0, 0.02)
    assert "is done" in page.wait_for_run("cs-0001").text("runs.run.sentence")


def test_simulated_run_costs_nothing_and_says_so(home: Home) -> None:
    write_run(home, "cs-0001", 4)
    page = PageDriver(home, "runs", run="cs-0001")
    assert "0 USD" in page.text("runs.figures")
    assert "0 USD, simulated" in page.text("runs.body")


def test_run_without_prices_is_of_unknown_cost(home: Home) -> None:
    write_run(home, "cs-0001", 4, simulated=False)
    page = PageDriver(home, "runs", run="cs-0001")
    assert "unknown" in page.text("runs.figures")
    assert "calls of unknown price" in page.text("runs.body")


def test_cost_is_shown_per_run_and_per_accepted_task_with_the_prices_of_the_run(home: Home) -> None:
    write_run(home, "cs-0001", 4, plans=[["accepted"]], simulated=False)
    price_run(home, *(f"sim-{role}" for role in ROLES))
    body = PageDriver(home, "runs", run="cs-0001").text("runs.body")
    # 14 calls a source, each with 200 tokens in and 100 out: 0.004 EUR a call.
    assert "0.22 EUR" in body
    assert "0.0560 EUR" in body


def test_partly_known_cost_is_at_least_that_much(home: Home) -> None:
    write_run(home, "cs-0001", 4, plans=[["accepted"]], simulated=False)
    price_run(home, "sim-judge")
    page = PageDriver(home, "runs", run="cs-0001")
    assert "≥ 0.0960 EUR" in page.text("runs.figures")
    assert "at least 0.0960 EUR, 32 calls of unknown price" in page.text("runs.body")


def test_cost_is_also_shown_with_the_prices_of_today(home: Home) -> None:
    write_run(home, "cs-0001", 4, plans=[["accepted"]], simulated=False)
    write_prices(home, *(f"sim-{role}" for role in ROLES))
    body = PageDriver(home, "runs", run="cs-0001").text("runs.body")
    assert "56 calls of unknown price" in body
    assert "0.22 USD" in body


def test_early_warnings_stand_on_the_page_of_their_run(home: Home) -> None:
    write_run(home, "cs-0001", 24, plans=[["too_easy"]], simulated=False)
    body = PageDriver(home, "runs", run="cs-0001").text("runs.body")
    assert "Early warnings" in body
    assert "The verifier has rejected none of 24 tasks" in body


def test_nothing_is_warned_of_before_enough_rounds(home: Home) -> None:
    write_run(home, "cs-0001", 10, plans=[["too_easy"]])
    assert "Early warnings" not in PageDriver(home, "runs", run="cs-0001").text("runs.body")


def test_run_whose_money_is_spent_asks_for_more_and_takes_none_too(home: Home) -> None:
    write_run(home, "cs-0001", 2, plans=[["accepted"]], simulated=False, end="paused")
    models = {f"sim-{role}": {"input": 10, "output": 20} for role in ROLES}
    budget = {"max_calls": None, "max_tokens": None, "max_cost": 0.05}
    give_terms(home, budget=budget, prices={"currency": "EUR", "models": models})
    page = PageDriver(home, "runs", run="cs-0001")
    assert page.at.number_input(key="runs.newcost").value == 0.1


def test_hopeless_run_asks_for_another_bar(home: Home) -> None:
    write_run(home, "cs-0001", 60, plans=[["too_easy"]], end="paused")
    give_terms(home, stop_rule={"below": 0.1, "after": 50})
    page = PageDriver(home, "runs", run="cs-0001")
    assert page.at.number_input(key="runs.newstop").value is None


def test_done_run_with_undecided_sources_can_be_resumed(home: Home) -> None:
    write_run(home, "cs-0001", 2, plans=[["undecided"], ["accepted"]])
    assert PageDriver(home, "runs", run="cs-0001").has("runs.resume")


def test_done_run_cannot_be_resumed(home: Home) -> None:
    write_run(home, "cs-0001", 2, plans=[["accepted"]])
    assert not PageDriver(home, "runs", run="cs-0001").has("runs.resume")
