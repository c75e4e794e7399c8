"""The run of the matrix: six sources, three rounds, made once without any trouble and then under every fault.

The rule is lax, so that some sources are accepted and some are not. The models are simulated, at a server that the
matrix starts itself and may kill; what a model says depends on the request alone, so a disturbed run must come to the
same result, call by call.
"""

from __future__ import annotations

import json
import shutil
import urllib.request
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autodata.home import Home
from autodata.journal import read_records, verify_journal
from autodata.llm.seat import parse_seats, simulated_seats
from autodata.llm.simulator import Faults, RunningSimulator, start_simulator
from autodata.policy import make_policy
from autodata.recipes.recipe import load_recipe
from autodata.runs import create_run, execute_run
from autodata.settings import RunSettings
from autodata.sources import load_sources
from benchmarks.faulting.processes import ROOT, find_free_port

RUN = "cs-0001"
SLOTS = 4
SOURCES, ROUNDS = 6, 3


@dataclass(frozen=True, slots=True)
class Result:
    """What a run came to, in what does not depend on when and how often it was interrupted."""

    outcomes: dict[str, str]
    accepted: dict[str, tuple[Any, ...]]
    keys: frozenset[str]


@dataclass(slots=True)
class Trial:
    """The undisturbed run in `whole`, the same before its first call in `begun`, both with the server's address."""

    folder: Path
    port: int
    server: RunningSimulator
    begun: Home
    whole: Home
    result: Result
    records: int

    def copy(self, name: str, of: Home | None = None) -> Home:
        """A fresh home: the run before its first call, or a copy of another home."""
        target = self.folder / name
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree((of or self.begun).root, target)
        return Home(target)

    def restart_server(self, faults: Faults | None = None) -> None:
        """End the server and start it at the same address, with these faults."""
        self.server.stop()
        self.server = start_server(self.folder, self.port, faults)

    def count_served(self) -> int:
        """Chat requests that the server has read since it started."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=10) as response:
            return int(json.loads(response.read())["served"])


def make_trial(folder: Path, *, sources: int = SOURCES, rounds: int = ROUNDS) -> Trial:
    """Start the server, create the run and execute it once without trouble."""
    port = find_free_port()
    server = start_server(folder, port)
    try:
        begun, whole = Home(folder / "begun"), Home(folder / "whole")
        run_id = begin_run(begun, server.base_url, sources=sources, rounds=rounds)
        shutil.copytree(begun.root, whole.root)
        execute_run(whole, run_id)
        result = read_result(whole)
        if not result.accepted:
            raise RuntimeError("the undisturbed run accepted nothing, so nothing could be compared")
        return Trial(folder, port, server, begun, whole, result, count_records(whole.journal(RUN)))
    except BaseException:
        server.stop()
        raise


def begin_run(home: Home, base_url: str, *, sources: int = SOURCES, rounds: int = ROUNDS, max_tries: int = 10) -> str:
    """Create the run in an empty home; nothing is called yet. Returns its id."""
    settings = RunSettings(
        domain="cs",
        policy=make_policy("deployed", gap_min=0.02, strong_mean_max=1.0, weak_best_max=1.0, weak_mean_max=0.9),
        seats=make_seats(base_url, max_tries=max_tries),
        max_rounds=rounds,
        slots=SLOTS,
        sources_in_flight=SLOTS,
    )
    loaded = load_sources([ROOT / "samples" / "cs"], passage_words=400, limit=sources)
    return create_run(home, settings, load_recipe("cs"), loaded, run_id=RUN)


def start_server(folder: Path, port: int, faults: Faults | None = None) -> RunningSimulator:
    return start_simulator(folder / "simulator", port=port, latency_s=0.01, latency_per_token_s=0, faults=faults)


def make_seats(base_url: str, **endpoint: Any) -> Any:
    """The simulated seats at an address of their own, patient and without long waits."""
    values = simulated_seats().model_dump()
    values["endpoints"]["simulated"] |= {"base_url": base_url, "timeout_s": 5.0, "max_tries": 10, **endpoint}
    return parse_seats(values, "faults")


def read_result(home: Home, run_id: str = RUN) -> Result:
    outcomes: dict[str, str] = {}
    accepted: dict[str, tuple[Any, ...]] = {}
    keys: set[str] = set()
    for record in read_records(home.journal(run_id)):
        data = record.data
        if record.kind == "source_done":
            outcomes[data["source"]] = data["outcome"]
        elif record.kind == "round" and data["outcome"] == "accepted":
            accepted[data["source"]] = (data["round"], data["task_id"], data["weak_mean"], data["strong_mean"])
        elif record.kind == "call" and not data["error"]:
            keys.add(data["key"])
    return Result(outcomes, accepted, frozenset(keys))


def count_records(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


def count_answered_twice(home: Home, run_id: str = RUN) -> int:
    """Calls with more than one recorded answer, and sources with more than one end for good."""
    answers: Counter[str] = Counter()
    for record in read_records(home.journal(run_id)):
        if record.kind == "call" and not record.data["error"]:
            answers[record.data["key"]] += 1
        elif record.kind == "source_done" and record.data["outcome"] != "undecided":
            answers[record.data["source"]] += 1
    return sum(count - 1 for count in answers.values())


def read_complete(path: Path) -> bytes:
    """The journal up to its last complete line: everything that was acknowledged."""
    content = path.read_bytes() if path.exists() else b""
    return content[: content.rfind(b"\n") + 1]


def count_lost(path: Path, acknowledged: bytes) -> int:
    """Acknowledged lines that are no longer where they were."""
    now = path.read_bytes() if path.exists() else b""
    if now.startswith(acknowledged):
        return 0
    kept = set(now.splitlines())
    return sum(line not in kept for line in acknowledged.splitlines()) or 1


def is_intact(home: Home, run_id: str = RUN) -> bool:
    return verify_journal(home.journal(run_id)).ok
