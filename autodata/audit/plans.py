"""What an audit costs before it starts, in model calls. One fresh answer is one solver call and one judge call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autodata.audit.checking import check_share
from autodata.errors import BadInput

GOLD_CHECKS = 3
"""K8: the judge grades the reference, an empty answer and fluent boilerplate."""

FIRST_SIZE, FULL_SIZE = 3, 5
"""Fresh answers per solver at first, and where the first ones left doubt."""

REAL_SHARE, UNDECIDED_SHARE = 0.60, 0.15
"""Of certified tasks after the first answers, in simulated runs."""

EXPERT_CALLS, TAMPER_CALLS, CLEAN_CALLS, ATTRIBUTION_CALLS, DEEP_CALLS = 3, 5, 7, 12, 55
"""Calls of a task that comes so far, in simulated runs: the expert of K8 for a real gap; K2 for one that is not
(nothing where the recorded request is the neutral one); K7 for a real one; K6 or K10 for a real one that the record
flags; everything for a task drawn by lot. 48 honest simulated tasks, a third flagged, took 30 calls each."""

JUDGED_SHARE = 0.30
"""Of all tasks: their answers are judged again whatever their gap is, so that the run's judge can be spoken of."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A spending plan. Shares are of the accepted tasks, in [0, 1].

    `calls`: whether any model is asked at all. `certify_all`: fresh answers for every task; otherwise for flagged
    tasks and a random `certify_share`. `random_share` of the cleared tasks goes through every check, so that the miss
    rate is known.
    """

    name: str
    calls: bool
    certify_all: bool
    certify_share: float
    random_share: float


PLANS: dict[str, Plan] = {
    "static": Plan("static", calls=False, certify_all=False, certify_share=0.0, random_share=0.0),
    "lean": Plan("lean", calls=True, certify_all=False, certify_share=0.0, random_share=0.0),
    "medium": Plan("medium", calls=True, certify_all=False, certify_share=0.30, random_share=0.05),
    "default": Plan("default", calls=True, certify_all=True, certify_share=1.0, random_share=0.05),
}


@dataclass(frozen=True, slots=True)
class Cost:
    """Expected calls for all tasks together, by kind and by stage; later stages depend on results."""

    solver: float
    judge: float
    stages: Mapping[str, float]

    @property
    def calls(self) -> float:
        return self.solver + self.judge


def choose_plan(name: str) -> Plan:
    """A plan by name; raises BadInput for an unknown one."""
    if name not in PLANS:
        raise BadInput(f"plan {name!r} is unknown; choose one of {', '.join(PLANS)}")
    return PLANS[name]


def estimate_cost(plan: Plan, tasks: int, answers: int = 6, flagged_share: float = 0.08) -> Cost:
    """Expected calls of a plan over `tasks` accepted tasks with `answers` recorded answers each (weak and strong).

    `flagged_share` is the share that the checks without calls flagged. Raises BadInput for a negative number of tasks
    or a share outside [0, 1].
    """
    if tasks < 0 or answers < 0:
        raise BadInput(f"{tasks} tasks with {answers} answers")
    check_share("flagged_share", flagged_share)
    if not plan.calls:
        return Cost(0.0, 0.0, {})
    certified = 0.0
    if plan.certify_all:
        certified = 1.0
    elif plan.certify_share:
        certified = flagged_share + (1 - flagged_share) * plan.certify_share
    judged = 1 - certified * REAL_SHARE * (1 - JUDGED_SHARE)
    shares = {
        "certified gap": (certified, 2 * 2 * FIRST_SIZE, True),
        "more answers": (certified * UNDECIDED_SHARE, 2 * 2 * (FULL_SIZE - FIRST_SIZE), True),
        "gold checks": (1 - certified * (1 - REAL_SHARE - UNDECIDED_SHARE), GOLD_CHECKS, False),
        "expert": (certified * REAL_SHARE, EXPERT_CALLS, True),
        "blind re-judge": (judged, answers, False),
        "tamper test": (certified * (1 - REAL_SHARE), TAMPER_CALLS, True),
        "sanitised task": (certified * REAL_SHARE, CLEAN_CALLS, True),
        "attribution": (certified * flagged_share * REAL_SHARE, ATTRIBUTION_CALLS, True),
        "random cleared tasks": (plan.random_share, DEEP_CALLS, True),
    }
    stages = {name: tasks * share * calls for name, (share, calls, _) in shares.items() if share * calls}
    solver = sum(stages.get(name, 0.0) for name, (_, _, solved) in shares.items() if solved) / 2
    return Cost(solver, sum(stages.values()) - solver, stages)


CHECK_CALLS: Mapping[str, tuple[float, float]] = {
    "K2": (26, 26),
    "K3": (16, 16),
    "K4": (24, 24),
    "K5": (0, 30),
    "K6": (0, 37),
    "K7": (10, 13),
    "K8": (3, 18),
    "K9": (10, 10),
    "K10": (10, 10),
    "K11": (10, 10),
}
"""Solver and judge calls of one check of one task with six answers, when nothing of it is recorded yet and every doubt
is followed; a writer's calls count as a judge's. K4 is made once for all tasks with the same request around them, at
most once a task."""


def estimate_checks(checks: Sequence[str], tasks: int, answers: int) -> Cost:
    """Calls of some checks by name over `tasks` tasks, at most: `answers` fresh answers a side for K1.

    Raises BadInput for a check that does not exist.
    """
    stages, solver = {}, 0.0
    for check in checks:
        own = (2.0 * answers, 2.0 * answers) if check == "K1" else CHECK_CALLS.get(check)
        if own is None:
            raise BadInput(f"check {check!r} is unknown")
        solver += tasks * own[0]
        stages[check] = tasks * sum(own)
    return Cost(solver, sum(stages.values()) - solver, stages)
