"""What grows with a home, and what must not: page queries, memory, ingest beside pages, compressed journals.

    python -m benchmarks.scale                      10,000 tasks, all of them ingested; then 100,000
    python -m benchmarks.scale --full               and 1,000,000 tasks in 1,000 runs: about 10 GB of disk, half an hour
    python -m benchmarks.scale --sizes 2000,20000   any sizes, ascending
    python -m benchmarks.scale --ray                and a run on one and on two Ray nodes against one process

The first size is written as journals and ingested like any run. Larger ones are copied inside the database
(benchmarks.bulk): writing a million tasks as journals would take hours and measure nothing else. Each size is asked in
a process of its own, as the app finds its index, whose memory is then that of the index and the queries alone.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autodata.home import Home
from autodata.index import Index, open_index
from autodata.index.auditing import audit_pending
from autodata.index.ingest import ingest_home
from autodata.index.queries import task
from autodata.index.thread import IngestThread
from autodata.journal import verify_journal
from autodata.operations.compress import compress_journals, list_plain
from benchmarks.bulk import grow_index
from benchmarks.filled import draw_plans
from benchmarks.index import build_questions
from benchmarks.ray_nodes import measure_nodes
from benchmarks.report import Bar, print_report, say, take_p95
from tests.support.journals import write_run

USUAL, MORE = (10_000, 100_000), (10_000, 100_000, 1_000_000)
SOURCES, ROUNDS = 1000, 3
"""Of one run: about 13 answers and 32 calls a source."""

AUDIT_S = 20.0
REPEATS = 12
LONG_WORDS = 40_000
"""Of the answers of one source in the first run: about 250 kB each."""

LIVE_RATE, LIVE_S = 1000, 8
"""Records a second of a run that goes on beside the pages, several times what one engine makes, and for how long."""

LIVE = ("Overview: totals", "Tasks: first page", "Review: next", "Review: task with all evidence")
PAGE_MS, GROWTH, MEMORY_MB = 20.0, 2.0, 2048


def main() -> int:
    """Print the table; exit code 0 only when every bar holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="1,000,000 tasks, too")
    parser.add_argument("--sizes", help="tasks, ascending, e.g. 2000,20000")
    parser.add_argument("--ray", action="store_true", help="runs on Ray nodes of this machine, too")
    parser.add_argument("--ask", type=Path, help="ask an index that is there, and print what was measured")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    options = parser.parse_args()
    if options.ask:
        print(json.dumps(ask_home(Home(options.ask))))
        return 0
    sizes = [int(size) for size in options.sizes.split(",")] if options.sizes else MORE if options.full else USUAL
    with tempfile.TemporaryDirectory(prefix="autodata-bench-") as folder:
        home = Home(Path(folder))
        made = fill_home(home, sizes[0])
        found = [ask_apart(home)]
        for size in sizes[1:]:
            say(f"copying up to {size:,} tasks …")
            with open_index(home) as index:
                grow_index(index, home, size)
            found.append(ask_apart(home))
        packed = measure_compression(home)
    if options.ray:
        packed |= measure_ray()
    return report(found, made, packed, json_only=options.json)


def fill_home(home: Home, tasks: int) -> dict[str, float]:
    """Write and ingest runs for so many tasks, audit a part of them; returns the rates."""
    say("writing journals …")
    runs = max(1, tasks // SOURCES)
    started, written = time.perf_counter(), 0
    for number in range(runs):
        plans = draw_plans(ROUNDS)
        write_run(home, f"cs-{number:04d}", SOURCES if runs > 1 else tasks, seed=number, plans=plans, words=150)
    write_run(home, "long-0001", 1, plans=[["too_easy", "accepted"]], words=LONG_WORDS)
    written = sum(path.stat().st_size for path in home.runs.glob("*/journal.jsonl"))
    wrote = time.perf_counter() - started
    say("ingesting them …")
    with open_index(home) as index:
        report = ingest_home(index, home)
        audited = audit_pending(index, home, limit_s=AUDIT_S)
        index.checkpoint()
        size = home.database.stat().st_size
    return {
        "records": report.records,
        "ingest_rate": report.rate,
        "ingest_mb_s": report.bytes / 1e6 / report.seconds,
        "append_rate": report.records / wrote,
        "journal_bytes": written / tasks,
        "index_bytes": size / tasks,
        "audit_ms": 1000 * audited.seconds / max(1, audited.tasks),
    }


def ask_apart(home: Home) -> dict[str, Any]:
    """`ask_home` in a process of its own."""
    say("asking …")
    command = [sys.executable, "-m", "benchmarks.scale", "--ask", str(home.root)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def ask_home(home: Home) -> dict[str, Any]:
    """Page queries, an ingest pass that finds nothing, pages beside a growing run, and the memory of all that."""
    with open_index(home) as index:
        run_id = index.query("SELECT run_id FROM runs ORDER BY started LIMIT 1")[0][0]
        questions = build_questions(index, run_id)
        long = index.query("SELECT task_id FROM trajectories t JOIN runs u USING (run) WHERE u.run_id = 'long-0001'")
        if long:
            questions["Review: task with 250 kB answers"] = lambda: task.load_task(index, long[0][0])
        ingest_home(index, home)
        passes = [_time(lambda: ingest_home(index, home))[0] for _ in range(5)]
        times = {name: _ask(index, question) for name, question in questions.items()}
        live = _ask_while_growing(index, home, {name: questions[name] for name in LIVE})
        sizes = {name: index.query(f"SELECT count(*) FROM {name}")[0][0] for name in SIZES}
    return {
        **sizes,
        "file_mb": home.database.stat().st_size / 2**20,
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "pass_ms": statistics.median(passes),
        "questions": times,
        "live": live,
    }


def measure_compression(home: Home) -> dict[str, float]:
    """How much smaller the first run's journal becomes, how fast, and how fast it verifies before and after."""
    chosen = [journal for journal in list_plain(home, ["cs-0000"]) if not journal.why_not]
    plain_s = _time(lambda: verify_journal(chosen[0].path))[0] / 1000
    (done,) = compress_journals(chosen[:1])
    if isinstance(done, Exception):
        raise done
    packed_s = _time(lambda: verify_journal(chosen[0].path))[0] / 1000
    return {
        "ratio": done.bytes / done.packed,
        "pack_mb_s": done.bytes / 1e6 / done.seconds,
        "verify_plain_mb_s": done.bytes / 1e6 / plain_s,
        "verify_packed_mb_s": done.bytes / 1e6 / packed_s,
    }


def measure_ray(sources: int = 30) -> dict[str, float]:
    """Calls per second on one and on two nodes, and the journal's process's CPU per call, each over that of a run in
    one process.
    """
    found = {}
    for nodes in (1, 2):
        say(f"running on Ray, {nodes} node(s) …")
        made = measure_nodes(nodes, sources)
        found[f"ray, {nodes} node(s), rate"] = made.nodes.rate / made.alone.rate
        found[f"ray, {nodes} node(s), driver CPU"] = made.driver_cpu_share
    return found


def report(found: list[dict[str, Any]], made: dict[str, float], packed: dict[str, float], *, json_only: bool) -> int:
    """Print what was measured, a column a size."""
    headings = ["what", *(f"{one['trajectories']:,} tasks" for one in found)]
    rows: list[list[Any]] = [[name, *(f"{one[name]:,}" for one in found)] for name in SIZES]
    rows += [[words, *(f"{one[name]:,.0f}" for one in found)] for name, words in FIGURES.items()]
    for name in found[0]["questions"]:
        times = (one["questions"][name] for one in found)
        rows.append([f"{name}: p95 ms / cpu ms", *(f"{each['p95']:.1f} / {each['cpu']:.1f}" for each in times)])
    for name in LIVE:
        rows.append([f"{name} beside a growing run, p95 ms", *(f"{one['live'][name]['p95']:.1f}" for one in found)])
    rows += [[name, f"{value:,.2f}", *[""] * (len(found) - 1)] for name, value in {**made, **packed}.items()]
    usual = next((one for one in found if one["trajectories"] >= USUAL[-1]), found[-1])
    slowest = max(usual["questions"], key=lambda name: usual["questions"][name]["p95"])
    bars = [
        Bar(f"slowest page query, p95 ({slowest})", usual["questions"][slowest]["p95"], "<=", PAGE_MS, "ms"),
        Bar("memory of index and queries", max(one["memory_mb"] for one in found), "<=", MEMORY_MB, "MB"),
        Bar("a compressed journal's size", 1 / packed["ratio"], "<=", 0.5, "of the plain one"),
        Bar("verifying it", packed["verify_packed_mb_s"] / packed["verify_plain_mb_s"], ">=", 0.5, "of the plain rate"),
    ]
    if found[-1] is not usual:
        # Processor time, which no other program's work changes as it does the clock's.
        grown = {name: found[-1]["questions"][name]["cpu"] / usual["questions"][name]["cpu"] for name in LASTING}
        worst = max(grown, key=lambda name: grown[name])
        bars.append(Bar(f"growth of page queries ({worst})", grown[worst], "<=", GROWTH, "times"))
    return print_report("scale", f"{found[-1]['runs']:,} runs", headings, rows, bars, json=json_only)


def _ask(index: Index, question: Callable[[], object]) -> dict[str, float]:
    question()
    times = []
    for _ in range(REPEATS):
        index.revision += 1  # what the index remembers between two changes does not count
        times.append(_time(question))
    walls, cpus = [wall for wall, _ in times], [cpu for _, cpu in times]
    return {"min": min(walls), "p50": statistics.median(walls), "p95": take_p95(walls), "cpu": statistics.median(cpus)}


def _ask_while_growing(
    index: Index, home: Home, questions: dict[str, Callable[[], object]]
) -> dict[str, dict[str, float]]:
    """The questions while the app's own thread takes in a run that grows by LIVE_RATE records a second."""
    with tempfile.TemporaryDirectory(prefix="autodata-bench-") as folder:
        write_run(Home(Path(folder)), "live-0001", LIVE_RATE * LIVE_S // 60, plans=draw_plans(ROUNDS), words=150)
        lines = Home(Path(folder)).journal("live-0001").read_bytes().splitlines(keepends=True)
    home.run("live-0001").mkdir(parents=True, exist_ok=True)
    ingest = IngestThread(index, home, audit_s=0).start()
    writer = threading.Thread(target=_write_slowly, args=(home.journal("live-0001"), lines))
    times: dict[str, list[float]] = {name: [] for name in questions}
    writer.start()
    while writer.is_alive():
        for name, question in questions.items():
            index.revision += 1
            times[name].append(_time(question)[0])
    writer.join()
    ingest.stop()
    return {name: {"p50": statistics.median(own), "p95": take_p95(own), "max": max(own)} for name, own in times.items()}


def _write_slowly(path: Path, lines: list[bytes]) -> None:
    step = LIVE_RATE // 20
    with open(path, "wb", buffering=0) as file:
        for start in range(0, len(lines), step):
            file.write(b"".join(lines[start : start + step]))
            time.sleep(0.05)


def _time(work: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds by the clock, and of processor time."""
    started, used = time.perf_counter(), time.process_time()
    work()
    return 1000 * (time.perf_counter() - started), 1000 * (time.process_time() - used)


SIZES = ("trajectories", "rounds", "rollouts", "calls", "runs")
FIGURES = {"file_mb": "index file, MB", "memory_mb": "memory, MB", "pass_ms": "ingest pass that finds nothing, ms"}
LASTING = (
    "Overview: totals", "Overview: funnel", "Overview: runs", "Runs: one run", "Runs: cards", "Tasks: first page",
    "Tasks: by gap", "Tasks: by risk", "Tasks: every round by gap", "Tasks: map", "Tasks: count",
    "Review: task with all evidence", "Review: next", "Review: place", "Review: progress", "Dataset: gate",
)  # fmt: skip
"""What a page asks whenever it is drawn."""


if __name__ == "__main__":
    sys.exit(main())
