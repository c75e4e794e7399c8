"""A run on a Ray cluster of several nodes on this machine against one process: the same result, and what it costs.

Nodes on one machine share its CPUs, so nothing here shows that more machines are faster. What bounds that is the CPU of
the process that holds the journal: `driver_cpu_share` is its CPU per call against that of a run in one process, and its
inverse is about the number of machines it can feed. `measure_nodes` is for other benchmarks; alone this prints a table.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from autodata.executors.choice import LOCAL, ExecutorChoice, make_choice, require_executor
from autodata.home import Home
from autodata.journal import read_records, verify_journal
from autodata.recipes.recipe import load_recipe
from autodata.runs import create_run, execute_run
from autodata.runs_live import read_live
from autodata.sources import Loaded
from benchmarks.engine import CALLS_PER_SOURCE, make_settings, make_sources, measure_cpu_s
from benchmarks.fixed_endpoint import read_counts, run_endpoint
from benchmarks.report import Bar, print_report


@dataclass(frozen=True, slots=True)
class Worked:
    """One run: calls a second as the endpoint saw them, CPU ms per call of the journal's process, calls served,
    recorded and recorded twice, accepted sources, what was committed, whether the journal is whole."""

    rate: float
    cpu_ms: float
    served: int
    recorded: int
    doubled: int
    accepted: int
    commits: Counter[str]
    intact: bool


@dataclass(frozen=True, slots=True)
class NodesMeasured:
    """The same sources in one process, on a cluster, and on a cluster of which a node was killed at half way."""

    alone: Worked
    nodes: Worked
    killed: Worked
    needed: int
    slots: int

    @property
    def driver_cpu_share(self) -> float:
        return self.nodes.cpu_ms / self.alone.cpu_ms

    def list_bars(self) -> list[Bar]:
        """Nothing lost, nothing doubled, the same result everywhere, and a journal's process that has time left."""
        same = self.alone.commits == self.nodes.commits == self.killed.commits
        return [
            Bar("calls lost, node killed", self.needed - self.killed.recorded, "<=", 0),
            Bar("calls recorded twice", self.nodes.doubled + self.killed.doubled, "<=", 0),
            Bar("calls repeated, node killed", self.killed.served - self.needed, "<=", self.slots),
            Bar("results identical to one process", int(same), ">=", 1),
            Bar("journals intact", int(self.nodes.intact and self.killed.intact), ">=", 1),
            Bar("CPU per call of the journal's process, share of one process", self.driver_cpu_share, "<=", 1.0),
        ]

    def list_rows(self) -> list[list[str]]:
        """Rows for COLUMNS."""
        named = {"one process": self.alone, "Ray": self.nodes, "Ray, a node killed at half way": self.killed}
        return [
            [name, f"{w.rate:.0f}", f"{w.cpu_ms:.2f}", f"{w.served:,}", f"{w.recorded:,}", f"{w.accepted:,}"]
            for name, w in named.items()
        ]


COLUMNS = ("", "calls/s", "CPU ms/call here", "calls served", "recorded", "accepted")


def measure_nodes(nodes: int = 2, sources: int = 60, slots: int = 32, latency_s: float = 0.05) -> NodesMeasured:
    """Start a cluster of so many nodes, with room for one worker each, and run the 14-call loop three times.

    Raises BadInput where Ray is not installed.
    """
    require_executor(make_choice("ray"))
    from ray.cluster_utils import Cluster

    with run_endpoint(latency_s) as address, tempfile.TemporaryDirectory() as folder:
        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
        try:
            for _ in range(nodes):
                cluster.add_node(num_cpus=1)
            choice = make_choice("ray", cluster.address, nodes)
            work = _Bench(Path(folder), address, sources, slots)
            alone = work.run("alone", LOCAL)
            whole = work.run("nodes", choice)
            killed = work.run("killed", choice, lambda: cluster.remove_node(next(iter(cluster.worker_nodes)), False))
        finally:
            cluster.shutdown()
    return NodesMeasured(alone, whole, killed, CALLS_PER_SOURCE * sources, slots)


@dataclass(frozen=True, slots=True)
class _Bench:
    folder: Path
    address: str
    sources: int
    slots: int

    def run(self, name: str, choice: ExecutorChoice, kill=None) -> Worked:
        home = Home(self.folder / name)
        settings = make_settings(self.address, self.slots)
        run_id = create_run(home, settings, load_recipe("cs"), Loaded(make_sources(self.sources)))
        killing = threading.Thread(target=self._kill_at_half, args=(home, run_id, kill), daemon=True)
        if kill:
            killing.start()
        before = measure_cpu_s()
        end = execute_run(home, run_id, executor=choice)
        used = measure_cpu_s() - before
        if kill:
            killing.join()
        counts = asyncio.run(read_counts(self.address))
        records = list(read_records(home.journal(run_id)))
        keys = Counter(r.data["key"] for r in records if r.kind == "call" and not r.data["error"])
        return Worked(
            rate=counts["calls"] / (counts["last"] - counts["first"]),
            cpu_ms=1000 * used / counts["calls"],
            served=int(counts["calls"]),
            recorded=len(keys),
            doubled=sum(keys.values()) - len(keys),
            accepted=end.totals["accepted"],
            commits=_list_commits(records),
            intact=verify_journal(home.journal(run_id)).ok,
        )

    def _kill_at_half(self, home: Home, run_id: str, kill) -> None:
        half = CALLS_PER_SOURCE * self.sources // 2
        while home.journal(run_id).read_bytes().count(b'"kind":"call"') < half or not read_live(home, run_id):
            time.sleep(0.05)
        kill()


def _list_commits(records) -> Counter[str]:
    """What must not depend on where a run was worked on: everything committed but the numbers of calls."""
    kept, unlike = {"task", "quality", "rollout", "round", "source_done"}, ("answer_call", "judge_call")
    return Counter(
        str([r.kind, sorted((k, v) for k, v in r.data.items() if k not in unlike)]) for r in records if r.kind in kept
    )


def main() -> int:
    """Print the table; exit code 0 only when every bar holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--nodes", type=int, default=2)
    parser.add_argument("--sources", type=int, default=60)
    parser.add_argument("--slots", type=int, default=32)
    arguments = parser.parse_args()
    made = measure_nodes(arguments.nodes, arguments.sources, arguments.slots)
    title = f"{arguments.sources} sources on {arguments.nodes} nodes of this machine, {arguments.slots} slots"
    return print_report("ray_nodes", title, COLUMNS, made.list_rows(), made.list_bars(), json=arguments.json)


if __name__ == "__main__":
    sys.exit(main())
