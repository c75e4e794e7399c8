"""What a spending plan does next: which checks of which tasks, stage by stage, later ones by what was found before."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from autodata.audit.fresh.board import Board, Job
from autodata.audit.fresh.needs import (
    find_standing,
    is_deep,
    list_moved,
    needs_budget,
    needs_clean_text,
    needs_expert,
    needs_gold,
    needs_judge,
    needs_more,
    needs_rubric,
    needs_split,
)
from autodata.audit.fresh.stored import Chosen
from autodata.audit.fresh.wrapper import find_wrappers, name_wrappers
from autodata.audit.plans import FIRST_SIZE, JUDGED_SHARE, Plan
from autodata.audit.task_audit import TaskAudit
from autodata.canon import derive_seed


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of a plan: its name for a person, and the jobs it has once the stages before it are done."""

    name: str
    list_jobs: Callable[[Board], list[Job]]


def choose_tasks(plan: Plan, tasks: Sequence[TaskAudit], seed: int) -> tuple[Chosen, ...]:
    """Every accepted task with what the plan draws it for.

    One number a task from the seed: below `random_share` it goes through everything, below `certify_share` its gap is
    certified. So both draws are random samples of all tasks, flagged ones included, with known chances.
    """
    return tuple(_choose_task(plan, task, seed) for task in tasks)


def ask_for(task_ids: Iterable[str]) -> tuple[Chosen, ...]:
    """Tasks that somebody asked for by name."""
    return tuple(Chosen(task_id, "asked") for task_id in task_ids)


def list_stages(checks: Sequence[str]) -> tuple[Stage, ...]:
    """The stages of a plan: the gap first, then what its verdict calls for, cheap before dear; with `checks` these
    alone, on every task."""
    if checks:
        return tuple(Stage(detector, _make_lister(detector)) for detector in checks)
    return (
        Stage("certified gap", _list_certified),
        Stage("more answers", _list_followed),
        Stage("gold checks", _list_gold),
        Stage("blind re-judge", _list_judged),
        Stage("tamper test", _list_tested),
        Stage("anchors", lambda board: _list_anchored(board, _list_reworded(board))),
        Stage("prompt and solver parts", lambda board: _list_where(board, "K3", needs_split)),
        Stage("sanitised task", lambda board: _list_where(board, "K7", needs_clean_text)),
        Stage("larger budget", lambda board: _list_where(board, "K10", needs_budget)),
        Stage("rubric", lambda board: _list_where(board, "K6", needs_rubric)),
        Stage("other models", lambda board: _list_where(board, "K9", is_deep)),
    )


def _choose_task(plan: Plan, task: TaskAudit, seed: int) -> Chosen:
    task_id = task.task.id
    drawn = random.Random(derive_seed(seed, "draw", task_id)).random()
    deep, judged = drawn < plan.random_share, drawn < JUDGED_SHARE
    if plan.certify_all or not plan.certify_share:
        return Chosen(task_id, "all", deep=deep, judged=judged)
    if drawn < plan.certify_share:
        return Chosen(task_id, "random", plan.certify_share, deep, judged)
    return Chosen(task_id, "flagged" if task.found else "all")


def _list_certified(board: Board) -> list[Job]:
    plan = board.plan
    if not plan.certify_all and not plan.certify_share:
        return []
    # Under a plan that samples, "all" marks a task that was neither drawn nor flagged.
    taken = [task for task, own in board.chosen.items() if plan.certify_all or own.why != "all"]
    return [Job(task, "K1", FIRST_SIZE, FIRST_SIZE) for task in taken]


def _list_followed(board: Board) -> list[Job]:
    more = range(FIRST_SIZE + 1, board.most + 1)[:1]
    return [Job(task, "K1", more[0], board.most) for task in board.chosen if more and needs_more(board, task)]


def _list_gold(board: Board) -> list[Job]:
    return [Job(task, "K8", thorough=needs_expert(board, task)) for task in board.chosen if needs_gold(board, task)]


def _list_judged(board: Board) -> list[Job]:
    """A task that K1's blind grades brought here is no sample of the judge's work."""
    return [
        Job(task, "K5", sampled=own.judged or not find_standing(board, task))
        for task, own in board.chosen.items()
        if needs_judge(board, task)
    ]


def _list_tested(board: Board) -> list[Job]:
    moved = {task: list_moved(board, task) for task in board.chosen}
    return [Job(task, "K2", most=board.most, solvers=solvers) for task, solvers in moved.items() if solvers]


def _list_where(board: Board, detector: str, wanted: Callable[[Board, str], bool]) -> list[Job]:
    return [Job(task, detector) for task in board.chosen if wanted(board, task)]


def _list_reworded(board: Board) -> list[str]:
    """Tasks whose weak request was tested because it is not the neutral one."""
    tested = ((task, board.find(task, "K2")) for task in board.chosen)
    return [task for task, result in tested if result and "t" in (result.numbers.get("weak") or {})]


def _list_anchored(board: Board, tasks: Iterable[str]) -> list[Job]:
    """One job a weak request, whatever the number of tasks it stands around."""
    groups: dict[str, list[str]] = defaultdict(list)
    for task in tasks:
        groups[name_wrappers(find_wrappers(board.subjects[task].records, "weak"))].append(task)
    return [Job(own[0], "K4", shared=tuple(own[1:])) for own in groups.values()]


def _make_lister(detector: str) -> Callable[[Board], list[Job]]:
    if detector == "K4":
        return lambda board: _list_anchored(board, board.chosen)
    return lambda board: [Job(task, detector, FIRST_SIZE, board.most, thorough=True) for task in board.chosen]
