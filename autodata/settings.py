"""The settings of a run: frozen when it starts, stored in its journal, the same on resume."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from autodata.errors import BadInput
from autodata.frugal import Frugality
from autodata.llm.seat import SeatBook
from autodata.policy import Policy
from autodata.prices import NO_PRICES, PriceTable
from autodata.stop_rule import AFTER_SOURCES, StopRule

SOURCES_PER_SLOT = 3
"""Sources in work for every call in flight. With fewer, the last ones start so late that slots stand empty at the end;
with more, the first tasks are accepted later (benchmarks/makespan.py)."""

COUNT_MAX = 2**53
"""The largest whole number that every reader of a journal holds exactly."""


class RunSettings(BaseModel):
    """What a researcher chose for one run. Counts are per source unless said otherwise."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    domain: str
    policy: Policy
    seats: SeatBook
    max_rounds: int = Field(15, ge=1, le=100)
    seed: int = Field(0, ge=-COUNT_MAX, le=COUNT_MAX)
    baseline: bool = False
    """One round, both solvers always, nothing accepted: the paper's single-shot control."""
    final_review: bool = True
    """Ask the verifier once more about a task that passed (paper Sec 3.1, end-of-loop filter)."""
    frugal: Frugality = "off"
    """Whether a round stops asking for answers once none that remains can change its decision."""
    slots: int = Field(32, ge=1, le=4096)
    """Calls in flight at once, over all endpoints."""
    sources_in_flight: int = Field(SOURCES_PER_SLOT * 32, ge=1, le=SOURCES_PER_SLOT * 4096)
    challenger_asks: int = Field(3, ge=1, le=10)
    judge_asks: int = Field(3, ge=1, le=10)
    """How often an agent is asked again, with a new seed, after a malformed reply. Verifier and judge alike."""
    round_retries: int = Field(1, ge=0, le=10)
    """How often the failed calls of a round are tried again before the source is undecided."""
    budget_calls: int | None = Field(None, ge=1, le=COUNT_MAX)
    budget_tokens: int | None = Field(None, ge=1, le=COUNT_MAX)
    budget_cost: float | None = Field(None, gt=0, le=COUNT_MAX)
    """The most the run may cost, in the currency of `prices`."""
    prices: PriceTable = NO_PRICES
    """Prices of the seats' models as they were when the run started; a model without one is of unknown price."""
    stop_acceptance_below: float | None = Field(None, gt=0, lt=1)
    """Pause once the acceptance rate is below this share with high confidence; None: never."""
    stop_after_sources: int = Field(AFTER_SOURCES, ge=1, le=COUNT_MAX)
    inputs: tuple[str, ...] = ()

    @property
    def rounds(self) -> int:
        """Rounds a source may take: one in a baseline."""
        return 1 if self.baseline else self.max_rounds

    @property
    def stop_rule(self) -> StopRule:
        """When the run is hopeless; never in a baseline, which accepts nothing."""
        return StopRule(None if self.baseline else self.stop_acceptance_below, self.stop_after_sources)

    @property
    def simulated(self) -> bool:
        return self.seats.simulated


def parse_settings(values: dict[str, Any]) -> RunSettings:
    """Settings from plain values, e.g. of a journal or a form; raises BadInput naming the field."""
    try:
        return RunSettings(**values)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise BadInput(f"run settings: {field}: {first['msg']} (got {first['input']!r})") from error
