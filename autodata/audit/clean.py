"""Clean tasks as values: what a detector's evidence looks like where nobody found anything. No I/O.

Half of the tasks (A) say how usual a detector's number is, the other half (B) how usual the smallest of these p-values
is. A task is in one half only, by the hash of its id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autodata.canon import hash_text, hash_value

ROLLING = 2000
"""The latest clean tasks that count: 1000 in either half. Older ones come from models and judges as they once were."""


@dataclass(frozen=True, slots=True)
class Stratum:
    """What clean tasks must share with a task that is compared with them. A change of any of it needs new ones.

    `template` is a hash over the solver's and the judge's templates, "" where they are not recorded.
    """

    domain: str
    weak: str
    strong: str
    judge: str
    template: str = ""

    @property
    def sha(self) -> str:
        return hash_value([self.domain, self.weak, self.strong, self.judge, self.template])


@dataclass(frozen=True, slots=True)
class CleanTask:
    """One clean task's evidence by measure; absent is what was not measured, so it also says which detectors ran.

    `auditor` is the blind judge's model behind the numbers of checks that asked models, "" where none did.
    """

    task_id: str
    evidence: Mapping[str, float]
    auditor: str = ""


@dataclass(frozen=True, slots=True)
class CalibrationSet:
    """Clean tasks of one stratum, at most 2000. Build it with `make_calibration_set`."""

    name: str
    first: tuple[CleanTask, ...]
    second: tuple[CleanTask, ...]

    @property
    def size(self) -> int:
        return len(self.first) + len(self.second)


def make_calibration_set(name: str, tasks: Sequence[CleanTask]) -> CalibrationSet:
    """The latest 2000 tasks (given oldest first; of two with one id the later counts) in two halves by hash of id."""
    latest = list({task.task_id: task for task in tasks}.values())[-ROLLING:]
    ordered = sorted(latest, key=lambda task: hash_text(f"calibration\x1f{task.task_id}"))
    middle = len(ordered) // 2
    return CalibrationSet(name, tuple(ordered[:middle]), tuple(ordered[middle:]))
