"""Searches as their journals tell them: which there are, what one was started with, how far it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autodata.budget import Budget
from autodata.errors import BadInput, JournalDamaged
from autodata.home import Home, is_name
from autodata.journal import Record, read_records
from autodata.journals.files import has_journal, list_journals
from autodata.model import Source
from autodata.optimize.population import Population
from autodata.optimize.settings import OptimizeSettings, parse_optimize_settings
from autodata.optimize.split import Split
from autodata.policy import parse_policy
from autodata.stored_run import number_of

TEST = "test"
"""Mode of a journal that holds a person's comparison of two recipes; a search's is `search`."""


@dataclass(frozen=True, slots=True)
class StoredSearch:
    """A search as its journal tells it. `budget` and `iterations` are those in force; `state` is "" while it is open.

    `totals` are those of its last end.
    """

    name: str
    mode: str
    settings: OptimizeSettings
    split: Split
    population: Population
    budget: Budget
    iterations: int
    state: str
    reason: str
    simulated: bool
    warnings: tuple[str, ...] = ()
    totals: dict[str, Any] = field(default_factory=dict)


def list_searches(home: Home) -> list[str]:
    """Names of all searches and tests, oldest number first."""
    names = (path.parent.name for path in list_journals(home.optimizations))
    return sorted((name for name in names if is_name(name)), key=lambda name: (number_of(name), name))


def find_search(home: Home, name: str) -> Path:
    """Path of a search's journal; raises BadInput naming those there are."""
    path = home.optimization_journal(name)
    if not has_journal(path):
        known = ", ".join(list_searches(home)[-5:]) or "none yet"
        raise BadInput(f"search {name!r} does not exist in {home.optimizations}; known searches: {known}")
    return path


def load_search(home: Home, name: str) -> StoredSearch:
    """A search from its journal.

    Raises BadInput for one whose creation was interrupted, JournalDamaged for a journal that is not a search's.
    """
    path = find_search(home, name)
    try:
        return _fold(name, path, read_records(path))
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise JournalDamaged(f"{path}: a record of the search cannot be read: {error!r}") from error


def _fold(name: str, path: Path, records: Iterable[Record]) -> StoredSearch:
    start: dict[str, Any] = {}
    sets: dict[str, list[Source]] = {"train": [], "validation": [], "third": []}
    population, state, reason = Population(), "", ""
    budget, iterations, totals = Budget(), 0, {}
    for record in records:
        data = record.data
        if record.kind == "optimization_started":
            start, budget, iterations = data, Budget(**data["budget"]), data["settings"]["iterations"]
        elif record.kind == "source":
            sets[data["set"]].append(Source(**data["source"]))
        elif record.kind == "optimization_resumed":
            budget, iterations, state, reason = Budget(**data["budget"]), data["iterations"], "", ""
        elif record.kind == "optimization_ended":
            state, reason, totals = data["state"], data["reason"], data["totals"]
        else:
            population.apply(record.kind, data)
    if not start:
        raise JournalDamaged(f"{path} does not begin with optimization_started; it is not the journal of a search")
    if sum(len(own) for own in sets.values()) < start["sources"] or len(population.versions) < start["versions"]:
        raise BadInput(f"search {name} was interrupted while it was being created; nothing was called. Start a new one")
    settings = parse_optimize_settings({**start["settings"], "policy": parse_policy(start["policy"])})
    split = Split(tuple(sets["train"]), tuple(sets["validation"]), tuple(sets["third"]))
    return StoredSearch(
        name=name,
        mode=start["mode"],
        settings=settings,
        split=split,
        population=population,
        budget=budget,
        iterations=iterations,
        state=state,
        reason=reason,
        simulated=start["simulated"],
        warnings=tuple(start["warnings"]),
        totals=totals,
    )
