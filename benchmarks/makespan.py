"""How close a whole run comes to what no schedule can beat, with calls as uneven as real ones.

The makespan is the time between the endpoint's first request and its last reply. The ideal is the larger of all
latencies over the slots and the longest chain of one source's calls that wait for each other, from latencies as the
endpoint drew them, so that everything the program adds, and every slot that stands empty, shows.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autodata.home import Home
from autodata.journal import read_records
from autodata.model import Source
from autodata.recipes.recipe import load_recipe
from autodata.runs import create_run, execute_run
from autodata.settings import RunSettings
from autodata.sources import Loaded
from benchmarks.fixed_endpoint import read_counts, run_endpoint
from benchmarks.latencies import Profile, find_ideal


@dataclass(frozen=True, slots=True)
class Makespan:
    """One run: seconds taken, seconds that were needed at least, calls, accepted sources, share of rounds rejected."""

    seconds: float
    ideal: float
    calls: int
    accepted: int
    rejected: float

    @property
    def over_ideal(self) -> float:
        return self.seconds / self.ideal


def measure_makespan(
    profile: Profile, make_settings: Callable[[str, int], RunSettings], sources: tuple[Source, ...], slots: int
) -> Makespan:
    """Work on the sources with the journal on. `make_settings` gets the endpoint's address and the slots."""
    with run_endpoint(0.05, profile) as address, tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        settings = make_settings(address, slots)
        run_id = create_run(home, settings, load_recipe("cs"), Loaded(sources))
        end = execute_run(home, run_id)
        counts = asyncio.run(read_counts(address))
        records = list(read_records(home.journal(run_id)))
    calls = [record.data for record in records if record.kind == "call"]
    rounds = [record.data["outcome"] for record in records if record.kind == "round"]
    return Makespan(
        seconds=counts["last"] - counts["first"],
        ideal=find_ideal(calls, profile, slots).seconds,
        calls=len(calls),
        accepted=end.totals["accepted"],
        rejected=sum(outcome != "accepted" for outcome in rounds) / len(rounds),
    )
