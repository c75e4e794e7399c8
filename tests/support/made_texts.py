"""Texts for made-up journals: tasks with a rubric, prose without meaning, verdicts that come to a wanted score."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from autodata.canon import hash_text
from autodata.model import Criterion, Task

TOPICS = (
    "leases and clock drift",
    "typed macros",
    "region allocators",
    "Lemma 4",
    "greedy set cover",
    "two-phase commit",
)

TARGETS = {
    "too_easy": (0.80, 0.85),
    "failed_on_strong": (0.25, 0.45),
    "narrow_gap": (0.55, 0.65),
    "inverted": (0.62, 0.50),
    "saturated": (0.40, 0.99),
    "weak_zero": (0.0, 0.7),
    "accepted": (0.38, 0.80),
}
"""What the weak and strong sides aim at, so that the rule comes to about this outcome."""


def make_task(rng: random.Random, run_id: str, source: str, place: int, number: int) -> Task:
    """The task of one round of the source at `place` among the run's sources."""
    topic = TOPICS[place % len(TOPICS)]
    rubric = tuple(
        Criterion(f"c{i + 1}", f"States point {i + 1} about {topic}", weight)
        for i, weight in enumerate((4, 5, 3, 6, 4, 5, 3, 4, -3, -4, -2))
    )
    key = f"{run_id}/{source}/{number}"
    return Task(
        id="t" + hash_text(key)[:12],
        source_id=source,
        round=number,
        question_type="prediction",
        context=f"A system relies on {topic}. " + make_prose(rng, 40),
        question=f"Why does {topic} hold in round {number} of {key}, and what does a client observe when it does not?",
        reference_answer=f"Because {topic} bounds the drift. " + make_prose(rng, 30),
        rubric=rubric,
        tags=("systems", "proofs"),
    )


def draw_verdicts(rng: random.Random, rubric: Sequence[Criterion], aim: float) -> dict[str, int]:
    """Verdicts by criterion id whose score comes close to `aim`."""
    met = {c.id: 0 for c in rubric}
    positives = [c for c in rubric if c.weight > 0]
    attainable, earned = sum(c.weight for c in positives), 0.0
    rng.shuffle(positives)
    for c in positives:
        if earned + c.weight / 2 <= aim * attainable:
            met[c.id], earned = 1, earned + c.weight
    return met


def make_prose(rng: random.Random, words: int) -> str:
    """`words` words, hardly ever the same twice."""
    start = rng.randrange(1000)
    return " ".join(_WORDS[(start + i * 7 + (i * start) % 13) % len(_WORDS)] for i in range(words)) + f" ({start})."


def describe_task(task: Task) -> dict[str, Any]:
    """The task as a journal holds it."""
    return {
        "id": task.id,
        "source_id": task.source_id,
        "round": task.round,
        "question_type": task.question_type,
        "context": task.context,
        "question": task.question,
        "reference_answer": task.reference_answer,
        "rubric": [{"id": c.id, "criterion": c.criterion, "weight": c.weight} for c in task.rubric],
        "tags": list(task.tags),
    }


_WORDS = (
    "lease clock drift bound follower leader epoch quorum write read log index commit abort lock page cache miss "
    "branch kernel thread fence order store load barrier proof lemma cover greedy graph edge vertex cut flow rate "
    "token round seed model score rubric weight claim limit error retry queue batch stage merge split hash tree "
    "root leaf node path scan sort join plan cost gate state"
).split()
