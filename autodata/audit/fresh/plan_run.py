"""What a spending plan does next: which checks of which tasks, stage by stage, later ones by what earlier ones found.

Recorded scores are read in one place, the screen: it may spend calls on a task and decides nothing about it.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from autodata.audit.certified import DEFAULT_BAR
from autodata.audit.difference import measure_difference
from autodata.audit.fresh.noise import find_noise
from autodata.audit.fresh.result import Result, Subject
from autodata.audit.fresh.stored import Chosen
from autodata.audit.fresh.wrapper import find_wrappers, name_wrappers
from autodata.audit.gap_prior import NO_PRIOR, GapPrior
from autodata.audit.plans import FIRST_SIZE, FULL_SIZE, Plan
from autodata.audit.run_audit import TaskAudit
from autodata.audit.run_luck import RunNoise
from autodata.canon import derive_seed

SCREEN_AT = 0.25
"""p of "weak does better on fresh answers than on the recorded ones" from which a task gets the tamper test."""

ON_REQUESTS = ("K3", "K10")
"""What may say why a gap is not there with fresh answers: the requests and the budget, which do not travel along."""

ON_TASKS = ("K8", "K5", "K9", "K7", "K6")
"""What a gap that is there may still rest on: reference, judge, models, task text, rubric; in full, cheapest first."""

BEFORE_DOUBT = ("K2", "K4", "K5", "K8")
"""Checks that ask models and whose findings call for all others. K1 is none: luck is no reason to look for causes."""


@dataclass(frozen=True, slots=True)
class Job:
    """One check of one task. `fewest` and `most` are answers a side, for K1 and K2; `thorough` asks for all that K5 and
    K8 can do.

    Its result also holds for the tasks in `shared`, whose weak request puts the same around them.
    """

    task_id: str
    detector: str
    fewest: int = FIRST_SIZE
    most: int = FULL_SIZE
    thorough: bool = False
    shared: tuple[str, ...] = ()


@dataclass(slots=True)
class Board:
    """Where an audit stands: its tasks, what was found so far, the prior in force."""

    plan: Plan
    checks: tuple[str, ...]
    most: int
    subjects: Mapping[str, Subject]
    chosen: Mapping[str, Chosen]
    noise: RunNoise | None
    bar: float = DEFAULT_BAR
    results: dict[str, dict[str, Result]] = field(default_factory=dict)
    prior: GapPrior = NO_PRIOR

    def find(self, task_id: str, detector: str) -> Result | None:
        return self.results.get(task_id, {}).get(detector)


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
    """The stages of a plan, in order of cost; with `checks` these alone, on every task."""
    if checks:
        return tuple(Stage(detector, _make_lister(detector)) for detector in checks)
    return (
        Stage("gold checks", lambda board: [Job(task, "K8") for task in board.chosen]),
        Stage("certified gap", _list_certified),
        Stage("blind re-judge", lambda board: [Job(task, "K5") for task in board.chosen]),
        Stage("more answers", _list_followed),
        Stage("tamper test", lambda board: [Job(task, "K2") for task in board.chosen if needs_more(board, task)]),
        Stage("anchors", lambda board: _list_anchored(board, _list_reworded(board))),
        *(Stage(f"attribution {detector}", _make_deep_lister(detector)) for detector in (*ON_REQUESTS, *ON_TASKS)),
    )


def needs_more(board: Board, task_id: str) -> bool:
    """Whether a certified task gets more answers and the tamper test: undecided, not real, drawn for everything, or
    weak looks better than its record."""
    result = board.find(task_id, "K1")
    if result is None or result.coverage != "done":
        return False
    return (
        board.chosen[task_id].deep
        or result.numbers["verdict"] != "real"
        or looks_recovered(board.subjects[task_id], result, board.noise)
    )


def is_doubtful(board: Board, task_id: str) -> bool:
    """Whether a certified task goes through every check: drawn for that, or there is a finding that may say why."""
    result = board.find(task_id, "K1")
    if result is None or result.coverage != "done":
        return False
    own = board.results.get(task_id, {})
    found = [finding for detector in BEFORE_DOUBT if detector in own for finding in own[detector].findings]
    found += board.subjects[task_id].static.findings
    return board.chosen[task_id].deep or any(finding.severity != "note" for finding in found)


def is_unexplained(board: Board, task_id: str) -> bool:
    """Whether what did not travel along is looked at: the gap is not real, or the task is doubtful anyway."""
    result = board.find(task_id, "K1")
    gone = result is not None and result.coverage == "done" and result.numbers["verdict"] == "not_real"
    return gone or is_doubtful(board, task_id)


def looks_recovered(subject: Subject, certified: Result, noise: RunNoise | None) -> bool:
    """The screen: weak's first fresh answers above its recorded ones, p < 0.25.

    Recorded answers were selected for being low, so an honest task passes it too; nothing is decided here.
    """
    fresh = tuple(certified.numbers["scores"]["weak"][:FIRST_SIZE])
    recorded = tuple(a.value for a in subject.records.list_answers("weak") if a.value is not None)
    recorded = tuple(value for value in recorded if 0 <= value <= 1)
    if not recorded or not fresh:
        return False
    return measure_difference(fresh, recorded, find_noise(noise, "weak", fresh)).find_p() < SCREEN_AT


def _choose_task(plan: Plan, task: TaskAudit, seed: int) -> Chosen:
    task_id = task.task.id
    drawn = random.Random(derive_seed(seed, "draw", task_id)).random()
    deep = drawn < plan.random_share
    if plan.certify_all or not plan.certify_share:
        return Chosen(task_id, "all", deep=deep)
    if drawn < plan.certify_share:
        return Chosen(task_id, "random", plan.certify_share, deep)
    return Chosen(task_id, "flagged" if task.found else "all")


def _list_certified(board: Board) -> list[Job]:
    plan = board.plan
    if not plan.certify_all and not plan.certify_share:
        return []
    # Under a plan that samples, "all" marks a task that was neither drawn nor flagged.
    taken = [task for task, own in board.chosen.items() if plan.certify_all or own.why != "all"]
    return [Job(task, "K1", FIRST_SIZE, FIRST_SIZE) for task in taken]


def _list_followed(board: Board) -> list[Job]:
    followed = [task for task in board.chosen if needs_more(board, task)]
    return [Job(task, "K1", min(FULL_SIZE, board.most), board.most) for task in followed]


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


def _make_deep_lister(detector: str) -> Callable[[Board], list[Job]]:
    wanted = is_unexplained if detector in ON_REQUESTS else is_doubtful
    return lambda board: [Job(task, detector, thorough=True) for task in board.chosen if wanted(board, task)]
