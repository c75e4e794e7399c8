"""A search in numbers, straight from its journal: what `optimize`, `status` and `recipe list` print."""

from __future__ import annotations

from typing import Any

from autodata.optimize.population import Counts, Version, count_ends, find_winner
from autodata.optimize.stored import StoredSearch


def describe_search(stored: StoredSearch) -> dict[str, Any]:
    """The figures of one search or test. Shares are of sources that came to a decision."""
    population = stored.population
    winner = find_winner(population)
    return {
        "name": stored.name,
        "mode": stored.mode,
        "domain": stored.settings.domain,
        "state": stored.state or "open",
        "reason": stored.reason,
        "simulated": stored.simulated,
        "iterations": stored.iterations,
        "ended": dict(count_ends(population)),
        "refusals": count_refusals(stored),
        "versions": len(population.versions),
        "baseline": describe_version_figures(population.baseline),
        "winner": describe_version_figures(winner) if winner else None,
        "confirmation": dict(population.confirmation) if population.confirmation else None,
        "alarm": population.alarms[-1]["sentence"] if population.alarms else "",
        "calls": stored.totals.get("calls") or sum(own.calls for own in population.evaluations.values()),
        "tokens": stored.totals.get("tokens", 0),
        "cost": stored.totals.get("cost", {}),
        "warnings": list(stored.warnings),
    }


def describe_version_figures(version: Version) -> dict[str, Any]:
    """One version: who it is, its share over all evaluations, over those after it was kept, on the third set, and how
    many of its measured gaps were real."""
    return {
        "version": version.sha,
        "parent": version.parent,
        "iteration": version.iteration,
        "state": version.state,
        "by": version.by,
        "note": version.note,
        "length": version.length,
        "selected": _describe_counts(version.count()),
        "remeasured": _describe_counts(version.count(born=False)),
        "third": _describe_counts(version.count(purpose="third")),
        "certified": {
            "real": version.real,
            "measured": version.measured,
            "share": version.real / version.measured if version.measured else None,
        },
        "calls": sum(own.calls for own in version.evaluations),
    }


def count_refusals(stored: StoredSearch) -> dict[str, int]:
    """Refused edits by the code of every reason given."""
    counts: dict[str, int] = {}
    for iteration in stored.population.iterations.values():
        for code in sorted({refusal["code"] for refusal in (iteration.edit or {}).get("refusals", ())}):
            counts[code] = counts.get(code, 0) + 1
    return counts


def _describe_counts(counts: Counts) -> dict[str, Any]:
    low, high = counts.bounds
    return {
        "accepted": counts.accepted,
        "of": counts.decided,
        "undecided": counts.undecided,
        "share": counts.share,
        "low": low,
        "high": high,
    }
