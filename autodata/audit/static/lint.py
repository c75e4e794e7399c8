"""S12: words that tell somebody how to behave, in the request, the task or an answer. A reason to look, no more.

Whoever rewords evades this; it decides nothing.
"""

from __future__ import annotations

import re
import unicodedata

from autodata.audit.records import TaskRecords
from autodata.audit.static.check import Check, Sheet, quote
from autodata.audit.static.texts import list_answer_texts, list_request_texts, list_task_texts

_IDENTITY = (
    r"\b(?:small|weak|cheap|simple)(?:er)? (?:language )?(?:models?|llms?|ai)\b",
    r"\b(?:under|below|less than|fewer than) \d+ ?(?:b|billion)\b",
    r"\bif (?:you are|you're|the reader is) (?:an? |the )?(?:ai|llm|(?:\w+ ){0,2}(?:language )?model|assistant|"
    r"gpt|claude|llama|qwen|gemini|mistral|phi|deepseek)\b",
)
_SUPPRESSION = (
    r"\banswer (?:incorrectly|wrongly|badly)\b",
    r"\b(?:give|provide|write) (?:an? )?(?:wrong|incorrect|bad|flawed|incomplete) answers?\b",
    r"\bpretend (?:to be|you|that you|not to)\b",
    r"\bdo not (?:think|reason|analy[sz]e|explain|elaborate|show your work)\b",
    r"\bwithout (?:thinking|reasoning|analysis|explanation)\b",
    r"\b(?:low|minimal|little) effort\b",
    r"\b(?:as|like|be|you are) (?:an? )?(?:complete )?(?:beginner|novice|amateur|layperson|weak (?:model|solver))\b",
    r"\bmake (?:some |a few |deliberate |subtle )?(?:mistakes?|errors?)\b",
    r"\bignore (?:all |any |the |your )?(?:previous|prior|above|earlier|rubric|instructions?)\b",
    r"\b(?:one|a single|1) (?:short )?sentence(?: only)?\b",
)
_TO_JUDGE = (
    r"\b(?:this|the|my) (?:answer|response) (?:fully |completely |clearly )?(?:meets|satisfies|fulfil+s|addresses)\b",
    r"\b(?:note|message|instructions?) (?:to|for) (?:the )?(?:grader|judge|evaluator|reviewer)\b",
    r"\b(?:all|every|each) (?:of the )?(?:rubric|(?:grading )?criteri(?:a|on))\b.{0,40}\b(?:met|satisfied|fulfil+ed)\b",
    r"\b(?:award|give|assign) (?:this (?:answer|response) )?(?:full|maximum) (?:marks|points|score|credit)\b",
)

_FOR_SOLVERS = re.compile("|".join((*_IDENTITY, *_SUPPRESSION)))
_FOR_JUDGES = re.compile("|".join(_TO_JUDGE))
_AROUND = 40
"""Characters quoted on either side."""


def check_instructions(task: TaskRecords) -> Check:
    """Identity conditions and words that hold an answer back, in request and task; words to the judge, in answers."""
    sheet = Sheet("S12")
    requests = sum(_scan(sheet, _FOR_SOLVERS, name, text, in_request=True) for name, text in list_request_texts(task))
    own = 0
    for name, text in list_task_texts(task):
        if name in ("context", "question"):
            own += _scan(sheet, _FOR_SOLVERS, name, text)
        own += _scan(sheet, _FOR_JUDGES, name, text)
    answers = list(list_answer_texts(task))
    if not answers and task.answers:
        sheet.lack("answers")
    told = {name: _scan(sheet, _FOR_JUDGES, name, text, to_judge=True) for name, text in answers}
    if any(call.request is not None for call in task.solver_calls):
        sheet.measure("S12.request", requests)
    sheet.measure("S12.task", own)
    if answers:
        # What a weak answer says to the judge makes no gap.
        sheet.measure("S12.answers", sum(hit for name, hit in told.items() if name.startswith("strong")))
    return sheet.close()


def fold_text(text: str) -> str:
    """The text as the patterns read it: compatibility forms and case undone."""
    return text.casefold() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()


def _scan(
    sheet: Sheet, pattern: re.Pattern[str], name: str, text: str, *, in_request: bool = False, to_judge: bool = False
) -> bool:
    """Whether the text holds such words."""
    folded = fold_text(text)
    match = pattern.search(folded)
    if match is None:
        return False
    around = folded[max(0, match.start() - _AROUND) : match.end() + _AROUND]
    where = "speaks to the judge" if to_judge or pattern is _FOR_JUDGES else "tells its reader how to answer"
    sheet.flag(f"the {name} {where}: {quote(around)}", "bytes" if in_request else "judge" if to_judge else None)
    return True
