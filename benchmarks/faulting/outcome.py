"""What one case of the fault matrix came to: a row of the table."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Outcome:
    """One case. `lost` and `twice` count records; `again` is the most calls repeated at one point, of `may_repeat`.

    `told` is what a person reads, as the program said it. `problems` are expectations that did not hold, as sentences.
    """

    case: str
    points: int = 0
    lost: int = 0
    twice: int = 0
    again: int = 0
    may_repeat: int = 0
    told: str = ""
    problems: list[str] = field(default_factory=list)
    skipped: str = ""
    """Why the case could not be tried on this machine; "" where it was."""

    @property
    def ok(self) -> bool:
        return not (self.problems or self.lost or self.twice or self.again > self.may_repeat)

    def expect(self, holds: object, problem: str) -> None:
        """Note the problem where the expectation does not hold."""
        if not holds:
            self.problems.append(problem)

    def expect_told(self, text: str, *words: str) -> None:
        """Keep what a person was told; it must hold all of `words` and be no traceback."""
        self.told = " ".join(text.split())
        self.expect("Traceback" not in text, f"a traceback was shown: {self.told[-300:]}")
        for word in words:
            self.expect(word.lower() in self.told.lower(), f"nothing was said of {word!r}: {self.told[-400:]!r}")
