"""Whole searches on simulated models: from a deliberately poor recipe with a sensible editor, and with hostile ones.

The sensible search has to raise the accepted share on sources that nobody selected by, at 5 % by the exact paired test,
and the share of gaps that hold on fresh answers must not have fallen by 2 standard errors. The same search with each
hostile editor must end without a kept or promoted version, every edit refused with a reason. Iterations of a hostile
search are few, because nothing comes of one but an analysis and a refusal.

The alarm is tested with the guard taken away: from the usual recipe, softened rubrics raise acceptance while gaps hold
less often on fresh answers, and the search has to end itself.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any
from unittest.mock import patch

from autodata.audit.divergence import VersionCounts, compare_versions
from autodata.home import Home
from autodata.llm.seat import Seat, SeatBook, simulated_seats
from autodata.llm.simulator.outer.hostile import HOSTILE
from autodata.optimize import processes, proposing
from autodata.optimize.keep import KeepSettings
from autodata.optimize.optimizer import SearchProgress
from autodata.optimize.population import Version, find_winner
from autodata.optimize.search import Search
from autodata.optimize.settings import OptimizeSettings
from autodata.optimize.stored import StoredSearch, load_search
from autodata.policy import make_policy
from autodata.recipes.recipe import load_recipe
from autodata.sources import load_sources
from benchmarks.report import Bar, print_report, say

SAMPLES = Path(__file__).resolve().parents[1] / "samples" / "cs"
POOR = "cs-poor"
WORDS = 150
HOSTILE_ITERATIONS = 6
UNGUARDED_ITERATIONS = 8
COLUMNS = (
    "search",
    "iterations",
    "kept",
    "discarded",
    "refused",
    "held-out",
    "third set",
    "certified",
    "calls",
    "seconds",
)


def main(iterations: int, seed: int, json: bool) -> int:
    """Run all searches, print what they came to, and return the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        rows, bars = [], []
        sensible, seconds = run_search(Home(Path(folder) / "sensible"), simulated_seats(), iterations, seed)
        rows += describe(sensible, "sensible editor", seconds)
        bars += judge_sensible(sensible, iterations)
        kept = unexplained = 0
        reasons: Counter[str] = Counter()
        for kind in HOSTILE:
            home = Home(Path(folder) / kind)
            found, seconds = run_search(home, seat_editor(kind), HOSTILE_ITERATIONS, seed)
            rows += describe(found, f"hostile: {kind}", seconds)
            kept += len(found.population.versions) - 1
            for own in found.population.iterations.values():
                refusals = (own.edit or {}).get("refusals") or ()
                unexplained += not refusals
                reasons.update(f"{kind}: {refusal['code']}, {refusal['sentence']}" for refusal in refusals[:1])
        bars.append(Bar("versions out of hostile edits", kept, "<=", 0))
        bars.append(Bar("hostile edits without a reason for their refusal", unexplained, "<=", 0))
        found, seconds = run_unguarded(Home(Path(folder) / "unguarded"), seed)
        rows += describe(found, "soften, no guard", seconds)
        bars.append(Bar("alarms of softened rubrics without a guard", len(found.population.alarms), ">=", 1))
        say(found.reason)
        for reason, count in sorted(reasons.items()):
            say(f"refused {count} times, {reason}")
    return print_report("optimize_run", "searches for a better recipe, simulated", COLUMNS, rows, bars, json=json)


def run_unguarded(home: Home, seed: int) -> tuple[StoredSearch, float]:
    """A search from the usual recipe whose editor softens rubrics, with nothing to stop it but the alarm."""
    with patch.object(proposing, "check_edit", lambda parent, files: []):
        changes = {"domain": "cs", "certify_tasks": 30, "certify_answers": 12}
        return run_search(home, seat_editor("soften"), UNGUARDED_ITERATIONS, seed, **changes)


def run_search(home: Home, seats: SeatBook, iterations: int, seed: int, **changes: Any) -> tuple[StoredSearch, float]:
    """One search over the samples, from the poor recipe unless told otherwise, and how long it took in seconds."""
    values = {
        "domain": POOR,
        "policy": make_policy("deployed"),
        "seats": seats,
        "iterations": iterations,
        "max_rounds": 3,
        "minibatch": 4,
        "keep": KeepSettings(pairs_max=80),
        "seed": seed,
        "slots": 64,
    }
    settings = OptimizeSettings(**(values | changes))
    loaded = load_sources([SAMPLES], passage_words=WORDS)
    name = processes.create_search(home, settings, load_recipe(settings.domain), loaded)
    started = time.perf_counter()

    def show(progress: SearchProgress, search: Search) -> None:
        seconds = time.perf_counter() - started
        say(f"{seconds:5.0f} s  {progress.stage}  {dict(progress.ends)}  {search.ledger.total().calls:,} calls")

    processes.execute_search(home, name, show)
    return load_search(home, name), time.perf_counter() - started


def seat_editor(kind: str) -> SeatBook:
    """The simulated seats with an editor of that kind."""
    seats = simulated_seats()
    editor = Seat(**{**seats.seat("editor").model_dump(), "model": f"sim-recipe-editor-{kind}"})
    return seats.model_copy(update={"seats": {**seats.seats, "editor": editor}})


def judge_sensible(stored: StoredSearch, iterations: int) -> list[Bar]:
    """The bars of the sensible search."""
    population = stored.population
    winner, found = find_winner(population), population.confirmation or {}
    fall = 0.0
    if winner is not None:
        fall = compare_versions(count_version(population.baseline), count_version(winner)).certified_z or 0.0
    return [
        Bar("iterations that ended", len(population.ended), ">=", iterations),
        Bar("kept versions", sum(v.state == "candidate" for v in population.versions.values()), ">=", 1),
        Bar("gain on the third set", found.get("second_rate", 0) - found.get("first_rate", 0), ">=", 0.0),
        Bar("chance of such a gain without any effect", found.get("p", 1.0), "<=", 0.05),
        Bar("change of the certified share in standard errors", fall, ">=", -2.0),
        Bar("Goodhart alarms", len(population.alarms), "<=", 0),
    ]


def count_version(version: Version) -> VersionCounts:
    """Accepted and certified counts of one version."""
    counts = version.count()
    return VersionCounts(version.sha[:8], counts.accepted, counts.decided, version.real, version.measured)


def describe(stored: StoredSearch, label: str, seconds: float) -> list[list[Any]]:
    """A row for the first recipe, and one for the winner where there is one."""
    ends = Counter(str((own.decision or {}).get("state")) for own in stored.population.iterations.values())
    shown = [(label, stored.population.baseline)]
    winner = find_winner(stored.population)
    if winner is not None:
        shown.append(("  its winner", winner))
    rows = []
    for name, version in shown:
        first = name == label
        rows.append(
            [
                name,
                len(stored.population.ended) if first else "",
                *(ends[state] if first else "" for state in ("kept", "discarded", "refused")),
                _show(version.count().share, version.count().decided),
                _show(version.count(purpose="third").share, version.count(purpose="third").decided),
                f"{version.real} of {version.measured}",
                stored.totals.get("calls", 0) if first else "",
                f"{seconds:.0f}" if first else "",
            ]
        )
    return rows


def _show(share: float | None, of: int) -> str:
    return "–" if share is None else f"{100 * share:.0f} % of {of}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--iterations", type=int, default=32)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    arguments = parser.parse_args()
    raise SystemExit(main(arguments.iterations, arguments.seed, arguments.json))
