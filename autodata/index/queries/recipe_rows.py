"""What is asked about searches for better recipes, as values: searches, versions, iterations, scores, sample tasks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from autodata.binomial import find_lower_bound, find_upper_bound

BOUND = 0.95
"""One-sided confidence of each end of a share's interval: 90 % between the two."""


@dataclass(frozen=True, slots=True)
class Share:
    """Sources that ended with an accepted task, of those that came to a decision."""

    accepted: int
    failed: int
    undecided: int = 0

    @property
    def of(self) -> int:
        return self.accepted + self.failed

    @property
    def value(self) -> float | None:
        """None where nothing was measured."""
        return self.accepted / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float]:
        """Exact 90 % interval; (0, 1) where nothing was measured."""
        if not self.of:
            return 0.0, 1.0
        return find_lower_bound(self.accepted, self.of, BOUND), find_upper_bound(self.accepted, self.of, BOUND)


@dataclass(frozen=True, slots=True)
class SearchRow:
    """One search, or a person's test of two recipes (`mode` test). `state` is "open" where no end was written: a
    process works on it, or was killed. Times in epoch seconds. `planned` counts iterations, `calls` model calls."""

    name: str
    mode: str
    domain: str
    policy: str
    simulated: bool
    started: float
    last: float
    state: str
    reason: str
    planned: int
    begun: int
    ended: int
    kept: int
    refused: int
    versions: int
    promoted: int
    calls: int


@dataclass(frozen=True, slots=True)
class SearchDetail:
    """What a search was started with, what it spent by its last end, and what it came to."""

    row: SearchRow
    settings: dict[str, Any]
    sets: dict[str, int]
    warnings: list[str]
    totals: dict[str, Any]
    alarm: str
    confirmation: dict[str, Any] | None
    """Paired outcomes of first and best version on the third set, or of the two recipes of a test."""


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version in the tree. `selected` counts all evaluations on the held-out set, `remeasured` those after the one
    it was kept by, `third` those on the set that nobody selects by. `real` of `measured` gaps held on fresh answers."""

    version: str
    parent: str | None
    iteration: int | None
    author: str
    note: str
    state: str
    length: int
    t: float
    selected: Share
    remeasured: Share
    third: Share
    real: int
    measured: int
    calls: int


@dataclass(frozen=True, slots=True)
class IterationRow:
    """One iteration. `state` is kept, discarded, refused, duplicate, failed or "open"; `refusals` are the guard's."""

    iteration: int
    parent: str
    child: str | None
    state: str
    reason: str
    evidence: str
    summary: str
    refusals: list[dict[str, str]]
    numbers: dict[str, Any]
    started: float
    ended: float | None
    calls: int


@dataclass(frozen=True, slots=True)
class IterationDetail:
    """One iteration with what its agents read and wrote.

    `trajectories` hold id, run_id, source_id, title, outcome and text; `citations` trajectory, quote, shows and found.
    `files` is the proposed text by file name. `*_call` are numbers of records in the journal `optimizations/NAME`.
    """

    row: IterationRow
    root_cause: str
    suggestion: str
    file: str
    citations: list[dict[str, Any]]
    trajectories: list[dict[str, Any]]
    files: dict[str, str]
    analysis_call: int | None
    edit_call: int | None


@dataclass(frozen=True, slots=True)
class ScorePoint:
    """One evaluation of one version, all its blocks together, in the order in which they ended."""

    slot: str
    version: str
    iteration: int | None
    purpose: str
    t: float
    share: Share


@dataclass(frozen=True, slots=True)
class Samples:
    """Accepted tasks of both sides of the comparison that a version was kept by; of the same sources where possible."""

    iteration: int
    parent: list[dict[str, Any]] = field(default_factory=list)
    child: list[dict[str, Any]] = field(default_factory=list)
