"""Calls per accepted task with frugal rollouts against fixed k, on the shipped samples with simulated models.

Fixed k is what a run does without the setting: every planned answer of a side at once, in the recipe's order (cs: weak
side first, the strong one only where the weak one passed; math: both sides). All three ways have the same seeds. In cs
the challenger is told which side failed, and frugal rounds never differ in that, so the three runs meet the same tasks
and the accepted sets must be equal. The challenger of math is shown the answers themselves, so its runs go other ways
after the first round that saved one; there, and everywhere else, decisions are compared by going through the recorded
rounds of the full run again. The loop judge of legal weighs every answer: nothing is saved there, and nothing may be.

Bars: in cs at least 20 % fewer calls per accepted task one by one; the accepted sets of cs are equal; no recorded round
is decided otherwise; what journals count as saved is what was not sent; no source undecided; every journal verifies.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from autodata.acceptance import Graded, decide_acceptance
from autodata.frugal import Frugality, Side, can_save, plan_step, settle_round
from autodata.home import Home
from autodata.journal import read_records, verify_journal
from autodata.llm.seat import simulated_seats
from autodata.model import Solver
from autodata.policy import Policy, make_policy
from autodata.recipes.recipe import load_recipe
from autodata.runs import create_run, execute_run
from autodata.settings import RunSettings
from autodata.sources import load_sources
from benchmarks.report import Bar, print_report, say

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
SEEDS = {"cs": 12, "math": 3, "legal": 1}
"""Seeds of each domain: most where the bar is."""

MODES: tuple[Frugality, ...] = get_args(Frugality)
FRUGAL_MODES: tuple[Frugality, ...] = ("one_by_one", "parallel")
WAYS = {"off": "fixed k", "one_by_one": "one by one", "parallel": "parallel"}
COLUMNS = ("", "sources", "accepted", "rounds", "calls", "calls per accepted", "fewer", "weak asked", "strong asked")


@dataclass(slots=True)
class Sum:
    """What the runs of one domain in one way came to."""

    sources: int = 0
    accepted: int = 0
    rounds: int = 0
    calls: int = 0
    saved: int = 0
    asked: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    planned: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    undecided: int = 0
    intact: bool = True
    decided: dict[tuple[int, str], tuple[Any, ...]] = field(default_factory=dict)
    """(seed, source) → how it ended: round and content of the accepted task."""

    @property
    def calls_per_accepted(self) -> float:
        return self.calls / self.accepted if self.accepted else float("inf")


def run_domain(domain: str, folder: Path, seed: int, frugal: Frugality, words: int) -> tuple[Path, RunSettings]:
    """Work on the domain's samples to the end; returns the journal and the settings."""
    recipe = load_recipe(domain)
    settings = RunSettings(
        domain=recipe.name,
        policy=make_policy(recipe.limits.flow.policy),
        seats=simulated_seats(),
        seed=seed,
        frugal=frugal,
    )
    home = Home(folder / f"{domain}-{seed}-{frugal}")
    run_id = create_run(home, settings, recipe, load_sources([SAMPLES / domain], passage_words=words))
    execute_run(home, run_id)
    return home.journal(run_id), settings


def add_run(total: Sum, journal: Path, seed: int) -> None:
    """Count one run in. Of records about the same thing the last counts."""
    tasks: dict[str, str] = {}
    rounds: dict[tuple[str, int], dict[str, Any]] = {}
    ends: dict[str, dict[str, Any]] = {}
    for record in read_records(journal):
        data = record.data
        if record.kind == "call":
            total.calls += 1
        elif record.kind == "task":
            tasks[data["task"]["id"]] = data["content_sha"]
        elif record.kind == "round":
            rounds[data["source"], data["round"]] = data
        elif record.kind == "source_done":
            ends[data["source"]] = data
    total.rounds += len(rounds)
    total.saved += sum(row["calls_saved"] for row in rounds.values())
    for row in rounds.values():
        for solver, side in row["rollouts"].items():
            total.asked[solver] += side["asked"]
            total.planned[solver] += side["planned"]
    for source, end in ends.items():
        total.sources += 1
        total.accepted += end["outcome"] == "accepted"
        total.undecided += end["outcome"] == "undecided"
        total.decided[seed, source] = (end["outcome"], end["accepted_round"], tasks.get(end["task_id"] or ""))
    total.intact &= verify_journal(journal).ok


def count_differences(journal: Path, policy: Policy) -> tuple[int, int]:
    """Recorded rounds of a full run, gone through again in both frugal ways: compared, and decided otherwise."""
    answers: dict[tuple[str, int], dict[tuple[str, int], Graded]] = defaultdict(dict)
    scored: dict[tuple[str, int], bool] = {}
    for record in read_records(journal):
        data = record.data
        if record.kind == "rollout":
            score = data["score"]["value"] if data["score"] else None
            answers[data["source"], data["round"]][data["solver"], data["index"]] = Graded(data["status"], score)
        elif record.kind == "task":
            scored[data["source"], data["round"]] = not data["task"]["rubric"]
    differing = 0
    for place, known in answers.items():
        weak, strong = ([known[key] for key in sorted(known) if key[0] == solver] for solver in ("weak", "strong"))
        full = decide_acceptance(policy, weak, strong or None).accepted
        differing += sum(decide_again(policy, known, mode, scored[place]) is not full for mode in FRUGAL_MODES)
    return len(FRUGAL_MODES) * len(answers), differing


def decide_again(policy: Policy, known: dict[tuple[str, int], Graded], mode: Frugality, scored: bool) -> bool | None:
    """Whether a frugal round over these answers accepts; None when it asked for one that the full round never had."""
    sides: dict[Solver, Side] = {"weak": Side((), policy.weak_rollouts), "strong": Side((), policy.strong_rollouts)}
    while (decided := settle_round(policy, sides["weak"], sides["strong"], scored=scored)) is None:
        step = plan_step(policy, sides["weak"], sides["strong"], mode, scored=scored)
        first = len(sides[step.solver].answers)
        keys = [(step.solver, index) for index in range(first, first + step.count)]
        if any(key not in known for key in keys):
            return None
        sides[step.solver] = sides[step.solver].add([known[key] for key in keys])
    return decided.accepted


def main() -> int:
    """Print the table; exit code 0 only when every bar holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seeds", type=int, help="Seeds of every domain, instead of those of the benchmark.")
    parser.add_argument("--passage-words", type=int, default=700)
    arguments = parser.parse_args()
    rows, bars = [], []
    for domain, usual in SEEDS.items():
        sums = {mode: Sum() for mode in MODES}
        compared = differing = 0
        for seed in range(1, (arguments.seeds or usual) + 1):
            say(f"{domain}, seed {seed}")
            with tempfile.TemporaryDirectory() as folder:
                for mode, total in sums.items():
                    journal, settings = run_domain(domain, Path(folder), seed, mode, arguments.passage_words)
                    add_run(total, journal, seed)
                    if mode == "off" and can_save(settings.policy):
                        more, wrong = count_differences(journal, settings.policy)
                        compared, differing = compared + more, differing + wrong
        full = sums["off"]
        fewer = {mode: 1 - total.calls_per_accepted / full.calls_per_accepted for mode, total in sums.items()}
        rows += [_describe(f"{domain}, {WAYS[mode]}", total, fewer[mode]) for mode, total in sums.items()]
        bars += [
            Bar(f"{domain}: undecided sources", sum(total.undecided for total in sums.values()), "<=", 0),
            Bar(f"{domain}: journals intact", float(all(total.intact for total in sums.values())), ">=", 1),
        ]
        if compared:
            bars.append(Bar(f"{domain}: decisions that differ, of {compared:,} gone through again", differing, "<=", 0))
        else:
            apart = sum(abs(total.calls - full.calls) for total in sums.values())
            bars.append(Bar(f"{domain}: calls that differ, where nothing may be saved", apart, "<=", 0))
        if domain == "cs":
            bars += _compare_runs(sums)
            bars.insert(
                0, Bar("cs: fewer calls per accepted task, one by one", 100 * fewer["one_by_one"], ">=", 20, "%")
            )
    title = "all models SIMULATED; the same seeds in every way; fixed k in the recipe's own order"
    return print_report("frugal", title, COLUMNS, rows, bars, json=arguments.json)


def _compare_runs(sums: dict[Frugality, Sum]) -> list[Bar]:
    """Runs that meet the same tasks: equal ends, and what was counted as saved is what was not sent."""
    full = sums["off"]
    return [
        bar
        for mode in FRUGAL_MODES
        for bar in (
            Bar(
                f"cs: sources that end otherwise, {WAYS[mode]}",
                sum(full.decided[place] != sums[mode].decided.get(place) for place in full.decided),
                "<=",
                0,
            ),
            Bar(
                f"cs: calls saved that were miscounted, {WAYS[mode]}",
                abs(full.calls - sums[mode].calls - sums[mode].saved),
                "<=",
                0,
            ),
        )
    ]


def _describe(name: str, total: Sum, fewer: float) -> list[Any]:
    asked = [f"{total.asked[solver]} of {total.planned[solver]}" for solver in ("weak", "strong")]
    return [
        name,
        total.sources,
        total.accepted,
        total.rounds,
        total.calls,
        total.calls_per_accepted,
        f"{100 * fewer:.1f} %",
        *asked,
    ]


if __name__ == "__main__":
    raise SystemExit(main())
