"""SIGKILL of a worker of the Ray executor, at seeded random points of a run that two workers share."""

from __future__ import annotations

import os
import random
import signal
import time
from contextlib import suppress
from pathlib import Path

from autodata.journal import read_records
from benchmarks.faulting.kills import judge_run, wait_for_records
from benchmarks.faulting.outcome import Outcome
from benchmarks.faulting.processes import Command, run_command
from benchmarks.faulting.trial import RUN, SLOTS, Trial, count_records, read_complete

WORKER = b"ray::Worker"
"""How Ray calls the process of such an actor."""


def kill_ray_worker(trial: Trial, points: int, seed: int = 9) -> Outcome:
    """One of the workers; the run gives its sources to another, or is resumed."""
    outcome = Outcome("kill -9: worker of the Ray executor", points, may_repeat=SLOTS)
    rng = random.Random(seed)
    killed = 0
    for point in range(points):
        home = trial.copy(f"ray-{point}")
        journal, served = home.journal(RUN), trial.count_served()
        options = ("--executor", "ray", "--workers", "2")
        process = Command(home, "resume", RUN, "--quiet", *options, "--json")
        begun = count_records(journal)
        at = rng.randint(begun + 2, trial.records - 20)
        wait_for_records(process, journal, at)
        time.sleep(rng.uniform(0, 0.01))
        workers = find_workers(process.pid)
        for pid in workers[:1]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                killed += 1
        acknowledged = read_complete(journal)
        done = process.finish()
        if done.code:
            outcome.expect("resume" in done.said + str(done.result), f"point {point}: no remedy: {done.said[-300:]}")
            done = run_command(home, "resume", RUN, "--quiet", "--executor", "local")
        judge_run(outcome, trial, home, done, acknowledged)
        outcome.again = max(outcome.again, trial.count_served() - served - len(trial.result.keys))
        lost = [record.data for record in read_records(journal) if record.kind == "worker_lost"]
        outcome.told = str(lost[-1].get("reason", "")) if lost else outcome.told
    outcome.told = outcome.told or "Nothing: its sources go to another worker."
    outcome.expect(killed, "no worker was there to be killed")
    return outcome


def find_workers(root: int) -> list[int]:
    """Processes of workers that descend from process `root`, oldest first."""
    parents, named = {}, []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError, IndexError):
            pid = int(folder.name)
            parents[pid] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if (folder / "cmdline").read_bytes().startswith(WORKER):
                named.append(pid)
    return sorted(pid for pid in named if _descends(pid, root, parents))


def _descends(pid: int, root: int, parents: dict[int, int]) -> bool:
    while pid > 1:
        if pid == root:
            return True
        pid = parents.get(pid, 0)
    return False
