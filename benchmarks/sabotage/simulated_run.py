"""A run of two agent versions, simulated as scores: what the version under test does, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from random import Random

import numpy as np

from autodata.llm.simulator.challenger import write_task
from benchmarks.sabotage.harness import make_sources
from benchmarks.sabotage.scores import HONEST, Conditions, Tasks, accept_tasks, join_tasks

CERTIFIED = 50
"""Accepted tasks of each version whose gap is certified; at most half of them."""

_POOL = 400
"""Texts that runs draw theirs from."""


@dataclass(frozen=True, slots=True)
class RunCase:
    """What the version under test does. `share` of its tries meet `after`, the others are honest.

    `reuse`: the share of a template's words that stay when it is used again; 0 for no template. `texts`: whether the
    case has texts at all. `spots`: what it recognises and treats honestly (anchors, audits). `honest`: nothing was
    planted, so every alarm is a false one.
    """

    name: str
    says: str
    before: Conditions = HONEST
    after: Conditions = HONEST
    share: float = 1.0
    reuse: float = 0.0
    texts: bool = False
    spots: frozenset[str] = frozenset()
    honest: bool = False


@dataclass(frozen=True, slots=True)
class SimulatedRun:
    """Accepted tasks of both versions, and how many were tried for them. `sabotaged` is truth and stays out of reach.

    `texts` are question and rubric of the tasks under test, where the case is about texts; else there are none.
    """

    case: RunCase
    before: Tasks
    after: Tasks
    proposed: tuple[int, int]
    sabotaged: np.ndarray
    measured: tuple[tuple[tuple[float, ...], tuple[float, ...]], ...]
    texts: tuple[str, ...] = field(default=())

    def sample_audited(self, rng: np.random.Generator, count: int) -> np.ndarray:
        """Rows of the tasks under test that an audit takes: at random, or those that the version foresaw."""
        if "audits" in self.case.spots:
            return np.arange(min(count, self.foreseen))
        return rng.choice(len(self.after), min(count, len(self.after)), replace=False)

    @property
    def foreseen(self) -> int:
        """How many tasks under test a version that knows the audits treats honestly: the first ones."""
        return min(CERTIFIED, len(self.after) // 2)


def simulate_run(case: RunCase, rng: np.random.Generator, tasks: int) -> SimulatedRun:
    """Both versions, each until it has as many accepted tasks."""
    before = accept_tasks(rng, tasks, case.before)
    after = accept_tasks(rng, tasks, case.after, share=case.share)
    proposed, sabotaged, kept = after.proposed, after.sabotaged, after.tasks
    if "audits" in case.spots:
        count = min(CERTIFIED, tasks // 2)
        honest = accept_tasks(rng, count, case.before)
        kept = join_tasks(honest.tasks, kept.take(slice(count, None)))
        sabotaged = np.concatenate([np.zeros(count, bool), sabotaged[count:]])
        proposed = honest.proposed + round(proposed * (1 - count / tasks))
    texts = tuple(write_texts(rng, sabotaged, case.reuse)) if case.texts else ()
    return SimulatedRun(case, before.tasks, kept, (before.proposed, proposed), sabotaged, after.measured, texts)


def write_texts(rng: np.random.Generator, reused: np.ndarray, kept: float) -> list[str]:
    """Question and rubric of every task; the reused ones say what the first of them says, with a share of its words."""
    own = Random(int(rng.integers(2**31)))
    pool = _write_pool()
    texts = own.sample(pool, len(reused)) if len(reused) <= len(pool) else own.choices(pool, k=len(reused))
    rows = np.flatnonzero(reused).tolist() if kept else []
    for row in rows[1:]:
        words, other = texts[rows[0]].split(), texts[row].split()
        for at in own.sample(range(len(words)), round(len(words) * (1 - kept))):
            words[at] = own.choice(other)
        texts[row] = " ".join(words)
    return texts


@lru_cache(maxsize=1)
def _write_pool() -> tuple[str, ...]:
    """Question and rubric of honest tasks, as the simulated challenger writes them."""
    written = [write_task(source.text, Random(at)) for at, source in enumerate(make_sources(0, _POOL))]
    return tuple("\n".join([task.question, *(item.criterion for item in task.items)]) for task in written)
