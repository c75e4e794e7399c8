"""The simulated server as a child process: starts, answers, forgets nothing, never outlives its parent."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from autodata.errors import HeldElsewhere
from autodata.llm.simulator import Faults, start_simulator

PARENT = """
import sys, time
from pathlib import Path
from autodata.llm.simulator import start_simulator
server = start_simulator(Path(sys.argv[1]))
print(server.pid, flush=True)
time.sleep(60)
"""


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def ask(base_url: str) -> dict[str, object]:
    body = {"model": "sim-weak", "messages": [{"role": "user", "content": "Reply with: ok"}]}
    request = urllib.request.Request(
        f"{base_url}/chat/completions", json.dumps(body).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)


def wait_until_gone(pid: int) -> bool:
    deadline = time.monotonic() + 15
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not is_running(pid)


def test_started_server_answers_and_stops(tmp_path: Path) -> None:
    with start_simulator(tmp_path / "state", seed=4) as server:
        assert server.base_url.endswith("/v1")
        assert ask(server.base_url)["system_fingerprint"] == "autodata-simulated-4-v1"
    assert server.process.returncode == 0
    server.stop()


def test_faults_reach_the_child(tmp_path: Path) -> None:
    with start_simulator(tmp_path, faults=Faults(server_error=1.0)) as server:
        with pytest.raises(urllib.error.HTTPError, match="500"):
            ask(server.base_url)


def test_child_dies_when_its_parent_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert is_running(child)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert wait_until_gone(child)


def test_taken_port_is_said_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(HeldElsewhere, match=r"did not start.*address already in use"):
            start_simulator(tmp_path, port=taken.getsockname()[1])


def test_module_refuses_a_rate_above_one() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "autodata.llm.simulator", "--hang", "2"], capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 2
    assert "less than or equal to 1" in done.stderr


def test_module_leaves_cleanly_on_sigterm(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "autodata.llm.simulator", "--state", str(tmp_path)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert server.stdout is not None
    base_url = json.loads(server.stdout.readline())["base_url"]
    assert ask(base_url)["model"] == "sim-weak"
    server.send_signal(signal.SIGTERM)
    _, errors = server.communicate(timeout=15)
    assert (server.returncode, errors) == (0, b"")
