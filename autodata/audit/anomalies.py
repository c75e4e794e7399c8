"""Z3, weak-answer anomalies: zeros, repeated answers, refusals and lengths against this weak model's own history.

The history is the same model's answers in the same domain, never another model's. Shares are compared by the exact
binomial tail, because a z of three answers means nothing; history shares are smoothed by half a case (Jeffreys prior;
Brown, Cai and DasGupta 2001, doi:10.1214/ss/1009213286).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log1p, sqrt
from statistics import fmean, stdev

import scipy

from autodata.audit.checking import check_counts, check_finite
from autodata.errors import BadInput

KINDS = ("zeros", "repeated", "refusals")
FLAG_Z = 3.0
FEWEST_REFUSALS = 2
FEWEST_HISTORY = 30
LENGTH_SD_MIN = 0.05
_SMALLEST_TAIL = 1e-300


@dataclass(frozen=True, slots=True)
class AnswerCounts:
    """Counts over the answers to `tasks` tasks: exact zeros, repeats, refusals, and every length in characters.

    `repeated` counts answers whose hash or near-duplicate occurred before within the same task. Raises BadInput for a
    count that is too large or a negative length.
    """

    zeros: int
    repeated: int
    refusals: int
    lengths: tuple[int, ...]
    tasks: int = 1

    def __post_init__(self) -> None:
        for kind in KINDS:
            check_counts(kind, getattr(self, kind), self.find_room(kind))
        if any(length < 0 for length in self.lengths):
            raise BadInput("an answer's length is negative")

    @property
    def answers(self) -> int:
        return len(self.lengths)

    def find_room(self, kind: str) -> int:
        """How many answers could be of this kind: the first answer to a task cannot repeat another."""
        return max(0, self.answers - self.tasks) if kind == "repeated" else self.answers


@dataclass(frozen=True, slots=True)
class Anomaly:
    """One number of the answers that is out of the ordinary; `z` is signed, `observed` and `usual` share a unit."""

    kind: str
    observed: float
    usual: float
    z: float


def find_anomalies(answers: AnswerCounts, history: AnswerCounts) -> tuple[Anomaly, ...]:
    """What is unusual about these answers, the most unusual first; empty when nothing is.

    Shares: the z whose upper normal tail equals P(Bin(n, p0) >= count), p0 = (history count + ½)/(history + 1);
    flagged above 3. Refusals: also from two upwards. Log length: z = (mean ln(1 + length) - history mean)/(history
    sd/√n), |z| > 3. Raises BadInput without answers or with a history of fewer than 30 answers, which cannot say what
    is usual.
    """
    check_finite("answers", answers.lengths)
    if history.answers < FEWEST_HISTORY:
        raise BadInput(
            f"{history.answers} earlier answers of this model, {FEWEST_HISTORY} are needed to say what is usual"
        )
    found = [anomaly for kind in KINDS for anomaly in _weigh_share(kind, answers, history)]
    found += _weigh_length(answers.lengths, history.lengths)
    return tuple(sorted(found, key=lambda anomaly: -abs(anomaly.z)))


def _weigh_share(kind: str, answers: AnswerCounts, history: AnswerCounts) -> list[Anomaly]:
    count, room = getattr(answers, kind), answers.find_room(kind)
    if not count:
        return []
    usual = (getattr(history, kind) + 0.5) / (history.find_room(kind) + 1)
    tail = float(scipy.special.bdtrc(count - 1, room, usual))
    z = -float(scipy.special.ndtri(max(tail, _SMALLEST_TAIL)))
    refused = kind == "refusals" and count >= FEWEST_REFUSALS
    return [Anomaly(kind, count / room, usual, z)] if z > FLAG_Z or refused else []


def _weigh_length(lengths: Sequence[int], history: Sequence[int]) -> list[Anomaly]:
    logs = [log1p(length) for length in history]
    usual, spread = fmean(logs), max(stdev(logs), LENGTH_SD_MIN)
    observed = fmean(log1p(length) for length in lengths)
    z = (observed - usual) / (spread / sqrt(len(lengths)))
    return [Anomaly("log_length", observed, usual, z)] if abs(z) > FLAG_Z else []
