"""K3: how much of a gap comes from the prompts and how much from the solvers. The two parts add up to it exactly."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from autodata.audit.arm import Arm, require_arm
from autodata.audit.certified import DEFAULT_BAR
from autodata.audit.variance import Noise, moderate_variance

LARGEST_PROMPT_SHARE = 1 / 3


@dataclass(frozen=True, slots=True)
class GapSplit:
    """The fresh gap under the recorded requests, cut in two: `solver_part + prompt_part == gap`, on the score scale.

    `error` is the standard error of either part. `reasons` say why the split is suspicious; empty when it is not.
    """

    gap: float
    solver_part: float
    prompt_part: float
    error: float
    reasons: tuple[str, ...]


def split_gap(
    weak_own: Arm, weak_swapped: Arm, strong_own: Arm, strong_swapped: Arm, noise: Noise, bar: float = DEFAULT_BAR
) -> GapSplit:
    """gap = s(p_s) - w(p_w) = ½[s(p_s) + s(p_w) - w(p_s) - w(p_w)] + ½[s(p_s) - s(p_w) + w(p_s) - w(p_w)].

    The first half is the solver's, the second the prompt's: the main effects of a 2 × 2 factorial (Fisher, The Design
    of Experiments, 1935). `own` answers a solver's recorded request, `swapped` the other solver's. Suspicious when
    the prompt makes more than a third of the gap or the solvers less than `bar`. Raises BadInput when an arm is in
    the wrong place.
    """
    arms = (
        require_arm(weak_own, "weak", "as_run"),
        require_arm(weak_swapped, "weak", "swapped"),
        require_arm(strong_own, "strong", "as_run"),
        require_arm(strong_swapped, "strong", "swapped"),
    )
    w_own, w_swapped, s_own, s_swapped = (arm.mean for arm in arms)
    solver_part = (s_own + s_swapped - w_swapped - w_own) / 2
    prompt_part = (s_own - s_swapped + w_swapped - w_own) / 2
    # The gap is the sum of what is shown, not a third rounding of the same numbers.
    gap = solver_part + prompt_part
    spread = moderate_variance(noise, *(arm.scores for arm in arms))
    error = sqrt(sum(spread.variance / len(arm.scores) for arm in arms)) / 2
    return GapSplit(gap, solver_part, prompt_part, error, _find_reasons(gap, solver_part, prompt_part, bar))


def _find_reasons(gap: float, solver_part: float, prompt_part: float, bar: float) -> tuple[str, ...]:
    reasons = []
    if gap > 0 and prompt_part > gap * LARGEST_PROMPT_SHARE:
        reasons.append(f"the requests make {prompt_part:.2f} of the gap of {gap:.2f}, more than a third")
    if round(solver_part, 9) < bar:
        reasons.append(f"the solvers alone make {solver_part:.2f}, below {bar:.2f}")
    return tuple(reasons)
