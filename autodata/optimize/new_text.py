"""What an edit adds or changes: only that is judged, since shipped recipes may well say what an edit may not."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate
from typing import Any

_WORDS_BEFORE = 12
"""Words before a match among which a negation counts for it."""
_BREAK = re.compile(r"[.!?:;](?=\s|$)|\s[-*•]\s|\b(?:but|instead|rather)\b")
_NEGATION = re.compile(
    r"\b(?:not|no|never|nothing|none|neither|nor|without|avoid(?:s|ing)?|cannot|forbid(?:s|den)?|refuse[sd]?|"
    r"reject(?:s|ed)?|"
    r"ban(?:s|ned)?|remove|instead of|rather than)\b|n['’]t\b"
)

_CONDITION = re.compile(r"\b(?:if|when|where|whether|whenever|once|in case)\b")
_REMEDY = re.compile(
    r"\b(?:too easy|take|remove|cut|discard|throw|drop|delete|rewrite|rewritten|start (?:again|over)|leaks?|reject|"
    r"fails?)\b"
)
_WORDS_AFTER = 14
_WORD = re.compile(r"\w+")
_FILLERS = frozenset("and or do does did is are be must may can should will let".split())


@dataclass(frozen=True, slots=True)
class NewText:
    """A child's text folded for reading, and which of its words differ from the parent's."""

    text: str
    """Words joined by single blanks: compatibility forms, accents and case undone."""
    starts: tuple[int, ...]
    changed: frozenset[int]
    """Numbers of the words that are new, or beside which some were taken out."""
    paragraphs: tuple[int, ...]
    """Numbers of the words that begin a paragraph."""

    def find(self, pattern: re.Pattern[str], *, unless_negated: bool = False) -> Iterator[str]:
        """Matches that touch a change; `unless_negated`: not those that a negation in the same clause turns round."""
        for match in pattern.finditer(self.text):
            first = bisect_right(self.starts, match.start()) - 1
            last = bisect_right(self.starts, max(match.start(), match.end() - 1)) - 1
            if self.changed.isdisjoint(range(first, last + 1)):
                # A negation taken out before the match, or turned into something else, makes it mean the opposite.
                near = range(max(0, first - _WORDS_BEFORE), first)
                if not unless_negated or self.changed.isdisjoint(near):
                    continue
            if unless_negated and (self._is_negated(match, first) or self._is_tested(match, first, last)):
                continue
            yield self._show(first, last)

    def _is_negated(self, match: re.Match[str], first: int) -> bool:
        clause = _BREAK.split(self.text[self._find_opening(first) : match.start()])[-1]
        return bool(_NEGATION.search(clause) or _NEGATION.search(match.group()))

    def _is_tested(self, match: re.Match[str], first: int, last: int) -> bool:
        """Whether this is what a self-test looks for, with something to be done about it: `if …, take it out`."""
        before = self.text[self._find_opening(first) : match.end()]
        end = self.starts[last + _WORDS_AFTER] if last + _WORDS_AFTER < len(self.starts) else len(self.text)
        after = re.split(r"[.!?](?=\s|$)", self.text[match.end() : end])[0]
        return bool(_CONDITION.search(_BREAK.split(before)[-1]) and _REMEDY.search(after))

    def _find_opening(self, first: int) -> int:
        """Where the words begin that can bear on word `first`: some words before it, in its own paragraph."""
        paragraph = self.paragraphs[bisect_right(self.paragraphs, first) - 1]
        return self.starts[max(paragraph, first - _WORDS_BEFORE)]

    def _show(self, first: int, last: int) -> str:
        """The matched words with some around them."""
        start = self.starts[max(0, first - 4)]
        after = last + 5
        end = self.starts[after] if after < len(self.starts) else len(self.text)
        return self.text[start:end].strip()


def compare_texts(parent: str, child: str) -> NewText:
    """The child's words, with those marked that its parent does not have at that place."""
    old, new = fold_text(parent).split(), fold_text(child).split()
    changed: set[int] = set()
    for kind, _, _, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "delete":
            changed |= {start - 1, start}
        elif kind != "equal":
            changed |= set(range(start, end))
    starts, position = [], 0
    for word in new:
        starts.append(position)
        position += len(word) + 1
    return NewText(" ".join(new), tuple(starts), frozenset(changed), _find_paragraphs(child))


def _find_paragraphs(text: str) -> tuple[int, ...]:
    counts = [len(fold_text(part).split()) for part in re.split(r"\n\s*\n", text)]
    return tuple(accumulate(counts[:-1], initial=0))


def fold_text(text: str) -> str:
    """Text as patterns read it: compatibility forms, accents and case undone."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()


def spell_out(toml: str) -> str:
    """A TOML text followed by every string in it as an agent will read it: an escape hides no word from a rule. Of a
    text that is no TOML only the text."""
    try:
        values = tomllib.loads(toml)
    except (tomllib.TOMLDecodeError, RecursionError):
        return toml
    return "\n\n".join([toml, *_list_strings(values)])


def _list_strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for own in value.values() if isinstance(value, dict) else value:
            yield from _list_strings(own)


def split_clauses(text: str) -> list[str]:
    """Folded sentences and list items of a text."""
    folded = " ".join(re.sub(r"\n\s*(?:[-*•]|\d+\.)\s", ". ", fold_text(text)).split())
    return [part.strip() for part in re.split(r"[.!?](?=\s|$)", folded) if part.strip()]


def strip_negation(clause: str) -> frozenset[str]:
    """The words of a clause without those that deny, so that a ban and its opposite have the same."""
    return frozenset(_WORD.findall(_NEGATION.sub(" ", clause))) - _FILLERS


def is_negated(clause: str) -> bool:
    """Whether a clause forbids or denies something."""
    return _NEGATION.search(clause) is not None
