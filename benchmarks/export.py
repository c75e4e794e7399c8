"""Exports at size: items written per second in every format, and how much memory that takes.

    python -m benchmarks.export            100,000 items to each format
    python -m benchmarks.export --quick    20,000
    python -m benchmarks.export --whole    and the whole way from an index of so many approved tasks: gate, files, card

Every format is written in a process of its own, so that its peak is its own. Items are as large as the demo's (about
5 KB a line, and six answers of 1.2 KB beside it); making them is not timed, forcing them to the disk is. `raw` asks the
index what stands behind every item, here one of 400 tasks. Processor time is what other work on the machine changes
least.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from autodata.dataset.entry import SPLITS, Entry
from autodata.dataset.formats import FORMATS, FormatOptions, open_writer
from autodata.dataset.items import make_item
from autodata.dataset.versions import export_dataset
from autodata.home import Home
from autodata.index import Index, open_index
from autodata.index.ingest import ingest_home
from autodata.index.queries.dataset import AnswerRow, ExportRow, stream_export_rows
from autodata.model import Criterion
from benchmarks.filled import fill_index
from benchmarks.report import Bar, print_report, say
from tests.support.export_rows import make_row
from tests.support.journals import write_run

FULL, QUICK = 100_000, 20_000
BATCH = 1_000
BEHIND = 400
"""Tasks in the index that `raw` asks."""
RATE_BAR, MEMORY_BAR_MB = 20_000, 500
WORDS = "lease bound clock vote leader log round state read write page cache plan query join lock commit proof".split()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="20,000 items")
    parser.add_argument("--whole", action="store_true", help="also the whole way from an index")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    items = QUICK if options.quick else FULL
    if options.one:
        print(json.dumps(_measure_whole(items) if options.one == "whole" else _measure_format(options.one, items)))
        return 0
    measured = {}
    for name in [*FORMATS, *(["whole"] if options.whole else [])]:
        say(f"{name} …")
        command = [sys.executable, "-m", "benchmarks.export", "--one", name, *(["--quick"] if options.quick else [])]
        measured[name] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    rows = [
        [name, f"{items / m['seconds']:,.0f}", f"{items / m['cpu']:,.0f}", f"{m['peak_mb']:,.0f}"]
        for name, m in measured.items()
    ]
    bars = [Bar("items/s to tasks.jsonl", items / measured["jsonl"]["seconds"], ">=", RATE_BAR, "items/s")]
    bars += [
        Bar(f"peak memory, {name}", m["peak_mb"], "<=", MEMORY_BAR_MB, "MB")
        for name, m in measured.items()
        if name != "whole"
    ]
    headings = ["format", "items/s", "items/s of processor time", "peak MB"]
    return print_report("export", f"{items:,} items to each format", headings, rows, bars, json=options.json)


def _measure_format(name: str, items: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="autodata-bench-") as folder:
        home, out = Home(Path(folder) / "home"), Path(folder) / "out"
        out.mkdir()
        with open_index(home) as index:
            rows = list(_load_behind(index, home)) if name == "raw" else list(_make_rows())
            writer = open_writer(name, out, FormatOptions(), index)
            entries, seconds, cpu = _make_entries(rows, items), 0.0, 0.0
            while batch := list(islice(entries, BATCH)):
                started, used = time.perf_counter(), time.process_time()
                writer.write(batch)
                seconds, cpu = seconds + time.perf_counter() - started, cpu + time.process_time() - used
            started, used = time.perf_counter(), time.process_time()
            writer.close()
            seconds, cpu = seconds + time.perf_counter() - started, cpu + time.process_time() - used
        return {"seconds": seconds, "cpu": cpu, "peak_mb": _find_peak_mb()}


def _measure_whole(items: int) -> dict[str, float]:
    """From an index with so many approved tasks to a version with tasks.jsonl: gate, journals, manifest and card."""
    with tempfile.TemporaryDirectory(prefix="autodata-bench-") as folder:
        home = Home(Path(folder) / "home")
        subprocess.run([sys.executable, "-c", _FILL, str(home.root), str(items)], check=True, stdout=sys.stderr)
        with open_index(home) as index:
            started, used = time.perf_counter(), time.process_time()
            result = export_dataset(home, index, "bench", formats=("jsonl",))
            seconds, cpu = time.perf_counter() - started, time.process_time() - used
        if result.items < items:
            raise RuntimeError(f"{result.items:,} of {items:,} tasks left")
        return {"seconds": seconds, "cpu": cpu, "peak_mb": _find_peak_mb()}


_FILL = """
import sys
from pathlib import Path
from autodata.home import Home
from benchmarks.export import fill_approved
fill_approved(Home(Path(sys.argv[1])), int(sys.argv[2]))
"""


def fill_approved(home: Home, items: int) -> None:
    """An index with so many approved tasks, by copying those of one run that was ingested."""
    write_run(home, "cs-0000", 1_000, plans=[("accepted",)])
    with open_index(home) as index:
        ingest_home(index, home)
        fill_index(index, home, items)
        with index.write() as db:
            db.execute("DELETE FROM verdicts")
            db.execute("DELETE FROM votes")
            db.execute(
                """INSERT INTO verdicts BY NAME SELECT task_id, 'd' || task_id AS decision_id, 'approved' AS state,
                    '' AS reason, '' AS note, 'ann' AS reviewer, t, content_sha, key, 1 AS given, 1 AS needed
                FROM tasks"""
            )
            db.execute(
                """INSERT INTO votes BY NAME SELECT task_id, key, '' AS run_id, reviewer, 'approve' AS verdict, reason,
                    note, t, decision_id, false AS adjudicates, 'approve' AS own, 10.0 AS seconds_on_item
                FROM verdicts"""
            )
            db.execute("UPDATE rounds SET decision = 'approved'")
            db.execute("UPDATE trajectories SET decision = 'approved'")


def _load_behind(index: Index, home: Home) -> Iterator[ExportRow]:
    write_run(home, "cs-0000", BEHIND, plans=[("accepted",)])
    ingest_home(index, home)
    for batch in stream_export_rows(index):
        yield from batch


def _make_rows() -> Iterator[ExportRow]:
    """Some different tasks of the demo's size, to be written again and again."""
    rng = random.Random(7)
    for number in range(200):
        answers = [
            AnswerRow(solver, index, "ok", "stop", _write(rng, 1_200), 0.2 + 0.5 * (solver == "strong"), "select")
            for solver in ("strong", "weak")
            for index in range(3)
        ]
        yield make_row(
            task_id=f"t{number}",
            context=_write(rng, 700),
            question=_write(rng, 250),
            reference_answer=_write(rng, 900),
            rubric=tuple(Criterion(f"c{place}", _write(rng, 110), 3 if place < 9 else -3) for place in range(13)),
            answers=tuple(answers),
        )


def _make_entries(rows: list[ExportRow], items: int) -> Iterator[Entry]:
    made = [Entry(make_item(row, "Ada"), row, SPLITS[number % 3]) for number, row in enumerate(rows)]
    return (made[number % len(made)] for number in range(items))


def _write(rng: random.Random, length: int) -> str:
    return " ".join(rng.choices(WORDS, k=length // 5))[:length]


def _find_peak_mb() -> float:
    """Peak resident memory of this process; Linux counts in KiB, macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


if __name__ == "__main__":
    sys.exit(main())
