"""S8: was every answer that was asked for used, once, and are the attempts really several?"""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import lru_cache

from autodata.agents.answer_verifier import parse_answer_verdict
from autodata.agents.judge import parse_verdicts
from autodata.audit.clusters import cut_shingles, measure_similarity
from autodata.audit.records import Answer, Call, TaskRecords
from autodata.audit.static.check import Check, Sheet, list_words
from autodata.errors import MalformedReply
from autodata.model import SOLVERS, Solver

REPEATED_FROM = 0.9
"""Jaccard index of word 5-grams from which two tasks count as one question asked again."""

SHORT_WORDS = 40
"""Answers of verifiable tasks with fewer words are often the same honestly."""


def check_ledger(task: TaskRecords) -> Check:
    """Answers that came and were not used, verdicts that were asked for again, questions tried in several rounds,
    seeds and answers that repeat, more or fewer answers than the policy plans. All are flags: a person looks.
    """
    sheet = Sheet("S8")
    if task.run.imported:
        sheet.lack("calls that were not used")
    unused = _find_unused(task, sheet) + _find_repeated_questions(task, sheet)
    repeated = 0
    for solver in SOLVERS:
        answers = task.list_answers(solver)
        repeated += max(
            _find_repeated_answers(task, sheet, solver, answers), _find_repeated_seeds(task, sheet, solver, answers)
        )
        _compare_counts(task, sheet, solver, answers)
    if task.answers:
        sheet.measure("S8.unused", unused)
        sheet.measure("S8.repeated", repeated)
    return sheet.close()


def _find_unused(task: TaskRecords, sheet: Sheet) -> int:
    """How many answers and verdicts came and were not used."""
    used = {seq for answer in task.answers for seq in (answer.answer_call, answer.judge_call)}
    unused: dict[str, list[Call]] = defaultdict(list)
    for call in (*task.solver_calls, *task.judge_calls):
        if call.seq in used or call.error or not (call.response or "").strip():
            continue
        if call.role in SOLVERS or _holds_verdict(task, call):
            unused[call.role].append(call)
    for role, calls in unused.items():
        kind = "verdicts" if role == "judge" else f"{role} answers"
        records = list_words([f"{call.seq:,}" for call in calls[:5]])
        sheet.flag(f"{len(calls)} {kind} came and were not used (records {records}): the best may have been picked")
    return sum(map(len, unused.values()))


def _holds_verdict(task: TaskRecords, call: Call) -> bool:
    """Whether a judge's reply could have been used; one that could not is asked again in an honest run."""
    try:
        if call.purpose == "verify":
            parse_answer_verdict(call.response or "")
        else:
            parse_verdicts(call.response or "", task.task.rubric)
    except MalformedReply:
        return False
    return True


def _find_repeated_questions(task: TaskRecords, sheet: Sheet) -> int:
    """In how many other rounds nearly the same question was tried."""
    own = _cut(f"{task.task.context}\n{task.task.question}")
    rounds = [a.round for a in task.attempts if measure_similarity(own, _cut(a.text)) >= REPEATED_FROM]
    if rounds:
        shown = list_words([str(number) for number in sorted(rounds)])
        sheet.flag(f"nearly the same question was also tried in round {shown} of this source")
    return len(rounds)


@lru_cache(maxsize=256)
def _cut(text: str) -> frozenset[str]:
    """Shingles, kept: each round's text is compared with those of all other rounds of its source."""
    return cut_shingles(text)


def _find_repeated_answers(task: TaskRecords, sheet: Sheet, solver: Solver, answers: tuple[Answer, ...]) -> int:
    """How many answers are the text of an earlier one again."""
    again = 0
    texts = Counter(" ".join(a.text.split()) for a in answers if a.text and a.text.strip())
    for text, count in texts.items():
        if count > 1 and (task.task.rubric or len(text.split()) >= SHORT_WORDS):
            sheet.flag(f"{count} of {len(answers)} {solver} answers are the same text, so they count as one attempt")
            again += count - 1
    return again


def _find_repeated_seeds(task: TaskRecords, sheet: Sheet, solver: Solver, answers: tuple[Answer, ...]) -> int:
    """How many answers were asked for with the seed of an earlier one."""
    again = 0
    calls = [call for a in answers if (call := task.find_call(a.answer_call)) is not None and call.request]
    seeds = Counter(seed for call in calls if (seed := call.read_body().get("seed")) is not None)
    for seed, count in seeds.items():
        if count > 1:
            sheet.flag(f"{count} of {len(answers)} {solver} answers were asked for with the same seed {seed}")
            again += count - 1
    return again


def _compare_counts(task: TaskRecords, sheet: Sheet, solver: Solver, answers: tuple[Answer, ...]) -> None:
    if task.policy is None or not answers:
        return
    planned = task.policy.rollouts(solver)
    indices = [answer.index for answer in answers]
    if indices != list(range(len(indices))):
        sheet.flag(f"the {solver} answers are numbered {indices}, so some are missing")
    if len(answers) > planned or (len(answers) < planned and not task.run.frugal):
        sheet.flag(f"{len(answers)} {solver} answers decided, the policy plans {planned}")
