"""A home whose servers are all ended after the test, and the simulated model server as a program to start."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autodata.home import Home
from autodata.serving.control import stop_server
from autodata.serving.plan import ServerPlan, make_plan
from autodata.serving.state import list_servers

SIMULATOR = (sys.executable, "-m", "autodata.llm.simulator", "--host", "{host}", "--port", "{port}")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    place = Home(tmp_path / "home")
    try:
        yield place
    finally:
        for name in list_servers(place):
            stop_server(place, name, 2.0)


def find_port() -> int:
    """A port that is free now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def plan_simulator(name: str = "weak", **changes: object) -> ServerPlan:
    """The simulated model server as any other program."""
    values = {"name": name, "model": "sim-weak", "port": find_port(), "command": SIMULATOR}
    return make_plan(values | changes)


def plan_script(script: str, name: str = "weak", **changes: object) -> ServerPlan:
    """A Python script in the place of a server; `{port}` in it is filled in."""
    return plan_simulator(name, command=(sys.executable, "-c", script), **changes)
