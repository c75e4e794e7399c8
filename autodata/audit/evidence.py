"""How much speaks against a task, as numbers: one per measure (autodata.audit.measures), larger = more suspicious.

Nothing is computed here that a detector computed already. What a detector did not measure is absent, never 0: a task
is compared only with clean tasks that went through the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any

from autodata.audit.length import adjust_for_length
from autodata.audit.luck import LuckRisk
from autodata.audit.measures import COUNTED, MEASURES
from autodata.audit.records import Answer, TaskRecords
from autodata.audit.static.check import Check
from autodata.model import SOLVERS

if TYPE_CHECKING:  # what a result is about holds a task's audit, which holds this evidence
    from autodata.audit.fresh.result import Result

SMALLEST_ERROR = 0.02
"""Of a length-adjusted gap on the score scale: six answers that fit a line by chance are not certain."""


def measure_evidence(
    task: TaskRecords, checks: Mapping[str, Check], luck: LuckRisk | None, results: Mapping[str, Result]
) -> dict[str, float]:
    """The task's evidence by measure, in the order of MEASURES.

    `checks` by detector id (static ones, and what a run's statistics say of this task), `results` of checks that asked
    models.
    """
    found: dict[str, float] = {}
    for name, check in checks.items():
        if name in COUNTED and (check.findings or not check.missing):
            found[name] = float(sum(1 for finding in check.findings if finding.severity != "note"))
        found.update(check.numbers)
    if "Z7" not in found:
        found |= _measure_length(task)
    return extend_evidence(found, luck, results)


def extend_evidence(
    evidence: Mapping[str, float], luck: LuckRisk | None, results: Mapping[str, Result]
) -> dict[str, float]:
    """The evidence of a record with that of its luck risk and of checks that asked models, which stand for their
    detector. Numbers that are not finite are left out, those below 0 count as 0.
    """
    found = dict(evidence)
    if luck is not None:
        found["Z1"] = luck.risk
    for name, result in results.items():
        # A check that lacked a part of the record still measured the other part.
        if result.coverage in ("done", "not_recorded"):
            found.update(_read_result(name, result.numbers))
    return {name: max(0.0, float(found[name])) for name in MEASURES if name in found and isfinite(found[name])}


def _read_result(detector: str, numbers: Mapping[str, Any]) -> dict[str, float]:
    """What a check that asked models measured, turned so that larger is more suspicious."""
    found: dict[str, float | None] = {}
    match detector:
        case "K1":
            chance = _find(numbers, "chance")
            found["K1"] = None if chance is None else 1 - chance
        case "K2":
            for solver in SOLVERS:
                # The same bytes as the neutral request: nothing was asked, for nothing can differ.
                same = (numbers.get(solver) or {}).get("same") is True
                found[f"K2.{solver}"] = 0.0 if same else _find(numbers, solver, "t")
            # The pooled t is left out: one number for all tasks of a request makes them no independent evidence.
        case "K3":
            part, error = _find(numbers, "prompt_part"), _find(numbers, "error")
            found["K3"] = part / error if part is not None and error else part
        case "K10" if "t" not in numbers:
            # Answers were empty because the tokens ran out: the larger budget gives more of them.
            found["K10"] = float(len(numbers.get("larger") or ()) - len(numbers.get("usual") or ()))
        case _:
            found[detector] = next(
                (v for key in ("t", "z", "fall", "shortfall") if (v := _find(numbers, key)) is not None), None
            )
    return {name: value for name, value in found.items() if value is not None}


def _find(numbers: Mapping[str, Any], *path: str) -> float | None:
    """The number at a path of names; None where there is none."""
    value: Any = numbers
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _measure_length(task: TaskRecords) -> dict[str, float]:
    """Z7: t of the part of the gap that the answers' length explains, 0 where length and solver go together."""
    sides = {solver: [a for a in task.list_answers(solver) if _is_graded(a)] for solver in SOLVERS}
    if not all(sides.values()):
        return {}
    scores = {solver: [a.value for a in side if a.value is not None] for solver, side in sides.items()}
    lengths = {solver: [len(a.text or "") for a in side] for solver, side in sides.items()}
    found = adjust_for_length(scores["weak"], lengths["weak"], scores["strong"], lengths["strong"])
    if found.adjusted is None or found.error is None:
        return {"Z7": 0.0}
    return {"Z7": (found.gap - found.adjusted) / max(found.error, SMALLEST_ERROR)}


def _is_graded(answer: Answer) -> bool:
    return answer.value is not None and 0 <= answer.value <= 1 and answer.text is not None
