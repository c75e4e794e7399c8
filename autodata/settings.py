"""The settings of a run: frozen when it starts, stored in its journal, the same on resume."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from autodata.errors import BadInput
from autodata.llm.seat import SeatBook
from autodata.policy import Policy

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
    slots: int = Field(32, ge=1, le=4096)
    """Calls in flight at once, over all endpoints."""
    sources_in_flight: int = Field(64, ge=1, le=4096)
    challenger_asks: int = Field(3, ge=1, le=10)
    judge_asks: int = Field(3, ge=1, le=10)
    """How often an agent is asked again, with a new seed, after a malformed reply. Verifier and judge alike."""
    round_retries: int = Field(1, ge=0, le=10)
    """How often the failed calls of a round are tried again before the source is undecided."""
    budget_calls: int | None = Field(None, ge=1, le=COUNT_MAX)
    budget_tokens: int | None = Field(None, ge=1, le=COUNT_MAX)
    inputs: tuple[str, ...] = ()

    @property
    def rounds(self) -> int:
        """Rounds a source may take: one in a baseline."""
        return 1 if self.baseline else self.max_rounds

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


def estimate_calls(settings: RunSettings, sources: int) -> tuple[int, int, int]:
    """Least, expected and most calls for `sources`, retries left out.

    Least: every source passes in its first round. Expected: the paper's 6.59 rounds per accepted task with 80 % of the
    failed rounds ended by the weak side and 7 % by the verifier (paper Sec 3.1). Most: every round runs both sides.
    """
    weak, strong = 2 * settings.policy.weak_rollouts, 2 * settings.policy.strong_rollouts
    final = 1 if settings.final_review and not settings.baseline else 0
    full = 2 + weak + strong
    if settings.baseline:
        return sources * full, sources * full, sources * full
    rounds = min(6.59, settings.rounds)
    failed = 0.80 * (2 + weak) + 0.13 * full + 0.07 * 2
    expected = full + final + (rounds - 1) * failed
    return sources * (full + final), round(sources * expected), sources * (full * settings.rounds + final)
