"""K3, the prompt × solver split of one task: each solver under its own recorded request and under the other's.

It says how much of the gap under the recorded requests comes from the requests; the two parts add up to it exactly.
"""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import Any

import scipy

from autodata.audit.arm import Arm
from autodata.audit.fresh.arms import explain_ungraded, list_scores, roll_fresh, roll_graded
from autodata.audit.fresh.certify import FEWEST, explain_ungradable
from autodata.audit.fresh.context import AuditContext
from autodata.audit.fresh.noise import choose_noise
from autodata.audit.fresh.requests import build_as_run_body, derive_fresh_seed, list_recorded, name_model, share_request
from autodata.audit.fresh.result import Result, Subject
from autodata.audit.fresh.tamper_test import ALPHA, roll_graded_as_run
from autodata.audit.split import GapSplit, split_gap
from autodata.audit.tamper import DEFAULT_SIZE
from autodata.audit.variance import Noise
from autodata.audit.verdict import Finding
from autodata.model import SOLVERS, Rollout, Solver


async def check_factorial(subject: Subject, context: AuditContext) -> Result:
    """K3 with five as-run and three swapped answers a solver.

    `numbers`: gap, solver_part, prompt_part, error, reasons, the four means and scores; only `same_request` and a
    prompt part of 0 where both solvers were sent the same. What the formula finds suspicious is a flag where the
    prompt part is above 0 beyond chance (p < 0.01), else a note: with few answers either part moves by chance.
    """
    lacking = explain_ungradable(subject)
    silent = [solver for solver in SOLVERS if not list_recorded(subject.records, solver)]
    if lacking or silent:
        return Result("K3", "not_recorded", missing=(*lacking, *(f"the {solver} requests" for solver in silent)))
    if share_request(subject.records):
        return Result("K3", "done", numbers={"same_request": True, "prompt_part": 0.0})
    cells: dict[str, tuple[Rollout, ...]] = {}
    for solver in SOLVERS:
        cells[f"{solver}_own"] = await roll_graded_as_run(subject, context, solver, DEFAULT_SIZE)
        cells[f"{solver}_swapped"] = await roll_graded(partial(roll_swapped, subject, context, solver), FEWEST)
    short = [explain_ungraded(cell) for cell in cells.values() if len(list_scores(cell)) < FEWEST]
    if short:
        return Result("K3", "failed", missing=tuple(short))
    return _describe(context, cells)


async def roll_swapped(
    subject: Subject, context: AuditContext, solver: Solver, count: int, first: int = 0
) -> tuple[Rollout, ...]:
    """Answers of one solver to the other one's recorded requests, from index `first` on."""
    settings, records = context.loop.settings, subject.records
    other: Solver = "strong" if solver == "weak" else "weak"
    calls = list_recorded(records, other)
    own = list_recorded(records, solver)
    model = name_model(records, settings.seats, solver) or str(own[0].read_body().get("model") or "")

    def build(index: int) -> dict[str, Any]:
        seed = derive_fresh_seed(settings.seed, subject.task_id, "swapped", index)
        return build_as_run_body(calls[index % len(calls)], seed=seed, model=model)

    return await roll_fresh(
        subject,
        context,
        solver,
        "swapped",
        body_of=build,
        count=count,
        first=first,
        template_sha=calls[0].template_sha,
    )


def _describe(context: AuditContext, cells: dict[str, tuple[Rollout, ...]]) -> Result:
    arms = {name: Arm(cell[0].solver, _name_purpose(name), list_scores(cell)) for name, cell in cells.items()}
    noises = [choose_noise(context, arm.solver, arm.scores) for arm in arms.values()]
    noise = Noise(sum(n.variance for n in noises) / len(noises), min(n.df for n in noises))
    split = split_gap(
        arms["weak_own"], arms["weak_swapped"], arms["strong_own"], arms["strong_swapped"], noise, context.bar
    )
    df = noise.df + sum(len(arm.scores) - 1 for arm in arms.values())
    p = float(scipy.special.stdtr(df, -split.prompt_part / split.error))
    numbers = {
        **asdict(split),
        "reasons": list(split.reasons),
        "p": p,
        "means": {name: arm.mean for name, arm in arms.items()},
        "scores": {name: list(arm.scores) for name, arm in arms.items()},
    }
    return Result("K3", "done", _list_findings(split, p), numbers)


def _name_purpose(cell: str) -> Any:
    return "as_run" if cell.endswith("_own") else "swapped"


def _list_findings(split: GapSplit, p: float) -> tuple[Finding, ...]:
    if not split.reasons:
        return ()
    words = (
        f"under the recorded requests the gap is {split.gap:.2f}: {split.prompt_part:.2f} from the requests, "
        f"{split.solver_part:.2f} from the solvers (± {split.error:.2f}); {'; '.join(split.reasons)}"
    )
    return (Finding("K3", "flag" if p < ALPHA else "note", words),)
