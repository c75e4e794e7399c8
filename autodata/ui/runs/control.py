"""What the buttons of a run do. Every act ends in a notice (a sentence) or in nothing at all."""

from __future__ import annotations

import time
from pathlib import Path

import streamlit as st

from autodata.budget import Budget
from autodata.errors import AutodataError
from autodata.home import Home
from autodata.runs import launch_run, request_run, wait_until_ended
from autodata.stop_rule import StopRule
from autodata.ui.reviewer import require

NOTICE = "runs.notice"
LAUNCHED = "runs.launched"
STARTING_S = 20.0
"""How long after its launch a process may take to record something, in seconds."""
ENDING_S = 8.0
"""How long a process may take to leave after it has recorded its end, in seconds."""
LOG_SHOWN = 4000
"""Characters of a process's output that are shown, from its end."""


def pause(home: Home, run_id: str) -> None:
    """Ask the run's process to pause."""
    _ask(home, run_id, "pause")


def stop(home: Home, run_id: str) -> None:
    """Ask the run's process to stop."""
    _ask(home, run_id, "stop")


def resume(home: Home, run_id: str, budget: Budget | None = None, stop_rule: StopRule | None = None) -> None:
    """Start a process for the run, unless one works on it already.

    `budget` and `stop_rule` replace the run's own from now on.
    """
    st.session_state[NOTICE] = ""
    # A run that has just said its end still closes its files and its simulated server.
    if not wait_until_ended(home, run_id, ENDING_S):
        st.session_state[NOTICE] = f"{run_id} is already running."
        return
    try:
        require(home, "run")
        launch(home, run_id, budget, stop_rule)
    except (AutodataError, OSError) as error:
        st.session_state[NOTICE] = f"{run_id} could not be started: {error}"


def launch(home: Home, run_id: str, budget: Budget | None = None, stop_rule: StopRule | None = None) -> None:
    """Start the process and remember when, so that its first seconds are not taken for its end."""
    launch_run(home, run_id, budget, stop_rule)
    launched: dict[str, float] = st.session_state.setdefault(LAUNCHED, {})
    launched[run_id] = time.time()


def is_starting(run_id: str, last: float) -> bool:
    """Whether this session launched the run a moment ago and nothing was recorded since; `last` in epoch seconds."""
    launched: dict[str, float] = st.session_state.get(LAUNCHED, {})
    started = launched.get(run_id)
    return started is not None and last <= started and time.time() - started < STARTING_S


def read_request(home: Home, run_id: str) -> str:
    """What the control file asks for; "" for nothing."""
    return _read_end(home.run(run_id) / "control", 20).strip()


def read_log(home: Home, run_id: str) -> str:
    """The end of what the run's process printed; "" for nothing."""
    return _read_end(home.run(run_id) / "run.log", LOG_SHOWN).strip()


def _ask(home: Home, run_id: str, request: str) -> None:
    try:
        require(home, "run")
        request_run(home, run_id, request)
        st.session_state[NOTICE] = ""
    except (AutodataError, OSError) as error:
        st.session_state[NOTICE] = str(error)


def _read_end(path: Path, limit: int) -> str:
    try:
        with open(path, "rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - limit))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""
