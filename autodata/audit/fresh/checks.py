"""All checks that ask models by their detector, in one place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from autodata.audit.fresh.anchor_check import check_anchors
from autodata.audit.fresh.anchors import Anchor
from autodata.audit.fresh.board import Board, Job
from autodata.audit.fresh.budget_check import check_budget
from autodata.audit.fresh.certify import Measured, check_certified, measure_neutral
from autodata.audit.fresh.context import AuditContext
from autodata.audit.fresh.elicitation import check_elicitation
from autodata.audit.fresh.factorial import check_factorial
from autodata.audit.fresh.gold import check_gold
from autodata.audit.fresh.peers import check_peers
from autodata.audit.fresh.rejudge import check_rejudge
from autodata.audit.fresh.result import Result, Subject
from autodata.audit.fresh.rubric_check import check_rubric
from autodata.audit.fresh.sanitise import check_sanitised
from autodata.audit.fresh.tamper_test import check_tamper
from autodata.llm.seat import STANDS_IN
from autodata.model import Role

FRESH_DETECTORS = tuple(f"K{number}" for number in range(1, 12))

_ALONE: Mapping[str, Callable[[Subject, AuditContext], Awaitable[Result]]] = MappingProxyType(
    {
        "K3": check_factorial,
        "K7": check_sanitised,
        "K9": check_peers,
        "K10": check_budget,
        "K11": check_elicitation,
    }
)
"""Checks that need nothing but the task."""

_NEEDS: Mapping[str, tuple[Role, ...]] = MappingProxyType(
    {"K5": ("judge",), "K6": ("judge", "auditor_writer"), "K7": ("auditor_writer",)}
)
"""Seats that a check cannot do without; an imported run may bring none for them."""

_SEAT_WORDS: Mapping[Role, str] = MappingProxyType(
    {"judge": "a seat for the run's judge", "auditor_writer": "a seat for the auditor's writer"}
)


async def run_check(
    job: Job, subject: Subject, context: AuditContext, board: Board, anchors: Sequence[Anchor]
) -> Result:
    """The check that a job names; not run where a seat that it needs is nobody's.

    Raises StopRequested, and ProviderFailure for a refused key or an unknown model.
    """
    lacking = tuple(_SEAT_WORDS[role] for role in _NEEDS.get(job.detector, ()) if not _is_seated(context, role))
    if lacking:
        return Result(job.detector, "not_run", missing=lacking)
    match job.detector:
        case "K1":
            return await check_certified(subject, context, prior=board.prior, fewest=job.fewest, most=job.most)
        case "K2":
            return await check_tamper(subject, context, most=job.most, solvers=job.solvers)
        case "K4":
            return await check_anchors(subject, context, anchors)
        case "K5":
            fresh = await _recall(subject, context, board)
            return await check_rejudge(subject, context, fresh=fresh, sampled=job.sampled)
        case "K6":
            return await check_rubric(subject, context, fresh=await _recall(subject, context, board))
        case "K8":
            oracle = job.thorough and _is_seated(context, "auditor_writer")
            return await check_gold(subject, context, oracle=oracle)
        case detector:
            return await _ALONE[detector](subject, context)


def is_settled(known: Result, job: Job, *, certified: bool) -> bool:
    """Whether a recorded result says all that a job could; then nothing is asked. What failed is tried again.

    `certified`: the task has fresh answers now, which K5 and K6 grade rather than the recorded ones.
    """
    if known.coverage == "not_recorded":
        return True
    if known.coverage != "done":
        return False
    match job.detector:
        case "K1":
            asked = known.numbers["asked"]
            return bool(asked >= job.most or (asked >= job.fewest and known.numbers["verdict"] != "undecided"))
        case "K2":
            return all(solver in known.numbers for solver in job.solvers)
        case "K5" | "K6":
            return not certified or bool(_read_done(known).get("certified"))
        case "K8":
            return bool(_read_done(known).get("thorough")) or not job.thorough
    return True


def _read_done(known: Result) -> Mapping[str, bool]:
    return known.numbers.get("job") or {}


def mark_done(result: Result, job: Job, *, certified: bool) -> Result:
    """The result with what it was made from, by which `is_settled` knows later whether to make it again."""
    if job.detector not in ("K5", "K6", "K8") or result.coverage != "done":
        return result
    return replace(result, numbers={**result.numbers, "job": {"thorough": job.thorough, "certified": certified}})


def _is_seated(context: AuditContext, role: Role) -> bool:
    seats = context.loop.settings.seats.seats
    return role in seats or STANDS_IN.get(role) in seats


async def _recall(subject: Subject, context: AuditContext, board: Board) -> Measured | None:
    """The neutral answers behind the task's certified gap, from the journal; None where it was not certified."""
    known = board.find(subject.task_id, "K1")
    if known is None or known.coverage != "done":
        return None
    return await measure_neutral(subject, context, known.numbers["asked"])
