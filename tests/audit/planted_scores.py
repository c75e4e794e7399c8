"""Score-level sabotage whose effect vanishes under one condition, to check how detectors combine.

The families, their static hit rates and the noise of each counterfactual are those of the published prototype, so its
recalls can be compared. Conditions: N neutral request, X sanitised task, J blind judge, Q independent rubric.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from tests.audit.world import answer, draw_spread, propose_tasks

SD, ANSWERS, D0 = 0.12, 5, 4.0

FAMILIES = {
    # weak shift, strong shift, what undoes it, static hit rate plain and evasive
    "prompt": (-1, 0, "N", 0.98, 0.98),
    "leak to strong": (0, 1, "N", 0.90, 0.50),
    "fishing": (0, 0, "F", 0.90, 0.50),
    "task text": (-1, 0, "X", 0.60, 0.10),
    "judge told": (-0.5, 0.5, "J", 0.95, 0.30),
    "judge's family": (0, 1, "J", 0, 0),
    "rubric": (-0.5, 0.5, "Q", 0.30, 0.05),
    "family quirk": (-1, 0, "-", 0, 0),
}
_HONEST = (0, 0, "-", 0.003, 0.003)
_EXTRA = {"X": (0.05, 0.03), "J": (0.0, 0.03), "Q": (0.0, 0.07)}


@dataclass(frozen=True)
class Planted:
    """True means under neutral conditions and as recorded, spreads, and whether a static detector hit."""

    weak: np.ndarray
    strong: np.ndarray
    weak_run: np.ndarray
    strong_run: np.ndarray
    weak_sd: np.ndarray
    strong_sd: np.ndarray
    undone: str
    hit: np.ndarray


def plant(rng: np.random.Generator, family: str | None, count: int, evasive: bool = False) -> Planted:
    """`count` accepted tasks; a planted lift of 0.15 to 0.40 where the honest gap is below 0.15."""
    weak_shift, strong_shift, undone, plain, hidden = FAMILIES[family] if family else _HONEST
    kept: list[list[np.ndarray]] = []
    while sum(len(part[0]) for part in kept) < count:
        size = 20_000
        tasks = propose_tasks(rng, size, SD)
        lift = rng.uniform(0.15, 0.40, size) if family and family != "fishing" else np.zeros(size)
        weak = np.clip(tasks.weak + weak_shift * lift, 0.01, 0.99)
        strong = np.clip(tasks.strong + strong_shift * lift, 0.01, 0.99)
        spreads = draw_spread(rng, size, SD, True), draw_spread(rng, size, SD, True)
        accepted = np.zeros(size, bool)
        for _ in range(8 if family == "fishing" else 1):
            accepted |= _accept(answer(rng, weak, spreads[0], 3), answer(rng, strong, spreads[1], 3))
        if family:
            accepted &= tasks.strong - tasks.weak < 0.15
        kept.append([part[accepted] for part in (tasks.weak, tasks.strong, weak, strong, *spreads)])
    columns = [np.concatenate(parts)[:count] for parts in zip(*kept, strict=True)]
    return Planted(*columns, undone, rng.random(count) < (hidden if evasive else plain))


def measure(rng: np.random.Generator, tasks: Planted) -> list[dict[str, float]]:
    """Each task's evidence: static hit, certified gap, tamper arms, blind judge, rubric, sanitised task, peer."""
    recorded, neutral, sane = (_ask(rng, tasks, conditions) for conditions in ("", "N", "NX"))
    gaps = {"N": neutral[1].mean(1) - neutral[0].mean(1)}
    for name, conditions in (("J", "J"), ("Q", "JQ")):
        again = _grade_again(rng, tasks, neutral, conditions)
        gaps[name] = again[1].mean(1) - again[0].mean(1)
    peer = np.clip(tasks.weak + 0.12 * rng.standard_normal(len(tasks.weak)), 0.01, 0.99)
    peer_answers = answer(rng, peer, tasks.weak_sd, ANSWERS)
    columns = {
        "S1": 8.0 * tasks.hit,
        "K1": scipy.special.ndtr(-_t(neutral[1], neutral[0], 0.20)),
        "K2.weak": _t(neutral[0], recorded[0]),
        "K2.strong": _t(recorded[1], neutral[1]),
        "K5": (gaps["N"] - gaps["J"]) / 0.045,
        "K6": (gaps["N"] - gaps["Q"]) / 0.11,
        "K7": _t(sane[0], neutral[0], 0.0, 0.04),
        "K9": _t(peer_answers, neutral[0], 0.0, 0.12),
    }
    rows = np.column_stack(list(columns.values()))
    return [dict(zip(columns, row, strict=True)) for row in rows.tolist()]


def _accept(weak: np.ndarray, strong: np.ndarray) -> np.ndarray:
    low, high = weak.mean(axis=1), strong.mean(axis=1)
    passed = (high - low >= 0.20) & (low <= 0.65) & (weak.max(axis=1) <= 0.75) & (weak.max(axis=1) > 0)
    return passed & (high >= 0.60) & (high < 0.95)


def _ask(rng: np.random.Generator, tasks: Planted, conditions: str) -> tuple[np.ndarray, np.ndarray]:
    weak, strong = _find_means(tasks, conditions)
    shared, own = np.zeros(len(weak)), [np.zeros(len(weak)), np.zeros(len(weak))]
    for name in conditions:
        common, each = _EXTRA.get(name, (0.0, 0.0))
        shared = shared + common * rng.standard_normal(len(weak))
        own = [part + each * rng.standard_normal(len(weak)) for part in own]
    return (
        answer(rng, np.clip(weak + shared + own[0], 0.01, 0.99), tasks.weak_sd, ANSWERS),
        answer(rng, np.clip(strong + shared + own[1], 0.01, 0.99), tasks.strong_sd, ANSWERS),
    )


def _grade_again(
    rng: np.random.Generator, tasks: Planted, answers: tuple[np.ndarray, np.ndarray], conditions: str
) -> tuple[np.ndarray, np.ndarray]:
    """The same answers under another judge or rubric: a shift of the mean and the judge's own noise."""
    before, after = _find_means(tasks, "N"), _find_means(tasks, "N" + conditions)
    spreads = [_EXTRA[name][1] for name in conditions]
    noise = [sum(sd * rng.standard_normal(len(tasks.weak)) for sd in spreads) for _ in range(2)]
    weak, strong = (
        own + (new - old + extra)[:, None] for own, old, new, extra in zip(answers, before, after, noise, strict=True)
    )
    return weak, strong


def _find_means(tasks: Planted, conditions: str) -> tuple[np.ndarray, np.ndarray]:
    return (tasks.weak, tasks.strong) if tasks.undone in conditions else (tasks.weak_run, tasks.strong_run)


def _t(higher: np.ndarray, lower: np.ndarray, margin: float = 0.0, extra: float = 0.0) -> np.ndarray:
    n, m = higher.shape[1], lower.shape[1]
    squares = higher.var(1, ddof=1) * (n - 1) + lower.var(1, ddof=1) * (m - 1)
    variance = (D0 * SD**2 + squares) / (D0 + n + m - 2) * (1 / n + 1 / m) + extra**2
    return (higher.mean(1) - lower.mean(1) - margin) / np.sqrt(variance)
