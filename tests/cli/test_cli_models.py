"""`autodata models up | status | down` with a real server process."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from autodata.cli import app
from autodata.home import Home
from autodata.llm.seat import load_seats
from autodata.serving.control import stop_server
from autodata.serving.state import list_servers, load_state
from tests.serving.conftest import find_port

SIMULATOR = [f"--command={word}" for word in (sys.executable, "-m", "autodata.llm.simulator", "--port", "{port}")]
DIES = [f"--command={word}" for word in (sys.executable, "-c", "raise SystemExit('OSError: gone')  # {port}")]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    place = Home(tmp_path / "home")
    try:
        yield place
    finally:
        for name in list_servers(place):
            stop_server(place, name, 2.0)


def invoke(home: Home, *arguments: object) -> Result:
    return CliRunner().invoke(app, ["models", *map(str, arguments), "--home", str(home.root)])


def up(home: Home, *arguments: object) -> Result:
    return invoke(home, "up", "weak", "--model", "sim-weak", "--port", find_port(), *SIMULATOR, *arguments)


def last_json(result: Result) -> dict[str, Any]:
    return json.loads(result.stdout.strip().splitlines()[-1])


def test_up_waits_until_it_answers_and_writes_the_seat(home: Home):
    result = up(home, "--json")
    assert (result.exit_code, last_json(result)["phase"]) == (0, "ready")
    assert load_seats(home.seats).seat("weak").endpoint == "weak-server"


def test_up_says_how_to_use_it(home: Home):
    assert f"autodata run PATH --models {home.seats}" in up(home).stderr


def test_up_without_a_model_starts_what_it_was_last(home: Home):
    first = last_json(up(home, "--json"))
    invoke(home, "down", "weak")
    again = last_json(invoke(home, "up", "weak", "--json"))
    assert (again["phase"], again["base_url"]) == ("ready", first["base_url"])


def test_up_without_a_model_the_first_time_asks_for_one(home: Home):
    result = invoke(home, "up", "weak")
    assert result.exit_code == 2
    assert "was never started here; say which model: --model" in result.stderr


def test_up_twice_says_that_it_runs_already(home: Home):
    up(home)
    result = invoke(home, "up", "weak")
    assert result.exit_code == 0
    assert "runs already as asked" in result.stderr


def test_arguments_after_two_dashes_are_passed_on(home: Home):
    words = ["models", "up", "weak", "--model=m", f"--port={find_port()}", *DIES, "--home", str(home.root)]
    result = CliRunner().invoke(app, [*words, "--", "--seed", "3"])
    assert result.exit_code == 1
    assert load_state(home, "weak").plan.extra == ("--seed", "3")


def test_server_that_dies_is_a_finding_with_its_reason(home: Home):
    result = invoke(home, "up", "weak", "--model", "m", "--port", find_port(), *DIES)
    assert result.exit_code == 1
    assert "its log says: OSError: gone" in result.stderr


def test_status_shows_every_server(home: Home):
    up(home)
    result = invoke(home, "status", "--json")
    assert [(server["name"], server["phase"]) for server in last_json(result)["servers"]] == [("weak", "ready")]


def test_status_of_a_dead_server_is_a_finding_with_its_log(home: Home):
    invoke(home, "up", "weak", "--model", "m", "--port", find_port(), *DIES)
    result = invoke(home, "status", "weak")
    assert result.exit_code == 1
    assert "OSError: gone" in result.stderr
    assert str(home.root / "servers" / "weak.log") in result.stderr


def test_status_of_a_home_without_servers_says_how_to_start_one(home: Home):
    assert "autodata models up weak --model MODEL" in invoke(home, "status").stderr


def test_down_stops_every_server_and_can_be_said_again(home: Home):
    up(home)
    assert last_json(invoke(home, "down", "--json")) == {"stopped": ["weak"]}
    assert last_json(invoke(home, "down", "--json")) == {"stopped": []}


def test_vllm_that_is_not_installed_is_bad_input(home: Home, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    result = invoke(home, "up", "weak", "--model", "m", "--port", find_port())
    assert result.exit_code == 2
    assert "requirements-vllm.txt" in result.stderr


def test_gpus_that_are_no_numbers_are_named(home: Home):
    result = invoke(home, "up", "weak", "--model", "m", "--gpus", "all")
    assert result.exit_code == 2
    assert "GPUs 'all' are not numbers such as 0,1" in result.stderr
