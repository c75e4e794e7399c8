"""S13: words of the reference or the rubric where a solver can read them, and a rubric fitted to one side's words.

Containment of word 8-grams rather than Jaccard, because the texts differ in length (Broder 1997,
doi:10.1109/SEQUEN.1997.666900).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from statistics import fmean

from autodata.audit.records import TaskRecords
from autodata.audit.static.check import Check, Sheet, quote
from autodata.audit.static.texts import list_request_texts
from autodata.model import SOLVERS

SHARED_CHARACTERS = 60
SHARED_GRAMS = 0.15
GRAM = 8
FITTED = 0.10
"""Rubric words in strong answers beyond those in weak ones, as a share of the rubric's 8-grams."""

LONGEST = 50_000
"""Characters of a text that are compared."""

_WORD = re.compile(r"\w+")


def check_leakage(task: TaskRecords) -> Check:
    """A passage of 60 characters, or 15 % of the 8-grams, of reference or rubric in what solvers were given: a flag.

    Rubric words that strong answers hold and weak ones do not: a note at a difference of 0.10, a flag where they
    exceed the gap by as much, for an answer that meets more criteria honestly says more of their words.
    """
    sheet = Sheet("S13")
    for part in task.missing & {"reference_answer", "rubric"}:
        sheet.lack(f"the {part.replace('_', ' ')}")
    given = [("context", task.task.context), ("question", task.task.question), *list_request_texts(task)]
    for hidden_name, hidden in _list_hidden(task):
        for name, text in given:
            sheet.measure("S13.leak", _compare(sheet, name, text, hidden_name, hidden))
    _compare_sides(task, sheet)
    return sheet.close()


@lru_cache(maxsize=8)
def cut_grams(text: str, length: int = GRAM) -> frozenset[tuple[str, ...]]:
    """The text's runs of `length` words, without case and punctuation; none for a shorter text."""
    return _cut(_list_words(text), length)


@lru_cache(maxsize=8)
def _flatten(text: str) -> str:
    return " ".join(text[:LONGEST].casefold().split())


def _list_words(text: str) -> list[str]:
    return _WORD.findall(text[:LONGEST].casefold())


def _cut(words: Sequence[str], length: int) -> frozenset[tuple[str, ...]]:
    return frozenset(zip(*(words[at:] for at in range(length)), strict=False))


def find_shared_passage(first: str, second: str, least: int = SHARED_CHARACTERS) -> str:
    """A passage of at least `least` characters that both hold, "" without one; blanks and case do not count.

    Every such passage holds a whole block of `least // 2` characters of the first text's grid, so only these blocks
    are looked up.
    """
    texts = [_flatten(text) for text in (first, second)]
    if min(map(len, texts)) < least:
        return ""
    half = least // 2
    blocks = {texts[0][at : at + half]: at for at in range(0, len(texts[0]) - half + 1, half)}
    for block, place in blocks.items():
        at = texts[1].find(block)
        while at >= 0:
            passage = _extend(texts[0], texts[1], place, at, half)
            if len(passage) >= least:
                return passage
            at = texts[1].find(block, at + 1)
    return ""


def _extend(first: str, second: str, one: int, other: int, length: int) -> str:
    start = 0
    while one - start > 0 and other - start > 0 and first[one - start - 1] == second[other - start - 1]:
        start += 1
    end = length
    while one + end < len(first) and other + end < len(second) and first[one + end] == second[other + end]:
        end += 1
    return first[one - start : one + end]


def _list_hidden(task: TaskRecords) -> list[tuple[str, str]]:
    rubric = "\n".join(criterion.criterion for criterion in task.task.rubric)
    return [
        (name, text) for name, text in (("reference answer", task.task.reference_answer), ("rubric", rubric)) if text
    ]


def _compare(sheet: Sheet, name: str, text: str, hidden_name: str, hidden: str) -> float:
    """How much of the hidden text stands in the other one, as a share."""
    passage = find_shared_passage(hidden, text)
    if passage:
        sheet.flag(f"the {name} holds a passage of the {hidden_name}: {quote(passage)}")
        return min(1.0, len(passage) / len(hidden))
    grams = cut_grams(hidden)
    share = len(grams & cut_grams(text)) / len(grams) if grams else 0.0
    if share >= SHARED_GRAMS:
        sheet.flag(f"the {name} holds {share:.0%} of the {hidden_name}'s runs of {GRAM} words")
    return share


def _compare_sides(task: TaskRecords, sheet: Sheet) -> None:
    grams = frozenset().union(*(_cut(_list_words(criterion.criterion), GRAM) for criterion in task.task.rubric))
    answers = {solver: [a for a in task.list_answers(solver) if a.text] for solver in SOLVERS}
    if not grams or not all(answers.values()):
        return
    weak, strong = (_measure(grams, (a.text or "" for a in answers[solver])) for solver in SOLVERS)
    excess, gap = strong - weak, max(0.0, task.decision.gap or 0.0)
    sheet.measure("S13.fitted", max(0.0, excess - gap))
    words = f"strong answers repeat {strong:.0%} of the rubric's runs of {GRAM} words, weak ones {weak:.0%}"
    if excess - gap >= FITTED:
        sheet.flag(f"{words}, more than the gap of {gap:.2f} explains")
    elif excess >= FITTED:
        sheet.note(words)


def _measure(grams: frozenset[tuple[str, ...]], texts: Iterable[str]) -> float:
    """The mean share of the runs that a text holds."""
    return fmean([_count_held(grams, text) / len(grams) for text in texts])


def _count_held(grams: frozenset[tuple[str, ...]], text: str) -> int:
    words = _list_words(text)
    known = frozenset(words)
    # A text seldom has all words of any run; then its own runs need not be cut.
    possible = frozenset(gram for gram in grams if known.issuperset(gram))
    return len(possible & _cut(words, GRAM)) if possible else 0
