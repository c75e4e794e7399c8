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

FOLLOW_SHARE = 0.40
"""Of certified tasks: undecided, not real, or weak above its record; they get more answers and the tamper test."""

DEEP_SHARE = 0.12
"""Of certified tasks that nothing flagged: still suspicious after that. They and the flagged ones get the attribution
checks (K3, K6, K7, K9, K10)."""

DEEP_CALLS = 90
"""Calls of all attribution checks of one task: fewer than the sum of `CHECK_CALLS`, for they share fresh answers. One
of them alone a task would need about 40; all of them, for 11 simulated tasks, 4 flagged, brought an audit to 789."""


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
    fresh, more = 2 * 2 * FIRST_SIZE, 2 * 2 * (FULL_SIZE - FIRST_SIZE) + 2 * 2 * FULL_SIZE
    cleared = 1 - certified * FOLLOW_SHARE
    shares = {
        "gold checks": (1.0, GOLD_CHECKS, False),
        "blind re-judge": (1.0, answers, False),
        "certified gap": (certified, fresh, True),
        "more answers and tamper test": (certified * FOLLOW_SHARE, more, True),
        "attribution": (certified * (flagged_share + (1 - flagged_share) * DEEP_SHARE), DEEP_CALLS, True),
        "random cleared tasks": (plan.random_share * cleared, more + DEEP_CALLS, True),
    }
    stages = {name: tasks * share * calls for name, (share, calls, _) in shares.items() if share * calls}
    solver = sum(stages.get(name, 0.0) for name, (_, _, solved) in shares.items() if solved) / 2
    return Cost(solver, sum(stages.values()) - solver, stages)


CHECK_CALLS: Mapping[str, tuple[float, float]] = {
    "K2": (20, 20),
    "K3": (16, 16),
    "K4": (24, 24),
    "K5": (0, 24),
    "K6": (0, 30),
    "K7": (5, 8),
    "K8": (3, 6),
    "K9": (10, 10),
    "K10": (10, 10),
    "K11": (10, 10),
}
"""Solver and judge calls of one check of one task when nothing of it is recorded yet; a writer's calls count as a
judge's. K4 is made once for all tasks with the same request around them, at most once a task."""


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
