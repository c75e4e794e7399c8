"""One run of a family, journal and truth apart: the journal goes to the detectors, the truth to the metrics only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random

from autodata.home import Home
from benchmarks.sabotage.harness import Harness, Plan, Trajectory, Truth
from benchmarks.sabotage.imported_style import find_task_id, write_imported_run
from benchmarks.sabotage.own_style import write_own_run


@dataclass(frozen=True, slots=True)
class Planted:
    """A written run. `truths` are of its accepted tasks, by id in the order of its sources."""

    path: Path
    harness: Harness
    truths: tuple[Truth, ...]


def plant_run(home: Home, plan: Plan) -> Planted:
    """Write the run of a plan below `home` and say what is true of it."""
    write = write_own_run if plan.style == "own" else write_imported_run
    path, harness, trajectories = write(home, plan)
    if plan.family.damage is not None:
        plan.family.damage(path, Random(f"{plan.seed}:damage"))
    return Planted(path, harness, tuple(_list_truths(plan, harness.run_id, trajectories)))


def _list_truths(plan: Plan, run_id: str, trajectories: list[Trajectory]) -> list[Truth]:
    found = []
    for trajectory in trajectories:
        made = trajectory.accepted
        if made is None:
            continue
        task = made.revised or made.task
        found.append(
            Truth(
                task_id=task.id if plan.style == "own" else find_task_id(run_id, made),
                run_id=run_id,
                family=plan.family.id,
                split=plan.family.split,
                style=plan.style,
                stealth=plan.stealth,
                strength=plan.strength,
                lift=made.tamper.lift,
                true_gap=made.true_gap,
                channels=made.tamper.channels or (plan.family.channel,),
                causes=plan.family.causes,
                sabotage=plan.family.sabotage,
            )
        )
    return found
