"""Which checks a task still calls for, from its record and from what was found so far.

A gap that is gone on fresh answers lay in something that did not travel along: the requests, the run's judge, or luck.
A gap that is there may still rest on what did: reference, rubric, task text, budget. So each verdict of K1 calls for
one half of the checks; a finding about one thing calls for the check of that thing, never for all of them; and what
bytes prove needs no more than the gap. A few tasks drawn by lot go through everything.

Recorded scores are read in one place, `looks_moved`: it may spend calls on a task and decides nothing about it.
"""

from __future__ import annotations

from typing import Literal

from autodata.audit.catalogue import Cause
from autodata.audit.difference import Difference, measure_difference
from autodata.audit.fresh.board import Board
from autodata.audit.fresh.noise import find_noise
from autodata.audit.fresh.result import Result, Subject
from autodata.audit.plans import FIRST_SIZE
from autodata.audit.run_luck import RunNoise
from autodata.model import SOLVERS, Solver

SCREEN_AT = 0.25
"""p of "this side's fresh answers undo what its recorded ones claim" from which its request is tested."""

SCREEN_REAL_AT = 0.05
"""The same where the gap is real all the same: only a plain change is worth a test there."""

ON_RUBRIC = ("S13", "S14", "K8")
"""Detectors whose flag calls for another rubric (K6)."""

Standing = Literal["real", "not_real", "undecided", ""]


def find_standing(board: Board, task_id: str) -> Standing:
    """What K1 says of the gap; "" where it was not made or failed."""
    result = board.find(task_id, "K1")
    return result.numbers["verdict"] if result is not None and result.coverage == "done" else ""


def is_proven(board: Board, task_id: str) -> bool:
    """Whether bytes of the record prove that something is not as agreed: then only the gap is measured."""
    return any(finding.severity == "violation" for finding in board.subjects[task_id].static.findings)


def is_deep(board: Board, task_id: str) -> bool:
    """Whether the task was drawn to go through everything: of those whose gap could be measured and nothing proven."""
    return board.chosen[task_id].deep and not is_proven(board, task_id) and bool(find_standing(board, task_id))


def needs_more(board: Board, task_id: str) -> bool:
    """More fresh answers: only while the gap is undecided."""
    return find_standing(board, task_id) == "undecided"


def needs_gold(board: Board, task_id: str) -> bool:
    """K8: not where the gap is gone, for then no reference can have made it."""
    return is_deep(board, task_id) or (not is_proven(board, task_id) and find_standing(board, task_id) != "not_real")


def needs_expert(board: Board, task_id: str) -> bool:
    """K8's expert with the source: where there is a gap that a wrong reference could make."""
    return is_deep(board, task_id) or find_standing(board, task_id) == "real"


def needs_judge(board: Board, task_id: str) -> bool:
    """K5: where the blind judge of K1 does not confirm the gap, and for a random share of all tasks, so that the run's
    judge can be spoken of."""
    if is_proven(board, task_id):
        return False
    return board.chosen[task_id].judged or find_standing(board, task_id) != "real" or _has_flag(board, task_id, "judge")


def list_moved(board: Board, task_id: str) -> tuple[Solver, ...]:
    """The solvers whose recorded request K2 tests: both where the record flags it, else those whose fresh answers came
    out otherwise than the record claims."""
    standing = find_standing(board, task_id)
    if is_proven(board, task_id) or not standing:
        return ()
    if is_deep(board, task_id) or _has_flag(board, task_id, "bytes"):
        return SOLVERS
    result = board.find(task_id, "K1")
    assert result is not None, "a standing is that of a result"
    level = SCREEN_REAL_AT if standing == "real" else SCREEN_AT
    return tuple(s for s in SOLVERS if looks_moved(board.subjects[task_id], result, board.noise, s, level))


def needs_split(board: Board, task_id: str) -> bool:
    """K3: where the tamper test found that a request moves the scores."""
    return is_deep(board, task_id) or _is_flagged(board.find(task_id, "K2"))


def needs_budget(board: Board, task_id: str) -> bool:
    """K10: where the record or the fresh answers were cut, and the gap is not gone anyway."""
    if is_deep(board, task_id):
        return True
    standing = find_standing(board, task_id)
    if is_proven(board, task_id) or standing in ("", "not_real"):
        return False
    return _has_flag(board, task_id, "budget") or _was_cut(board.find(task_id, "K1"))


def needs_clean_text(board: Board, task_id: str) -> bool:
    """K7: every real gap, for the words of the task travel along; others where the record flags the words."""
    if is_deep(board, task_id):
        return True
    standing = find_standing(board, task_id)
    if is_proven(board, task_id):
        return False
    return standing == "real" or (standing == "undecided" and _has_flag(board, task_id, "task_text"))


def needs_rubric(board: Board, task_id: str) -> bool:
    """K6: a real gap on a rubric, a leak or a reference that was flagged."""
    if is_deep(board, task_id):
        return True
    if is_proven(board, task_id) or find_standing(board, task_id) != "real":
        return False
    static = board.subjects[task_id].static.findings
    return _is_flagged(board.find(task_id, "K8")) or any(
        finding.detector in ON_RUBRIC and finding.severity == "flag" for finding in static
    )


def looks_moved(
    subject: Subject, certified: Result, noise: RunNoise | None, solver: Solver, level: float = SCREEN_AT
) -> bool:
    """The screen: weak's first fresh answers above its recorded ones, or strong's below, p < `level`.

    Recorded answers were selected for a gap, so an honest task passes it too; nothing is decided here.
    """
    fresh = tuple(certified.numbers["scores"][solver][:FIRST_SIZE])
    recorded = tuple(a.value for a in subject.records.list_answers(solver) if a.value is not None)
    recorded = tuple(value for value in recorded if 0 <= value <= 1)
    if not recorded or not fresh:
        return False
    higher, lower = (fresh, recorded) if solver == "weak" else (recorded, fresh)
    moved: Difference = measure_difference(higher, lower, find_noise(noise, solver, fresh))
    return moved.find_p() < level


def _has_flag(board: Board, task_id: str, cause: Cause) -> bool:
    findings = board.subjects[task_id].static.findings
    return any(finding.severity == "flag" and finding.named_cause == cause for finding in findings)


def _is_flagged(result: Result | None) -> bool:
    return result is not None and any(finding.severity == "flag" for finding in result.findings)


def _was_cut(certified: Result | None) -> bool:
    """Whether a fresh weak answer ended at its limit."""
    return certified is not None and bool((certified.numbers.get("cut") or {}).get("weak"))
