"""Rollouts of the generic format: answers, scores and verdicts, each field read for itself."""

from __future__ import annotations

from typing import Any, get_args

from autodata.importing.fields import Ledger, describe, is_number
from autodata.importing.generic_calls import read_answer_call, read_judge_call
from autodata.importing.settle import NOT_RECORDED
from autodata.importing.values import ForeignRollout, Mark, StatedScore
from autodata.model import SOLVERS, AnswerStatus, Grader, Solver

STATUSES = (*get_args(AnswerStatus), NOT_RECORDED, None)
GRADERS: tuple[Grader, ...] = get_args(Grader)


def read_rollouts(item: dict[str, Any], where: str, ledger: Ledger) -> tuple[ForeignRollout, ...]:
    """All rollouts of a round; one that stands there twice is noted, and the first one used."""
    found: dict[tuple[str, int, str], ForeignRollout] = {}
    for at, value in enumerate(ledger.take_list(item, "rollouts", where)):
        place = f"{where}.rollouts[{at}]"
        if not isinstance(value, dict) or value.get("solver") not in SOLVERS:
            ledger.drop(place, "does not say solver: weak or strong")
            continue
        solver: Solver = value["solver"]
        purpose = ledger.take_text(value, "purpose", place) or "select"
        index = ledger.take_count(value, "index", place)
        if index is None:
            index = sum(1 for own, _, for_what in found if (own, for_what) == (solver, purpose))
        if (solver, index, purpose) in found:
            ledger.drop(place, f"{solver} answer {index} stands there twice; the first one is used")
            continue
        found[solver, index, purpose] = _read_rollout(value, solver, index, purpose, place, ledger)
    return tuple(found.values())


def _read_rollout(
    value: dict[str, Any], solver: Solver, index: int, purpose: str, where: str, ledger: Ledger
) -> ForeignRollout:
    score = ledger.take_number(value, "score", where)
    if score is not None and not 0 <= score <= 1:
        ledger.drop(f"{where}.score", f"{score:g} is outside 0 to 1; give another scale as `stated`")
        score = None
    status, grader = value.get("status"), value.get("graded_by")
    if status not in STATUSES:
        ledger.drop(f"{where}.status", f"{describe(status)} is not known")
        status = None
    if grader is not None and grader not in GRADERS:
        ledger.drop(f"{where}.graded_by", f"{describe(grader)} is not one of {', '.join(GRADERS)}")
        grader = None
    failure = ledger.take_text(value, "failure", where) or ("the file says failed" if status == "failed" else "")
    return ForeignRollout(
        solver,
        index,
        answer=ledger.take_text(value, "answer", where),
        finish_reason=ledger.take_text(value, "finish_reason", where),
        score=score,
        stated=_read_stated(value, where, ledger),
        marks=_read_marks(value, where, ledger),
        graded_by=grader or "judge",
        purpose=purpose,
        status=status,
        failure=failure,
        note=ledger.take_text(value, "note", where) or "",
        call=read_answer_call(value, solver, index, purpose, where, ledger),
        judge=read_judge_call(value, solver, index, purpose, where, ledger),
    )


def _read_marks(value: dict[str, Any], where: str, ledger: Ledger) -> dict[str, Mark]:
    found = {}
    for own, item in ledger.take_object(value, "verdicts", where).items():
        met, quote = (item.get("met"), item.get("quote")) if isinstance(item, dict) else (item, "")
        if isinstance(met, bool) or (is_number(met) and 0 <= met <= 1):
            found[own] = Mark(float(met), quote if isinstance(quote, str) else "")
        else:
            ledger.drop(f"{where}.verdicts.{own}", f"{describe(met)} is neither true, false nor in 0 to 1")
    return found


def _read_stated(value: dict[str, Any], where: str, ledger: Ledger) -> StatedScore | None:
    item = ledger.take_object(value, "stated", where)
    where = f"{where}.stated"
    if not item:
        return None
    low, high = ledger.take_number(item, "low", where), ledger.take_number(item, "high", where)
    low, high = 0.0 if low is None else low, 1.0 if high is None else high
    if high <= low:
        ledger.drop(where, f"its scale from {low:g} to {high:g} is empty")
        return None
    return StatedScore(
        ledger.take_number(item, "value", where),
        ledger.take_text(item, "formula", where) or "formula not recorded",
        low,
        high,
        comparable=item.get("comparable") is True,
        reason=ledger.take_text(item, "reason", where) or "",
    )
