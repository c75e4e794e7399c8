"""What a recipe's text forbids and an edit may not undo: bans that are gone, or turned into their opposite."""

from __future__ import annotations

import re
from collections.abc import Iterator

from autodata.optimize.new_text import is_negated, split_clauses, strip_negation

_FORM = re.compile(r"\b(?:style|format|length|form)\b")
_BANS: tuple[tuple[str, tuple[re.Pattern[str], ...]], ...] = (
    (
        "a ban on giving the answer away",
        (
            re.compile(r"\b(?:context|question|setting|part of the answer)\b"),
            re.compile(r"\b(?:answers?|findings?|solutions?|conclusions?|leaks?)\b"),
        ),
    ),
    ("a ban on criteria about form", (_FORM,)),
    ("a ban on softer rubrics", (re.compile(r"\brubric\b"), re.compile(r"\bsofter\b"))),
)
"""Words that occur together in a clause with a negation."""

_LEAST_WORDS, _ALIKE = 3, 0.75
"""Clauses of at least so many words are the same but for a negation when they share this much of their words."""


def find_lost_bans(old: str, text: str) -> Iterator[tuple[str, str]]:
    """What `text` undoes of the bans in `old`: a sentence for a person, and the clause it is about."""
    before, now = ([clause for clause in split_clauses(part) if is_negated(clause)] for part in (old, text))
    if turned := _find_turned(before, old, text):
        yield "it turns a ban into its opposite", turned
    for what, patterns in _BANS:
        if any(_holds(clause, patterns) for clause in now):
            continue
        if lost := next((clause for clause in before if _holds(clause, patterns)), ""):
            yield f"it takes out {what} and puts nothing in its place", lost


def _holds(clause: str, patterns: tuple[re.Pattern[str], ...]) -> bool:
    return all(pattern.search(clause) for pattern in patterns)


def _find_turned(bans: list[str], old: str, text: str) -> str:
    """A new clause that says without negation what one of the old bans says with it; "" where there is none."""
    known = set(split_clauses(old))
    wordings = [words for ban in bans if len(words := strip_negation(ban)) >= _LEAST_WORDS]
    for clause in split_clauses(text):
        if clause not in known and not is_negated(clause):
            own = strip_negation(clause)
            if any(len(own & words) >= _ALIKE * len(own | words) for words in wordings):
                return clause
    return ""
