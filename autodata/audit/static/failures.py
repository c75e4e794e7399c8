"""S9 and S10: answers that failed for other reasons than not knowing, and prompts that were cut."""

from __future__ import annotations

import re
from collections import Counter
from statistics import fmean

from autodata.audit.records import Answer, TaskRecords
from autodata.audit.static.check import Check, Sheet, list_words
from autodata.audit.static.scores import decide_again, grade_side
from autodata.llm.counts import find_count_warnings
from autodata.model import SOLVERS, Solver, Usage

FLAG_SHARE = 1 / 3
"""Share of a side's answers with another cause than not knowing from which it is a flag."""

FULL = 0.98
"""Share of the token limit from which an answer counts as having run into it."""

SHORTEST = 20
"""Tokens; a shorter answer to a task with a rubric is hardly one."""

LEAST_RATIO = 0.6
"""Prompt tokens of one solver over those of the other, for the same bytes; tokenizers differ less than this."""

_REFUSAL = re.compile(
    r"^\W*(i.?m sorry|sorry|i apologi[sz]e|i (can.?t|cannot|am unable to|won.?t) (help|assist|answer|comply|provide)|"
    r"as an ai( language model)?,? i)",
    re.IGNORECASE,
)
_FINISHED = ("stop", "eos", "end_turn", "stop_sequence", "")


def check_failures(task: TaskRecords) -> Check:
    """S9: answers cut off, empty, refused, at the token limit or far too short, and whether the task would still be
    accepted without them. A budget that runs out is partly real difficulty, so this is a flag at most.
    """
    sheet = Sheet("S9")
    left_out: dict[Solver, frozenset[int]] = {}
    for solver in SOLVERS:
        answers = task.list_answers(solver)
        causes = {answer.index: cause for answer in answers if (cause := _find_cause(task, sheet, answer))}
        left_out[solver] = frozenset(causes)
        if causes:
            counted = [f"{count} {cause}" for cause, count in Counter(causes.values()).items()]
            words = f"{len(causes)} of {len(answers)} {solver} answers did not fail or pass by what they say: "
            if solver == "weak":
                sheet.measure("S9", len(causes) / len(answers))
            report = sheet.flag if len(causes) >= FLAG_SHARE * len(answers) else sheet.note
            report(words + list_words(counted))
    if task.list_answers("weak"):
        sheet.measure("S9", 0.0)
    if any(left_out.values()) and task.decision.outcome == "accepted":
        weak, strong = (grade_side(task, solver, left_out[solver]) for solver in SOLVERS)
        found = decide_again(task, weak, strong)
        if found is not None and not found.accepted:
            sheet.flag(f"without these answers the round would be {found.outcome.replace('_', ' ')}: {found.reason}")
    return sheet.close()


def check_window(task: TaskRecords) -> Check:
    """S10: token counts of the server against the prompt that was sent. A server that cuts a prompt says nothing; its
    count is too small. How long a server's window is, no record says.
    """
    sheet = Sheet("S10")
    counts: dict[Solver, list[int]] = {solver: [] for solver in SOLVERS}
    known: dict[tuple[tuple[str, ...], int], tuple[str, ...]] = {}
    for call in task.solver_calls:
        if call.error:
            continue
        if call.prompt_tokens is None:
            sheet.lack("token counts")
            continue
        if call.request is None:
            sheet.lack("requests")
            continue
        shown = call.texts, call.prompt_tokens
        if shown not in known:
            # Counting the words of one long prompt for every answer again would take seconds.
            known[shown] = find_count_warnings(call.read_body(), Usage(call.prompt_tokens, None))
        for warning in (*known[shown], *find_count_warnings(call.read_body(), Usage(None, call.completion_tokens))):
            sheet.flag(f"{call.role} request {call.attempt + 1}: {warning[:1].lower()}{warning[1:].rstrip('.')}")
        for solver in SOLVERS:
            if call.role == solver:
                counts[solver].append(call.prompt_tokens)
    if not task.solver_calls and task.answers:
        sheet.lack("token counts")
    _compare_counts(sheet, counts)
    return sheet.close()


def is_refusal(answer: Answer) -> bool:
    """Whether an answer was refused, by its status or by how it begins."""
    return answer.status == "refused" or bool(answer.text and _REFUSAL.search(answer.text[:200]))


def _find_cause(task: TaskRecords, sheet: Sheet, answer: Answer) -> str:
    """Why this answer says little about ability; "" when nothing speaks for that."""
    call = task.find_call(answer.answer_call)
    if answer.status == "failed":
        return "failed"
    if answer.text is None or answer.status not in ("ok", "truncated", "empty", "refused"):
        sheet.lack("how answers ended")
    if answer.text is not None and not answer.text.strip():
        return "empty"
    if is_refusal(answer):
        return "refused"
    if answer.status == "truncated" or answer.finish_reason not in _FINISHED:
        return "cut off"
    limit = _find_limit(task, answer)
    used = call.completion_tokens if call else None
    if limit and used is not None and used >= FULL * limit:
        return "at the token limit"
    words = len(answer.text.split()) if answer.text else SHORTEST
    if task.task.rubric and (used if used is not None else words) < SHORTEST and words < SHORTEST:
        return f"shorter than {SHORTEST} tokens"
    return ""


def _find_limit(task: TaskRecords, answer: Answer) -> int | None:
    call = task.find_call(answer.answer_call)
    body = call.read_body() if call else {}
    limit = body.get("max_completion_tokens") or body.get("max_tokens")
    return limit if isinstance(limit, int) else None


def _compare_counts(sheet: Sheet, counts: dict[Solver, list[int]]) -> None:
    for solver in SOLVERS:
        if counts[solver] and min(counts[solver]) < LEAST_RATIO * max(counts[solver]):
            low, high = min(counts[solver]), max(counts[solver])
            sheet.flag(f"the server counted {low:,} to {high:,} prompt tokens in {solver} requests of one task")
    most = max((fmean(own) for own in counts.values() if own), default=0.0)
    if counts["weak"] and most:
        sheet.measure("S10", max(0.0, 1 - min(counts["weak"]) / most))
    if all(counts.values()):
        weak, strong = fmean(counts["weak"]), fmean(counts["strong"])
        if min(weak, strong) < LEAST_RATIO * max(weak, strong):
            sheet.flag(f"the same prompt counts {weak:,.0f} tokens for weak and {strong:,.0f} for strong: one was cut")
