"""Where an audit stands, and the unit of its work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from autodata.audit.certified import DEFAULT_BAR
from autodata.audit.fresh.result import Result, Subject
from autodata.audit.fresh.stored import Chosen
from autodata.audit.gap_prior import NO_PRIOR, GapPrior
from autodata.audit.plans import FIRST_SIZE, FULL_SIZE, Plan
from autodata.audit.run_luck import RunNoise
from autodata.model import SOLVERS, Solver


@dataclass(frozen=True, slots=True)
class Job:
    """One check of one task. `fewest` and `most` are answers a side, for K1 and K2; `solvers` those whose requests K2
    tests; `thorough` asks K8 for its expert; `sampled` is false where K1's verdict chose the task for K5.

    Its result also holds for the tasks in `shared`, whose weak request puts the same around them.
    """

    task_id: str
    detector: str
    fewest: int = FIRST_SIZE
    most: int = FULL_SIZE
    thorough: bool = False
    sampled: bool = True
    solvers: tuple[Solver, ...] = SOLVERS
    shared: tuple[str, ...] = ()


@dataclass(slots=True)
class Board:
    """Where an audit stands: its tasks, what was found so far, the prior in force."""

    plan: Plan
    checks: tuple[str, ...]
    most: int
    subjects: Mapping[str, Subject]
    chosen: Mapping[str, Chosen]
    noise: RunNoise | None
    bar: float = DEFAULT_BAR
    results: dict[str, dict[str, Result]] = field(default_factory=dict)
    prior: GapPrior = NO_PRIOR

    def find(self, task_id: str, detector: str) -> Result | None:
        return self.results.get(task_id, {}).get(detector)
