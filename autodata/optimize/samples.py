"""Tasks of parent and child for a person to read side by side before a promotion, where possible of one source."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autodata.journal import read_records
from autodata.optimize.population import Iteration
from autodata.optimize.search import Search

SAMPLES = 4
"""Tasks shown of each side."""
SIDES = ("parent", "child")


def write_samples(search: Search, iteration: Iteration) -> None:
    """Accepted tasks of both sides of a comparison that was won, as `samples` records; once."""
    if iteration.number in search.population.sampled:
        return
    runs = {side: f"i{iteration.number:04d}-{side}" for side in SIDES}
    accepted = {side: read_accepted(search.home.journal(run_id)) for side, run_id in runs.items()}
    order = sorted(accepted["parent"].keys() | accepted["child"].keys(), key=lambda own: (_count(accepted, own), own))
    versions = {"parent": iteration.parent, "child": (iteration.decision or {})["child"]}
    for side in SIDES:
        tasks = [accepted[side][source] for source in order if source in accepted[side]]
        search.book.write(
            "samples",
            {
                "iteration": iteration.number,
                "side": side,
                "version": versions[side],
                "run_id": runs[side],
                "tasks": tasks[:SAMPLES],
            },
        )


def read_accepted(path: Path) -> dict[str, dict[str, Any]]:
    """The accepted tasks of a run by source id, with the means of the round that accepted them."""
    titles: dict[str, str] = {}
    tasks: dict[tuple[str, int], Mapping[str, Any]] = {}
    rounds: dict[tuple[str, int], Mapping[str, Any]] = {}
    found: dict[str, dict[str, Any]] = {}
    for record in read_records(path):
        data = record.data
        if record.kind == "source":
            titles[data["source"]["id"]] = data["source"]["title"]
        elif record.kind == "task":
            tasks[data["source"], data["round"]] = data["task"]
        elif record.kind == "round":
            rounds[data["source"], data["round"]] = data
        elif record.kind == "source_done" and data["outcome"] == "accepted":
            place = (data["source"], data["accepted_round"])
            means = {name: rounds[place][name] for name in ("weak_mean", "strong_mean", "gap")}
            found[data["source"]] = {**tasks[place], "title": titles[data["source"]], **means}
    return found


def _count(accepted: Mapping[str, Mapping[str, Any]], source: str) -> int:
    """0 for a source that both sides have a task of, so that it comes first."""
    return 2 - sum(source in own for own in accepted.values())
