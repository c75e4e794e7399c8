"""The final answer in a solver's text: what it boxes, what it marks as its answer, or all of a one-line reply.

Two different final answers are no answer: choosing one of them would be a guess.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from autodata.answers.notation import fold_answer

How = Literal["boxed", "marked", "whole", "last_line", "unreadable"]
"""Where an answer was found. A last line is only what stands at the end; nobody called it the answer."""

ANSWER_MAX = 400
"""Characters of a final answer; anything longer is an essay, which no comparison of two expressions can decide."""

_TAIL_CHARS = 20_000
"""How much of the end of a reply is read: a final answer stands there, and hostile text may be of any length."""

_BOX = re.compile(r"\\(?:boxed|fbox)\s*\{")
_MARK = re.compile(
    r"^[\s>#*_`~-]*(?:my |the |so,? |thus,? |hence,? |therefore,? )*(?:final )?(?:answer|result)"
    r"(?:\s*\*{0,2}\s*[:=]\s*|\s+(?:is|equals)\s*:?\s+)\**(?P<answer>\S.*?)\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_INSIDE = re.compile(r"\b(?:final answer|the answer) (?:is|equals):?\s+(?P<answer>[^\n]+?)\s*(?:\.\s|$)", re.I | re.M)
_NEXT_SENTENCE = re.compile(r"\.\s+(?=[A-Z])")
_DISPLAY = re.compile(r"^(?:\$\$|\\\[)\s*(?P<inner>.+?)\s*(?:\$\$|\\\])$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class FinalAnswer:
    """What the text gives as its answer; `text` is "" where nothing could be read, and `reason` says why."""

    text: str
    how: How
    reason: str = ""

    @property
    def declared(self) -> bool:
        """Whether the writer called it the answer, so that being different from the reference is being wrong."""
        return self.how in ("boxed", "marked", "whole")


def read_final_answer(text: str) -> FinalAnswer:
    """The final answer of a reply. Several different ones, or none that is short enough, are unreadable."""
    tail = text[-_TAIL_CHARS:].strip()
    boxed, marked = _find_boxed(tail), _find_marked(tail)
    declared = boxed + [answer for answer in marked if "\\boxed" not in answer and "\\fbox" not in answer]
    if declared:
        return _agree_on(declared, "boxed" if boxed else "marked")
    lines = [line.strip() for line in tail.splitlines() if line.strip()]
    if not lines:
        return FinalAnswer("", "unreadable", "the reply is empty")
    display = _DISPLAY.match(tail)
    if len(lines) == 1 or (display and "\n\n" not in tail):
        return _take(display.group("inner") if display else lines[0], "whole")
    return _take(lines[-1], "last_line")


def _agree_on(answers: list[str], how: How) -> FinalAnswer:
    different = {fold_answer(answer): answer for answer in answers}
    if len(different) > 1:
        shown = ", ".join(repr(answer[:60]) for answer in list(different.values())[:4])
        return FinalAnswer("", "unreadable", f"the reply gives {len(different)} different final answers: {shown}")
    return _take(answers[-1], how)


def _take(answer: str, how: How) -> FinalAnswer:
    answer = answer.strip().strip("*_").strip()
    if not fold_answer(answer):
        return FinalAnswer("", "unreadable", "the final answer is empty")
    if len(answer) > ANSWER_MAX:
        return FinalAnswer("", "unreadable", f"no final answer of at most {ANSWER_MAX} characters is marked")
    return FinalAnswer(answer, how)


def _find_boxed(text: str) -> list[str]:
    """Contents of every \\boxed{…} whose braces close."""
    found = []
    for match in _BOX.finditer(text):
        depth = 1
        for position in range(match.end(), min(len(text), match.end() + 4 * ANSWER_MAX)):
            escaped = text[position - 1] == "\\"
            if text[position] == "{" and not escaped:
                depth += 1
            elif text[position] == "}" and not escaped:
                depth -= 1
            if not depth:
                found.append(text[match.end() : position])
                break
    return found


def _find_marked(text: str) -> list[str]:
    marked = list(_MARK.finditer(text)) or list(_INSIDE.finditer(text))
    return [_NEXT_SENTENCE.split(match.group("answer"))[0] for match in marked]
