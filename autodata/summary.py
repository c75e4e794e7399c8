"""A run in numbers, straight from its journal: what `run`, `resume` and `status` print."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from autodata.costs import CostSheet, make_sheet
from autodata.early import EarlyWarning, find_warnings
from autodata.journal import read_records
from autodata.tally import RunTally


@dataclass(frozen=True, slots=True)
class AcceptedTask:
    """One accepted task as the table shows it; scores in [0, 1]."""

    task_id: str
    title: str
    question: str
    weak: float
    strong: float
    gap: float
    round: int


@dataclass(frozen=True, slots=True)
class RunSummary:
    """The figures of one run, its accepted tasks, what it cost, and what its rounds warn of."""

    figures: dict[str, Any]
    accepted: list[AcceptedTask]
    state: str
    reason: str
    costs: CostSheet
    warnings: tuple[EarlyWarning, ...]


def summarise_run(journal: Path, run_id: str) -> RunSummary:
    """Read a journal once.

    `skipped` counts documents and rows that could not be read and are no source, `unsuitable` sources that the
    extractor found unfit. `measured_gap` is the mean over rounds in which both sides were measured; `outcomes` counts
    rounds; means are None where nothing was measured; `calls_saved` are those that frugal rounds did without. Of
    records written twice for one round (a retried one) the last counts.
    """
    sources: dict[str, str] = {}
    questions: dict[str, str] = {}
    rounds: dict[tuple[str, int], dict[str, Any]] = {}
    done: dict[str, dict[str, Any]] = {}
    skipped, calls, simulated, state, reason = 0, 0, False, "waiting", ""
    tally = RunTally()
    for record in read_records(journal):
        data = record.data
        tally.add(record.kind, data)
        match record.kind:
            case "run_started":
                simulated = bool(data["simulated"])
            case "run_resumed":
                state, reason = "running", ""
            case "source":
                sources[data["source"]["id"]] = data["source"]["title"]
            case "source_skipped":
                skipped += 1
            case "call":
                calls += 1
                simulated = simulated or bool(data["simulated"])
                state = "running"
            case "task":
                questions[data["task"]["id"]] = data["task"]["question"]
            case "round":
                rounds[data["source"], data["round"]] = data
            case "source_done":
                done[data["source"]] = data
            case "run_ended":
                state, reason = data["state"], data["reason"]
    ends = Counter(end["outcome"] for end in done.values())
    accepted = [
        AcceptedTask(
            task_id=row["task_id"],
            title=sources.get(source, source),
            question=questions.get(row["task_id"], ""),
            weak=row["weak_mean"],
            strong=row["strong_mean"],
            gap=row["gap"],
            round=number,
        )
        for (source, number), row in rounds.items()
        if row["outcome"] == "accepted" and done.get(source, {}).get("outcome") == "accepted"
    ]
    costs = make_sheet(tally.uses, tally.models, tally.prices, ends["accepted"])
    warnings = find_warnings(tally.gather_evidence())
    figures = {
        "run_id": run_id,
        "sources": len(sources),
        "accepted": ends["accepted"],
        "skipped": skipped,
        "undecided": ends["undecided"],
        "exhausted": ends["exhausted"],
        "unsuitable": ends["skipped"],
        "rounds": len(rounds),
        "calls": calls,
        "calls_saved": sum(row.get("calls_saved") or 0 for row in rounds.values()),
        "mean_rounds_to_accept": _mean([task.round for task in accepted]),
        "measured_gap": _mean([row["gap"] for row in rounds.values() if row.get("gap") is not None]),
        "accepted_gap": _mean([task.gap for task in accepted]),
        "accepted_weak": _mean([task.weak for task in accepted]),
        "accepted_strong": _mean([task.strong for task in accepted]),
        "outcomes": dict(Counter(row["outcome"] for row in rounds.values())),
        "simulated": simulated,
        "state": state,
        "reason": reason,
        "cost": costs.describe(),
        "early_warnings": {warning.kind: warning.sentence for warning in warnings},
    }
    return RunSummary(figures, accepted, state, reason, costs, warnings)


def _mean(values: list[float]) -> float | None:
    return fmean(values) if values else None
