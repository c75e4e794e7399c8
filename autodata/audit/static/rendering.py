"""Judge requests as trusted code renders them, and the answer as it stands in one."""

from __future__ import annotations

from typing import Any

from autodata.agents import answer_verifier, judge
from autodata.agents.request import make_nonce
from autodata.answers import read_final_answer
from autodata.audit.records import Call, TaskRecords

MASK = "\x00"
"""Stands for the judged answer; no request holds it, for it has no place in a text."""


def render_judge_body(task: TaskRecords, call: Call, answer: str) -> dict[str, Any]:
    """The request for this answer from the recipe and the seats of the journal; the run must have both."""
    run = task.run
    if run.recipe is None or run.seats is None:
        raise ValueError("a judge request cannot be rendered without recipe and seats")
    seat, nonce = run.seats.seat("judge"), find_nonce(task)
    if call.purpose == "verify":
        shown = read_shown_answer(call, answer)
        return answer_verifier.build_answer_verifier_body(seat, run.recipe, task.task, shown, seed=0, nonce=nonce)
    return judge.build_judge_body(seat, run.recipe, task.task, answer, seed=0, nonce=nonce)


def read_shown_answer(call: Call, answer: str) -> str:
    """What a judge is shown of an answer: all of it, but for an answer verifier only a declared final answer."""
    if call.purpose != "verify":
        return answer
    final = read_final_answer(answer)
    return (final.text if final.declared else answer)[-answer_verifier.CANDIDATE_MAX :]


def find_nonce(task: TaskRecords) -> str:
    """The mark around the answer in this round's judge requests."""
    return make_nonce(task.run.run_id, task.run.seed, task.task.source_id, task.task.round, "judge")


def read_judged_answer(task: TaskRecords, call: Call, answer: str) -> str | None:
    """The answer as it stands in a judge request; None where none can be found.

    In our own runs it stands between marks, elsewhere it is looked for word for word.
    """
    if task.run.imported:
        shown = answer.strip()
        return answer if shown and shown in call.prompt else None
    name = "candidate_answer" if call.purpose == "verify" else "answer"
    nonce, text = find_nonce(task), call.texts[-1] if call.texts else ""
    start, end = text.find(f"[[{name} {nonce}]]\n"), text.rfind(f"\n[[/{name} {nonce}]]")
    opening = len(f"[[{name} {nonce}]]\n")
    return text[start + opening : end] if start >= 0 and start + opening <= end else None


def mask_answer(task: TaskRecords, call: Call, answer: str) -> str | None:
    """The judge's texts with the answer masked; None where it cannot be found."""
    judged = read_judged_answer(task, call, answer)
    if judged is None:
        return None
    if task.run.imported:
        # Blanks around it may be the answer's own or the template's; counted as text, every answer's would differ.
        return MASK.join(part.strip() for part in call.prompt.split(answer.strip()))
    name = "candidate_answer" if call.purpose == "verify" else "answer"
    nonce = find_nonce(task)
    marks = f"[[{name} {nonce}]]\n", f"\n[[/{name} {nonce}]]"
    return call.prompt.replace(f"{marks[0]}{judged}{marks[1]}", f"{marks[0]}{MASK}{marks[1]}", 1)
