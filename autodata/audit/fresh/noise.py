"""How far a solver's scores spread where nothing changes: the run's own spread, or a typical one where it has none.

Only spreads are taken from the recorded scores, never their height: those were selected.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean

from autodata.audit.fresh.context import AuditContext
from autodata.audit.run_luck import RunNoise
from autodata.audit.variance import Noise, name_band
from autodata.model import Solver

TYPICAL_SD = 0.12
"""Standard deviation of one answer's score in published runs, on the score scale."""

SMALLEST_SD = 0.05
"""No record is believed that answers spread less: a made-up one would make every fresh difference look certain."""


def choose_noise(context: AuditContext, solver: Solver, scores: Sequence[float]) -> Noise:
    """The noise of a solver's scores around the mean of these."""
    return find_noise(context.run_noise, solver, scores)


def find_noise(noise: RunNoise | None, solver: Solver, scores: Sequence[float]) -> Noise:
    """The same from a run's noise; None is a run in which no side was measured twice."""
    if noise is None:
        return Noise(TYPICAL_SD**2, note="the run's own spread is not known; a typical one is assumed")
    own = (noise.weak if solver == "weak" else noise.strong)[name_band(fmean(scores))]
    return replace(own, variance=max(own.variance, SMALLEST_SD**2))
