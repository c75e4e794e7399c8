"""What a detector hands back, and the words in which it shows bytes that differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from autodata.audit.catalogue import Cause
from autodata.audit.records import TaskRecords
from autodata.audit.verdict import Coverage, Finding, Severity

MOST_FINDINGS = 50
"""Of one detector on one task. A text of many megabytes may hold any number of things; nobody reads more."""

SHOWN = 120
"""Characters of a text that a sentence quotes."""

LONGEST_WORD = 60
"""Characters that are looked at for where a word begins or ends."""


@dataclass(frozen=True, slots=True)
class Check:
    """A detector's findings on one task. `missing` says what the record lacks, so that it is not clean but incomplete.

    `declared`: a person signed a difference that was found. `numbers` are what it measured, by the names of
    autodata.audit.measures: 0 for nothing suspicious, absent where nothing could be measured.
    """

    findings: tuple[Finding, ...] = ()
    missing: tuple[str, ...] = ()
    declared: bool = False
    numbers: Mapping[str, float] = field(default_factory=dict)

    @property
    def coverage(self) -> Coverage:
        return "not_recorded" if self.missing else "done"


Detector = Callable[[TaskRecords], Check]


@dataclass(slots=True)
class Sheet:
    """Collects one detector's findings; the same sentence is written down once."""

    detector: str
    findings: dict[str, Finding] = field(default_factory=dict)
    missing: dict[str, None] = field(default_factory=dict)
    declared: bool = False
    numbers: dict[str, float] = field(default_factory=dict)

    def violation(self, sentence: str, cause: Cause | None = None) -> None:
        self._add("violation", sentence, cause)

    def flag(self, sentence: str, cause: Cause | None = None) -> None:
        self._add("flag", sentence, cause)

    def note(self, sentence: str) -> None:
        self._add("note", sentence, None)

    def lack(self, what: str) -> None:
        """The record does not hold `what`, a noun."""
        self.missing[what] = None

    def measure(self, name: str, value: float) -> None:
        """What a finding rests on, as a number; of several the largest stands."""
        self.numbers[name] = max(value, self.numbers.get(name, value))

    @property
    def full(self) -> bool:
        """Whether more findings would not be written down."""
        return len(self.findings) >= MOST_FINDINGS

    def close(self) -> Check:
        return Check(tuple(self.findings.values()), tuple(self.missing), self.declared, self.numbers)

    def _add(self, severity: Severity, sentence: str, cause: Cause | None) -> None:
        if not self.full:
            self.findings.setdefault(sentence, Finding(self.detector, severity, sentence, cause))


def quote(text: str, longest: int = SHOWN) -> str:
    """A text on one line between quotation marks, cut between words where it is long."""
    line = " ".join(text[: 4 * longest].split())
    if len(line) <= longest and len(text) <= 4 * longest:
        return f"“{line}”"
    head, space, _ = line[: longest + 1].rpartition(" ")
    return f"“{head if space and len(head) > longest // 2 else line[:longest]}…”"


def shorten_sha(sha: str) -> str:
    """The first eight digits of a hash."""
    return f"{sha[:8]}…" if sha else "none"


def tell_difference(first: str, second: str, first_name: str, second_name: str) -> str:
    """Where two texts part, with the words that differ: `the weak one adds “…” at character 312`."""
    start, end = find_stretch(first, second)
    own, other = first[start : len(first) - end], second[start : len(second) - end]
    place = f"at character {start + 1:,}"
    if not other:
        return f"the {first_name} adds {quote(own)} {place}"
    if not own:
        return f"the {first_name} lacks {quote(other)} {place}"
    return f"the {first_name} says {quote(own)} where the {second_name} says {quote(other)} {place}"


def find_stretch(first: str, second: str) -> tuple[int, int]:
    """How many characters two texts share at the beginning, and how many at the end behind them, without cutting a
    word where that can be."""
    start = _count_common(first, second)
    rest = min(len(first), len(second)) - start
    end = min(rest, _count_common(first[::-1][: rest + 1], second[::-1][: rest + 1]))
    is_addition = start + end == min(len(first), len(second))
    return (_slide if is_addition else _widen)(first, second, start, end)


def list_words(names: list[str]) -> str:
    """`a, b and c`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else ""


def _slide(first: str, second: str, start: int, end: int) -> tuple[int, int]:
    """What one text adds to the other, moved to where it cuts no word if there is such a place.

    An addition whose last character also stands before it says the same one character earlier.
    """
    text = max(first, second, key=len)
    size = len(text) - start - end
    for shift in range(min(start, LONGEST_WORD) + 1):
        at = start - shift
        if not (_is_inside_word(text, at) or _is_inside_word(text, at + size)):
            return at, end + shift
        if at == 0 or text[at - 1] != text[at + size - 1]:
            break
    return start, end


def _widen(first: str, second: str, start: int, end: int) -> tuple[int, int]:
    """The stretches that differ, with the rest of the words in which they begin and end."""
    texts, begun, ended = (first, second), start, end
    while begun and start - begun < LONGEST_WORD and any(_is_inside_word(text, begun) for text in texts):
        begun -= 1
    while ended and end - ended < LONGEST_WORD and any(_is_inside_word(text, len(text) - ended) for text in texts):
        ended -= 1
    return begun, ended


def _is_inside_word(text: str, at: int) -> bool:
    return 0 < at < len(text) and text[at - 1].isalnum() and text[at].isalnum()


def _count_common(first: str, second: str) -> int:
    """Length of the common beginning, by halving: slices compare at memory speed."""
    low, high = 0, min(len(first), len(second))
    while low < high:
        middle = (low + high + 1) // 2
        if first[low:middle] == second[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
