"""Z1 over a run: its own rollouts say how noisy scores are and what gaps are usual, and so how lucky a gap may be.

The prior is fitted on every round in which both sides were measured, rejected ones included. Where strong runs only
after weak passed, rounds that failed on the weak side have no gap and are missing from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from autodata.audit.certified import DEFAULT_BAR
from autodata.audit.difference import measure_difference
from autodata.audit.gap_prior import FEWEST_TASKS, NO_PRIOR, GapPrior, fit_gap_prior
from autodata.audit.luck import LuckRisk, assess_luck
from autodata.audit.static.check import Check, Sheet
from autodata.audit.variance import Band, Noise, fit_bands, name_band
from autodata.errors import BadInput
from autodata.policy import Policy

NOTE_FROM, FLAG_FROM = 0.2, 0.5
"""P(true gap below the bar) from which luck is worth a word, and from which it is likelier than not."""

Scores = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class RunNoise:
    """Noise of a run's scores by solver and band, and its gaps; None where no side was measured twice."""

    weak: Mapping[Band, Noise]
    strong: Mapping[Band, Noise]
    prior: GapPrior


def fit_run_noise(measured: Sequence[tuple[Scores, Scores]]) -> RunNoise | None:
    """From the weak and strong scores of all rounds; None where no round has two scores of either side."""
    try:
        weak, strong = (fit_bands([sides[at] for sides in measured if sides[at]]) for at in (0, 1))
    except BadInput:
        return None
    pairs = [sides for sides in measured if sides[0] and sides[1]]
    found = [
        measure_difference(high, low, strong[name_band(fmean(high))], weak[name_band(fmean(low))])
        for low, high in pairs
    ]
    prior = fit_gap_prior([d.value for d in found], [d.variance for d in found]) if len(found) > 1 else NO_PRIOR
    return RunNoise(weak, strong, prior)


def check_luck(
    weak: Scores, strong: Scores, noise: RunNoise | None, policy: Policy | None
) -> tuple[Check, LuckRisk | None]:
    """`weigh_luck` with the policy's bar."""
    return weigh_luck(weak, strong, noise, find_bar(policy))


def find_bar(policy: Policy | None) -> float:
    """The smallest gap that the policy lets in, 0.20 where it has none."""
    return policy.gap_min if policy and policy.gap_min > 0 else DEFAULT_BAR


def weigh_luck(weak: Scores, strong: Scores, noise: RunNoise | None, bar: float) -> tuple[Check, LuckRisk | None]:
    """The chance that the true gap is below the bar, as luck and never as intent.

    A prior of fewer than 20 rounds gives a note at most.
    """
    sheet = Sheet("Z1")
    if noise is None or not weak or not strong:
        sheet.lack("several scores of both sides")
        return sheet.close(), None
    own = noise.weak[name_band(fmean(weak))], noise.strong[name_band(fmean(strong))]
    risk = assess_luck(weak, strong, own[0], noise.prior, strong_noise=own[1], bar=bar)
    words = (
        f"by luck alone the true gap may be below {bar:.2f}: chance {risk.risk:.2f}, "
        f"{risk.expected:.2f} expected of the recorded {risk.claimed:.2f}"
    )
    words += f" ({risk.note})" if risk.note else ""
    if risk.risk >= FLAG_FROM and noise.prior.tasks >= FEWEST_TASKS:
        sheet.flag(words)
    elif risk.risk >= NOTE_FROM:
        sheet.note(words)
    return sheet.close(), risk
