"""The settings of a search for a better recipe: frozen when it starts, stored in its journal, the same on resume."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from autodata.errors import BadInput
from autodata.frugal import Frugality
from autodata.llm.seat import SeatBook
from autodata.optimize.keep import KeepSettings
from autodata.optimize.selection import TEMPERATURE
from autodata.policy import Policy
from autodata.prices import NO_PRICES, PriceTable
from autodata.settings import COUNT_MAX, RunSettings


class OptimizeSettings(BaseModel):
    """What a researcher chose for one search. Success is a source with an accepted task."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    domain: str
    policy: Policy
    seats: SeatBook
    iterations: int = Field(30, ge=0, le=100_000)
    workers: int = Field(2, ge=1, le=64)
    """Iterations under way at once, each with its own pick of a parent."""
    max_rounds: int = Field(4, ge=1, le=100)
    """Rounds a source may take in every evaluation."""
    minibatch: int = Field(6, ge=1, le=100)
    """Training sources whose trajectories one analysis reads."""
    block: int = Field(10, ge=1, le=1000)
    """Held-out sources that parent and child work on between two looks at the keep rule."""
    keep: KeepSettings = KeepSettings()
    temperature: float = Field(TEMPERATURE, ge=0, le=100)
    """Of Boltzmann selection of parents, in units of the accepted share; 0 always takes the best."""
    certify_tasks: int = Field(12, ge=0, le=1000)
    """Accepted tasks, drawn at random, whose gap is measured again for every kept recipe; 0 measures none."""
    certify_answers: int = Field(8, ge=3, le=12)
    """Fresh answers a side at most for one of them."""
    confirm_pairs: int = Field(60, ge=0, le=10_000)
    """Pairs of the third set on which the winner is measured against the first recipe; 0 confirms nothing."""
    seed: int = Field(0, ge=-COUNT_MAX, le=COUNT_MAX)
    final_review: bool = True
    frugal: Frugality = "off"
    slots: int = Field(32, ge=1, le=4096)
    """Calls in flight at once, shared by everything that goes on at the same time."""
    budget_calls: int | None = Field(None, ge=1, le=COUNT_MAX)
    budget_tokens: int | None = Field(None, ge=1, le=COUNT_MAX)
    budget_cost: float | None = Field(None, gt=0, le=COUNT_MAX)
    prices: PriceTable = NO_PRICES
    inputs: tuple[str, ...] = ()

    @property
    def simulated(self) -> bool:
        return self.seats.simulated

    def make_run_settings(self, seed: int, parts: int) -> RunSettings:
        """The settings of one run among `parts` that go on at once: they share slots and endpoints evenly."""
        endpoints = {
            name: endpoint.model_copy(
                update={
                    "concurrency": max(1, endpoint.concurrency // parts),
                    "requests_per_minute": endpoint.requests_per_minute
                    and max(1, endpoint.requests_per_minute // parts),
                }
            )
            for name, endpoint in self.seats.endpoints.items()
        }
        slots = max(1, self.slots // parts)
        return RunSettings(
            domain=self.domain,
            policy=self.policy,
            seats=self.seats.model_copy(update={"endpoints": endpoints}),
            max_rounds=self.max_rounds,
            seed=seed,
            final_review=self.final_review,
            frugal=self.frugal,
            slots=slots,
            sources_in_flight=2 * slots,
            prices=self.prices,
        )


def parse_optimize_settings(values: dict[str, Any]) -> OptimizeSettings:
    """Settings from plain values, e.g. of a journal or the command line; raises BadInput naming the field."""
    try:
        return OptimizeSettings(**values)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise BadInput(f"search settings: {field}: {first['msg']} (got {first['input']!r})") from error
