"""S12: words that tell somebody how to behave, in the request, the task or an answer. A reason to look, no more.

Whoever rewords evades this; it decides nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from autodata.audit.catalogue import Cause
from autodata.audit.records import TaskRecords
from autodata.audit.static.check import Check, Sheet, quote
from autodata.audit.static.texts import LONGEST, list_answer_texts, list_request_texts, list_task_texts, tell_unread

_Rows = tuple[tuple[tuple[str, ...], str], ...]

_IDENTITY: _Rows = (
    (
        ("small", "weak", "cheap", "simple"),
        r"\b(?:small|weak|cheap|simple)(?:er)? (?:language )?(?:models?|llms?|ai)\b",
    ),
    (("under ", "below ", "less than ", "fewer than "), r"\b(?:under|below|less than|fewer than) \d+ ?(?:b|billion)\b"),
    (
        ("if you are ", "if you're ", "if the reader is "),
        r"\bif (?:you are|you're|the reader is) (?:an? |the )?(?:ai|llm|(?:\w+ ){0,2}(?:language )?model|assistant|"
        r"gpt|claude|llama|qwen|gemini|mistral|phi|deepseek)\b",
    ),
)
_SUPPRESSION: _Rows = (
    (("answer ",), r"\banswer (?:incorrectly|wrongly|badly)\b"),
    (
        ("wrong ", "incorrect ", "bad ", "flawed ", "incomplete "),
        r"\b(?:give|provide|write) (?:an? )?(?:wrong|incorrect|bad|flawed|incomplete) answers?\b",
    ),
    (("pretend ",), r"\bpretend (?:to be|you|that you|not to)\b"),
    (("do not ",), r"\bdo not (?:think|reason|analy[sz]e|explain|elaborate|show your work)\b"),
    (("without ",), r"\bwithout (?:thinking|reasoning|analysis|explanation)\b"),
    ((" effort",), r"\b(?:low|minimal|little) effort\b"),
    (
        ("beginner", "novice", "amateur", "layperson", "weak "),
        r"\b(?:as|like|be|you are) (?:an? )?(?:complete )?"
        r"(?:beginner|novice|amateur|layperson|weak (?:model|solver))\b",
    ),
    (("mistake", "error"), r"\bmake (?:some |a few |deliberate |subtle )?(?:mistakes?|errors?)\b"),
    (
        ("ignore ",),
        r"\bignore (?:all |any |the |your )?(?:previous|prior|above|earlier|rubric|instructions?)\b",
    ),
    ((" sentence",), r"\b(?:one|a single|1) (?:short )?sentence(?: only)?\b"),
)
_TO_JUDGE: _Rows = (
    (
        (" meets", " satisf", " fulfil", " addresses"),
        r"\b(?:this|the|my) (?:answer|response) (?:fully |completely |clearly )?"
        r"(?:meets|satisfies|fulfil+s|addresses)\b",
    ),
    (
        ("grader", "judge", "evaluator", "reviewer"),
        r"\b(?:note|message|instructions?) (?:to|for) (?:the )?(?:grader|judge|evaluator|reviewer)\b",
    ),
    (
        ("rubric", "criteri"),
        r"\b(?:all|every|each) (?:of the )?(?:rubric|(?:grading )?criteri(?:a|on))\b.{0,40}"
        r"\b(?:met|satisfied|fulfil+ed)\b",
    ),
    (
        ("full ", "maximum "),
        r"\b(?:award|give|assign) (?:this (?:answer|response) )?(?:full|maximum) (?:marks|points|score|credit)\b",
    ),
)
"""Patterns, each with words of which no match can do without one: a search for words is a hundred times cheaper."""


class Wording:
    """Patterns that are looked for together. The first match in the text counts, of several there the first pattern."""

    def __init__(self, rows: _Rows) -> None:
        self._rows = tuple((words, re.compile(pattern)) for words, pattern in rows)

    def narrow(self, texts: Sequence[str]) -> Wording:
        """Those of the patterns that one of the texts may match: most rubrics and answers hold no word of any."""
        joined = "\n".join(texts)
        narrowed = Wording(())
        narrowed._rows = tuple(row for row in self._rows if any(word in joined for word in row[0]))
        return narrowed

    def search(self, text: str) -> re.Match[str] | None:
        """The first match; None without one."""
        for start in range(0, len(text), _PART):
            found = self._search_part(text, start, min(len(text), start + _PART))
            if found is not None:
                return found
        return None

    def _search_part(self, text: str, start: int, end: int) -> re.Match[str] | None:
        """The first match that begins in a part of the text."""
        found, reach = None, min(len(text), end + _LONGEST)
        for words, pattern in self._rows:
            if not any(text.find(word, start, reach) >= 0 for word in words):
                continue
            match = pattern.search(text, start, reach)
            if match is not None and match.start() < (found.start() if found else end):
                found = match
        return found


_PART, _LONGEST = 1 << 16, 400
"""Characters that are looked at at once, and within which a pattern that has begun ends."""

_FOR_SOLVERS = Wording((*_IDENTITY, *_SUPPRESSION))
_FOR_JUDGES = Wording(_TO_JUDGE)
_AROUND = 40
"""Characters quoted on either side."""


def check_instructions(task: TaskRecords) -> Check:
    """Identity conditions and words that hold an answer back, in request and task; words to the judge, in answers."""
    sheet = Sheet("S12")
    requests, answers = list(list_request_texts(task)), list(list_answer_texts(task))
    texts = list(list_task_texts(task))
    given = [(name, text) for name, text in texts if name in ("context", "question")]
    asked = _scan(sheet, _FOR_SOLVERS, requests, "bytes")
    own = [*_scan(sheet, _FOR_SOLVERS, given), *_scan(sheet, _FOR_JUDGES, texts)]
    if not answers and task.answers:
        sheet.lack("answers")
    told = _scan(sheet, _FOR_JUDGES, answers, "judge")
    if any(call.request is not None for call in task.solver_calls):
        sheet.measure("S12.request", len(asked))
    sheet.measure("S12.task", len(own))
    if answers:
        # What a weak answer says to the judge makes no gap.
        sheet.measure("S12.answers", sum(name.startswith("strong") for name in told))
    return sheet.close()


def fold_text(text: str) -> str:
    """The text as the patterns read it: compatibility forms and case undone."""
    return text.casefold() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()


def _scan(sheet: Sheet, wording: Wording, texts: Sequence[tuple[str, str]], cause: Cause | None = None) -> list[str]:
    """The names of the texts that hold such words."""
    where = "speaks to the judge" if wording is _FOR_JUDGES else "tells its reader how to answer"
    folded, found = [(name, _fold_start(sheet, name, text)) for name, text in texts], []
    likely = wording.narrow([text for _, text in folded])
    for name, text in folded:
        match = likely.search(text)
        if match is not None:
            around = text[max(0, match.start() - _AROUND) : match.end() + _AROUND]
            sheet.flag(f"the {name} {where}: {quote(around)}", cause)
            found.append(name)
    return found


def _fold_start(sheet: Sheet, name: str, text: str) -> str:
    """As much of the text as is looked at, folded; a flag says where that ends.

    By parts, because one character may stand for eighteen.
    """
    if len(text) <= _PART:
        return fold_text(text)
    parts, size, start = [], 0, 0
    while start < len(text) and size < LONGEST:
        parts.append(fold_text(text[start : start + _PART]))
        size, start = size + len(parts[-1]), start + _PART
    if start < len(text):
        sheet.flag(tell_unread(name, text, start, "instructions"))
    return "".join(parts)
