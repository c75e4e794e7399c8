"""Code filters of a question: exact, free, and above every judge. What they look for stands in recipe.toml."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from autodata.recipes.filters import FilterRules

_YEAR = re.compile(r"(?<![\d.,$€£])\d{4}(?!\d|[.,]\d)")
"""Four digits that stand alone: no part of a number, no amount of money."""


@dataclass(frozen=True, slots=True)
class FilterHit:
    """Something a question may not hold. `found` is what was found there: a length, a phrase, a year."""

    rule: Literal["length", "phrase", "year"]
    found: str
    sentence: str
    """What is wrong, for the writer and the reviewer."""


def find_hits(question: str, rules: FilterRules) -> tuple[FilterHit, ...]:
    """Everything in `question` that the rules forbid; each phrase and year once."""
    hits = []
    if rules.question_max is not None and len(question) > rules.question_max:
        length = len(question)
        hits.append(
            FilterHit(
                "length",
                str(length),
                f"the question has {length:,} characters, at most {rules.question_max:,} are allowed",
            )
        )
    hits += [
        FilterHit("phrase", phrase.strip(), f"the question holds {phrase.strip()!r}, which gives its source away")
        for phrase in find_phrases(question, rules.phrases)
    ]
    years = dict.fromkeys(year for year in _YEAR.findall(question) if _is_barred(int(year), rules.years))
    hits += [FilterHit("year", year, f"the question names the year {year}") for year in years]
    return tuple(hits)


def find_phrases(text: str, phrases: Sequence[str]) -> tuple[str, ...]:
    """Which of `phrases` stand in `text` as whole words, case and white space aside."""
    folded = " ".join(text.casefold().split())
    return tuple(phrase for phrase in phrases if _compile(phrase).search(folded))


@lru_cache(maxsize=512)
def _compile(phrase: str) -> re.Pattern[str]:
    words = r"\s".join(re.escape(word) for word in phrase.casefold().split())
    # A blank at the end asks for something after the phrase.
    end = r"\s" if phrase != phrase.rstrip() else r"(?!\w)"
    return re.compile(rf"(?<!\w){words}{end}")


def _is_barred(year: int, ranges: Sequence[tuple[int, int]]) -> bool:
    return any(first <= year <= last for first, last in ranges)
