"""The product against what a user would take instead, in one run on one machine: autosynth, Bespoke Curator, Inspect.

Everybody has the same endpoint, the same number of calls at once and a process of its own; calls are counted by the
endpoint between the first request and the last reply, so that start-up costs nobody. Contenders take turns, and the
speeds compared are shares of a bare aiohttp loop of the same turn. Peers come from the package index, each in a virtual
environment: `--install FOLDER` makes them, `--peers FOLDER` uses them. A peer that is missing, does not start or has no
such feature is skipped, with the reason, and no bar counts it as beaten.

H1: the 14-call loop. H1r: the loop with real latencies at 1:20 and 30 % of rounds rejected; the time taken over the
latencies served, spread over the slots. H2: single calls, and with 5 % of calls that take 1 s. H3: SIGKILL at half way,
resume; the product with the app's index reading in another process. CPU per call leaves start-up out: it is the
difference to a run a tenth as long, and changes least with what else the machine does. What each contender is told is
in benchmarks/peering/.
"""

from __future__ import annotations

import argparse
import platform
import sys
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.engine import CALLS_PER_SOURCE
from benchmarks.peering.contenders import OURS, RAW, install_peers, list_own, list_peers
from benchmarks.peering.match import IN_LOOP, TITLES, Match
from benchmarks.peering.starting import Killed, Measured
from benchmarks.peering.work import Case
from benchmarks.report import Bar, print_report, say

SHARES: tuple[tuple[Case, float], ...] = (("loop", 0.75), ("calls", 0.70), ("tail", 0.95))
"""Case → share of the bare loop that the product must reach."""

OVER_IDEAL = 1.15
CPU_MS = 1.5
TIMES_AUTOSYNTH = 2.7
COLUMNS = ("", "contender", "calls", "calls/s", "spread", "share of raw", "CPU ms/call", "result")

Row = list[Any]


def main() -> int:
    """Print the table; exit code 0 only when every bar holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--install", type=Path, metavar="FOLDER", help="Make the virtual environments there, and end.")
    parser.add_argument("--peers", type=Path, metavar="FOLDER", help="The virtual environments of the peers.")
    parser.add_argument("--sources", type=int, default=40, help="Of the loop; half as many again with real latencies.")
    parser.add_argument("--calls", type=int, default=300)
    parser.add_argument("--only", nargs="+", choices=TITLES, default=list(TITLES), help="These cases.")
    parser.add_argument("--slots", type=int, default=32)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--timeout", type=float, default=120, help="Seconds that one run may take.")
    arguments = parser.parse_args()
    if arguments.install:
        return 1 if install_peers(arguments.install.resolve()) else 0
    peers = list_peers(arguments.peers and arguments.peers.resolve())
    match = Match([*list_own(), *peers], arguments.slots, arguments.timeout)
    match.skipped["staged", RAW] = "works through no rounds"
    sizes: dict[Case, int] = {"loop": arguments.sources, "calls": arguments.calls, "tail": arguments.calls}
    for case, count in sizes.items():
        if case in arguments.only:
            match.run(case, count, arguments.repeats, short=case != "tail")
    if "staged" in arguments.only:
        match.run("staged", arguments.sources * 3 // 2, 1)
    if "kill" in arguments.only:
        match.kill(arguments.sources, arguments.calls)
    for note in sorted(match.notes):
        say(note)
    wanted: dict[Case, int] = {"loop": CALLS_PER_SOURCE * arguments.sources}
    wanted |= {"calls": arguments.calls, "tail": arguments.calls}
    rows = list_rows(match, wanted, arguments.sources, arguments.calls)
    title = (
        f"{arguments.slots} slots; {arguments.sources} sources, {arguments.calls} single calls, medians of "
        f"{arguments.repeats} turns; Python {platform.python_version()}"
    )
    return print_report("peers", title, COLUMNS, rows, list_bars(match, arguments), json=arguments.json)


def list_rows(match: Match, wanted: dict[Case, int], sources: int, calls: int) -> list[Row]:
    """A row for every contender in every case."""
    rows: list[Row] = []
    for case in TITLES:
        for contender in match.contenders:
            name = f"{contender.name} {contender.version}".strip()
            reason = match.skipped.get((case, contender.name))
            if case == "kill" and contender.name in match.killed:
                in_loop = contender.name in IN_LOOP
                needed = CALLS_PER_SOURCE * sources if in_loop else calls
                rows.append(_describe_killed(name, match.killed[contender.name], in_loop, needed))
            elif reason is not None and contender.name != RAW:
                rows.append([TITLES[case], name, "", "", "", "", "", f"skipped: {reason}"])
            elif runs := match.results.get((case, contender.name)):
                shares = match.find_shares(case, contender.name)
                cpu_ms = match.find_cpu_ms(case, contender.name)
                rows.append(_describe(TITLES[case], name, runs, shares, cpu_ms, match.slots, wanted.get(case)))
    return rows


def list_bars(match: Match, arguments: argparse.Namespace) -> list[Bar]:
    """The product's bars; those against peers only where the peer did it."""
    bars = [
        Bar(f"{TITLES[case]}: share of raw aiohttp", median(match.find_shares(case, OURS) or [0.0]), ">=", bar)
        for case, bar in SHARES
        if case in arguments.only
    ]
    if match.results.get(("loop", OURS)) and (cpu_ms := match.find_cpu_ms("loop", OURS)) is not None:
        bars.append(Bar(f"{TITLES['loop']}: CPU ms per call", cpu_ms, "<=", CPU_MS))
    if ours := match.results.get(("staged", OURS)):
        over = median(one.find_over_ideal(match.slots) for one in ours)
        bars.append(Bar(f"{TITLES['staged']}: time over ideal", over, "<=", OVER_IDEAL))
    for case in ("loop", "calls", "tail"):
        for contender in match.contenders:
            if contender.name not in (OURS, RAW) and match.results.get((case, contender.name)):
                times = median(match.compare(case, OURS, contender.name) or [0.0])
                least = TIMES_AUTOSYNTH if contender.name == "autosynth" else 1.0
                bars.append(Bar(f"{TITLES[case]}: times {contender.name}", times, ">=", least))
    if killed := match.killed.get(OURS):
        repeated = killed.calls - CALLS_PER_SOURCE * arguments.sources
        bars += [
            Bar(f"{TITLES['kill']}: calls repeated", repeated, "<=", match.slots),
            Bar(f"{TITLES['kill']}: sources accepted", killed.done.finished, ">=", arguments.sources),
            Bar(f"{TITLES['kill']}: journal intact, read along without an error", match.whole, ">=", 1),
        ]
    failed = [case for case in TITLES if (case, OURS) in match.skipped]
    return [*bars, Bar("cases the product did not finish", len(failed), "<=", 0)]


def _describe(
    case: str,
    name: str,
    runs: list[Measured],
    shares: list[float],
    cpu_ms: float | None,
    slots: int,
    wanted: int | None,
) -> Row:
    rates = [one.rate for one in runs]
    said = []
    if wanted is None:
        said.append(f"{median(one.find_over_ideal(slots) for one in runs):.2f} × ideal")
    elif any(one.calls != wanted for one in runs):
        said.append(f"{runs[-1].calls - wanted:+d} calls")
    if max(one.peak for one in runs) > slots:
        said.append(f"{max(one.peak for one in runs)} at once")
    said.append(f"{min(one.done.finished for one in runs)} finished")
    return [
        case,
        name,
        int(median(one.calls for one in runs)),
        f"{median(rates):.0f}",
        f"{min(rates):.0f}–{max(rates):.0f}",
        f"{median(shares):.2f} ({min(shares):.2f}–{max(shares):.2f})" if shares else "",
        "" if cpu_ms is None else f"{cpu_ms:.1f}",
        ", ".join(said),
    ]


def _describe_killed(name: str, killed: Killed, in_loop: bool, needed: int) -> Row:
    work = "loop" if in_loop else "single calls"
    said = f"killed at {killed.before}, {killed.calls - needed} repeated, {killed.done.finished} finished"
    return [TITLES["kill"], name, killed.calls, "", "", "", "", f"{work}: {said}"]


if __name__ == "__main__":
    sys.exit(main())
