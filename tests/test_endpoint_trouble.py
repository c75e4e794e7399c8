"""What a researcher sees when an endpoint is wrong, goes away, or two runs share the machine."""

import json
import socket
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from autodata import runs
from autodata.cli import app
from autodata.home import Home
from autodata.journal import read_records, verify_journal
from autodata.llm.seat import parse_seats, simulated_seats
from autodata.llm.simulator import Faults, start_simulator
from autodata.policy import make_policy
from autodata.recipes.recipe import load_recipe
from autodata.settings import RunSettings
from autodata.sources import load_sources
from tests.support.documents import write_documents

SEATS = """
[endpoints.local]
base_url = "{base_url}"
timeout_s = 5
max_tries = 2

[seats]
challenger = {{ endpoint = "local", model = "sim-challenger", max_tokens = 6000 }}
verifier = {{ endpoint = "local", model = "sim-verifier", max_tokens = 6000 }}
weak = {{ endpoint = "local", model = "{weak}", max_tokens = 1200 }}
strong = {{ endpoint = "local", model = "sim-strong", max_tokens = 1200 }}
judge = {{ endpoint = "local", model = "sim-judge", max_tokens = 6000 }}
"""


@pytest.fixture
def documents(tmp_path):
    return write_documents(tmp_path / "documents", 2)


def run_with_seats(tmp_path, documents, base_url, *more, weak="sim-weak"):
    seats = tmp_path / "seats.toml"
    seats.write_text(SEATS.format(base_url=base_url, weak=weak))
    arguments = ["run", documents, "--models", seats, "--home", tmp_path / "home", *more]
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def find_free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_endpoint_down_at_the_start_is_said_before_a_run_exists(tmp_path, documents):
    result = run_with_seats(tmp_path, documents, f"http://127.0.0.1:{find_free_port()}/v1")
    assert result.exit_code == 2
    assert "cannot be reached" in result.stderr
    assert runs.list_run_ids(Home(tmp_path / "home")) == []


def test_wrong_model_name_is_said_with_the_names_there_are(tmp_path, documents):
    with start_simulator(tmp_path / "simulator") as server:
        result = run_with_seats(tmp_path, documents, server.base_url, weak="sim-wek")
    assert result.exit_code == 2
    assert 'no model "sim-wek". It offers: sim-challenger' in result.stderr


def test_wrong_model_name_in_the_middle_fails_the_run_and_names_the_seat(tmp_path, documents):
    with start_simulator(tmp_path / "simulator") as server:
        result = run_with_seats(tmp_path, documents, server.base_url, "--no-test-first", weak="sim-wek")
    assert result.exit_code == 2
    assert "cs-0001 failed: The weak endpoint" in result.stderr
    assert verify_journal(Home(tmp_path / "home").journal("cs-0001")).ok


def test_endpoint_that_goes_away_in_the_middle_costs_nothing_but_a_resume(tmp_path, documents):
    home, port = Home(tmp_path / "home"), find_free_port()
    values = simulated_seats().model_dump()
    values["endpoints"]["simulated"] |= {"base_url": f"http://127.0.0.1:{port}/v1", "timeout_s": 5, "max_tries": 1}
    settings = RunSettings(domain="cs", policy=make_policy("deployed"), seats=parse_seats(values, "test"), max_rounds=3)
    run_id = runs.create_run(home, settings, load_recipe("cs"), load_sources([documents]))
    with start_simulator(tmp_path / "simulator", port=port, faults=Faults(down_after=9)):
        broken = runs.execute_run(home, run_id)
    assert broken.totals["undecided"] == 2
    rollouts = [r.data for r in read_records(home.journal(run_id)) if r.kind == "rollout"]
    assert all(rollout["score"] is None for rollout in rollouts if rollout["status"] == "failed")
    with start_simulator(tmp_path / "simulator", port=port):
        mended = runs.execute_run(home, run_id)
    assert (mended.state, mended.totals["undecided"]) == ("done", 0)


def test_a_replica_that_dies_in_the_middle_costs_nothing_but_time(tmp_path, documents):
    """The same run on one server and on two of which one goes away decides alike and leaves nothing undecided."""
    accepted = []
    with (
        start_simulator(tmp_path / "s1") as first,
        start_simulator(tmp_path / "s2", faults=Faults(down_after=9)) as second,
    ):
        for name, replicas in (("one", ()), ("two", (second.base_url,))):
            home, values = Home(tmp_path / name), simulated_seats().model_dump()
            values["endpoints"]["simulated"] |= {"base_url": first.base_url, "replicas": replicas, "timeout_s": 5}
            settings = RunSettings(
                domain="cs", policy=make_policy("deployed"), seats=parse_seats(values, "test"), max_rounds=3
            )
            run_id = runs.create_run(home, settings, load_recipe("cs"), load_sources([documents]))
            end = runs.execute_run(home, run_id)
            assert (end.state, end.totals["undecided"]) == ("done", 0)
            records = list(read_records(home.journal(run_id)))
            accepted.append({r.data["source"]: r.data["outcome"] for r in records if r.kind == "source_done"})
    assert accepted[0] == accepted[1]
    servers = {r.data["server"] for r in records if r.kind == "call"}
    assert servers == {first.base_url[7:-3], second.base_url[7:-3]}


def test_two_runs_at_once_do_not_disturb_each_other(tmp_path, documents):
    home = tmp_path / "home"
    command = [sys.executable, "-m", "autodata.cli", "run", documents, "--home", home, "--max-rounds", "3", "--quiet"]
    processes = [subprocess.Popen([str(part) for part in command]) for _ in range(2)]
    assert [process.wait(timeout=120) for process in processes] == [0, 0]
    ids = runs.list_run_ids(Home(home))
    assert ids == ["cs-0001", "cs-0002"]
    for run_id in ids:
        journal = Home(home).journal(run_id)
        assert verify_journal(journal).ok
        assert [record.kind for record in read_records(journal)][-1] == "run_ended"


def test_simulated_models_behind_a_plain_address_are_labelled_all_the_same(tmp_path, documents):
    with start_simulator(tmp_path / "simulator") as server:
        result = run_with_seats(tmp_path, documents, server.base_url, "--max-rounds", "1", "--json")
    assert json.loads(result.stdout.strip().splitlines()[-1])["simulated"] is True


def test_run_in_which_nothing_could_be_decided_exits_with_a_finding(tmp_path, documents):
    result = run_with_seats(tmp_path, documents, f"http://127.0.0.1:{find_free_port()}/v1", "--no-test-first", "--json")
    figures = json.loads(result.stdout.strip().splitlines()[-1])
    assert (result.exit_code, figures["undecided"], figures["state"]) == (1, 2, "done")
