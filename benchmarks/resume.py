"""Kill a run at half way with SIGKILL, resume it, and count what was paid twice.

The same run without a kill gives the number of calls and the accepted set to compare with. Every call is counted by the
server. Bars: repeated calls at most the slots, the accepted set identical, the journal's chain intact.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from autodata.home import Home
from autodata.journal import verify_journal
from autodata.recipes.recipe import load_recipe
from autodata.runs import create_run, execute_run
from autodata.sources import Loaded
from autodata.summary import summarise_run
from benchmarks.engine import CALLS_PER_SOURCE, make_settings, make_sources
from benchmarks.fixed_endpoint import read_counts, run_endpoint
from benchmarks.report import Bar, print_report


def create_fixed_run(home: Home, address: str, sources: int, slots: int) -> str:
    """A run of the 14-call loop, not yet started."""
    settings = make_settings(address, slots)
    return create_run(home, settings, load_recipe("cs"), Loaded(sources=make_sources(sources)))


def kill_at_half(home: Home, run_id: str, half: int) -> int:
    """Work on the run in a process of its own and SIGKILL it once `half` calls are journaled; returns that number."""
    command = [sys.executable, "-m", "autodata.cli", "resume", run_id, "--home", str(home.root), "--quiet"]
    process = subprocess.Popen(command, start_new_session=True)
    while process.poll() is None:
        recorded = home.journal(run_id).read_bytes().count(b'"kind":"call"')
        if recorded >= half:
            os.killpg(process.pid, signal.SIGKILL)
            break
        time.sleep(0.02)
    process.wait()
    return home.journal(run_id).read_bytes().count(b'"kind":"call"')


def list_accepted(home: Home, run_id: str) -> set[tuple[str, float, float]]:
    """What was accepted: source title and scores, which do not depend on the run's id."""
    return {(task.title, task.weak, task.strong) for task in summarise_run(home.journal(run_id), run_id).accepted}


def main() -> int:
    """Print the table; exit code 0 only when every bar holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--sources", type=int, default=60)
    parser.add_argument("--slots", type=int, default=32)
    arguments = parser.parse_args()
    needed = CALLS_PER_SOURCE * arguments.sources
    with run_endpoint(0.05) as address, tempfile.TemporaryDirectory() as folder:
        whole, killed = Home(Path(folder) / "whole"), Home(Path(folder) / "killed")
        whole_id = create_fixed_run(whole, address, arguments.sources, arguments.slots)
        execute_run(whole, whole_id)
        served = int(asyncio.run(read_counts(address))["calls"])
        killed_id = create_fixed_run(killed, address, arguments.sources, arguments.slots)
        before = kill_at_half(killed, killed_id, needed // 2)
        execute_run(killed, killed_id)
        total = int(asyncio.run(read_counts(address))["calls"])
        same = list_accepted(killed, killed_id) == list_accepted(whole, whole_id)
        intact = verify_journal(killed.journal(killed_id)).ok
    rows = [
        ["uninterrupted", f"{served:,}", "–"],
        [f"killed at {before:,} recorded calls, resumed", f"{total:,}", f"{total - needed:,}"],
    ]
    bars = [
        Bar("repeated calls", total - needed, "<=", arguments.slots),
        Bar("accepted set identical", int(same), ">=", 1),
        Bar("journal intact", int(intact), ">=", 1),
        Bar("killed before the end", int(before < needed), ">=", 1),
    ]
    title = f"SIGKILL at half way, {arguments.sources} sources, {arguments.slots} slots"
    return print_report("resume", title, ["", "calls served", "repeated"], rows, bars, json=arguments.json)


if __name__ == "__main__":
    sys.exit(main())
