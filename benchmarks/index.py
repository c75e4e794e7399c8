"""The index at size: records ingested per second, how long the pages' queries take, also while a run is taken in.

    python -m benchmarks.index            20,000 tasks, 100,000 rounds
    python -m benchmarks.index --full     100,000 tasks, 500,000 rounds

Every query is asked in several passes over all of them; its 95th percentile is that of its median pass, so that another
program's burst of work spoils one pass and not the figure. `cpu` is the processor time of one call, all threads
together: the part of the figure that the machine's other work hardly changes.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from autodata.audit.reading import read_run
from autodata.audit.run_audit import audit_task
from autodata.audit.run_luck import fit_run_noise
from autodata.home import Home
from autodata.index import Index, audit_loading, open_index
from autodata.index.ingest import IngestReport, ingest_home, ingest_reviews_now
from autodata.index.queries import cards, dataset_gate, next_steps, overview, review, runs, task, tasks
from autodata.index.queries.filters import Box, TaskFilter
from autodata.llm.seat import simulated_seats
from autodata.policy import make_policy
from autodata.recipes.recipe import load_recipe
from autodata.runs import create_run, execute_run
from autodata.settings import RunSettings
from autodata.sources.load import load_sources
from benchmarks.filled import FULL, QUICK, build_home, draw_plans
from benchmarks.report import Bar, print_report, say, take_p95
from tests.support.journals import write_decision, write_run

WARM_UPS, REPEATS, PASSES = 2, 20, 3
LIVE_SOURCES = 600
DOMAINS = ("cs", "legal", "math")
AUDIT_SOURCES = 8
"""Passages a domain whose tasks are audited; every round of them counts, accepted or not."""
SAMPLES = Path(__file__).parents[1] / "samples"
SHOWN = ("trajectories", "rounds", "rollouts", "calls", "audits", "findings")
WHILE_INGESTING = ("Overview: totals", "Tasks: first page", "Review: next", "Review: task with all evidence")

Row = tuple[str, float, float, float, float]
"""Name, smallest, median and 95th percentile in ms, median processor time in ms."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="100,000 tasks and 500,000 rounds")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="autodata-bench-") as folder:
        home = Home(Path(folder))
        with open_index(home) as index:
            ingested, audited, used = build_home(index, home, FULL if options.full else QUICK)
        file_mb = home.database.stat().st_size / 2**20
        with open_index(home) as index:  # as the app finds it, not as the copying left it in memory
            rows, bars = measure_index(index, home)
            sizes = {table: index.query(f"SELECT count(*) FROM {table}")[0][0] for table in SHOWN}
    bars.insert(0, Bar("ingest", ingested.rate, ">=", 20_000, "records/s"))
    each, cpu = (round(1000 * seconds / audited.tasks, 2) for seconds in (audited.seconds, used))
    rows.append((f"Audit pass: one of {audited.tasks:,} tasks, read and written", each, each, each, cpu))
    audit_rows, audit_bar = time_audit()
    rows += audit_rows
    bars.append(audit_bar)
    title = ", ".join(f"{count:,} {table}" for table, count in sizes.items()) + (
        f"; ingested {ingested.records:,} records ({ingested.bytes / 2**20:,.0f} MiB); index file {file_mb:,.0f} MiB"
    )
    return print_report(
        "index", title, ["query", "min ms", "p50 ms", "p95 ms", "cpu ms"], rows, bars, json=options.json
    )


def measure_index(index: Index, home: Home) -> tuple[list[Row], list[Bar]]:
    """Rows of the report and its bars but for the rate of ingestion."""
    questions = build_questions(index)
    say("asking …")
    rows = time_questions(index, questions)
    worst = max(rows, key=lambda row: row[3])
    say("deciding …")
    rows.append(time_decisions(index, home))
    decision = rows[-1][3]
    say("writing another journal, and asking while it is taken in …")
    rows += time_while_ingesting(index, home, {name: questions[name] for name in WHILE_INGESTING})
    bars = [
        Bar(f"slowest page query, p95 ({worst[0]})", worst[3], "<=", 20, "ms"),
        Bar("decision to index, p95", decision, "<=", 50, "ms"),
    ]
    return rows, bars


def time_audit() -> tuple[list[Row], Bar]:
    """The record audit of one task, on simulated runs of every domain: measured, judged, without writing."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="autodata-bench-") as folder:
        for domain in DOMAINS:
            say(f"running simulated models on the {domain} samples, and auditing what they made …")
            records = read_run(_run_simulated(Home(Path(folder)), domain), everything=True)
            noise = fit_run_noise(records.measured)
            for task in records.tasks[:WARM_UPS]:
                audit_task(task, noise)
            times = [_measure(partial(audit_task, task, noise)) for task in records.tasks]
            rows.append(_summarise(f"Audit: one task ({domain}, {len(times)} tasks)", [times]))
    worst = max(rows, key=lambda row: row[4])
    return rows, Bar(f"record audit of one task, cpu ({worst[0]})", worst[4], "<=", 5, "ms")


def _run_simulated(home: Home, domain: str) -> Path:
    recipe = load_recipe(domain)
    policy = make_policy(recipe.limits.flow.policy)
    settings = RunSettings(domain=domain, policy=policy, seats=simulated_seats(), seed=5)
    sources = load_sources([SAMPLES / domain], limit=AUDIT_SOURCES)
    run_id = create_run(home, settings, recipe, sources)
    execute_run(home, run_id)
    return home.journal(run_id)


def build_questions(index: Index, run_id: str = "cs-0003") -> dict[str, Callable[[], object]]:
    """One question per thing a page draws; `run_id` of the run that is looked at."""
    rng = random.Random(1)
    ids = [row[0] for row in index.query("SELECT task_id FROM trajectories WHERE accepted USING SAMPLE 200")]
    last, everything = TaskFilter(), TaskFilter(scope="all", outcomes=("too_easy",))
    total = tasks.count_tasks(index, TaskFilter())
    queue = review.Queue()
    return {
        "Overview: totals": lambda: overview.load_totals(index, reviewer="ann"),
        "Overview: sparklines": lambda: overview.load_sparklines(index),
        "Overview: map": lambda: overview.load_landing(index),
        "Overview: funnel": lambda: overview.load_funnel(index),
        "Overview: outcome by round": lambda: overview.load_outcomes_by_round(index),
        "Overview: runs": lambda: overview.list_run_cards(index, 12),
        "Overview: needs somebody": lambda: overview.list_needs(index),
        "Runs: one run": lambda: runs.load_run(index, run_id),
        "Runs: progress": lambda: runs.load_progress(index, run_id),
        "Tasks: first page": lambda: tasks.list_tasks(index, last),
        "Tasks: page in the middle": lambda: tasks.list_tasks(index, last, 50, rng.randrange(total)),
        "Tasks: by gap": lambda: tasks.list_tasks(index, TaskFilter(order="gap", scope="accepted")),
        "Tasks: every round, filtered": lambda: tasks.list_tasks(index, everything),
        "Tasks: count": lambda: tasks.count_tasks(index, TaskFilter(bands=("right",), decision="open")),
        "Tasks: search": lambda: tasks.list_tasks(index, TaskFilter(search=rng.choice(["lease", "round 7", "100%"]))),
        "Tasks: brush": lambda: tasks.list_tasks(index, TaskFilter(box=Box(0.2, 0.4, 0.6, 0.9), order="risk")),
        "Tasks: map": lambda: tasks.load_map(index, last),
        "Tasks: bands by run": lambda: tasks.count_bands_by(index, last, "run"),
        "Tasks: every round by gap": lambda: tasks.list_tasks(index, TaskFilter(scope="all", order="gap")),
        "Tasks: by risk": lambda: tasks.list_tasks(index, TaskFilter(order="risk")),
        "Overview: where reviewing pays": lambda: next_steps.list_open_alarms(index),
        "Overview: jumps of alarms": lambda: next_steps.list_jumps(index),
        "Tasks: map of every round": lambda: tasks.load_map(index, TaskFilter(scope="all")),
        "Review: task with all evidence": lambda: task.load_task(index, rng.choice(ids)),
        "Review: next": lambda: review.find_next(index, queue, rng.choice(ids)),
        "Review: place": lambda: review.find_item(index, queue, rng.choice(ids)),
        "Review: progress": lambda: review.load_progress(index, queue),
        "Review: last decisions": lambda: review.list_last_decisions(index),
        "Dataset: gate": lambda: dataset_gate.count_gate(index),
        "Runs: cards": lambda: cards.list_run_cards(index),
        "Audit: runs to audit": lambda: audit_loading.list_runs(index),
        "Audit: tasks whose checks changed": lambda: audit_loading.list_stale(index),
    }


def time_questions(index: Index, questions: dict[str, Callable[[], object]]) -> list[Row]:
    """Each question's figures over all passes."""
    for ask in questions.values():
        for _ in range(WARM_UPS):
            ask()
    passes: dict[str, list[list[tuple[float, float]]]] = {name: [] for name in questions}
    for _ in range(PASSES):
        for name, ask in questions.items():
            passes[name].append([_measure_anew(index, ask) for _ in range(REPEATS)])
    return [_summarise(name, times) for name, times in passes.items()]


def time_decisions(index: Index, home: Home) -> Row:
    """From a decision in the journal to the index that knows it."""
    ids = [row[0] for row in index.query("SELECT task_id FROM trajectories WHERE accepted LIMIT ?", [REPEATS * 2])]
    times = []
    for task_id in ids:
        write_decision(home, task_id)
        times.append(_measure(lambda: ingest_reviews_now(index, home)))
    return _summarise("Review: decision to index", [times])


def time_while_ingesting(index: Index, home: Home, questions: dict[str, Callable[[], object]]) -> list[Row]:
    """The same questions while the ingest works through another run."""
    write_run(home, "live-0001", LIVE_SOURCES, plans=draw_plans(), words=150)
    done: list[IngestReport] = []
    worker = threading.Thread(target=lambda: done.append(ingest_home(index, home)))
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in questions}
    worker.start()
    while worker.is_alive():
        for name, ask in questions.items():
            times[name].append(_measure_anew(index, ask))
    worker.join()
    say(f"took in {done[0].records:,} records meanwhile, {done[0].rate:,.0f}/s")
    return [_summarise(f"{name} (while ingesting)", [values]) for name, values in times.items()]


def _measure_anew(index: Index, ask: Callable[[], object]) -> tuple[float, float]:
    """The first answer after something changed: what the index remembers between changes does not count."""
    index.revision += 1
    return _measure(ask)


def _measure(ask: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds by the clock and of processor time."""
    started, used = time.perf_counter(), time.process_time()
    ask()
    return (time.perf_counter() - started) * 1000, (time.process_time() - used) * 1000


def _summarise(name: str, passes: Iterable[list[tuple[float, float]]]) -> Row:
    each = [[wall for wall, _ in times] for times in passes]
    cpu = statistics.median(cpu for times in passes for _, cpu in times)
    walls = [wall for times in each for wall in times]
    p95 = statistics.median(take_p95(times) for times in each)
    return name, round(min(walls), 2), round(statistics.median(walls), 2), round(p95, 2), round(cpu, 2)


if __name__ == "__main__":
    sys.exit(main())
