"""Engine overhead and scheduling: the 14-call loop with the journal on.

Against a raw aiohttp loop in the same run: 60 sources, 32 slots, an endpoint that answers after 50 ms. Calls per second
are counted by the server between the first request and the last reply; CPU is user and system time of this process
divided by calls. The two alternate, so that a noisy machine hits both; the bar is on the median of the ratios.

Against the ideal, which is the larger of all latencies over the slots and the longest chain of one source's calls that
wait for each other (benchmarks/makespan.py): 200 sources with the latencies of a published run at 1:20 and 30 % of
rounds rejected, 64 slots; and 200 sources where 5 % of calls take 1 s and the others 50 ms, 32 slots. Latencies are
drawn from each request's bytes, so every repeat is the same run; the bars are on the better of the repeats, because
whatever else the machine does can only lengthen one.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import aiohttp
import orjson

from autodata.agents.challenger import build_challenger_body, make_task, parse_draft
from autodata.agents.judge import build_judge_body
from autodata.agents.solver import build_solver_body
from autodata.agents.verifier import build_verifier_body
from autodata.home import Home
from autodata.llm.seat import SeatBook, parse_seats
from autodata.model import Source
from autodata.policy import make_policy
from autodata.recipes.recipe import load_recipe
from autodata.runs import create_run, execute_run
from autodata.settings import SOURCES_PER_SLOT, RunSettings
from autodata.sources import Loaded
from benchmarks.fixed_endpoint import read_counts, run_endpoint
from benchmarks.latencies import Profile
from benchmarks.makespan import Makespan, measure_makespan
from benchmarks.report import Bar, print_report

CALLS_PER_SOURCE = 14
RECIPE = load_recipe("cs")
MAKESPANS: tuple[tuple[Profile, int], ...] = (("staged", 64), ("tail", 32))
"""Latencies and slots of the runs that are held against their ideal."""
NONCE = "0a1b2c3d4e5f0a1b2c3d4e5f"


@dataclass(frozen=True, slots=True)
class Measured:
    """One pass: calls per second as the server saw them, milliseconds of CPU per call here, accepted sources."""

    rate: float
    cpu_ms: float
    accepted: int


def make_seats(address: str) -> SeatBook:
    """Seats of the fixed endpoint."""
    roles = ("challenger", "verifier", "weak", "strong", "judge")
    return parse_seats(
        {
            "endpoints": {"fixed": {"base_url": f"{address}/v1", "concurrency": 4096, "timeout_s": 30}},
            "seats": {role: {"endpoint": "fixed", "model": f"fixed-{role}", "max_tokens": 900} for role in roles},
        },
        "benchmark",
    )


def make_settings(address: str, slots: int) -> RunSettings:
    """The 14-call loop: no final review."""
    return RunSettings(
        domain="cs",
        policy=make_policy("deployed"),
        seats=make_seats(address),
        slots=slots,
        sources_in_flight=SOURCES_PER_SLOT * slots,
        final_review=False,
    )


def make_sources(count: int) -> tuple[Source, ...]:
    """Distinct sources of about 4 kB."""
    body = "A leader serves reads without a quorum round while its lease is unexpired. " * 52
    return tuple(Source(id=f"{n:016x}", title=f"Source {n}", text=f"Source {n}. {body}") for n in range(count))


def measure_ours(address: str, sources: int, slots: int) -> Measured:
    """The product: recorder, retries, limits and journal on."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        run_id = create_run(home, make_settings(address, slots), RECIPE, Loaded(sources=make_sources(sources)))
        before = measure_cpu_s()
        end = execute_run(home, run_id)
        used = measure_cpu_s() - before
    return _finish(address, used, end.totals["accepted"])


def measure_raw(address: str, sources: int, slots: int) -> Measured:
    """The reference: the same requests in the same order of dependence, nothing recorded or checked."""
    before = measure_cpu_s()
    asyncio.run(run_raw(address, make_sources(sources), slots))
    return _finish(address, measure_cpu_s() - before, sources)


async def run_raw(address: str, sources: tuple[Source, ...], slots: int) -> None:
    seats, gate = make_seats(address), asyncio.Semaphore(slots)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def call(body: dict) -> str:
            async with gate, session.post(f"{address}/v1/chat/completions", data=orjson.dumps(body)) as response:
                return orjson.loads(await response.read())["choices"][0]["message"]["content"]

        async def roll_out(task, role: str, index: int) -> None:
            answer = await call(build_solver_body(seats.seat(role), task, seed=index))
            await call(build_judge_body(seats.seat("judge"), RECIPE, task, answer, seed=1, nonce=NONCE))

        async def run_source(source: Source) -> None:
            body = build_challenger_body(seats.seat("challenger"), RECIPE, source, [], seed=1, nonce=NONCE)
            task = make_task(parse_draft(await call(body), RECIPE.limits), "raw", source.id, 1)
            await call(build_verifier_body(seats.seat("verifier"), RECIPE, source, task, seed=1, nonce=NONCE))
            for role in ("weak", "strong"):
                await asyncio.gather(*(roll_out(task, role, index) for index in range(3)))

        await asyncio.gather(*(run_source(source) for source in sources))


def _finish(address: str, cpu_s: float, accepted: int) -> Measured:
    counts = asyncio.run(read_counts(address))
    calls = int(counts["calls"])
    return Measured(calls / (counts["last"] - counts["first"]), 1000 * cpu_s / calls, accepted)


def _measure_best(profile: Profile, slots: int, runs: int) -> Makespan:
    made = (measure_makespan(profile, make_settings, make_sources(200), slots) for _ in range(runs))
    return min(made, key=lambda makespan: makespan.over_ideal)


def _describe(name: str, made: Makespan) -> list[str]:
    return [name, f"{made.calls / made.seconds:.0f}", "–", f"{made.seconds:.1f}", f"{made.ideal:.1f}"]


def measure_cpu_s() -> float:
    """User and system time of this process so far, in seconds."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main() -> int:
    """Print the table; exit code 0 only when every bar holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--sources", type=int, default=60)
    parser.add_argument("--slots", type=int, default=32)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--runs", type=int, default=2, help="of each makespan")
    arguments = parser.parse_args()
    raw, ours = [], []
    with run_endpoint(0.05) as address:
        measure_raw(address, 8, arguments.slots)
        measure_ours(address, 8, arguments.slots)
        for _ in range(arguments.repeats):
            raw.append(measure_raw(address, arguments.sources, arguments.slots))
            ours.append(measure_ours(address, arguments.sources, arguments.slots))
    real, tail = (_measure_best(profile, slots, arguments.runs) for profile, slots in MAKESPANS)
    ratio = median(mine.rate / theirs.rate for mine, theirs in zip(ours, raw, strict=True))
    rows = [
        ["raw aiohttp", f"{median(m.rate for m in raw):.0f}", f"{median(m.cpu_ms for m in raw):.2f}", "–", "–"],
        ["autodata, journal on", f"{median(m.rate for m in ours):.0f}", f"{median(m.cpu_ms for m in ours):.2f}", *"––"],
        _describe("real latencies 1:20, 64 slots", real),
        _describe("5 % of calls 20 times as slow, 32 slots", tail),
    ]
    bars = [
        Bar("share of raw aiohttp", ratio, ">=", 0.75),
        Bar("CPU ms per call", median(m.cpu_ms for m in ours), "<=", 1.5),
        Bar("sources accepted", min(m.accepted for m in ours), ">=", arguments.sources),
        Bar("makespan / ideal, real latencies", real.over_ideal, "<=", 1.15),
        Bar("share of ideal, slow tail", 1 / tail.over_ideal, ">=", 0.75),
        Bar("share of rounds rejected, real latencies", real.rejected, ">=", 0.2),
    ]
    title = f"{CALLS_PER_SOURCE}-call loop, {arguments.sources} sources, {arguments.slots} slots, 50 ms endpoint"
    headings = ["", "calls/s", "CPU ms/call", "makespan s", "ideal s"]
    return print_report("engine", title, headings, rows, bars, json=arguments.json)


if __name__ == "__main__":
    sys.exit(main())
