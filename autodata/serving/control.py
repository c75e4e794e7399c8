"""Start, watch and stop model servers. Each is a process of its own that outlives whoever started it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from autodata.errors import BadInput
from autodata.home import Home
from autodata.serving.health import ask_models
from autodata.serving.log import explain_death, read_tail
from autodata.serving.plan import TOKEN_VARIABLE, ServerPlan, build_command, build_environment
from autodata.serving.ports import describe_holder, is_taken
from autodata.serving.processes import Identity, find_marked, identify, is_running, stop_processes
from autodata.serving.register import leave_seats, register_server
from autodata.serving.state import ServerState, find_log, hold_server, list_servers, load_state, save_state

Phase = Literal["starting", "ready", "silent", "died", "stopped"]
"""`silent`: it was ready once, runs, and does not answer."""

POLL_S = 0.5
PATIENCE_S = 20.0
"""How long a server may take to end by itself, in seconds."""

_children: dict[int, subprocess.Popen[bytes]] = {}
"""Servers that this process started: only their parent learns how they ended."""


@dataclass(frozen=True, slots=True)
class ServerView:
    """A server as it is now. `sentence` says it to a person, with the reason when it died; `tail` is its log's end."""

    plan: ServerPlan
    phase: Phase
    sentence: str
    models: tuple[str, ...] = ()
    pid: int | None = None
    seconds: float | None = None
    """Since it was started."""
    tail: tuple[str, ...] = ()

    @property
    def running(self) -> bool:
        return self.phase in ("starting", "ready", "silent")


def start_server(home: Home, plan: ServerPlan) -> bool:
    """Start the server unless it runs already as planned. False when it did. Does not wait until it answers.

    Raises BadInput when it runs with another plan, the port is taken, or the program is not there.
    """
    with hold_server(home, plan.name):
        state = load_state(home, plan.name)
        if state and _runs(state):
            _check_same_plan(state.plan, plan)
            return False
        _check_port(home, plan)
        command = build_command(plan)
        if state:
            _end_leftovers(state)
            _leave(home, state.plan)
        token = uuid.uuid4().hex
        with find_log(home, plan.name).open("wb") as log:
            try:
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    env=build_environment(plan, token, os.environ),
                )
            except OSError as error:
                raise BadInput(f"server {plan.name}: {command[0]} cannot be started: {error.strerror}") from error
        _children[process.pid] = process
        identity = identify(process.pid)
        started = identity.started if identity else ""
        state = ServerState(plan=plan, pid=process.pid, started=started, token=token, started_at=time.time())
        save_state(home, state)
        return True


def watch_server(home: Home, name: str, *, lines: int = 20) -> ServerView | None:
    """The server as it is now, None when it was never started. Its seats are written when it is found to answer."""
    state = load_state(home, name)
    if state is None:
        return None
    tail = read_tail(find_log(home, name), lines)
    seconds = time.time() - state.started_at if state.started_at else None
    if state.stopped_at is not None:
        return ServerView(state.plan, "stopped", "Stopped.", tail=tuple(tail))
    if not _runs(state):
        reason = explain_death(read_tail(find_log(home, name), 400), _read_exit(state))
        when = "while it started" if state.ready_at is None else "after it had answered"
        return ServerView(state.plan, "died", f"It died {when}: {reason}.", tail=tuple(tail))
    models = ask_models(state.plan.base_url)
    if models is None and state.ready_at is None:
        said = f"Starting; it does not answer at {state.plan.base_url} yet."
        return ServerView(state.plan, "starting", said, (), state.pid, seconds, tuple(tail))
    if models is None:
        said = f"It runs but does not answer at {state.plan.base_url}."
        return ServerView(state.plan, "silent", said, (), state.pid, seconds, tuple(tail))
    said = f"Answers at {state.plan.base_url}. {_note_ready(home, state, models)}".strip()
    return ServerView(state.plan, "ready", said, tuple(models), state.pid, seconds, tuple(tail))


def wait_for_server(
    home: Home, name: str, timeout_s: float, on_wait: Callable[[ServerView], None] = lambda view: None
) -> ServerView:
    """Watch until the server answers, dies or `timeout_s` seconds are over; a server that only needs longer goes on."""
    deadline = time.monotonic() + timeout_s
    while True:
        view = watch_server(home, name)
        if view is None:
            raise BadInput(f"server {name} was never started")
        if view.phase != "starting" or time.monotonic() > deadline:
            return view
        on_wait(view)
        time.sleep(POLL_S)


def stop_server(home: Home, name: str, patience_s: float = PATIENCE_S) -> bool:
    """Stop the server and whatever it started. False when it did not run. Raises BadInput when it cannot be stopped."""
    with hold_server(home, name):
        state = load_state(home, name)
        if state is None:
            known = ", ".join(list_servers(home)) or "none was ever started"
            raise BadInput(f"there is no server {name!r} here; known: {known}")
        ran = _runs(state)
        if not _end_leftovers(state, patience_s):
            raise BadInput(f"server {name} (process {state.pid}) does not end; look at {find_log(home, name)}")
        if ran or state.stopped_at is None:
            save_state(home, state.model_copy(update={"pid": None, "stopped_at": time.time()}))
            _leave(home, state.plan)
        return ran


def _leave(home: Home, plan: ServerPlan) -> None:
    """Let calls go to the other servers of its endpoint alone."""
    # Seats that cannot be read are told of where they are used; they must not keep a server from stopping.
    with contextlib.suppress(BadInput):
        leave_seats(home, plan)


def _runs(state: ServerState) -> bool:
    _read_exit(state)
    return state.identity is not None and bool(state.started) and is_running(state.identity)


def _read_exit(state: ServerState) -> int | None:
    """How the process ended, where this process started it; also takes away the remains of one that has ended."""
    child = _children.get(state.pid or 0)
    return child.poll() if child else None


def _end_leftovers(state: ServerState, patience_s: float = PATIENCE_S) -> bool:
    """End what is left of a server: workers may live on when it died, and hold its memory."""

    def list_marked() -> list[Identity]:
        return find_marked(TOKEN_VARIABLE, state.token) if state.token else []

    left = list_marked()
    leader = state.identity if _runs(state) else (left[0] if left else None)
    ended = stop_processes(leader, list_marked, patience_s) if leader else True
    _read_exit(state)
    return ended


def _check_same_plan(running: ServerPlan, wanted: ServerPlan) -> None:
    old, new = running.model_dump(), wanted.model_dump()
    differing = [f"{field} {old[field]!r}, asked for {new[field]!r}" for field in old if old[field] != new[field]]
    if differing:
        raise BadInput(f"server {running.name} runs with {'; '.join(differing)}. Stop it first.")


def _check_port(home: Home, plan: ServerPlan) -> None:
    for name in list_servers(home):
        other = load_state(home, name)
        if other and name != plan.name and other.plan.port == plan.port and _runs(other):
            raise BadInput(f"port {plan.port} is taken by server {name}; give {plan.name} another port")
    if is_taken(plan.host, plan.port):
        raise BadInput(
            f"port {plan.port} on {plan.host} is taken by {describe_holder(plan.port)}; stop that or give another port"
        )


def _note_ready(home: Home, seen: ServerState, models: list[str]) -> str:
    """Remember that it answered, and give it its seats the first time."""
    if seen.ready_at and (seen.registered or not seen.plan.seats):
        return ""
    with hold_server(home, seen.plan.name):
        state = load_state(home, seen.plan.name)
        if state is None or state.token != seen.token or state.stopped_at is not None:
            return ""
        ready = state.model_copy(update={"ready_at": state.ready_at or time.time()})
        said = ""
        if state.plan.seats and not state.registered:
            wanted = state.plan.model_name
            model = wanted if wanted in models or not models else models[0]
            try:
                said = register_server(home, state.plan, model)
                ready = ready.model_copy(update={"registered": model})
            except BadInput as error:
                said = f"It is not in the seats yet: {error}"
        if ready != state:
            save_state(home, ready)
        return said
