"""A run's counts from the roll-ups that are kept of it: small tables, read without a join."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from autodata.index.database import Index


@dataclass(frozen=True, slots=True)
class Tally:
    """Rounds of one number and outcome: how many, how many have a gap, the sum of these, and calls saved."""

    round: int
    outcome: str
    rounds: int
    judged: int
    gap: float
    saved: int


@dataclass(frozen=True, slots=True)
class RunCounts:
    """Sources by how they ended, the mean number of rounds to accept one, and the rounds behind them."""

    sources: int = 0
    done: int = 0
    exhausted: int = 0
    undecided: int = 0
    skipped: int = 0
    rounds_to_accept: float | None = None
    tallies: tuple[Tally, ...] = field(default_factory=tuple)

    @property
    def rounds(self) -> int:
        return sum(tally.rounds for tally in self.tallies)

    @property
    def accepted(self) -> int:
        return sum(tally.rounds for tally in self.tallies if tally.outcome == "accepted")

    @property
    def saved(self) -> int:
        return sum(tally.saved for tally in self.tallies)

    @property
    def gap(self) -> float | None:
        """Mean of the accepted rounds."""
        return _average([tally for tally in self.tallies if tally.outcome == "accepted"])

    @property
    def gap_by_round(self) -> tuple[float | None, ...]:
        """Mean gap of round 1, 2, …, None where no round was measured."""
        last = max((tally.round for tally in self.tallies if tally.judged), default=0)
        return tuple(_average([t for t in self.tallies if t.round == number]) for number in range(1, last + 1))

    @property
    def failures(self) -> tuple[tuple[str, int], ...]:
        """Outcomes but acceptance with their rounds, largest first."""
        found: dict[str, int] = defaultdict(int)
        for tally in self.tallies:
            found[tally.outcome] += tally.rounds
        found.pop("accepted", None)
        return tuple(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def load_counts(index: Index, runs: Sequence[int]) -> dict[int, RunCounts]:
    """The counts of these runs, by their numbers."""
    if not runs:
        return {}
    mine = f"run IN ({', '.join(str(int(run)) for run in runs)})"
    tallies: dict[int, list[Tally]] = defaultdict(list)
    for run, *rest in index.query(f"SELECT run, round, outcome, n, judged, gap, saved FROM tallies WHERE {mine}"):
        tallies[run].append(Tally(*rest))
    columns = "sources, done, exhausted, undecided, skipped, rounds_to_accept"
    found = {}
    for row in index.records(f"SELECT run, {columns} FROM standings WHERE {mine}"):
        run = row.pop("run")
        found[run] = RunCounts(**row, tallies=_merge(tallies[run]))
    return {run: found.get(run) or RunCounts(tallies=_merge(tallies[run])) for run in runs}


def _merge(tallies: Sequence[Tally]) -> tuple[Tally, ...]:
    """In the order of rounds; the same order always, so that sums of gaps do not depend on how rows lie."""
    return tuple(sorted(tallies, key=lambda tally: (tally.round, tally.outcome, tally.rounds, tally.gap)))


def _average(tallies: Sequence[Tally]) -> float | None:
    judged = sum(tally.judged for tally in tallies)
    return sum(tally.gap for tally in tallies) / judged if judged else None
