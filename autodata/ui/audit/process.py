"""What the buttons of an audit do: start, pause, stop and resume a process of its own. Every act ends in a notice (a
sentence) or in nothing at all; nothing starts twice."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from autodata import audits
from autodata.audit.plans import FULL_SIZE
from autodata.budget import Budget
from autodata.errors import AutodataError
from autodata.home import Home
from autodata.index.queries.audit_runs import AuditSession
from autodata.team import Act
from autodata.ui.audit.cost import CERTIFY
from autodata.ui.audit.state import AuditState, judge_audit
from autodata.ui.reviewer import require

NOTICE = "audit.notice"
LAUNCHED = "audit.launched"
STARTING_S = 20.0
"""How long after its launch a process may take to record something, in seconds."""
ENDING_S = 8.0
"""How long a process may take to leave after it has recorded its end, in seconds."""
LOG_SHOWN = 3000
"""Characters of a process's output that are shown, from its end."""


def judge_session(home: Home, run_id: str, session: AuditSession | None) -> AuditState:
    """The standing of a run's latest audit: its record, its process and a pending request together."""
    return judge_audit(
        session,
        alive=audits.is_alive(home, run_id),
        request=_read_end(home.audit(run_id) / "control", 20),
        starting=is_starting(run_id, session.last if session else 0.0),
    )


def certify(home: Home, run_id: str, task_ids: Sequence[str], models: str | None = None) -> None:
    """Measure the gaps of these tasks on fresh answers; of all accepted ones where none is named. `models`: a seats
    file of the auditors, or `simulated`."""
    order = audits.AuditOrder(run_id, tasks=tuple(task_ids), checks=CERTIFY, most=FULL_SIZE, models=models)
    _start(home, order, "measure" if task_ids else "run")


def follow_plan(home: Home, run_id: str, plan: str, models: str | None = None) -> None:
    """Audit all accepted tasks of a run with a spending plan."""
    _start(home, audits.AuditOrder(run_id, plan, models=models), "run")


def resume(home: Home, run_id: str, max_calls: int | None = None) -> None:
    """Go on with the run's latest audit; what is recorded is not asked again. `max_calls` is a new limit."""
    st.session_state[NOTICE] = ""
    # An audit that has just said its end still closes its files and its simulated server.
    if not audits.wait_until_ended(home, run_id, ENDING_S):
        st.session_state[NOTICE] = f"An audit of {run_id} is already running."
        return
    try:
        require(home, "measure" if max_calls is None else "run")
        audits.launch_audit(home, run_id, Budget(max_calls) if max_calls else None)
    except (AutodataError, OSError) as error:
        st.session_state[NOTICE] = f"The audit of {run_id} could not be resumed: {error}"
        return
    _remember_launch(run_id)


def request(home: Home, run_id: str, word: str) -> None:
    """Ask the audit's process to "pause" or "stop": it finishes the calls in flight, then ends."""
    try:
        require(home, "measure")
        audits.request_audit(home, run_id, word)
        st.session_state[NOTICE] = ""
    except (AutodataError, OSError) as error:
        st.session_state[NOTICE] = str(error)


def is_starting(run_id: str, last: float) -> bool:
    """Whether this session launched an audit a moment ago and nothing was recorded since; `last` in epoch seconds."""
    launched: dict[str, float] = st.session_state.get(LAUNCHED, {})
    started = launched.get(run_id)
    return started is not None and last <= started and time.time() - started < STARTING_S


def read_log(home: Home, run_id: str) -> str:
    """The end of what the audit's process printed; "" for nothing."""
    return _read_end(home.audit(run_id) / "audit.log", LOG_SHOWN)


def _start(home: Home, order: audits.AuditOrder, act: Act) -> None:
    """Hand the order to a process of its own, unless one works on the run already."""
    run_id = order.run_id
    st.session_state[NOTICE] = ""
    if audits.is_alive(home, run_id) or is_starting(run_id, 0.0):
        st.session_state[NOTICE] = f"An audit of {run_id} is already running."
        return
    try:
        require(home, act)
        audits.launch_order(home, order)
    except (AutodataError, OSError) as error:
        st.session_state[NOTICE] = f"The audit of {run_id} could not be started: {error}"
        return
    _remember_launch(run_id)


def _remember_launch(run_id: str) -> None:
    st.session_state.setdefault(LAUNCHED, {})[run_id] = time.time()


def _read_end(path: Path, limit: int) -> str:
    try:
        with open(path, "rb") as file:
            file.seek(max(0, file.seek(0, 2) - limit))
            return file.read().decode("utf-8", "replace").strip()
    except OSError:
        return ""
