"""Starting a contender as a process of its own, and what its work came to as the endpoint saw it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from benchmarks.fixed_endpoint import read_counts
from benchmarks.peering.contenders import Contender
from benchmarks.peering.work import Done, Job, write_job

ROOT = Path(__file__).resolve().parents[2]
POLL_S = 0.02


class DidNotRun(Exception):
    """A contender that did not start, failed or took too long; the message says which."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One run: calls that the endpoint served, seconds between the first and the last, seconds of latency in them, most
    at once, seconds of processor time with start-up, seconds from start to end, and what the contender said."""

    calls: int
    seconds: float
    work: float
    peak: int
    cpu_s: float
    wall_s: float
    done: Done

    @property
    def rate(self) -> float:
        """Calls a second."""
        return self.calls / self.seconds

    def find_over_ideal(self, slots: int) -> float:
        """The time taken over the least that these latencies need in so many slots."""
        return self.seconds / (self.work / slots)


@dataclass(frozen=True, slots=True)
class Killed:
    """A run killed with SIGKILL and resumed: calls served before and in all, and what the contender said at the end."""

    before: int
    calls: int
    done: Done


def measure(contender: Contender, job: Job, timeout_s: float) -> Measured:
    """Start it and wait for its end. Raises DidNotRun."""
    _count(job)
    started = time.monotonic()
    with tempfile.TemporaryFile() as errors:
        process = _start(contender, job, errors)
        cpu_s = _wait(process, errors, timeout_s)
    counts = _count(job)
    if not counts["calls"]:
        raise DidNotRun("ended without a call")
    return Measured(
        calls=int(counts["calls"]),
        seconds=counts["last"] - counts["first"],
        work=counts["work"],
        peak=int(counts["peak"]),
        cpu_s=cpu_s,
        wall_s=time.monotonic() - started,
        done=_read_done(job),
    )


def kill_and_resume(contender: Contender, job: Job, half: int, timeout_s: float) -> Killed:
    """Start it, SIGKILL it and what it started once `half` calls were served, resume it. Raises DidNotRun, also when it
    had ended before."""
    _count(job)
    before = 0
    deadline = time.monotonic() + timeout_s
    with tempfile.TemporaryFile() as errors:
        process = _start(contender, job, errors)
        while before < half:
            if process.poll() is not None or time.monotonic() > deadline:
                _end(process)
                raise DidNotRun(f"ended or stood still after {before} calls, before it could be killed")
            time.sleep(POLL_S)
            before += int(_count(job)["calls"])
        _end(process)
    # Calls that the endpoint had accepted and not yet answered.
    time.sleep(0.2)
    before += int(_count(job)["calls"])
    resumed = measure(contender, replace(job, resume=True), timeout_s)
    return Killed(before, before + resumed.calls, resumed.done)


def _start(contender: Contender, job: Job, errors: IO[bytes]) -> subprocess.Popen[bytes]:
    command = [str(contender.python), "-m", contender.module, write_job(job)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command, cwd=job.folder, env=environment, stdout=subprocess.DEVNULL, stderr=errors, start_new_session=True
    )


def _wait(process: subprocess.Popen[bytes], errors: IO[bytes], timeout_s: float) -> float:
    """Processor time of the process in seconds, once it has ended well."""
    deadline = time.monotonic() + timeout_s
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        if time.monotonic() > deadline:
            _end(process)
            raise DidNotRun(f"did not end within {timeout_s:.0f} s")
        time.sleep(POLL_S)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        errors.seek(0)
        lines = errors.read().decode(errors="replace").strip().splitlines() or ["no message"]
        raise DidNotRun(f"exit code {process.returncode}: {lines[-1][:120]}")
    return usage.ru_utime + usage.ru_stime


def _end(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to the process and all it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _count(job: Job) -> dict[str, float]:
    """What the endpoint served since the last look."""
    return asyncio.run(read_counts(job.address))


def _read_done(job: Job) -> Done:
    path = Path(job.folder) / "done.json"
    if not path.exists():
        raise DidNotRun("ended without saying what it had done")
    said = json.loads(path.read_text())
    return Done(said["finished"], tuple(said["notes"]))
