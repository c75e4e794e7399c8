"""Tasks as scores alone, many at once: the criterion model of the simulated solvers without their texts.

    P(criterion met) = sigmoid(SLOPE * (ability - b_tc + u_mtc) + e_mtr)           (autodata.llm.simulator.calibration)

Run-level statistics read nothing but scores and verdicts, so a run of a hundred tasks takes milliseconds here.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from autodata.llm.simulator import calibration as cal
from autodata.policy import PRESETS

POSITIVE, NEGATIVE = 9, 4
"""Criteria of a task: merits and errors, about as many as the simulated challenger writes."""

PUSH = 0.25
"""How much harder tasks are on average after some failed rounds."""

POLICY = PRESETS["deployed"]


@dataclass(frozen=True, slots=True)
class Conditions:
    """How answers come about. `weak_shift` and `strong_shift` move ability; `cut` is the share of a weak answer's
    sentences that never reach the judge; `flip` is the judge's error rate per criterion; `rolls` is how often an
    answer set of the strong side is drawn anew until it passes (1: once, as agreed); `shock` is the spread between
    answers to one task, on the ability scale; `push` makes the proposed tasks harder. `reweigh`: how many points the
    weights of a task may be moved until its answers pass. `learned`: what the strong solver knows of the sources by
    heart, which fresh answers show too.
    """

    weak_shift: float = 0.0
    strong_shift: float = 0.0
    cut: float = 0.0
    flip: float = cal.JUDGE_FLIP["sim-judge"]
    rolls: int = 1
    shock: float = cal.SHOCK_SD
    push: float = 0.0
    reweigh: int = 0
    learned: float = 0.0


HONEST = Conditions()
BLIND = Conditions(flip=cal.JUDGE_FLIP["sim-judge-b"])
"""A neutral request graded by the auditor's judge."""


@dataclass(frozen=True, slots=True)
class Tasks:
    """Proposed tasks, one a row. `hard` and the two lucks have shape (tasks, criteria), `points` too; the recorded
    verdicts (1 met) have shape (tasks, rollouts, criteria), the recorded scores (tasks, rollouts)."""

    hard: np.ndarray
    points: np.ndarray
    weak_luck: np.ndarray
    strong_luck: np.ndarray
    weak_marks: np.ndarray
    strong_marks: np.ndarray
    weak: np.ndarray
    strong: np.ndarray
    proposal: np.ndarray
    """The number of the proposal, from 1: how many tasks had been tried when this one came."""

    def __len__(self) -> int:
        return len(self.hard)

    def take(self, rows: np.ndarray | slice) -> Tasks:
        return Tasks(*(getattr(self, field.name)[rows] for field in fields(self)))

    @property
    def gaps(self) -> np.ndarray:
        """Recorded gaps: what the loop claims."""
        return self.strong.mean(axis=1) - self.weak.mean(axis=1)


def propose_tasks(rng: np.random.Generator, count: int, conditions: np.ndarray | Conditions = HONEST) -> Tasks:
    """`count` tasks tried under `conditions`, or each under its own."""
    own = [conditions] * count if isinstance(conditions, Conditions) else list(conditions)
    size = POSITIVE + NEGATIVE
    level = rng.normal(cal.LATER_DIFFICULTY + PUSH, np.hypot(cal.LATER_SD, cal.SOURCE_SD), count)
    level += np.array([c.push for c in own])
    hard = level[:, None] + rng.normal(0, cal.CRITERION_SD, (count, size))
    share = np.clip(rng.normal(cal.EXPERT_SHARE, cal.EXPERT_SHARE_SD, count), 0, 0.5)
    beyond = rng.random((count, POSITIVE)) < share[:, None]
    hard[:, :POSITIVE] = np.where(beyond, np.maximum(hard[:, :POSITIVE], cal.EXPERT_DIFFICULTY), hard[:, :POSITIVE])
    hard[:, POSITIVE:] -= cal.ERROR_SHIFT
    points = np.concatenate(
        [rng.integers(4, 11, (count, POSITIVE)), -rng.integers(3, 9, (count, NEGATIVE))], axis=1
    ).astype(float)
    weak_luck, strong_luck = (rng.normal(0, cal.LUCK_SD, (count, size)) for _ in range(2))
    strong_luck += np.array([c.learned for c in own])[:, None]
    unasked, unscored = np.zeros((count, 0, size)), np.zeros((count, 0))
    tasks = Tasks(hard, points, weak_luck, strong_luck, unasked, unasked, unscored, unscored, np.arange(1, count + 1))
    weak = answer(rng, tasks, "weak", POLICY.weak_rollouts, own)
    strong = answer(rng, tasks, "strong", POLICY.strong_rollouts, own)
    strong = _roll_again(rng, tasks, weak, strong, own)
    _reweigh(tasks, weak, strong, np.array([c.reweigh for c in own]))
    return replace(tasks, weak_marks=weak, strong_marks=strong, weak=score(tasks, weak), strong=score(tasks, strong))


@dataclass(frozen=True, slots=True)
class Accepted:
    """Tasks that passed, which of them were `sabotaged`, and how many were `proposed` for them. `measured` holds the
    scores of both sides of every round, strong's only where the weak side passed."""

    tasks: Tasks
    sabotaged: np.ndarray
    proposed: int
    measured: tuple[tuple[tuple[float, ...], tuple[float, ...]], ...]


def accept_tasks(
    rng: np.random.Generator, count: int, conditions: Conditions = HONEST, *, share: float = 1.0
) -> Accepted:
    """The first `count` tasks that pass the deployed rule; a `share` of all tries met `conditions`, the others were
    honest."""
    parts: list[Tasks] = []
    flags: list[np.ndarray] = []
    measured: list[tuple[tuple[float, ...], tuple[float, ...]]] = []
    proposed = 0
    while sum(map(len, parts)) < count:
        size = 6 * count
        hit = rng.random(size) < share
        own = np.array([conditions if flag else HONEST for flag in hit], dtype=object)
        tasks = propose_tasks(rng, size, own)
        passed = np.flatnonzero(is_accepted(tasks.weak, tasks.strong))[: count - sum(map(len, parts))]
        parts.append(tasks.take(passed))
        flags.append(hit[passed])
        tried = int(passed[-1]) + 1 if sum(map(len, parts)) >= count else size
        proposed += tried
        both = passes_weak(tasks.weak)
        measured += [
            (tuple(tasks.weak[row].tolist()), tuple(tasks.strong[row].tolist()) if both[row] else ())
            for row in range(tried)
        ]
    return Accepted(join_tasks(*parts), np.concatenate(flags), proposed, tuple(measured))


def join_tasks(*parts: Tasks) -> Tasks:
    """The tasks of all parts, in order."""
    return Tasks(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Tasks)))


def is_accepted(weak: np.ndarray, strong: np.ndarray) -> np.ndarray:
    """The deployed rule, row by row (autodata.acceptance decides one task at a time)."""
    low, high = weak.mean(axis=1), strong.mean(axis=1)
    passed = passes_weak(weak) & (high >= POLICY.strong_mean_min) & (high < POLICY.strong_mean_max)
    return passed & (high - low >= POLICY.gap_min - 1e-12)


def passes_weak(weak: np.ndarray) -> np.ndarray:
    """The rule's weak side, row by row."""
    return (weak.mean(axis=1) <= POLICY.weak_mean_max) & (weak.max(axis=1) <= POLICY.weak_best_max) & weak.any(axis=1)


def answer(
    rng: np.random.Generator, tasks: Tasks, solver: str, count: int, conditions: Conditions | list[Conditions] = BLIND
) -> np.ndarray:
    """Verdicts of `count` fresh answers to every task, shape (tasks, count, criteria)."""
    own = [conditions] * len(tasks) if isinstance(conditions, Conditions) else conditions
    weak = solver == "weak"
    shift = np.array([c.weak_shift if weak else c.strong_shift for c in own])
    ability = cal.ABILITY[f"sim-{solver}"] + shift
    luck = tasks.weak_luck if weak else tasks.strong_luck
    shock = rng.normal(0, 1, (len(tasks), count)) * np.array([c.shock for c in own])[:, None]
    logits = cal.SLOPE * (ability[:, None] - tasks.hard + luck)[:, None, :] + shock[:, :, None]
    good = rng.random(logits.shape) < 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
    errors = tasks.points[:, None, :] < 0
    shown = np.where(errors, ~good & (rng.random(good.shape) < cal.ERROR_RATE), good)
    if weak:
        lost = rng.random(good.shape) < np.array([c.cut for c in own])[:, None, None]
        shown &= ~lost
    flips = rng.random(good.shape) < np.array([c.flip for c in own])[:, None, None]
    return shown ^ flips


def score(tasks: Tasks, marks: np.ndarray) -> np.ndarray:
    """Scores in [0, 1], shape (tasks, rollouts): clip((earned - penalty)/attainable)."""
    attainable = np.where(tasks.points > 0, tasks.points, 0).sum(axis=1)
    return np.clip(np.einsum("trc,tc->tr", marks, tasks.points) / attainable[:, None], 0, 1)


def measure_true_gaps(rng: np.random.Generator, tasks: Tasks, answers: int = 60) -> np.ndarray:
    """Gaps under neutral requests and the blind judge, from many answers nobody selected."""
    means = [score(tasks, answer(rng, tasks, solver, answers)).mean(axis=1) for solver in ("strong", "weak")]
    return means[0] - means[1]


def _reweigh(tasks: Tasks, weak_marks: np.ndarray, strong_marks: np.ndarray, most: np.ndarray) -> None:
    """Point after point for the merit in which strong leads most, until the answers pass; it changes `points`."""
    lead = strong_marks.mean(axis=1) - weak_marks.mean(axis=1)
    best = np.where(tasks.points > 0, lead, -1).argmax(axis=1)
    for step in range(int(most.max())):
        weak, strong = score(tasks, weak_marks), score(tasks, strong_marks)
        short = strong.mean(axis=1) - weak.mean(axis=1) < POLICY.gap_min
        rows = np.flatnonzero(short & (most > step))
        tasks.points[rows, best[rows]] += 1


def _roll_again(
    rng: np.random.Generator, tasks: Tasks, weak_marks: np.ndarray, strong_marks: np.ndarray, own: list[Conditions]
) -> np.ndarray:
    """Strong answers drawn anew where the first did not pass and the conditions allow it."""
    marks = strong_marks.copy()
    for roll in range(2, max(c.rolls for c in own) + 1):
        again = ~is_accepted(score(tasks, weak_marks), score(tasks, marks))
        again &= np.array([c.rolls >= roll for c in own])
        if again.any():
            rows = np.flatnonzero(again)
            part = tasks.take(rows)
            marks[rows] = answer(rng, part, "strong", marks.shape[1], [own[row] for row in rows])
    return marks
