"""Fresh answers for the rollout picker, by the arm they were asked in; every number already formatted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autodata.index.queries.findings import AuditDetail, FreshDetail
from autodata.model import SOLVERS
from autodata.ui.review.quotes import cut_text, find_quote, split_by_quotes
from autodata.ui.text import format_count, format_score

ARM_WORDS = {
    "neutral": "fresh",
    "as_run": "as run",
    "swapped": "swapped",
    "larger_budget": "larger budget",
    "sanitised": "sanitised",
    "peer": "peer",
    "anchor": "anchor",
    "anchor_base": "anchor base",
    "oracle": "with the source",
    "closed_book": "closed book",
    "elicited": "elicited",
}
"""Arms in the order in which they are listed."""

ARM_NOTES = {
    "neutral": "the auditor's neutral request",
    "as_run": "the recorded request, word for word",
    "swapped": "the other solver's recorded request",
    "larger_budget": "the neutral request with twice the tokens",
    "sanitised": "the task in other words, without what looked like instructions",
    "peer": "another model of the weak class",
    "anchor": "secret tasks of known difficulty",
    "anchor_base": "secret tasks under the neutral request",
    "oracle": "another model that sees the source",
    "closed_book": "the question without its context",
    "elicited": "a request written to get the most out of the model",
}
LIMIT = 6_000
"""Characters of a fresh answer that are sent unasked: there may be fifty of them."""


def name_arm(arm: str) -> str:
    """An arm in a word or two; `neutral@auditor_judge` is the same answers under another judge."""
    name, _, judge = arm.partition("@")
    word = ARM_WORDS.get(name, name.replace("_", " "))
    return f"{word}, {judge.replace('_', ' ')}" if judge else word


def list_arms(audit: AuditDetail) -> list[str]:
    """Arms that have answers, the neutral one first."""
    order = {arm: at for at, arm in enumerate(ARM_WORDS)}
    known = dict.fromkeys(answer.arm for answer in audit.fresh)
    return sorted(known, key=lambda arm: (order.get(arm.partition("@")[0], len(order)), arm))


def list_side(audit: AuditDetail, arm: str, solver: str) -> list[FreshDetail]:
    """One side's answers of an arm; a third model stands on the weak side, whose place it takes."""
    return [
        answer
        for answer in audit.fresh
        if answer.arm == arm and (answer.solver if answer.solver in SOLVERS else "weak") == solver
    ]


def average(answers: Sequence[FreshDetail]) -> float | None:
    """Mean score of the graded ones; None where there is none."""
    scores = [answer.score.value for answer in answers if answer.score is not None]
    return sum(scores) / len(scores) if scores else None


def build_fresh(audit: AuditDetail | None, whole: frozenset[str]) -> list[dict[str, Any]]:
    """One entry per arm with both sides' answers, in the shape of recorded ones and with verdicts of their own."""
    if audit is None:
        return []
    arms = []
    for arm in list_arms(audit):
        entry: dict[str, Any] = {"arm": arm, "name": name_arm(arm)}
        for solver in SOLVERS:
            answers = list_side(audit, arm, solver)
            entry[solver] = [_build_answer(answer, len(answers), whole) for answer in answers]
            entry[f"{solver}_mean"] = format_score(average(answers))
        arms.append(entry)
    return arms


def _build_answer(answer: FreshDetail, count: int, whole: frozenset[str]) -> dict[str, Any]:
    name = f"{answer.arm}:{answer.solver}:{answer.index}"
    text, left_out = _cut(answer.answer, name in whole)
    what = ARM_NOTES.get(answer.arm.partition("@")[0], answer.arm)
    judge = f"; graded blind by {answer.judge.replace('_', ' ')}" if answer.judge else ""
    ended = f"; ended with {answer.finish_reason}" if answer.finish_reason else ""
    verdicts = {}
    for verdict in answer.verdicts:
        found = bool(verdict.quote) and find_quote(text, verdict.quote) is not None
        verdicts[verdict.criterion_id] = {"met": verdict.met, "quote": verdict.quote[:2000], "found": found}
    return {
        "name": name,
        "index": answer.index + 1,
        "purpose": name_arm(answer.arm),
        "score": format_score(answer.score.value if answer.score else None),
        "info": "",
        "warning": "" if answer.status == "ok" else answer.status,
        "about": f"{name_arm(answer.arm).capitalize()} answer {answer.index + 1} of {count}: {what}{judge}{ended}.",
        "pieces": split_by_quotes(text, [(v.criterion_id, v.quote) for v in answer.verdicts]),
        "left_out": f"Show all {format_count(len(answer.answer))} characters" if left_out else "",
        "note": answer.note,
        "verdicts": verdicts,
    }


def _cut(text: str, whole: bool) -> tuple[str, int]:
    return cut_text(text, whole) if whole or len(text) <= LIMIT else (text[:LIMIT], len(text) - LIMIT)
