"""Z1, luck risk: how likely an accepted task's true gap is below the bar. It orders the queue and decides nothing.

Acceptance picks the rounds whose noise went the right way (the winner's curse), and under heavy-tailed noise this
number is too hopeful: fresh answers decide (autodata.audit.certified).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autodata.audit.certified import DEFAULT_BAR
from autodata.audit.difference import measure_difference
from autodata.audit.gap_prior import GapPrior, update_gap
from autodata.audit.variance import Noise


@dataclass(frozen=True, slots=True)
class LuckRisk:
    """`risk` = P(true gap < bar), `claimed` the recorded gap, `expected` what it shrinks to in the light of the run."""

    risk: float
    claimed: float
    expected: float
    bar: float
    note: str = ""

    @property
    def curse(self) -> float:
        """How much of the claimed gap is expected to vanish on fresh answers, on the score scale."""
        return self.claimed - self.expected


def assess_luck(
    weak: Sequence[float],
    strong: Sequence[float],
    noise: Noise,
    prior: GapPrior,
    *,
    strong_noise: Noise | None = None,
    bar: float = DEFAULT_BAR,
) -> LuckRisk:
    """P(g < bar | ĝ) = Φ((bar - μ)/σ), μ = (m0 v + ĝ τ²)/(v + τ²), σ² = vτ²/(v + τ²), v = s̃_w²/k + s̃_s²/k.

    `weak` and `strong` are the recorded scores; `prior` must come from every measured round, rejected ones included, or
    the selection is hidden from it. Raises BadInput for an empty side or scores outside [0, 1].
    """
    claimed = (
        measure_difference(strong, weak, noise)
        if strong_noise is None
        else measure_difference(strong, weak, strong_noise, noise)
    )
    posterior = update_gap(claimed.value, claimed.variance, prior)
    note = "; ".join(filter(None, (prior.note, noise.note)))
    return LuckRisk(1 - posterior.find_chance(bar), claimed.value, posterior.mean, bar, note)
