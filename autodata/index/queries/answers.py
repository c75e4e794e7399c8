"""A verifiable task: what each answer says in the end, whether it is right and who said so, and how it was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from autodata.answers import read_final_answer
from autodata.index.database import Index
from autodata.index.queries.evidence import RolloutDetail
from autodata.index.queries.task import TaskDetail
from autodata.journals.files import open_journal

GradedBy = Literal["symbolic", "verifier", "probe", "reference", ""]
"""Letters or algebra, the answer verifier, nobody because there was no answer (the endpoint was alive), or the judge
with the reference before it; "" where it was not graded."""

_SEARCH_BYTES = 4 * 2**20
"""How far behind the screener's reply its record is looked for: other sources write in between."""


@dataclass(frozen=True, slots=True)
class AnswerDetail:
    """One rollout of a verifiable task. `final` is "" where nothing could be read, and `how` says why or where;
    `right` is None where it was not graded; `note` is how it was compared, or the verifier's reason."""

    solver: str
    index: int
    status: str
    final: str
    how: str
    right: bool | None
    graded_by: GradedBy
    note: str
    judge_call: int | None


@dataclass(frozen=True, slots=True)
class CandidateDetail:
    """One candidate of a batch. `rank` 1 is best, None: dropped; `by`: checks or screener; `taken`: is the task."""

    id: str
    angle: str
    question: str
    reference_answer: str
    rank: int | None
    reason: str
    by: str
    taken: bool


@dataclass(frozen=True, slots=True)
class AnswersDetail:
    """The evidence of a verifiable task. `screened_in` is the round in which its batch was written; None without."""

    reference: str
    answers: tuple[AnswerDetail, ...]
    screened_in: int | None
    candidates: tuple[CandidateDetail, ...]

    def right_of(self, solver: str) -> tuple[int, int]:
        """Right answers and graded answers of one side."""
        graded = [one.right for one in self.answers if one.solver == solver and one.right is not None]
        return sum(graded), len(graded)


def find_answers(index: Index, detail: TaskDetail) -> AnswersDetail | None:
    """The evidence of a task that is graded against its reference; None for one with a rubric."""
    if detail.task.rubric:
        return None
    screen = _find_screen(index, detail)
    return AnswersDetail(
        reference=detail.task.reference_answer,
        answers=tuple(_read_answer(rollout) for rollout in detail.rollouts if rollout.purpose == "select"),
        screened_in=screen["round"] if screen else None,
        candidates=tuple(_read_candidate(one, detail) for one in screen["candidates"]) if screen else (),
    )


def _read_answer(rollout: RolloutDetail) -> AnswerDetail:
    final = read_final_answer(rollout.answer)
    return AnswerDetail(
        solver=rollout.solver,
        index=rollout.index,
        status=rollout.status,
        final=final.text,
        how=final.reason or final.how.replace("_", " "),
        right=None if rollout.score is None else rollout.score.value == 1,
        graded_by=_find_grader(rollout),
        note=rollout.note,
        judge_call=rollout.judge_call,
    )


def _find_grader(rollout: RolloutDetail) -> GradedBy:
    if rollout.score is None:
        return ""
    if rollout.judge_call is not None:
        return "verifier" if rollout.judge is None or rollout.judge.purpose == "verify" else "reference"
    return "symbolic" if rollout.answer.strip() else "probe"


def _find_screen(index: Index, detail: TaskDetail) -> Mapping[str, Any] | None:
    """The newest screening up to the task's round, read back from the journal, behind the screener's reply."""
    rows = index.query(
        """SELECT c.round, c.position FROM calls c JOIN runs u USING (run) WHERE u.run_id = ? AND c.source_id = ?
        AND c.purpose = 'screen' AND c.round <= ? AND c.error_kind IS NULL ORDER BY c.seq DESC LIMIT 1""",
        [detail.run_id, detail.source.id, detail.task.round],
    )
    if not rows:
        return None
    number, position = rows[0]
    try:
        with open_journal(index.home.journal(detail.run_id)) as file:
            file.seek(position)
            lines = file.read(_SEARCH_BYTES).splitlines()
    except OSError:
        return None
    for line in lines:
        if b'"kind":"screen"' not in line[:200]:
            continue
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError:
            return None
        if record.get("source") == detail.source.id and record.get("round") == number:
            return dict(record)
    return None


def _read_candidate(one: Mapping[str, Any], detail: TaskDetail) -> CandidateDetail:
    draft = one.get("draft") or {}
    question = str(draft.get("question") or "")
    return CandidateDetail(
        id=str(one.get("id") or ""),
        angle=str(one.get("angle") or ""),
        question=question,
        reference_answer=str(draft.get("reference_answer") or ""),
        rank=one.get("rank"),
        reason=str(one.get("reason") or ""),
        by=str(one.get("by") or ""),
        taken=bool(one.get("rank")) and question == detail.task.question,
    )
