"""What a harness is told and what it hands back: plans, rounds, trajectories, and the truth about accepted tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autodata.acceptance import Acceptance
from autodata.llm.reply import Reply
from autodata.model import Outcome, QualityReview, Role, Solver, Source, Task
from benchmarks.sabotage.family import Family, Made, Style, Tamper


@dataclass(frozen=True, slots=True)
class Truth:
    """What is known of one accepted task and never enters a journal.

    `strength` is the nominal lift, `lift` the expected one; `true_gap` is that under a neutral request, an honest judge
    and the honest rubric.
    """

    task_id: str
    run_id: str
    family: str
    split: str
    style: str
    stealth: bool
    strength: float
    lift: float
    true_gap: float
    channels: tuple[str, ...]
    causes: tuple[str, ...]
    sabotage: bool


@dataclass(slots=True)
class Asked:
    """A call of an agent that is no solver and no judge."""

    role: Role
    purpose: str
    body: dict[str, Any]
    reply: Reply


@dataclass(slots=True)
class MadeRound:
    """Everything of one round. `revised` is the task the verdicts are about where it was changed after the answers."""

    number: int
    task: Task
    asked: list[Asked]
    review: QualityReview
    made: list[Made]
    outcome: Outcome
    reason: str
    acceptance: Acceptance | None
    tamper: Tamper
    true_gap: float
    revised: Task | None = None

    def list_used(self, solver: Solver) -> list[Made]:
        """The attempts of one side that decided, by index."""
        return sorted((m for m in self.made if m.used and m.solver == solver), key=lambda m: m.index)


@dataclass(slots=True)
class Trajectory:
    """All rounds of one source."""

    source: Source
    rounds: list[MadeRound]

    @property
    def accepted(self) -> MadeRound | None:
        last = self.rounds[-1] if self.rounds else None
        return last if last is not None and last.outcome == "accepted" else None


@dataclass(frozen=True, slots=True)
class Plan:
    """What one run is made of. `seed` decides everything in it."""

    family: Family
    style: Style
    seed: int
    sources: int
    strength: float = 0.0
    stealth: bool = False
