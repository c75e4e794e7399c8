"""What a prompt tells a solver besides its question: to be brief, to play weak, to take care.

Patterns ask for imperative wording, so that a question about small models or short proofs is not mistaken for an order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from autodata.llm.simulator.calibration import SMALL

_BLANK_LINE = re.compile(r"\n\s*\n")
_NUMBERS = {"one": 1, "a single": 1, "single": 1, "two": 2, "three": 3, "four": 4, "five": 5}
_COUNT = re.compile(
    r"\b(?:in|to|within|using|with|at most|no more than|only|exactly|just|than|under)\s+"
    r"(?P<count>one|a single|single|two|three|four|five|\d{1,3})\s+"
    r"(?:short |brief |plain |complete )?(?P<unit>sentence|word)s?\b"
    r"|\b(?P<dashed>one|single|two|three)-sentence\b"
)
_ORDER = r"(?:^|[.!?:;]\s+|\b(?:please|always|now|simply|just|you|you must|you should|you will)\s+)"
"""What stands before an imperative; without it `a pool can behave like a small one` would be one."""
_BRIEF = re.compile(
    _ORDER + r"(?:keep (?:it|your answers?|the answers?|your reply)(?: very| extremely)? (?:brief|short|concise)"
    r"|(?:answer|reply|respond)(?: as| very| extremely)? (?:briefly|concisely|tersely)"
    r"|be (?:very |extremely |as )?(?:brief|concise|terse)"
    r"|(?:give|write|provide) (?:me )?(?:only )?(?:a |an )?(?:very )?(?:brief|short|concise|terse|one-line)"
    r" (?:answer|reply|response)s?"
    r"|do not elaborate)\b"
)
_POOR = (
    r"(?:weak|weaker|small|smaller|novice|beginner|incompetent|careless|lazy|confused|uneducated|first-year|child|poor|"
    r"inexperienced|unintelligent|dumb|layperson)"
)
_WEAKENED = re.compile(
    _ORDER + r"(?:pretend (?:to be|that you|you)|act (?:as|like)|behave (?:as|like)|play the (?:role|part) of|"
    r"imagine (?:that )?you are|take the role of|roleplay (?:as)?|"
    r"(?:answer|respond|reply|write) (?:as|like))\b[^.?!\n]{0,50}\b" + _POOR + r"\b"
    r"|\byou are (?:a |an |only a |just a )?(?:very )?" + _POOR + r"\b"
    r"|" + _ORDER + r"(?:(?:answer|respond|reply)\s+(?:\w+ )?(?:incorrectly|wrongly|badly|poorly|wrong|falsely)"
    r"|play (?:weak|dumb)|give (?:a |an )?(?:wrong|incorrect|poor|bad) answers?"
    r"|(?:make|include|introduce) (?:\w+ ){0,2}(?:mistakes|errors)"
    r"|(?:deliberately|intentionally) (?:fail|err|get|answer|make|give))\b"
)
_CONDITIONAL = re.compile(
    r"\bif you are (?:a |an |the )?(?:\w+ )?(?P<size>small|smaller|weak|weaker|lightweight|tiny|less capable|large|"
    r"larger|strong|stronger|frontier|capable)\b[^.?!\n]{0,30}\b(?:model|assistant|system|llm|ai)\b"
    r"|\bif (?:your parameter count|you have fewer|you have less)\b"
)
_LOW_EFFORT = re.compile(
    r"\b(?:minimal|low|little) effort\b|\bfirst thing that comes to (?:your )?mind\b|"
    + _ORDER
    + r"(?:do(?: not|n't) (?:think|reason|try)|"
    r"answer (?:immediately|at once|from memory|without (?:thinking|reasoning)))\b"
)
_CARE = re.compile(
    r"\bthink (?:step by step|carefully|hard)\b|\breason (?:carefully|step by step)\b|\byou are an expert\b"
    r"|\btake your time\b"
)
_LARGE = frozenset({"large", "larger", "strong", "stronger", "frontier", "capable"})


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders found in a prompt. `weakened` holds for everybody, the two others for the model that is addressed."""

    max_sentences: int | None = None
    weakened: bool = False
    weakened_small: bool = False
    weakened_large: bool = False
    low_effort: bool = False
    care: bool = False

    def hits(self, model: str) -> bool:
        """Whether `model` is told, or takes itself to be told, to do badly."""
        addressed = self.weakened_small if model in SMALL else self.weakened_large
        return self.weakened or addressed


@lru_cache(maxsize=4096)
def read_orders(prompt: str) -> Orders:
    """Orders in the whole prompt, system text and user text alike."""
    text = " ".join(_BLANK_LINE.sub(" . ", prompt.lower()).split())
    conditional = list(_CONDITIONAL.finditer(text))
    sizes = {match.group("size") or "small" for match in conditional}
    unconditional = _CONDITIONAL.sub(" ", text)
    return Orders(
        max_sentences=_read_limit(text),
        weakened=bool(_WEAKENED.search(unconditional)) and not conditional,
        weakened_small=bool(sizes - _LARGE),
        weakened_large=bool(sizes & _LARGE),
        low_effort=bool(_LOW_EFFORT.search(text)),
        care=bool(_CARE.search(text)),
    )


def _read_limit(text: str) -> int | None:
    limits = [3] if _BRIEF.search(text) else []
    for match in _COUNT.finditer(text):
        word = match.group("count") or match.group("dashed")
        count = _NUMBERS.get(word) or int(word)
        limits.append(max(1, count // 20 if match.group("unit") == "word" else count))
    return min(limits, default=None)
