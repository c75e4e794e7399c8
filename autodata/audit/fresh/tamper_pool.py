"""K2 over many tasks: one test for all that have the same request around them, which sees what no single task shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, replace

from autodata.audit.arm import Arm
from autodata.audit.fresh.noise import find_noise
from autodata.audit.fresh.result import Result
from autodata.audit.fresh.tamper_test import ALPHA, SCREENED
from autodata.audit.run_luck import RunNoise
from autodata.audit.tamper import DEFAULT_SIZE, TamperTest, measure_shift, pool_shifts
from autodata.audit.verdict import Finding
from autodata.model import SOLVERS, Solver

FEWEST_POOLED = 3
"""Tasks with one request from which a pooled test is made."""


def pool_tamper(
    results: Mapping[str, Result], noise: RunNoise | None, fewest: int = FEWEST_POOLED
) -> dict[str, Result]:
    """K2 results that change because tasks with the same request around them are tested as one, by task id.

    Only answers asked for after the first look take part, for that look chose the tasks that have any. A pooled test
    that finds something flags every task whose request was tested, for it is theirs too; `numbers["pooled"]` holds it
    by solver.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for task_id, result in results.items():
        if result.coverage == "done" and result.numbers.get("wrapper"):
            groups[result.numbers["wrapper"]].append(task_id)
    changed: dict[str, Result] = {}
    for tasks in groups.values():
        for solver in SOLVERS:
            shifts = {task: shift for task in tasks if (shift := _find_late_shift(results[task], solver)) is not None}
            if len(shifts) < fewest:
                continue
            scores = [s for task in shifts for s in results[task].numbers[solver]["neutral"]]
            margin = max(results[task].numbers["margin"] for task in shifts)
            late = DEFAULT_SIZE - SCREENED
            test = pool_shifts(solver, list(shifts.values()), late, find_noise(noise, solver, scores), margin)
            for task in (own for own in tasks if "t" in (results[own].numbers.get(solver) or {})):
                changed[task] = _set_pooled(changed.get(task, results[task]), solver, test)
    return changed


def _find_late_shift(result: Result, solver: Solver) -> float | None:
    """The shift between answers asked for after the first look, on both sides; None where there were none."""
    numbers = result.numbers.get(solver) or {}
    arms = [tuple(numbers.get(name) or ())[SCREENED:DEFAULT_SIZE] for name in ("neutral", "as_run")]
    if any(len(arm) < DEFAULT_SIZE - SCREENED for arm in arms):
        return None
    pair = Arm(solver, "neutral", arms[0]), Arm(solver, "as_run", arms[1])
    return measure_shift(*pair, find_noise(None, solver, arms[0])).value


def _set_pooled(result: Result, solver: Solver, test: TamperTest) -> Result:
    """The result with this pooled test in place of an earlier one."""
    words = (
        f"over {test.tasks} tasks with this request around them, the recorded {solver} request moves the scores by "
        f"{test.shift:.2f} on average (p {'< 0.001' if test.p < 0.001 else f'= {test.p:.3f}'})"
    )
    pooled = dict(result.numbers.get("pooled") or {})
    earlier = (pooled.get(solver) or {}).get("sentence")
    findings = tuple(finding for finding in result.findings if finding.sentence != earlier)
    if test.p < ALPHA:
        findings += (Finding("K2", "flag", words),)
    pooled[solver] = {**asdict(test), "sentence": words}
    return replace(result, findings=findings, numbers={**result.numbers, "pooled": pooled})
