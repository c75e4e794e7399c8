"""A small world of accepted tasks whose true gaps are known, to check error rates by simulation.

Its numbers - the shape of the noise, the spread of tasks, the acceptance rule - are those of the published simulations
that the expected rates in these tests come from. Everything is seeded.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from autodata.audit.arm import Arm

_QUIET_TO_LOUD = (0, 0, 0, 0, 0, 0.053, 0.065, 0.075, 0.098, 0.132, 0.252)
_TYPICAL = 0.081
_WEAK_MEAN, _WEAK_SD = 0.704, 0.152
_GAP_MEAN, _GAP_SLOPE, _GAP_SD = 0.051, -0.856, 0.078


@dataclass(frozen=True)
class Tasks:
    """True means (shape (tasks,)) under the neutral request, weak's mean as run, spreads, and the recorded scores."""

    weak: np.ndarray
    weak_as_run: np.ndarray
    strong: np.ndarray
    weak_sd: np.ndarray
    strong_sd: np.ndarray
    recorded_weak: np.ndarray
    recorded_strong: np.ndarray

    @property
    def gap(self) -> np.ndarray:
        return self.strong - self.weak

    def __len__(self) -> int:
        return len(self.weak)

    def take(self, count: int) -> Tasks:
        return Tasks(*(getattr(self, name)[:count] for name in self.__dataclass_fields__))


def propose_tasks(rng: np.random.Generator, count: int, sd: float, drop=0.0, heavy: bool = True) -> Tasks:
    """Tasks before acceptance; `drop` is how far the recorded weak request pushes weak down, one number or many."""
    precision = _WEAK_MEAN * (1 - _WEAK_MEAN) / _WEAK_SD**2 - 1
    weak = rng.beta(_WEAK_MEAN * precision, (1 - _WEAK_MEAN) * precision, count)
    gap = _GAP_MEAN + _GAP_SLOPE * (weak - _WEAK_MEAN) + rng.normal(0, _GAP_SD, count)
    strong, as_run = np.clip(weak + gap, 0.01, 0.99), np.clip(weak - drop, 0.01, 0.99)
    weak_sd, strong_sd = (draw_spread(rng, count, sd, heavy) for _ in range(2))
    recorded = answer(rng, as_run, weak_sd, 3), answer(rng, strong, strong_sd, 3)
    return Tasks(weak, as_run, strong, weak_sd, strong_sd, *recorded)


def draw_accepted(rng: np.random.Generator, count: int, sd: float, drop=(0.0, 0.0), heavy: bool = True) -> Tasks:
    """`count` tasks that passed the deployed rule on three recorded answers a side; drops uniform between both ends."""
    kept: list[Tasks] = []
    while sum(map(len, kept)) < count:
        pushed = rng.uniform(*drop, 8 * count) if drop[0] != drop[1] else np.full(8 * count, drop[0])
        kept.append(keep_accepted(propose_tasks(rng, 8 * count, sd, pushed, heavy)))
    return join_tasks(*kept).take(count)


def keep_accepted(tasks: Tasks) -> Tasks:
    low, high = tasks.recorded_weak, tasks.recorded_strong
    weak, strong = low.mean(axis=1), high.mean(axis=1)
    passed = (strong - weak >= 0.20) & (weak <= 0.65) & (low.max(axis=1) <= 0.75) & (low.max(axis=1) > 0)
    passed &= (strong >= 0.60) & (strong < 0.95)
    return Tasks(*(getattr(tasks, name)[passed] for name in tasks.__dataclass_fields__))


def join_tasks(*parts: Tasks) -> Tasks:
    return Tasks(*(np.concatenate([getattr(part, name) for part in parts]) for name in Tasks.__dataclass_fields__))


def answer(rng: np.random.Generator, mean: np.ndarray, sd: np.ndarray, count: int) -> np.ndarray:
    """Scores of shape (tasks, count) with exact means: Beta distributed, constant where the task has no spread."""
    mean = np.clip(mean, 0.005, 0.995)[:, None]
    variance = np.minimum(np.maximum(sd[:, None], 1e-9) ** 2, 0.9 * mean * (1 - mean))
    precision = mean * (1 - mean) / variance - 1
    scores = rng.beta(mean * precision, (1 - mean) * precision, (len(mean), count))
    return np.where(sd[:, None] <= 1e-6, mean, scores)


def ask(rng: np.random.Generator, tasks: Tasks, solver: str, purpose: str, count: int) -> list[Arm]:
    """Fresh answers to every task as arms."""
    if solver == "strong":
        scores = answer(rng, tasks.strong, tasks.strong_sd, count)
    else:
        scores = answer(rng, tasks.weak if purpose == "neutral" else tasks.weak_as_run, tasks.weak_sd, count)
    return [Arm(solver, purpose, tuple(row)) for row in scores.tolist()]


def draw_spread(rng: np.random.Generator, count: int, sd: float, heavy: bool) -> np.ndarray:
    if not heavy:
        return np.full(count, sd)
    steps = np.linspace(0, 1, len(_QUIET_TO_LOUD))
    return np.interp(rng.random(count), steps, _QUIET_TO_LOUD) * sd / _TYPICAL
