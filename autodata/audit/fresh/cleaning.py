"""A task's text without what a reader cannot see (S11), without sentences that tell its reader how to answer (S12), and
without sentences of the context that nothing asked for or graded refers to.

The last need no list of forbidden words: an instruction in plain sight, however it is worded, is no part of what the
question asks and the rubric grades. Works by code points, patterns and shared words; the meaning of what is left is for
others to check.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from autodata.audit.records import TaskRecords
from autodata.audit.static.characters import PRINTABLE_SHARE
from autodata.audit.static.lint import check_instructions
from autodata.model import Task

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f")
_WIDE = re.compile("[\uff21-\uff5a\U0001d400-\U0001d7ff\u24b6-\u24e9]{4,}")
_ENCODED = re.compile(r"[A-Za-z0-9+/]{40,}={0,2}")
_WORD = re.compile(r"[^\W\d_]{2,}")
_SENTENCE = re.compile(r"[^.!?\n]*(?:[.!?]+(?=\s|$)|\n+|$|[.!?])")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_JOINERS = "\u200c\u200d"
_FILLERS = frozenset("\u115f\u1160\u17b4\u17b5\u3164\uffa0")
"""Letters by their category, and blank all the same."""
_UNSEEN = frozenset({"Cf", "Co", "Cn"})
_TWINS = str.maketrans(
    "АВЕКМНОРСТУХаеорсухіјѕԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧο",
    "ABEKMHOPCTYXaeopcyxijsdqwABEZHIKMNOPTYXo",
)
"""Cyrillic and Greek letters that look like Latin ones."""
_LATIN = re.compile("[A-Za-z]")
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")
_STEM = 6
"""Letters by which two forms of a word count as the same."""

FEWEST_WORDS = 3
"""Different long words below which a sentence is a fragment that may belong to its neighbour."""


@dataclass(frozen=True, slots=True)
class CleanTask:
    """Context and question after cleaning. `removed` are the deleted sentences that tell the reader how to answer,
    `idle` those that nothing refers to; `hidden` counts characters that nobody could see."""

    context: str
    question: str
    removed: tuple[str, ...]
    idle: tuple[str, ...]
    hidden: int


def clean_task(records: TaskRecords) -> CleanTask:
    """The task's context and question without hidden characters, instructions to the reader and idle sentences.

    A question that would be nothing but instructions keeps its sentences: something has to be asked.
    """
    task = records.task
    context, question = strip_hidden(task.context), strip_hidden(task.question)
    hidden = len(task.context) + len(task.question) - len(context) - len(question)
    kept_context, gone = drop_instructions(records, context)
    kept_question, more = drop_instructions(records, question)
    if not kept_question.strip():
        kept_question, more = question, ()
    kept_context, idle = drop_idle(kept_context, [kept_question, task.reference_answer, *_list_criteria(task)])
    return CleanTask(kept_context, kept_question, gone + more, idle, hidden)


def strip_hidden(text: str) -> str:
    """The text as a page would show it: no comments, no encoded blocks, no invisible characters, no look-alikes.

    Joiners and direction marks stay in the scripts and pictures that are written with them.
    """
    text = _ENCODED.sub(lambda match: " " if _says_something(match.group()) else match.group(), _COMMENT.sub(" ", text))
    if text.isascii():
        return text
    text = _WIDE.sub(lambda match: unicodedata.normalize("NFKC", match.group()), text)
    return _WORD.sub(lambda match: _latinise(match.group()), _strip_unseen(text))


def drop_instructions(records: TaskRecords, text: str) -> tuple[str, tuple[str, ...]]:
    """The text without the sentences that S12 finds, and those sentences."""
    if not _is_instructing(records, text):
        return text, ()
    kept: list[str] = []
    gone: list[str] = []
    for match in _SENTENCE.finditer(text):
        sentence = match.group()
        (gone if sentence.strip() and _is_instructing(records, sentence) else kept).append(sentence)
    return "".join(kept).strip(), tuple(sentence.strip() for sentence in gone)


def drop_idle(context: str, asked: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The context without the sentences that share no long word with anything in `asked`, and those sentences.

    `asked` is what the question asks and the rubric grades. A context that would be empty is kept, and so is everything
    where `asked` has no words.
    """
    needed = _list_stems(" ".join(asked))
    kept: list[str] = []
    idle: list[str] = []
    for match in _SENTENCE.finditer(context):
        words = _list_stems(match.group())
        (idle if len(words) >= FEWEST_WORDS and needed and not words & needed else kept).append(match.group())
    text = "".join(kept).strip()
    return (text, tuple(sentence.strip() for sentence in idle)) if idle and text else (context, ())


def _list_criteria(task: Task) -> list[str]:
    return [criterion.criterion for criterion in task.rubric]


def _list_stems(text: str) -> frozenset[str]:
    return frozenset(word[:_STEM] for word in _LONG_WORD.findall(text.casefold()))


def _is_instructing(records: TaskRecords, text: str) -> bool:
    """Whether the lint of task texts finds anything in this one alone."""
    alone = replace(records, task=replace(records.task, context="", question=text, reference_answer="", rubric=()))
    return bool(check_instructions(replace(alone, calls=(), answers=())).findings)


def _says_something(block: str) -> bool:
    """Whether base64 text decodes to something a person could read; a key or a hash does not."""
    body = block.rstrip("=")
    body = body[: len(body) - (1 if len(body) % 4 == 1 else 0)]
    plain = base64.b64decode(body + "=" * (-len(body) % 4)).decode("utf-8", "replace")
    readable = sum(1 for c in plain if (c.isprintable() or c.isspace()) and c != "\ufffd")
    return bool(plain) and readable >= PRINTABLE_SHARE * len(plain)


def _strip_unseen(text: str) -> str:
    right_to_left = bool(_RIGHT_TO_LEFT.search(text))
    flags = {at for match in _FLAG.finditer(text) for at in range(*match.span())}
    return "".join(
        character
        for at, character in enumerate(text)
        if at in flags or not _is_unseen(character) or _is_needed(text, at, right_to_left)
    )


def _is_unseen(character: str) -> bool:
    return character > "\x7f" and (character in _FILLERS or unicodedata.category(character) in _UNSEEN)


def _is_needed(text: str, at: int, right_to_left: bool) -> bool:
    character = text[at]
    if character in _JOINERS:
        before, after = text[at - 1 : at], text[at + 1 : at + 2]
        pictures = character == "\u200d" and unicodedata.category(after or " ") in ("So", "Sk")
        return pictures or any(
            side > "\u02af" and unicodedata.category(side)[0] in "LM" for side in (before, after) if side
        )
    return character in _DIRECTIONS and right_to_left


def _latinise(word: str) -> str:
    return word.translate(_TWINS) if _LATIN.search(word) else word
