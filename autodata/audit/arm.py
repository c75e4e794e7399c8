"""Fresh scores: what the auditor measured itself. The recorded rollouts cannot become an arm.

An accepted task's recorded answers were selected for a low weak and a high strong score, so an honest replay "recovers"
on its own; a test against them raises false alarms. Only answers taken after acceptance, for the audit, count here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from autodata.audit.checking import check_scores
from autodata.errors import BadInput
from autodata.model import Rollout, Solver

FreshPurpose = Literal["neutral", "as_run", "swapped"]
"""The request that was sent: the auditor's own, the solver's recorded one, or the other solver's recorded one."""

FRESH: tuple[FreshPurpose, ...] = ("neutral", "as_run", "swapped")


@dataclass(frozen=True, slots=True)
class Arm:
    """Scores in [0, 1] of one solver's fresh answers to one task under one request, in the order they were asked.

    Raises BadInput for a purpose that is not fresh, for no scores at all and for scores outside [0, 1].
    """

    solver: Solver
    purpose: FreshPurpose
    scores: tuple[float, ...]

    def __post_init__(self) -> None:
        if self.purpose not in FRESH:
            raise BadInput(
                f"{self.purpose!r} answers were selected by the loop; ask for fresh ones ({', '.join(FRESH)})"
            )
        check_scores(f"{self.solver} {self.purpose}", self.scores)

    @property
    def mean(self) -> float:
        return fmean(self.scores)


def gather_arm(rollouts: Sequence[Rollout], solver: Solver, purpose: FreshPurpose) -> Arm | None:
    """The graded answers of one solver and purpose as an arm, by index; None when none was graded.

    An answer without a score (a failed call, a malformed verdict) is left out: it is never a zero.
    """
    own = sorted((r for r in rollouts if (r.solver, r.purpose) == (solver, purpose)), key=lambda r: r.index)
    scores = tuple(r.score.value for r in own if r.score is not None)
    return Arm(solver, purpose, scores) if scores else None


def require_arm(arm: Arm, solver: Solver, purpose: FreshPurpose) -> Arm:
    """The arm itself, if it is the one a formula asks for; raises BadInput naming both otherwise."""
    if (arm.solver, arm.purpose) != (solver, purpose):
        raise BadInput(f"the {arm.solver} {arm.purpose} answers stand where {solver} {purpose} answers belong")
    return arm
