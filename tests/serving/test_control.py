"""Real processes: started, watched, stopped, found again, never mistaken for others."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys

import pytest

from autodata.errors import BadInput
from autodata.home import Home
from autodata.llm.seat import load_seats
from autodata.serving.control import start_server, stop_server, wait_for_server, watch_server
from autodata.serving.plan import TOKEN_VARIABLE
from autodata.serving.processes import find_marked, identify
from autodata.serving.state import list_servers, load_state, save_state
from tests.serving.conftest import find_port, plan_script, plan_simulator

WAIT_S = 60.0

DIES = "import sys; print('loading', flush=True); sys.exit('ValueError: no such thing')  # {port}"
NEVER_ANSWERS = "import time; print('loading', flush=True); time.sleep(600)  # {port}"
LEAVES_A_WORKER = """
import subprocess, sys, http.server
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
http.server.HTTPServer(("127.0.0.1", {port}), http.server.SimpleHTTPRequestHandler).serve_forever()
"""
IGNORES_THE_SIGNAL = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + NEVER_ANSWERS


def test_server_answers_and_takes_its_seat(home: Home):
    plan = plan_simulator()
    assert start_server(home, plan)
    view = wait_for_server(home, "weak", WAIT_S)
    assert (view.phase, "sim-weak" in view.models) == ("ready", True)
    book = load_seats(home.seats)
    assert (book.seat("weak").model, book.endpoint_of("weak").base_url) == ("sim-weak", plan.base_url)


def test_starting_twice_is_starting_once(home: Home):
    plan = plan_simulator()
    start_server(home, plan)
    pid = load_state(home, "weak").pid
    assert not start_server(home, plan)
    assert load_state(home, "weak").pid == pid


def test_running_server_with_another_plan_is_named_not_replaced(home: Home):
    plan = plan_simulator()
    start_server(home, plan)
    with pytest.raises(BadInput, match=r"runs with model 'sim-weak', asked for 'other'. Stop it first"):
        start_server(home, plan.model_copy(update={"model": "other"}))


def test_stopping_twice_is_stopping_once(home: Home):
    start_server(home, plan_simulator())
    wait_for_server(home, "weak", WAIT_S)
    assert stop_server(home, "weak")
    assert not stop_server(home, "weak")
    assert watch_server(home, "weak").phase == "stopped"


def test_stopped_server_can_be_started_again(home: Home):
    plan = plan_simulator()
    for _ in range(2):
        assert start_server(home, plan)
        assert wait_for_server(home, "weak", WAIT_S).phase == "ready"
        stop_server(home, "weak")


def test_server_that_dies_says_why_with_its_last_lines(home: Home):
    start_server(home, plan_script(DIES))
    view = wait_for_server(home, "weak", WAIT_S)
    assert view.phase == "died"
    assert (
        view.sentence == "It died while it started: it ended with exit code 1; its log says: ValueError: no such thing."
    )
    assert view.tail == ("loading", "ValueError: no such thing")


def test_server_that_was_killed_is_found_dead(home: Home):
    start_server(home, plan_simulator())
    wait_for_server(home, "weak", WAIT_S)
    os.kill(load_state(home, "weak").pid, signal.SIGKILL)
    view = wait_for_server(home, "weak", WAIT_S)
    while view.phase != "died":
        view = wait_for_server(home, "weak", WAIT_S)
    assert "It died after it had answered: it was ended by signal 9" in view.sentence


def test_dead_server_can_be_started_again(home: Home):
    start_server(home, plan_script(DIES))
    wait_for_server(home, "weak", WAIT_S)
    assert start_server(home, plan_simulator())
    assert wait_for_server(home, "weak", WAIT_S).phase == "ready"


def test_server_that_needs_longer_than_the_wait_goes_on(home: Home):
    start_server(home, plan_script(NEVER_ANSWERS))
    view = wait_for_server(home, "weak", 0.2)
    assert (view.phase, view.running) == ("starting", True)
    assert identify(view.pid) is not None


def test_server_that_ignores_the_polite_signal_is_ended(home: Home):
    start_server(home, plan_script(IGNORES_THE_SIGNAL))
    while not watch_server(home, "weak").tail:
        pass
    assert stop_server(home, "weak", 0.2)
    assert watch_server(home, "weak").phase == "stopped"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux shows the environments of processes")
def test_workers_in_a_session_of_their_own_are_ended_too(home: Home):
    start_server(home, plan_script(LEAVES_A_WORKER))
    wait_for_server(home, "weak", WAIT_S)
    token = load_state(home, "weak").token
    assert len(find_marked(TOKEN_VARIABLE, token)) == 2
    stop_server(home, "weak")
    assert find_marked(TOKEN_VARIABLE, token) == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux shows the environments of processes")
def test_workers_that_outlived_their_server_are_ended_by_down(home: Home):
    start_server(home, plan_script(LEAVES_A_WORKER))
    wait_for_server(home, "weak", WAIT_S)
    state = load_state(home, "weak")
    os.kill(state.pid, signal.SIGKILL)
    while watch_server(home, "weak").phase != "died":
        pass
    stop_server(home, "weak")
    assert find_marked(TOKEN_VARIABLE, state.token) == []


def test_process_that_got_the_number_of_ours_is_left_alone(home: Home):
    start_server(home, plan_simulator())
    stop_server(home, "weak")
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        state = load_state(home, "weak")
        save_state(home, state.model_copy(update={"pid": bystander.pid, "started": "earlier", "stopped_at": None}))
        assert watch_server(home, "weak").phase == "died"
        stop_server(home, "weak")
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_state_outlives_the_process_that_started_the_server(home: Home):
    port = find_port()
    script = (
        "import sys; from pathlib import Path; from autodata.home import Home\n"
        "from autodata.serving.control import start_server; from autodata.serving.plan import make_plan\n"
        "command = (sys.executable, '-m', 'autodata.llm.simulator', '--port', '{port}')\n"
        f"plan = make_plan({{'name': 'weak', 'model': 'sim-weak', 'port': {port}, 'command': command}})\n"
        f"start_server(Home(Path({str(home.root)!r})), plan)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
    assert wait_for_server(home, "weak", WAIT_S).phase == "ready"
    assert stop_server(home, "weak")


def test_taken_port_is_named_with_who_holds_it(home: Home):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = held.getsockname()[1]
        with pytest.raises(BadInput) as caught:
            start_server(home, plan_simulator(port=port))
    assert f"port {port} on 127.0.0.1 is taken by " in str(caught.value)
    assert list_servers(home) == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells who listens")
def test_holder_of_a_port_is_named_by_its_process(home: Home):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        with pytest.raises(BadInput, match=f"process {os.getpid()}"):
            start_server(home, plan_simulator(port=held.getsockname()[1]))


def test_port_of_another_server_of_ours_is_named_by_that_server(home: Home):
    plan = plan_simulator()
    start_server(home, plan)
    with pytest.raises(BadInput, match=f"port {plan.port} is taken by server weak; give strong another port"):
        start_server(home, plan_simulator("strong", port=plan.port))


def test_server_nobody_started_cannot_be_stopped(home: Home):
    with pytest.raises(BadInput, match="there is no server 'weak' here; known: none was ever started"):
        stop_server(home, "weak")


def test_state_file_that_is_none_is_named(home: Home):
    (home.root / "servers").mkdir(parents=True)
    (home.root / "servers" / "weak.json").write_text("{")
    with pytest.raises(BadInput, match=r"weak\.json does not describe a server"):
        watch_server(home, "weak")
    (home.root / "servers" / "weak.json").unlink()


def test_server_that_answers_without_listing_models_is_ready(home: Home):
    start_server(home, plan_script(LEAVES_A_WORKER, model="own-name"))
    assert wait_for_server(home, "weak", WAIT_S).phase == "ready"
    assert load_seats(home.seats).seat("weak").model == "own-name"
