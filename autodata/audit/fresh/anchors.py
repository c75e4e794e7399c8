"""Anchors: secret tasks whose weak scores are known from twenty answers to neutral requests.

They lie in a journal of their own below the home's audits, with every call that measured them; no agent is ever shown
one. An anchor holds for one weak model with its settings and one blind judge.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from autodata.audit.anchors import BASELINE_ROLLOUTS, HEADROOM, has_headroom
from autodata.audit.fresh.arms import count_failed, explain_ungraded, list_scores, roll_fresh
from autodata.audit.fresh.context import AuditContext
from autodata.audit.fresh.requests import NEUTRAL_SHA, build_neutral_body, derive_fresh_seed
from autodata.audit.fresh.result import Subject
from autodata.audit.record_fields import read_task
from autodata.canon import derive_seed, hash_value
from autodata.errors import ProviderFailure
from autodata.home import Home
from autodata.journal import read_records
from autodata.llm.seat import SeatBook, request_settings
from autodata.model import Task

USUAL = 12
"""Anchors of one test."""

MARGIN = 0.10
"""How far outside the headroom a recorded weak score may lie for a task to be tried as an anchor."""

FEWEST_SCORED = BASELINE_ROLLOUTS - 2
"""Graded answers below which a baseline is not kept."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """One task with its known weak score: mean and number of the answers, and whom it holds for (`solver`, `judge`).

    `topic` is what anchors are spread over.
    """

    task: Task
    topic: str
    baseline: float
    rollouts: int
    solver: str
    model: str
    judge: str
    run_id: str


def find_anchors_file(home: Home) -> Path:
    """Where a home's anchors lie."""
    return home.audits / "anchors" / "anchors.jsonl"


def name_solver(seats: SeatBook) -> str:
    """The weak model with its settings as one name: a score known under others says nothing."""
    seat = seats.seat("weak")
    return hash_value([seat.model, request_settings(seat)])


def read_anchors(path: Path) -> tuple[Anchor, ...]:
    """All anchors of the file, the last word on each; none where there is no file. Raises JournalDamaged."""
    found = (_read_anchor(record.data) for record in read_records(path) if record.kind == "anchor")
    return tuple({(a.task.id, a.solver, a.judge): a for a in found if a is not None}.values())


def choose_anchors(anchors: Iterable[Anchor], seats: SeatBook, seed: int, count: int = USUAL) -> tuple[Anchor, ...]:
    """Anchors that hold for these seats, spread over topics and rotated by the seed; fewer where there are fewer."""
    solver, judge = name_solver(seats), seats.seat("auditor_judge").model
    topics: dict[str, list[Anchor]] = defaultdict(list)
    for anchor in anchors:
        if (anchor.solver, anchor.judge) == (solver, judge):
            topics[anchor.topic].append(anchor)
    rng = random.Random(derive_seed(seed, "anchors"))
    for own in topics.values():
        rng.shuffle(own)
    chosen: list[Anchor] = []
    while len(chosen) < count and any(topics.values()):
        chosen += [own.pop() for _, own in sorted(topics.items()) if own]
    return tuple(chosen[:count])


def list_candidates(subjects: Sequence[Subject]) -> list[Subject]:
    """Tasks whose recorded weak score does not rule out headroom, nearest to its middle first.

    The recorded score only saves calls here: what is kept as baseline is measured anew.
    """
    low, high = HEADROOM[0] - MARGIN, HEADROOM[1] + MARGIN
    middle = (HEADROOM[0] + HEADROOM[1]) / 2
    known = [(s, s.records.decision.weak_mean) for s in subjects if s.records.task.rubric]
    fit = [(abs(mean - middle), s) for s, mean in known if mean is not None and low <= mean <= high]
    return [subject for _, subject in sorted(fit, key=lambda pair: (pair[0], pair[1].task_id))]


async def measure_anchor(subject: Subject, context: AuditContext, topic: str) -> Anchor | str:
    """The task as an anchor, or why it is none.

    Raises ProviderFailure when every answer failed: other tasks would fare no better.
    """
    settings, task = context.loop.settings, subject.records.task
    seat = settings.seats.seat("weak")

    def build(index: int) -> dict[str, Any]:
        seed = derive_fresh_seed(settings.seed, task.id, "anchor_base", index)
        return build_neutral_body(seat, task, index=index, seed=seed)

    rollouts = await roll_fresh(
        subject,
        context,
        "weak",
        "anchor_base",
        body_of=build,
        count=BASELINE_ROLLOUTS,
        template_sha=NEUTRAL_SHA,
    )
    scores = list_scores(rollouts)
    if count_failed(rollouts) == len(rollouts):
        raise ProviderFailure("connection", explain_ungraded(rollouts))
    if len(scores) < FEWEST_SCORED:
        return explain_ungraded(rollouts)
    baseline = sum(scores) / len(scores)
    if not has_headroom(baseline):
        return f"weak scores {baseline:.2f}, outside {HEADROOM[0]:.2f} to {HEADROOM[1]:.2f}"
    return Anchor(
        task=task,
        topic=topic,
        baseline=baseline,
        rollouts=len(scores),
        solver=name_solver(settings.seats),
        model=seat.model,
        judge=settings.seats.seat("auditor_judge").model,
        run_id=subject.records.run.run_id,
    )


def describe_anchor(anchor: Anchor) -> dict[str, Any]:
    """The anchor as its record holds it."""
    return asdict(anchor)


def _read_anchor(data: dict[str, Any]) -> Anchor | None:
    """None for a record that cannot be read: an anchor that is in doubt is not used."""
    try:
        return Anchor(
            task=read_task(data["task"]),
            topic=str(data["topic"]),
            baseline=float(data["baseline"]),
            rollouts=int(data["rollouts"]),
            solver=str(data["solver"]),
            model=str(data["model"]),
            judge=str(data["judge"]),
            run_id=str(data["run_id"]),
        )
    except (KeyError, TypeError, ValueError):
        return None
