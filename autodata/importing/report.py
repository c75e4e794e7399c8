"""What an import did, or would do: counts, what could not be used and why, what the source never recorded."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from autodata.importing.missing import Missing
from autodata.importing.records import Difference
from autodata.importing.values import Unused


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The import of one path. `existing`: the same content is this run already, and nothing was written. `accepted` and
    `undecided` count sources, `outcomes` rounds. `run_id` is the run's also on a dry run."""

    run_id: str
    format: str
    file: str
    sha256: str
    dry_run: bool
    existing: bool
    simulated: bool
    trajectories: int
    rounds: int
    rollouts: int
    calls: int
    accepted: int
    undecided: int
    outcomes: dict[str, int]
    unused: tuple[Unused, ...]
    missing: tuple[Missing, ...]
    differing: tuple[Difference, ...]
    warnings: tuple[str, ...]

    @property
    def figures(self) -> dict[str, Any]:
        """The report as plain data, the fields that scripts rely on first."""
        return {
            "run_id": self.run_id,
            "trajectories": self.trajectories,
            "rounds": self.rounds,
            "rollouts": self.rollouts,
            "unused": [asdict(unused) for unused in self.unused],
            "format": self.format,
            "file": self.file,
            "sha256": self.sha256,
            "existing": self.existing,
            "dry_run": self.dry_run,
            "accepted": self.accepted,
            "undecided": self.undecided,
            "outcomes": self.outcomes,
            "calls": self.calls or None,
            "not_recorded": [missing.words for missing in self.missing],
            "differing": [asdict(difference) for difference in self.differing],
            "warnings": list(self.warnings),
            "simulated": self.simulated,
        }

    @property
    def sentence(self) -> str:
        """What happened, in one sentence."""
        size = f"{_count(self.trajectories, 'trajectory', 'trajectories')}, {_count(self.rounds, 'round')}, "
        size += f"{_count(self.rollouts, 'answer')}"
        if self.existing:
            return f"{self.file} is {self.run_id} already ({size}); nothing was written."
        if self.dry_run:
            return f"{self.file} would become {self.run_id}: {size}."
        return f"{self.file} is now {self.run_id}: {size}."


def _count(n: int, noun: str, nouns: str = "") -> str:
    return f"{n:,} {noun if n == 1 else nouns or noun + 's'}"
