"""The values of a search: recipe versions with what they reached, evaluations, iterations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from autodata.binomial import find_lower_bound, find_upper_bound
from autodata.recipes.recipe import Recipe

VersionState = Literal["baseline", "testing", "candidate", "discarded", "alarmed", "promoted"]
"""`baseline`: what the search began with. `testing`: under comparison. `candidate`: kept, waits for a person.
`alarmed`: kept, and then its gaps turned out less often real than the first recipe's."""

Purpose = Literal["train", "select", "third", "test"]
Side = Literal["parent", "child"]

INTERVAL = 0.95
"""Each bound of a score's interval, one-sided: 90 % between the two."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Sources by what came of them; `undecided` are neither success nor failure."""

    accepted: int = 0
    failed: int = 0
    undecided: int = 0

    @property
    def decided(self) -> int:
        return self.accepted + self.failed

    @property
    def share(self) -> float | None:
        """Accepted share of the decided ones; None where there is none."""
        return self.accepted / self.decided if self.decided else None

    @property
    def bounds(self) -> tuple[float, float]:
        """Exact 90 % interval of the share; sources measured twice count as two."""
        if not self.decided:
            return 0.0, 1.0
        return (
            find_lower_bound(self.accepted, self.decided, INTERVAL),
            find_upper_bound(self.accepted, self.decided, INTERVAL),
        )

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.accepted + other.accepted, self.failed + other.failed, self.undecided + other.undecided)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One version on one block of sources: outcome by source id. `iteration` is None outside iterations."""

    slot: str
    """Which part of the search it belongs to, e.g. `i0007-child`; each pass over the sources is a run of its own."""
    run_id: str
    version: str
    iteration: int | None
    purpose: Purpose
    block: int
    outcomes: Mapping[str, str]
    calls: int

    @property
    def counts(self) -> Counts:
        return count_outcomes(self.outcomes.values())


@dataclass(frozen=True, slots=True)
class Certified:
    """Gaps on fresh answers of accepted tasks that were drawn at random from `population` ones not measured before.

    `label` says on which occasion: a slot's name.
    """

    version: str
    label: str
    population: int
    tasks: tuple[str, ...]
    real: int
    not_real: int
    undecided: int
    unmeasured: int = 0


@dataclass(slots=True)
class Version:
    """One recipe with its place in the tree."""

    sha: str
    recipe: Recipe
    parent: str | None
    iteration: int | None
    by: str
    note: str
    state: VersionState
    evaluations: list[Evaluation] = field(default_factory=list)
    certified: list[Certified] = field(default_factory=list)

    @property
    def length(self) -> int:
        """Characters of all its files."""
        return sum(len(text) for text in self.recipe.files.values())

    def count(self, *, purpose: Purpose = "select", born: bool = True) -> Counts:
        """What it reached; without `born` the comparison that it was kept by is left out, which flatters it."""
        own = (e for e in self.evaluations if e.purpose == purpose and (born or e.iteration != self.iteration))
        return sum((e.counts for e in own), Counts())

    @property
    def real(self) -> int:
        return sum(own.real for own in self.certified)

    @property
    def measured(self) -> int:
        """Certified gaps that were decided."""
        return sum(own.real + own.not_real for own in self.certified)


@dataclass(slots=True)
class Iteration:
    """One pass as far as it got; each part is its record's data, None while there is none."""

    number: int
    parent: str
    minibatch: tuple[str, ...]
    shown: tuple[int, ...]
    """Earlier iterations whose end its agents are told."""
    analysis: Mapping[str, Any] | None = None
    edit: Mapping[str, Any] | None = None
    decision: Mapping[str, Any] | None = None

    @property
    def name(self) -> str:
        """Its number as slots and calls begin with it."""
        return f"i{self.number:04d}"

    @property
    def ended(self) -> bool:
        return self.decision is not None


def describe_version(
    recipe: Recipe,
    *,
    by: str,
    note: str,
    state: VersionState,
    parent: str | None = None,
    iteration: int | None = None,
) -> dict[str, Any]:
    """A `version` record. `by`: person or editor."""
    return {
        "version": recipe.sha,
        "name": recipe.name,
        "parent": parent,
        "iteration": iteration,
        "by": by,
        "note": note,
        "state": state,
        "files": recipe.files,
    }


def is_success(outcome: str) -> bool | None:
    """Whether a source's outcome is an accepted task; None where infrastructure left it open.

    A source that the extractor passed over is no success: an edit could otherwise gain by skipping what is hard.
    """
    return None if outcome == "undecided" else outcome == "accepted"


def count_outcomes(outcomes: Iterable[str]) -> Counts:
    """Sources by what came of them."""
    found = [is_success(outcome) for outcome in outcomes]
    return Counts(found.count(True), found.count(False), found.count(None))
