"""S5: is the answer that was judged the answer that was given?"""

from __future__ import annotations

from autodata.audit.records import Answer, Call, TaskRecords
from autodata.audit.static.check import Check, Sheet, shorten_sha, tell_difference
from autodata.audit.static.rendering import read_judged_answer, read_shown_answer
from autodata.canon import hash_text
from autodata.model import SOLVERS

_REPLACED = "\ufffd"
"""Stands in a journal for characters that have no UTF-8 form; a hash of the original cannot be repeated over it."""


def check_plumbing(task: TaskRecords) -> Check:
    """Hash of response = hash in the rollout = hash handed to the judge, and the judge's bytes hold that answer."""
    sheet = Sheet("S5")
    for answer in (a for solver in SOLVERS for a in task.list_answers(solver)):
        name = f"{answer.solver} answer {answer.index + 1}"
        call = task.find_call(answer.answer_call)
        if call is None:
            _explain_absent(sheet, answer, name, task.run.imported)
        else:
            _compare_response(sheet, answer, call, name)
        if answer.judge_call is not None:
            _compare_judged(task, sheet, answer, name)
        elif answer.graded_by in ("judge", "verifier") and answer.value is not None:
            sheet.lack("judge requests")
    return sheet.close()


def _explain_absent(sheet: Sheet, answer: Answer, name: str, imported: bool) -> None:
    if answer.answer_call is not None:
        sheet.violation(f"{name} names record {answer.answer_call:,}, which is no call of this round")
    elif answer.status != "failed":
        sheet.lack("solver calls")
        if answer.value is not None and not imported:
            sheet.violation(f"{name} has a score and no call behind it")


def _compare_response(sheet: Sheet, answer: Answer, call: Call, name: str) -> None:
    if (call.role, call.attempt) != (answer.solver, answer.index):
        sheet.violation(f"{name} is the reply to {call.role} request {call.attempt + 1} (record {call.seq:,})")
    if call.response is None:
        sheet.lack("responses")
        return
    if answer.answer_sha and answer.answer_sha != call.response_sha:
        shas = f"response {shorten_sha(call.response_sha)}, graded {shorten_sha(answer.answer_sha)}"
        sheet.violation(f"{name} is not the response of record {call.seq:,} ({shas})")
    if _REPLACED not in call.response and hash_text(call.response) != call.response_sha:
        sheet.violation(f"the text of record {call.seq:,} does not have the hash it was recorded with")


def _compare_judged(task: TaskRecords, sheet: Sheet, answer: Answer, name: str) -> None:
    call = task.find_call(answer.judge_call)
    if call is None:
        sheet.violation(f"{name} names verdict {answer.judge_call:,}, which is no call of this round")
        return
    if (call.subject, call.attempt) != (answer.solver, answer.index):
        sheet.violation(f"{name} has the verdict on {call.subject} answer {call.attempt + 1} (record {call.seq:,})")
    if call.answer_sha_in and call.answer_sha_in != answer.answer_sha:
        shas = f"given {shorten_sha(answer.answer_sha)}, judged {shorten_sha(call.answer_sha_in)}"
        sheet.violation(f"another text than {name} was judged ({shas})")
    if call.request is None or answer.text is None:
        sheet.lack("judge requests" if call.request is None else "answers")
        return
    judged, given = read_judged_answer(task, call, answer.text), read_shown_answer(call, answer.text)
    if judged is None and task.run.imported:
        sheet.flag(f"{name} does not stand word for word in its judge request")
    elif judged is None:
        sheet.violation(f"record {call.seq:,} holds no answer between its marks")
    elif judged != given:
        parted = tell_difference(judged, given, "judge's copy", "answer")
        sheet.violation(f"the judge read another text than {name}: {parted} (record {call.seq:,})")
