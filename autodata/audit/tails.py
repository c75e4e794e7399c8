"""How rare a number is, as a logarithm of p: against clean tasks, or against the batch it stands in."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from math import ceil, log

from autodata.audit.conformal import Calibration, calibrate
from autodata.audit.measures import find_detector, find_step, stretch

TAIL = 0.1
"""Share of the clean tasks from which the scale of the tail is taken."""

BULK = 0.8
"""Share of a batch that is taken for usual where no clean tasks are known."""


@dataclass(frozen=True, slots=True)
class Tail:
    """One measure on clean tasks. `scale`: what it exceeds its largest clean tenth's beginning by, on average, where it
    is stretched out (`stretch`).
    """

    name: str
    clean: Calibration
    scale: float

    def find_log_p(self, value: float) -> float:
        """ln of the conformal p of a number; 0 for one that speaks of nothing.

        Beyond the largest clean number p stands still; from there on it falls by e with every `scale`.
        """
        if value <= 0:
            return 0.0
        largest = self.clean.ordered[-1] if self.clean.ordered else 0.0
        beyond = stretch(self.name, value) - stretch(self.name, largest) if value > largest else 0.0
        return log(self.clean.find_upper_p(value)) - beyond / self.scale


def fit_tail(name: str, clean: Iterable[float]) -> Tail:
    """The tail of a measure; a step of the measure is the scale where clean tasks do not vary."""
    found = calibrate([max(0.0, value) for value in clean])
    top = [stretch(name, value) for value in found.ordered[-max(1, ceil(TAIL * found.size)) :]]
    scale = sum(top) / len(top) - top[0] if top else 0.0
    return Tail(name, found, scale if scale > 0 else find_step(name))


def rank_batch(batch: Mapping[str, Mapping[str, float]], proven: Collection[str] = ()) -> dict[str, tuple[float, str]]:
    """The share of the batch that looks as bad as each task (itself included), and the detector that says so.

    For each measure ln p_j = ln of the share of tasks with as much, less a step's worth for each step beyond what 80 %
    of them have: where many tasks share a fault their share alone would hide it. T = min_j p_j, ranked. A larger
    number never makes a task less suspicious. `proven` tasks are compared with the others, not the others with them.
    """
    others = [task_id for task_id in batch if task_id not in proven]
    columns: dict[str, list[float]] = {}
    for task_id in others:
        for name, value in batch[task_id].items():
            columns.setdefault(name, []).append(value)
    for values in columns.values():
        values.sort()
    aside = set(proven)
    found = {
        task_id: take_smallest(
            (_find_log_share(name, value, columns.get(name, []), task_id in aside), name)
            for name, value in numbers.items()
            if value > 0
        )
        for task_id, numbers in batch.items()
    }
    ranked = sorted(found[task_id][0] for task_id in others)
    return {
        task_id: (_count_share(ranked, statistic, task_id in aside) if statistic < 0 else 1.0, lead)
        for task_id, (statistic, lead) in found.items()
    }


def take_smallest(found: Iterable[tuple[float, str]]) -> tuple[float, str]:
    """The smallest ln p and its detector, the first by name of several; 0 and "" where nothing speaks."""
    statistic, name = min(found, default=(0.0, ""))
    return (statistic, find_detector(name)) if statistic < 0 else (0.0, "")


def _find_log_share(name: str, value: float, ordered: list[float], aside: bool) -> float:
    above = len(ordered) - bisect_left(ordered, value)
    usual = max(0.0, ordered[ceil(BULK * len(ordered)) - 1]) if ordered else 0.0
    return log((above + aside) / (len(ordered) + aside)) - max(0.0, value - usual) / find_step(name)


def _count_share(ranked: list[float], statistic: float, aside: bool) -> float:
    return (bisect_right(ranked, statistic) + aside) / (len(ranked) + aside)
