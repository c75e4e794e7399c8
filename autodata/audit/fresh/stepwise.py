"""Two arms compared step by step: a few answers first, more where they leave doubt that nothing is there.

Stopping early only ever clears a task: what looks suspicious goes on to the full size, and is decided there. So the
fixed test at the full size keeps its level, and most honest tasks cost less than half of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from autodata.audit.difference import Difference, measure_difference
from autodata.audit.fresh.arms import Roll, explain_ungraded, list_scores, roll_graded, tell_left_out
from autodata.audit.tamper import DEFAULT_SIZE
from autodata.audit.variance import Noise
from autodata.model import Rollout

STEPS = (3, DEFAULT_SIZE)
"""Graded answers an arm."""

CLEAR_P = 0.20
"""One-sided p of the first step from which the higher arm is not higher: four honest tasks in five end there, and a
fifth to a quarter of those whose scores move by 0.15 at a spread of 0.12."""

FEWEST_GRADED = 2
"""Graded answers an arm below which nothing is compared."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Both arms as far as they were asked for. `difference` is higher minus lower; None with too few graded answers,
    and then `missing` says why. `left_out` belongs to the sentence of a finding."""

    higher: tuple[Rollout, ...]
    lower: tuple[Rollout, ...]
    difference: Difference | None

    @property
    def scores(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        return list_scores(self.higher), list_scores(self.lower)

    @property
    def missing(self) -> tuple[str, ...]:
        short = (arm for arm in (self.higher, self.lower) if len(list_scores(arm)) < FEWEST_GRADED)
        return tuple(explain_ungraded(arm) for arm in short)

    @property
    def left_out(self) -> str:
        return tell_left_out(self.higher, self.lower)


async def compare_step_by_step(
    roll_higher: Roll,
    roll_lower: Roll,
    choose_noise: Callable[[Sequence[float]], Noise],
    *,
    steps: Sequence[int] = STEPS,
) -> Compared:
    """Both arms up to the first step that leaves no doubt that the first is not higher, or to the last.

    `choose_noise` names the spread of scores like those of the lower arm.
    """
    higher: tuple[Rollout, ...] = ()
    lower: tuple[Rollout, ...] = ()
    difference = None
    for size in steps:
        higher = await roll_graded(roll_higher, size, higher)
        lower = await roll_graded(roll_lower, size, lower)
        above, below = list_scores(higher), list_scores(lower)
        if min(len(above), len(below)) < FEWEST_GRADED:
            break
        difference = measure_difference(above, below, choose_noise(below))
        if difference.find_p() >= CLEAR_P:
            break
    return Compared(higher, lower, difference)
