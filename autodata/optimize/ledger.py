"""What a search has used so far, over everything it started: one budget for runs, audits and its own calls."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from autodata.budget import Budget
from autodata.history import History
from autodata.llm.seat import SeatBook
from autodata.prices import Cost, PriceTable, price_seats, sum_costs
from autodata.recorder import Recorder


@dataclass(frozen=True, slots=True)
class Spent:
    """Calls, tokens and cost of one journal, or of many."""

    calls: int = 0
    tokens: int = 0
    cost: Cost = field(default_factory=Cost)

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.calls + other.calls, self.tokens + other.tokens, self.cost + other.cost)


class Ledger:
    """Journals at work by name, and what finished ones used. A journal that is opened again is counted once."""

    def __init__(self) -> None:
        self._working: dict[str, Recorder] = {}
        self._settled: dict[str, Spent] = {}
        self._sum = Spent()
        """Of what is settled; asked for before every call, changed once a journal."""

    @property
    def recorders(self) -> tuple[Recorder, ...]:
        """Those at work, to be told when the search ends."""
        return tuple(self._working.values())

    @contextmanager
    def watch(self, name: str, recorder: Recorder) -> Iterator[None]:
        """Count what the recorder does, in place of what its journal was settled with."""
        self.begin(name, recorder)
        try:
            yield
        finally:
            self.settle(name, _read(recorder))

    def begin(self, name: str, recorder: Recorder) -> None:
        """The same without an end; `settle` is it."""
        if self._settled.pop(name, None) is not None:
            self._sum = sum(self._settled.values(), Spent())
        self._working[name] = recorder

    def settle(self, name: str, spent: Spent) -> None:
        """What a journal that nobody works on any more used."""
        self._working.pop(name, None)
        self._settled[name] = spent
        self._sum = sum(self._settled.values(), Spent())

    def find_spent(self, name: str) -> Spent:
        """What one journal has used so far."""
        recorder = self._working.get(name)
        return _read(recorder) if recorder else self._settled.get(name, Spent())

    def total(self) -> Spent:
        """What all of them used."""
        return sum((_read(recorder) for recorder in self.recorders), self._sum)

    def foresee(self, *, cost: bool) -> Spent:
        """The same with the calls that are sent and not answered yet; the cost only where it is asked for."""
        spent = self._sum
        for recorder in self.recorders:
            tokens = recorder.prompt_tokens + recorder.completion_tokens
            spent += Spent(recorder.calls + recorder.in_flight, tokens, recorder.cost if cost else Cost())
        return spent


class SharedBudget(Budget):
    """A budget that every journal of a search is held to together."""

    def __init__(self, budget: Budget, ledger: Ledger) -> None:
        super().__init__(budget.max_calls, budget.max_tokens, budget.max_cost)
        object.__setattr__(self, "_ledger", ledger)

    def explain_spent(self, calls: int, tokens: int, cost: Cost, currency: str) -> str:
        """As of a single journal, on what all of them used; what the asking one counts is among it."""
        ledger: Ledger = self._ledger  # type: ignore[attr-defined]
        total = ledger.foresee(cost=self.max_cost is not None)
        return super().explain_spent(total.calls, total.tokens, total.cost, currency)


def measure_history(history: History, seats: SeatBook, prices: PriceTable) -> Spent:
    """What a journal that nobody works on used, by its calls."""
    models = {role: seats.seat(role).model for role in history.uses}
    cost = sum_costs(price_seats(history.uses, models, prices).values())
    return Spent(history.calls, history.prompt_tokens + history.completion_tokens, cost)


def _read(recorder: Recorder) -> Spent:
    return Spent(recorder.calls, recorder.prompt_tokens + recorder.completion_tokens, recorder.cost)
