"""The cases in their order, by group. Every group gets the same undisturbed run to compare with."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

from benchmarks.faulting.databases import try_databases
from benchmarks.faulting.disks import try_disks
from benchmarks.faulting.endpoints import try_endpoints
from benchmarks.faulting.journals import try_journals
from benchmarks.faulting.kills import kill_app, kill_audit, kill_run, kill_server, kill_server_for_good
from benchmarks.faulting.outcome import Outcome
from benchmarks.faulting.restarts import kill_app_with_run, kill_export, kill_rebuild
from benchmarks.faulting.trial import Trial, make_trial
from benchmarks.report import say

FEW = 3
"""Points at most of kills that take half a minute each."""

Group = Callable[[Trial, int], list[Outcome]]

GROUPS: dict[str, Group] = {
    "kill-run": lambda trial, points: [kill_run(trial, points)],
    "kill-audit": lambda trial, points: [kill_audit(trial, points)],
    "kill-server": lambda trial, points: [kill_server(trial, points), kill_server_for_good(trial, min(points, FEW))],
    "kill-app": lambda trial, points: [kill_app(trial, points), kill_app_with_run(trial, min(points, FEW))],
    "kill-worker": lambda trial, points: [_kill_worker(trial, points)],
    "kill-export": lambda trial, points: [kill_export(trial, points)],
    "kill-rebuild": lambda trial, points: [kill_rebuild(trial, points)],
    "journal": lambda trial, _: try_journals(trial),
    "disk": lambda trial, _: try_disks(trial),
    "endpoint": lambda trial, _: try_endpoints(trial),
    "index": lambda trial, _: try_databases(trial),
}


def run_matrix(folder: Path, points: int, only: str = "") -> list[Outcome]:
    """Every case of the groups whose name begins with `only`. Raises ValueError when there is none."""
    chosen = {name: group for name, group in GROUPS.items() if name.startswith(only)}
    if not chosen:
        raise ValueError(f"no group {only!r}; there are {', '.join(GROUPS)}")
    trial = make_trial(folder)
    try:
        outcomes: list[Outcome] = []
        for name, group in chosen.items():
            say(f"{name} …")
            outcomes += [_report(one) for one in group(trial, points)]
        return outcomes
    finally:
        trial.server.stop()


def _kill_worker(trial: Trial, points: int) -> Outcome:
    """A worker of the Ray executor, where that is installed."""
    name = "worker of the Ray executor"
    if importlib.util.find_spec("ray") is None:
        return Outcome(f"kill -9: {name}", skipped="Ray is not installed (requirements-ray.txt)")
    from benchmarks.faulting.ray_worker import kill_ray_worker

    return kill_ray_worker(trial, points)


def _report(outcome: Outcome) -> Outcome:
    say(f"{outcome.case}: {outcome.skipped or ('ok' if outcome.ok else 'FAILS')}")
    for problem in outcome.problems:
        say(f"  {problem}")
    return outcome
