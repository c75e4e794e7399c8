"""What nobody but the simulator knows: expected scores of a task, from the model that writes and grades the answers.

    P(claim met) = sigmoid(SLOPE * (ability - b_tc + u_mtc) + e_mtr)              (autodata.llm.simulator.calibration)

A criterion's verdict is the claim's, turned over with the judge's flip rate; an error that was not avoided is written
down with ERROR_RATE. Scores are clipped as always, so means are taken over drawn rollouts, the same draws for every
question asked of one task: two conditions differ by their effect and not by luck.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from autodata.llm.simulator import calibration as cal
from autodata.llm.simulator.solver import draw_luck
from autodata.llm.simulator.tasks import LatentTask
from autodata.model import Criterion

DRAWS = 800
"""Rollouts behind one expected score; its standard error is about 0.005 at an SD of 0.13 between rollouts."""

LIMIT = 6.0
"""The largest shift of ability that is looked for; beyond it nothing changes."""


def expect_score(
    task: LatentTask,
    model: str,
    server_seed: int,
    *,
    shift: float = 0.0,
    told: Sequence[int] = (),
    weights: Sequence[float] | None = None,
    judge: str = "sim-judge",
) -> float:
    """Mean score, in [0, 1], of `model` under the neutral request and an honest judge.

    `shift` moves ability; `told` are positions of claims the request gives away; `weights` replace those of the
    claims, in their order, where a rubric was rewritten (0 leaves a claim out).
    """
    points = np.array(weights if weights is not None else [claim.weight for claim in task.claims], dtype=float)
    shocks, draws = _draw(len(task.claims))
    gain = np.zeros(len(task.claims))
    gain[list(told)] = cal.TOLD_GAIN
    hard = np.array([claim.difficulty for claim in task.claims])
    luck = np.array(draw_luck(server_seed, model, task.luck_key, len(task.claims)))
    logits = cal.SLOPE * (cal.ABILITY[model] + shift + gain - hard + luck) + shocks[:, None]
    chance = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
    errors = np.array([claim.weight < 0 for claim in task.claims])
    shown = np.where(errors, (1 - chance) * cal.ERROR_RATE, chance)
    flip = cal.JUDGE_FLIP[judge]
    marked = draws < shown * (1 - flip) + (1 - shown) * flip
    return float(np.clip(marked @ points / points[points > 0].sum(), 0, 1).mean())


def expect_gap(task: LatentTask, server_seed: int, *, weights: Sequence[float] | None = None) -> float:
    """Strong minus weak: the true gap under neutral requests and an honest judge."""
    strong, weak = (expect_score(task, m, server_seed, weights=weights) for m in ("sim-strong", "sim-weak"))
    return strong - weak


def find_shift(task: LatentTask, model: str, server_seed: int, change: float) -> float:
    """The shift of ability that changes the expected score by `change`, as far as one can; found by halving."""
    base = expect_score(task, model, server_seed)
    low, high = (0.0, LIMIT) if change > 0 else (-LIMIT, 0.0)
    for _ in range(14):
        middle = (low + high) / 2
        if expect_score(task, model, server_seed, shift=middle) - base < change:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def align_weights(task: LatentTask, rubric: Sequence[Criterion]) -> list[float]:
    """The rubric's weights in the order of the claims; a claim that no criterion asks for has weight 0."""
    weights = {_fold(criterion.criterion): criterion.weight for criterion in rubric}
    return [
        next((weight for text, weight in weights.items() if _fold(claim.text) in text), 0.0) for claim in task.claims
    ]


def _fold(text: str) -> str:
    return " ".join(text.casefold().split())


@lru_cache(maxsize=64)
def _draw(count: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(count)
    return rng.normal(0, cal.SHOCK_SD, DRAWS), rng.random((DRAWS, count))
