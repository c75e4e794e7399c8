"""All kinds of problems, and a problem as understood from its text."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from autodata.llm.simulator.math.arithmetic import ARITHMETIC
from autodata.llm.simulator.math.deletion import DELETION
from autodata.llm.simulator.math.family import Family, Numbers, Work
from autodata.llm.simulator.math.operators import OPERATORS
from autodata.llm.simulator.math.quotient import QUOTIENT
from autodata.llm.simulator.math.recurrence import RECURRENCE
from autodata.llm.simulator.math.triangular import TRIANGULAR

POSED = (RECURRENCE, TRIANGULAR, DELETION, QUOTIENT, OPERATORS)
"""What the challenger writes."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem as understood from its text."""

    family: Family
    numbers: Numbers

    @property
    def steps(self) -> tuple[str, ...]:
        """What can go wrong, by name."""
        return self.family.steps(self.numbers)

    def derive(self, wrong: frozenset[str], tex: bool, rng: Random) -> Work:
        """Answer and working, with the steps in `wrong` gone wrong."""
        return self.family.derive(self.numbers, wrong, tex, rng)


def read_problem(text: str) -> Problem | None:
    """The problem that a text states, whatever stands around it; None for one of no known kind."""
    for family in (*POSED, ARITHMETIC):
        numbers = family.read(text)
        if numbers is not None:
            return Problem(family, numbers)
    return None
