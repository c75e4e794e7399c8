"""Deterministic checks of a verifiable candidate, before the screener: free, exact, with reasons one can act on.

A good one asks for one thing, and its answer can be told right from wrong: short, no bare whole number that can be
guessed, no decimal that depends on rounding (paper Fig 15).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from autodata.agents.challenger import Draft
from autodata.answers.notation import fold_answer
from autodata.answers.reading import ANSWER_MAX

SIMILAR = 0.8
"""Share of common word pairs from which two questions are the same question (Jaccard)."""

_INTEGER = re.compile(r"[-+]?\d[\d,]*")
_DECIMAL = re.compile(r"(?<![\w.])[-+]?\d*\.\d+(?:e[-+]?\d+)?(?![\w.])", re.IGNORECASE)
_SECOND_ASK = re.compile(
    r"\b(?:and|then|also)\s+(?:also\s+)?(?:find|determine|compute|calculate|prove|show|state|give|derive|explain|what|"
    r"which|how)\b|\((?:b|ii)\)",
    re.IGNORECASE,
)
_ENDS = re.compile(r"[.!?]\s+(?=[A-Z])")
_CLOSING = re.compile(r"[^.?!]*\b(?:final answer|ANSWER:)[^?]*$")


def check_candidate(draft: Draft) -> list[str]:
    """Why a candidate is no verifiable task; empty when it is one."""
    reasons = []
    question = _CLOSING.sub("", draft.question) or draft.question
    if question.count("?") > 1 or _SECOND_ASK.search(question):
        reasons.append("the question asks for more than one thing")
    answer = draft.reference_answer.strip()
    folded = fold_answer(answer)
    if not folded:
        reasons.append("the reference answer is empty")
    elif len(answer) > ANSWER_MAX or len(_ENDS.findall(answer)) > 0:
        reasons.append("the reference answer is longer than one sentence")
    if _INTEGER.fullmatch(folded):
        reasons.append("the answer is a bare whole number, which can be guessed")
    elif _DECIMAL.search(folded):
        reasons.append("the answer is a decimal, which depends on rounding")
    if len(folded) >= 6 and folded in fold_answer(f"{draft.context} {draft.question}"):
        reasons.append("the question contains the reference answer")
    return reasons


def find_similar(question: str, others: Iterable[str]) -> str | None:
    """The first of `others` that is nearly the same question; None when there is none."""
    own = _list_pairs(question)
    for other in others:
        pairs = _list_pairs(other)
        if own and pairs and len(own & pairs) / len(own | pairs) >= SIMILAR:
            return other
    return None


def _list_pairs(text: str) -> frozenset[tuple[str, str]]:
    words = re.findall(r"\w+|[^\w\s]", text.casefold())
    return frozenset(pairwise(words))
