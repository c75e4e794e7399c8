"""Cost on the command line: estimated before, counted after, and kept to while the run goes."""

import json

import pytest
from typer.testing import CliRunner

from autodata.cli import app
from autodata.home import Home
from autodata.prices import find_prices_file
from benchmarks.fixed_endpoint import run_endpoint
from tests.support.documents import write_documents

ROLES = ("challenger", "verifier", "weak", "strong", "judge")
PRICES = "".join(f'[models."fixed-{role}"]\ninput = 1000\noutput = 5000\n' for role in ROLES)
"""A call of the fixed endpoint has 400 tokens in and 90 out: 0.85 each, 15 calls a source with the final review."""


def invoke(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def last_json(result):
    return json.loads(result.stdout.strip().splitlines()[-1])


@pytest.fixture(scope="module")
def address():
    with run_endpoint(0.0) as address:
        yield address


@pytest.fixture
def run(tmp_path, address):
    """Runs a command on a home of its own with the fixed endpoint's seats."""
    seats = tmp_path / "seats.toml"
    tables = "".join(f'[seats.{role}]\nendpoint = "e"\nmodel = "fixed-{role}"\nmax_tokens = 900\n' for role in ROLES)
    seats.write_text(f'[endpoints.e]\nbase_url = "{address}/v1"\n{tables}')
    documents, home = write_documents(tmp_path / "documents", 2), tmp_path / "home"

    def start(*options, prices=PRICES):
        home.mkdir(exist_ok=True)
        find_prices_file(Home(home)).write_text(prices)
        base = ("run", documents, "--models", seats, "--no-test-first", "--slots", 1, "--home", home)
        return invoke(*base, *options)

    start.home = home
    return start


def test_estimate_stands_before_the_run_with_calls_tokens_and_money(run):
    text = " ".join(run().stderr.split())
    assert "2 sources, about" in text
    assert "calls (30 to" in text
    assert "tokens (" in text
    assert "USD (" in text


def test_cost_is_told_per_seat_per_run_and_per_accepted_task(run):
    result = run("--json")
    cost = last_json(result)["cost"]
    assert cost["amount"] == pytest.approx(30 * 0.85)
    assert cost["per_accepted"] == pytest.approx(15 * 0.85)
    assert cost["seats"]["judge"]["amount"] == pytest.approx(12 * 0.85)
    assert "Cost: 25.50 USD, 12.75 USD per accepted task." in result.stderr


def test_status_tells_the_same_cost_as_the_run(run):
    figures = last_json(run("--json"))
    assert last_json(invoke("status", "cs-0001", "--home", run.home, "--json"))["cost"] == figures["cost"]


def test_unknown_price_is_told_as_unknown(run):
    result = run("--json", prices=PRICES.replace("fixed-judge", "another"))
    assert last_json(result)["cost"]["amount"] is None
    assert "Cost: at least 15.30 USD, 12 calls of unknown price" in result.stderr


def test_money_budget_pauses_and_a_larger_one_finishes(run):
    paused = run("--budget-cost", 10, "--json")
    assert (paused.exit_code, last_json(paused)["state"]) == (3, "paused")
    assert "the budget of 10.00 USD is spent" in paused.stderr
    resumed = invoke("resume", "cs-0001", "--budget-cost", 100, "--home", run.home, "--json")
    assert (resumed.exit_code, last_json(resumed)["state"]) == (0, "done")


def test_budget_of_nothing_on_resume_is_no_budget(run):
    run("--budget-cost", 10)
    resumed = invoke("resume", "cs-0001", "--budget-cost", 0, "--home", run.home, "--json")
    assert last_json(resumed)["state"] == "done"


def test_money_budget_that_cannot_be_kept_is_refused_with_model_and_remedy(run):
    result = run("--budget-cost", 10, prices="")
    text = " ".join(result.stderr.split())
    assert result.exit_code == 2
    assert "the price of model 'fixed-challenger' (challenger) is not known" in text
    assert 'Add [models."fixed-challenger"] with input and output' in text


def test_broken_price_table_is_named(run):
    result = run(prices="[models.x]\ninput = 1")
    assert result.exit_code == 2
    assert 'models."x".output is missing' in " ".join(result.stderr.split())


def test_finished_run_is_not_resumed(run):
    run()
    result = invoke("resume", "cs-0001", "--home", run.home)
    assert result.exit_code == 2
    assert "cs-0001 is done" in result.stderr


def test_hopeless_run_pauses_and_goes_on_without_the_rule(tmp_path, run):
    write_documents(tmp_path / "documents", 3)
    options = ("--policy", "strict", "--max-rounds", 1, "--stop-below", 0.95, "--stop-after", 2, "--json")
    paused = run(*options)
    assert (paused.exit_code, last_json(paused)["state"]) == (3, "paused")
    assert "hopeless acceptance rate: 0 of 2 sources" in paused.stderr
    resumed = invoke("resume", "cs-0001", "--stop-below", 0, "--home", run.home, "--json")
    assert (last_json(resumed)["state"], last_json(resumed)["exhausted"]) == ("done", 3)


def test_baseline_is_never_hopeless(run):
    result = run("--baseline", "--stop-below", 0.95, "--stop-after", 1, "--json")
    assert last_json(result)["state"] == "done"


def test_early_warnings_are_told_with_the_status(run, tmp_path):
    write_documents(tmp_path / "documents", 3)
    result = run("--policy", "strict", "--max-rounds", 10, "--json")
    assert last_json(result)["early_warnings"].keys() == {"verifier_passes_all"}
    assert "early warning: The verifier has rejected none of 30 tasks" in result.stderr
