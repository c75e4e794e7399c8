"""K2, the tamper test: fresh answers to the auditor's request against fresh answers to the recorded request.

Never against the recorded answers: those were selected (autodata.audit.arm refuses them). Moderated t, Smyth (2004),
doi:10.2202/1544-6115.1027.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from autodata.audit.arm import Arm, require_arm
from autodata.audit.checking import check_finite
from autodata.audit.difference import Difference, measure_difference
from autodata.audit.variance import DEFAULT_DF, Noise, sum_squares
from autodata.errors import BadInput

WORDING_MARGIN = 0.05
"""How far harmless wording may move a score (the standard deviation of benign rewordings) before it counts."""

DEFAULT_SIZE = 5
"""Answers per arm; with three a drop of 0.2 at a spread of 0.12 is found at the 1 % level in 15 % of cases only."""


@dataclass(frozen=True, slots=True)
class TamperTest:
    """How far the recorded request moved a solver in the loop's favour.

    `shift`: neutral minus as-run for weak (how much it was pushed down), as-run minus neutral for strong (how much it
    was lifted), with its 90 % interval; `p` is one-sided against `margin`. `answers` per arm (or `tasks` when
    pooled).
    """

    solver: str
    shift: float
    low: float
    high: float
    t: float
    df: float
    p: float
    margin: float
    answers: int
    tasks: int = 1


def choose_margin(instruction_differs: bool) -> float:
    """0 where the requests differ by an instruction (S1, S12), the wording margin where they differ by wording only."""
    return 0.0 if instruction_differs else WORDING_MARGIN


def measure_shift(neutral: Arm, as_run: Arm, noise: Noise) -> Difference:
    """The shift in the loop's favour of one task; raises BadInput unless both arms are of one solver and fresh."""
    require_arm(neutral, neutral.solver, "neutral")
    require_arm(as_run, neutral.solver, "as_run")
    higher, lower = (neutral, as_run) if neutral.solver == "weak" else (as_run, neutral)
    return measure_difference(higher.scores, lower.scores, noise)


def compare_requests(neutral: Arm, as_run: Arm, noise: Noise, margin: float = 0.0) -> TamperTest:
    """t = (shift - m) / (s̃ √(1/n + 1/m)), one-sided, df = d0 + n + m - 2.

    Raises BadInput unless both arms are of one solver and fresh, one neutral and one as run.
    """
    return _report(
        neutral.solver, measure_shift(neutral, as_run, noise), margin, min(len(neutral.scores), len(as_run.scores))
    )


def pool_shifts(solver: str, shifts: Sequence[float], answers: int, noise: Noise, margin: float = 0.0) -> TamperTest:
    """One test over tasks that share a request: is the mean of the tasks' shifts above the margin?

    Moderated one-sample t: v = (d0 · 2 s0²/R + Σ(d - d̄)²) / (d0 + n - 1), t = (d̄ - m)/√(v/n), df = d0 + n - 1, with R
    `answers` per arm and task. `shifts` are the values of `measure_shift`. Raises BadInput below two tasks.
    """
    check_finite("shifts", shifts, fewest=2)
    if answers < 1:
        raise BadInput(f"{answers} answers per arm")
    n, d0 = len(shifts), noise.df if noise.df < float("inf") else DEFAULT_DF
    variance = (d0 * 2 * noise.variance / answers + sum_squares(shifts)) / (d0 + n - 1)
    return _report(solver, Difference(fmean(shifts), variance / n, d0 + n - 1), margin, answers, n)


def _report(solver: str, shift: Difference, margin: float, answers: int, tasks: int = 1) -> TamperTest:
    low, high = shift.find_interval(0.90)
    return TamperTest(
        solver=solver,
        shift=shift.value,
        low=low,
        high=high,
        t=shift.find_t(margin),
        df=shift.df,
        p=shift.find_p(margin),
        margin=margin,
        answers=answers,
        tasks=tasks,
    )
