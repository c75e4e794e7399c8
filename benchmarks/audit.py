"""How well the audit works: sabotage planted by known families in simulated runs, found from their journals alone.

Every run goes through the challenger's loop, its journal through the product's reader, detectors and fresh checks (all
of them, at most five answers an arm), the evidence through the ranking. Truth is put beside the result only where it is
measured. Some runs are audited under the default plan, for its cost, and compared with clean ones that went through it.
Clean tasks calibrate the ranking, others measure false positives; the held-out families and all evasive variants were
frozen before detectors were tuned, and their hashes are printed.

    python -m benchmarks.audit                      about 20 minutes on two cores; exit code 0 when every target holds
    python -m benchmarks.audit --smoke              a minute: every part once, too few tasks for any target
    python -m benchmarks.audit --quick              a third of that: every family with few tasks and wide intervals
    python -m benchmarks.audit --write-docs         also writes docs/audit.md, its figure and the packaged numbers
    python -m benchmarks.audit --rows FILE          keeps the audited rows there, and takes up what is there: a run that
                                                    was killed goes on with the same options

The targets are those of benchmarks.sabotage.targets.
"""

from __future__ import annotations

import argparse
import json as jsonlib
import multiprocessing
import sys
import time
from functools import partial
from pathlib import Path

from benchmarks.report import print_report, say
from benchmarks.sabotage.frozen import FROZEN, hash_groups
from benchmarks.sabotage.kept import keep_cell, load_cells
from benchmarks.sabotage.metrics import Results
from benchmarks.sabotage.report import HEADINGS, RUNS_PER_CASE, Report, write_docs
from benchmarks.sabotage.run_level import CASES, CaseResult, evaluate_case
from benchmarks.sabotage.suite import FULL, PROCESSES, QUICK, SMOKE, Cell, Collected, collect, list_cells
from benchmarks.sabotage.targets import list_bars

SMOKE_RUNS, SMOKE_TASKS = 2, 20


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 when every target holds; the smoke version judges none and ends with 0 when every part worked."""
    options = _parse(arguments)
    scale = SMOKE if options.smoke else QUICK if options.quick else FULL.shrink(options.share)
    cells = [cell for seed in options.seeds for cell in list_cells(scale, seed)]
    collected = _gather(cells, options.rows, options.processes)
    results = Results(collected, options.seeds[0])
    families = results.measure_families()
    bars = [] if options.smoke else list_bars(results, families)
    hashes = hash_groups()
    report = Report(results, tuple(families), tuple(bars), tuple(_run_cases(options.smoke, options.processes)), hashes)
    for name, sha in hashes.items():
        say(f"{'frozen' if FROZEN.get(name) == sha else 'NOT AS FROZEN'} {name} {sha}")
    if options.write_docs:
        write_docs(report)
    if options.json:
        print(jsonlib.dumps(report.describe()))
        return 0 if all(bar.ok for bar in bars) else 1
    return print_report("audit", "planted sabotage, found from journals alone", HEADINGS, report.list_rows(), bars)


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit", description=__doc__.split("\n")[0])
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout instead of tables")
    parser.add_argument("--smoke", action="store_true", help="every part once, in a minute; no target is judged")
    parser.add_argument(
        "--quick", action="store_true", help="every family with few rows: wide intervals, a third of it"
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], help="everything once per seed, taken together")
    parser.add_argument("--rows", type=Path, help="file of audited rows: what is in it is not done again")
    parser.add_argument("--share", type=float, default=1.0, help="of all rows, for a quicker look; targets need all")
    parser.add_argument("--processes", type=int, default=PROCESSES)
    parser.add_argument("--write-docs", action="store_true", help="write tables, figure and packaged numbers")
    return parser.parse_args(arguments)


def _gather(cells: list[Cell], kept: Path | None, processes: int) -> list[Collected]:
    start, found = time.monotonic(), load_cells(kept, cells) if kept is not None else []
    known = {one.cell for one in found}
    for one in collect([cell for cell in cells if cell not in known], processes):
        found.append(one)
        if kept is not None:
            keep_cell(kept, one)
        short = f", {one.cell.wanted - len(one.rows)} short" if len(one.rows) < one.cell.wanted else ""
        lost = f", {one.unread} not read as accepted" if one.unread else ""
        done = f"{time.monotonic() - start:6.0f} s  {len(found)}/{len(cells)}"
        say(f"{done}  {one.cell.name}: {len(one.rows)}{short}{lost}")
    # In the order of the plan, whichever process was first: every later number depends on the cells alone.
    place = {cell: at for at, cell in enumerate(cells)}
    return sorted(found, key=lambda one: place[one.cell])


def _run_cases(smoke: bool, processes: int) -> list[CaseResult]:
    """Whole runs, a case at a time."""
    cases = CASES[:2] if smoke else CASES
    runs, tasks = (SMOKE_RUNS, SMOKE_TASKS) if smoke else (RUNS_PER_CASE, 100)
    evaluate = partial(evaluate_case, runs=runs, tasks=tasks, seed=0)
    if processes < 2:
        return [evaluate(case) for case in cases]
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        return pool.map(evaluate, cases, chunksize=1)


if __name__ == "__main__":
    sys.exit(main())
