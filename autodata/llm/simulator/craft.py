"""What the challenger's instructions ask for, read from their words: the simulated challenger writes as it is told.

Each trait is looked for in the text that speaks to the challenger, not in the document. A prompt without instructions
gets the usual craft.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

INSTRUCTIONS_LEAST = 200
"""Characters below which a text says what to write and not how."""

_CLAUSE_END = re.compile(r"[.!?;:](?=\s|$)")
_DENIAL = re.compile(r"\b(?:not|no|never|nothing|none|neither|without|avoid\w*)\b|n['’]t\b")
_HINDRANCE = re.compile(rf"{_DENIAL.pattern}|\b(?:if|whether|when)\b")
_KINDS = re.compile(
    r"\bpredict\w*|\bdecid\w+|\bdecision\w*|\btrade-?offs?|\binteract\w+|\bcontradict\w+|\bcounterfactual\w*"
)
_DOCUMENT = r"(?:document|paper|source|text)\b"
_INSIGHT = re.compile(
    rf"\b(?:answer(?:ed)?|solved?|settled)\b[^.]{{0,60}}\bwithout (?:\w+ ){{0,3}}(?:this|the) {_DOCUMENT}"
    r"[^.]{0,60}(?:too easy|discard|throw|start (?:again|over)|another|drop)"
    rf"|\binsight\w*\b[^.]{{0,60}}\b(?:only|specific to|particular to|found in) (?:in )?this {_DOCUMENT}"
)
_LEAK_TEST = re.compile(
    r"\b(?:rephras|restat|reword|rearrang)\w+[^.]{0,40}\bcontext\b|\bcontext\b[^.]{0,60}\b(?:rephras|restat|reword|rearrang)\w+"
)
_CONTEXT = re.compile(r"\bcontext\b|\bsetting\b")
_FINDING = re.compile(r"\b(?:finding|findings|answer|solution|conclusion|result)\b")
_LEAK = re.compile(
    r"\b(?:state|give|include|reveal|mention|put|summari[sz]e|copy)s?\b[^.]{0,40}"
    r"\b(?:finding|answer|solution|conclusion)s?\b[^.]{0,30}\b(?:in|into) the context\b"
    r"|\bcontext (?:should |must |always |also )?(?:state|give|include|reveal|contain)s?\b[^.]{0,30}"
    r"\b(?:finding|answer|solution|conclusion)s?\b"
)
_CONCRETE = re.compile(
    r"\b(?:each|every)\b[^.]{0,30}\b(?:one|single|concrete|specific|checkable)\b[^.]{0,25}\b(?:test|step|proposition|point|fact|idea)\b"
    r"|\bsteps? of reasoning that\b|\bspecific, checkable\b|\bone proposition\b"
)
_GENEROUS = r"\b(?:generous|lenient|vague|soft|broad|forgiving)(?:ly|er)?"
_SOFT = re.compile(
    r"\beither way\b|\bopen to interpretation\b|\btouch(?:es|ing)? on the (?:topic|subject)\b"
    rf"|{_GENEROUS} (?:\w+ )?(?:criteri|rubric|worded|phrased)|\b(?:criteria|rubric)\b[^.]{{0,40}}{_GENEROUS}\b"
)
_INTEGERS = re.compile(r"\bjson integers?\b|\bwhole[- ]numbers?\b|\bintegers?\b")
_NEW_ANGLE = re.compile(r"\b(?:entirely|completely) (?:new|different)\b|\b(?:new|different|another) angle\b")
_REFLECTION = re.compile(r"\bscratchpad\b|\bbefore (?:anything else|you write|writing)\b")
_POSITIVE_ONLY = re.compile(
    r"\bonly positive\b|\bpositive criteria only\b|\bno (?:criteria? with )?negative (?:criteri|weight|item)"
    r"|\ball (?:criteria )?(?:are )?positive\b"
)
_CAP = re.compile(r"\bweights? (?:\w+ ){0,3}(?:from )?1 (?:to|and|through) (\d{1,2})\b")
_ENDING = re.compile(
    r"\bend(?:s|ing)? (?:every|each|the|all) contexts? with[^\"“]{0,40}[\"“]([^\"”]{5,300})[\"”]", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Craft:
    """How a challenger works. The defaults are the usual craft, which the calibration is about."""

    reasoning: bool = True
    """Kinds of question that need reasoning are named."""
    reflection: bool = True
    """It thinks about insights and mistakes before it writes."""
    insight: bool = False
    """It throws away what can be answered without the document."""
    leak_ban: bool = True
    leak_test: bool = False
    """It tries whether rephrasing the context gives the answer."""
    leak_told: bool = False
    """It is told to put the finding into the context."""
    concrete: bool = True
    """Every criterion is one test of content."""
    integers: bool = True
    new_angle: bool = True
    positive_only: bool = False
    weight_max: int = 10
    soft: bool = False
    """Criteria are so general that whether they are met is a matter of luck."""
    ending: str = ""
    """A sentence that every context has to end with."""


USUAL = Craft()


@lru_cache(maxsize=512)
def read_craft(instructions: str) -> Craft:
    """The craft that these instructions ask for; the usual one where there are none."""
    text = " ".join(instructions.casefold().split())
    if len(text) < INSTRUCTIONS_LEAST:
        return USUAL
    clauses = _CLAUSE_END.split(text)
    ending = _ENDING.search(" ".join(instructions.split()))
    caps = [int(found) for found in _CAP.findall(text)]
    return Craft(
        reasoning=len(set(_KINDS.findall(text))) >= 2,
        reflection=bool(_REFLECTION.search(text)),
        insight=bool(_INSIGHT.search(text)),
        leak_ban=any(_DENIAL.search(c) and _CONTEXT.search(c) and _FINDING.search(c) for c in _list_wide(clauses)),
        leak_test=bool(_LEAK_TEST.search(text)),
        leak_told=any(_LEAK.search(clause) and not _HINDRANCE.search(clause) for clause in clauses),
        concrete=bool(_CONCRETE.search(text)),
        integers=bool(_INTEGERS.search(text)),
        new_angle=bool(_NEW_ANGLE.search(text)),
        positive_only=bool(_POSITIVE_ONLY.search(text)),
        weight_max=min(caps, default=10),
        soft=any(_SOFT.search(clause) and not _DENIAL.search(clause) for clause in clauses),
        ending=ending.group(1).strip() if ending else "",
    )


def _list_wide(clauses: list[str]) -> list[str]:
    """Each clause with the one before it, whose subject it may go on with (`The context … It does not state …`)."""
    return [f"{before} {clause}" for before, clause in zip(["", *clauses], clauses, strict=False)]
