"""Processes told apart for sure: a number that another process was given since is never taken for ours."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Identity:
    """A process for good: its number and the moment it started, as the system words it."""

    pid: int
    started: str


def identify(pid: int) -> Identity | None:
    """The process that has this number now; None where there is none, or only its remains."""
    if PROC.joinpath("self").exists():
        fields = _read_stat(pid)
        # Field 3 is the state, field 22 the start in clock ticks since the machine did; Z has ended, X is going.
        if fields is None or fields[0] in ("Z", "X"):
            return None
        return Identity(pid, f"{_read_boot()} {fields[19]}")
    shown = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state, _, started = shown.stdout.strip().partition(" ")
    return Identity(pid, " ".join(started.split())) if started and not state.startswith("Z") else None


def is_running(identity: Identity) -> bool:
    """Whether exactly this process still runs."""
    return identify(identity.pid) == identity


def find_marked(variable: str, token: str) -> list[Identity]:
    """Every process that was started with `variable` set to `token`, and what those started: servers leave workers.

    Only where the system shows environments (Linux); elsewhere none.
    """
    mark, found = f"{variable}={token}".encode(), []
    for folder in PROC.glob("[0-9]*"):
        try:
            marked = mark in (folder / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        identity = identify(int(folder.name)) if marked else None
        if identity:
            found.append(identity)
    return found


def stop_processes(leader: Identity, list_others: Callable[[], list[Identity]], patience_s: float) -> bool:
    """Ask the leader to end, wait `patience_s` seconds, then end it and whatever it left. False when some remain."""
    _send(leader, signal.SIGTERM)
    _wait(lambda: not is_running(leader), patience_s)
    left = [leader, *list_others()]
    for kind, wait_s in ((signal.SIGTERM, 3.0), (signal.SIGKILL, 5.0)):
        left = [process for process in left if is_running(process)]
        for process in left:
            _send(process, kind)
        if not left or _wait(lambda: not any(map(is_running, left)), wait_s):  # noqa: B023
            break
    return not any(map(is_running, [leader, *list_others()]))


def _send(process: Identity, kind: signal.Signals) -> None:
    if is_running(process):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(process.pid, kind)


def _wait(done: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True


def _read_stat(pid: int) -> list[str] | None:
    """Fields of /proc/PID/stat from the third on; the second, the program's name, may hold blanks and brackets."""
    try:
        return (PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None


def _read_boot() -> str:
    try:
        return (PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
