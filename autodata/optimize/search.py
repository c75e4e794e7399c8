"""What all parts of a search share: settings and sources, the journal with its population, the means of asking."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autodata.context import LoopContext
from autodata.home import Home
from autodata.llm.reply import Transport
from autodata.optimize.ledger import Ledger, SharedBudget
from autodata.optimize.population import Population
from autodata.optimize.settings import OptimizeSettings
from autodata.optimize.split import Split
from autodata.recipes.recipe import Recipe
from autodata.recorder import Recorder


class Book:
    """A search's journal and the population folded from it: what is written is known at once."""

    def __init__(self, recorder: Recorder, population: Population) -> None:
        self._recorder = recorder
        self.population = population

    def write(self, kind: str, data: Mapping[str, Any]) -> None:
        """Append a record and apply it."""
        self._recorder.append(kind, dict(data))
        self.population.apply(kind, data)


@dataclass(frozen=True, slots=True)
class Search:
    """One search at work. `home` is its own: the runs it makes, their audits, the prices it started with."""

    name: str
    home: Home
    settings: OptimizeSettings
    split: Split
    book: Book
    recorder: Recorder
    transport: Transport
    simulator: str | None
    """Address of the server that plays simulated endpoints; None where none is used."""
    ledger: Ledger
    budget: SharedBudget
    locks: dict[str, asyncio.Lock] = field(default_factory=dict)

    @property
    def population(self) -> Population:
        return self.book.population

    def lock(self, name: str) -> asyncio.Lock:
        """The lock of one run that several iterations may want at once."""
        return self.locks.setdefault(name, asyncio.Lock())

    def make_context(self, recipe: Recipe) -> LoopContext:
        """Identity, settings and recorder for the search's own agents, which work on `recipe`."""
        return LoopContext(self.name, self.settings.make_run_settings(self.settings.seed, 1), recipe, self.recorder)
