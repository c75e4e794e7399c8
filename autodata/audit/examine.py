"""One task's records measured once: what every detector that needs nothing else says, and numbers for run statistics.

Nothing here depends on other tasks, so it is done as soon as a task is decided; `autodata.audit.run_audit` adds what
the run says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import scipy

from autodata.audit.clusters import LONGEST, NGRAM, measure_similarity, sketch_text
from autodata.audit.evidence import SMALLEST_ERROR, measure_evidence
from autodata.audit.length import FLAG_BELOW, adjust_for_length
from autodata.audit.person_fit import norm_guttman_errors
from autodata.audit.records import Answer, Chain, TaskRecords
from autodata.audit.run_luck import find_bar
from autodata.audit.static.check import Check, Sheet
from autodata.audit.static.every import check_task
from autodata.audit.static.failures import is_refusal
from autodata.audit.static.ledger import REPEATED_FROM
from autodata.audit.static.order import find_last_record
from autodata.audit.task_values import AnswerValues, TaskValues
from autodata.canon import to_canonical_json
from autodata.model import SOLVERS, Criterion

SURE = 0.99
"""One-sided certainty with which a gap at equal length must lie below the bar to be a flag."""

_OWN = ("model", "seed", "messages")


def examine_task(task: TaskRecords) -> TaskValues:
    """Every detector that looks at one task, and its numbers. What the run says of it is left out, even if known."""
    alone = replace(task, run=replace(task.run, returned={}, chain=Chain(0)))
    checks = check_task(alone)
    sides = {solver: _measure_answers(task.list_answers(solver)) for solver in SOLVERS}
    length = check_length(sides["weak"], sides["strong"])
    if length is not None:
        checks["Z7"] = length
    decision, own = task.decision, task.task
    rubric = "\n".join(criterion.criterion for criterion in own.rubric)
    return TaskValues(
        task_id=own.id,
        source_id=own.source_id,
        round=own.round,
        outcome=decision.outcome,
        last=find_last_record(task),
        imported=task.run.imported,
        weak_mean=decision.weak_mean,
        strong_mean=decision.strong_mean,
        bar=find_bar(task.policy),
        criteria=len(own.rubric),
        weak=sides["weak"],
        strong=sides["strong"],
        misfits=measure_misfits(task),
        returned=_list_returned(task),
        request=fingerprint_request(task),
        sketch=sketch_text(f"{own.question}\n{rubric}"),
        findings=tuple(finding for check in checks.values() for finding in check.findings),
        coverage={name: check.coverage for name, check in checks.items()},
        lacking={name: check.missing for name, check in checks.items() if check.missing},
        declared=any(check.declared for check in checks.values()),
        evidence=measure_evidence(task, checks, None, {}),
    )


def check_length(weak: Sequence[AnswerValues], strong: Sequence[AnswerValues]) -> Check | None:
    """Z7: the gap between answers of equal length. Below 0.10 it is a note, and a flag only where the fit is sure
    of it: honest strong answers are longer, and six answers seldom tell length and solver apart.

    None where it cannot be computed: one side has no answers, or length and solver go together.
    """
    sheet = Sheet("Z7")
    if not weak or not strong:
        return None
    sides = [[a for a in side if a.score is not None and a.length is not None] for side in (weak, strong)]
    if not all(sides):
        sheet.lack("scores or texts of the answers")
        return sheet.close()
    low, high = ([a.score for a in side if a.score is not None] for side in sides)
    low_lengths, high_lengths = ([a.length for a in side if a.length is not None] for side in sides)
    found = adjust_for_length(low, low_lengths, high, high_lengths)
    if found.adjusted is None or found.error is None:
        return None
    error = max(found.error, SMALLEST_ERROR)
    sheet.measure("Z7", (found.gap - found.adjusted) / error)
    if found.flagged and found.gap >= FLAG_BELOW:
        spare = len(low) + len(high) - 3
        highest = found.adjusted + float(scipy.special.stdtrit(spare, SURE)) * error
        words = f"between answers of equal length the gap is {found.adjusted:.2f} of {found.gap:.2f}"
        (sheet.flag if highest < FLAG_BELOW else sheet.note)(f"{words} (standard error {found.error:.2f})")
    return sheet.close()


def measure_misfits(task: TaskRecords) -> tuple[float, ...]:
    """Normed Guttman errors of the weak answers, criteria ordered by how often strong does well; see person_fit."""
    rubric = {criterion.id: criterion for criterion in task.task.rubric}
    strong = [passes for a in task.list_answers("strong") if (passes := _list_passes(a, rubric))]
    if not strong or not rubric:
        return ()
    easiness = [sum(passes[at] for passes in strong) / len(strong) for at in range(len(rubric))]
    weak = (passes for a in task.list_answers("weak") if (passes := _list_passes(a, rubric)))
    return tuple(g for passes in weak if (g := norm_guttman_errors(passes, easiness)) is not None)


def fingerprint_request(task: TaskRecords) -> int | None:
    """64 bits of a hash of what weak was asked beside context and question, settings included; equal for all tasks that
    share a prompt. Several wordings within one task make one hash of all. None where no request is recorded.
    """
    shown = set()
    for call in {(c.request_sha, c.texts): c for c in task.solver_calls if c.role == "weak" and c.request}.values():
        texts = [_mask(text, task.task.context, task.task.question) for text in call.texts]
        settings = {key: value for key, value in call.read_body().items() if key not in _OWN}
        shown.add(to_canonical_json([texts, settings]))
    if not shown:
        return None
    return int.from_bytes(hashlib.sha256(b"\n".join(sorted(shown))).digest()[:8], "big")


def _mask(text: str, context: str, question: str) -> str:
    for name, part in (("context", context), ("question", question)):
        if part:
            text = text.replace(part, f"\x00{name}")
    # Blanks around the task's own texts are how a template joins them, and say nothing.
    return text.strip()


def _measure_answers(answers: Sequence[Answer]) -> tuple[AnswerValues, ...]:
    found: list[AnswerValues] = []
    before: list[_Words] = []
    for answer in answers:
        words = _Words((answer.text or "")[:LONGEST].split())
        repeated = bool(words.words) and any(words.is_same(earlier) for earlier in before)
        before.append(words)
        length = len(answer.text) if answer.text is not None else None
        score = answer.value if answer.value is not None and 0 <= answer.value <= 1 else None
        found.append(AnswerValues(score, length, is_refusal(answer), repeated))
    return tuple(found)


@dataclass
class _Words:
    """The words of an answer."""

    words: list[str]

    @cached_property
    def runs(self) -> frozenset[tuple[str, ...]]:
        """Its runs of five words."""
        return frozenset(zip(*(self.words[at:] for at in range(NGRAM)), strict=False))

    def is_same(self, other: _Words) -> bool:
        """Whether two answers are near copies: the same words, or nine tenths of their runs of five words."""
        if self.words == other.words:
            return True
        if min(len(self.words), len(other.words)) < REPEATED_FROM * max(len(self.words), len(other.words)):
            return False  # their runs differ in number by more than a tenth
        return measure_similarity(self.runs, other.runs) >= REPEATED_FROM


def _list_passes(answer: Answer, rubric: dict[str, Criterion]) -> list[bool]:
    """Whether the answer did well on each criterion, in the rubric's order; empty without a verdict on each."""
    marks = {verdict.criterion_id: verdict.met for verdict in answer.verdicts}
    if marks.keys() != rubric.keys():
        return []
    return [(marks[own] >= 0.5) == (criterion.weight > 0) for own, criterion in rubric.items()]


def _list_returned(task: TaskRecords) -> dict[str, tuple[str, ...]]:
    calls = [call for call in (*task.solver_calls, *task.judge_calls) if not call.error and call.model_returned]
    return {
        role: tuple(sorted(call.model_returned for call in calls if call.role == role))
        for role in sorted({call.role for call in calls})
    }
