"""How evidence adds up: what speaks of one threat is summed, and the threat that is rarest among clean tasks counts.

A threat shows in several places that know nothing of each other: in the record, in the gap of fresh answers, in a test
made for it. What is a little rare in two of them is rarer than what is as rare in one, so within a threat the parts are
added. Measures within a part read the same answers or the same text, so of these only the strongest counts: summed,
they would count one accident twice (K7, K9 and K10 share the neutral answers of weak). Across threats nothing is added,
for a task is seldom attacked in two ways, and honest tasks would only add up their accidents.

    e_j = max(0, -ln p_j * min(1, z_j / step_j) - ln 10)        T_h = Σ over parts of threat h of max_j e_j

p_j says how rare the number is among clean tasks, and a number below what is worth a person's attention (`step`) counts
in proportion. ln 10: what one clean task in ten shows adds nothing. Which measures speak of which threat follows from
the taxonomy of threats; no weight is learned from sabotage. T_h is no p-value: it is compared with clean tasks again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log
from typing import Literal

from autodata.audit.measures import find_detector, find_step

Threat = Literal["request", "handling", "judge", "rubric", "text"]

USUAL = log(10)
"""-ln p of what one clean task in ten shows; it is taken off every number."""

_GAP = ("K1", "Z1")

THREATS: Mapping[Threat, tuple[tuple[str, ...], ...]] = {
    "request": (
        ("S1", "S2", "S3", "S4", "S10", "S12.request", "Z3", "Z5"),
        _GAP,
        ("K2.weak", "K2.strong", "K3", "K4"),
    ),
    "handling": (
        ("S0", "S5", "S8.unused", "S8.repeated", "S9", "S15", "Z2", "Z3", "Z8", "Z9"),
        _GAP,
        ("K10",),
    ),
    "judge": (("S6", "S12.answers", "Z6", "Z7"), ("K5",), _GAP),
    "rubric": (
        ("S7", "S13.leak", "S13.fitted", "S14.heaviest", "S14.jackknife", "S14.narrow", "S14.wording", "Z4"),
        ("K6", "K8"),
    ),
    "text": (("S9", "S10", "S11", "S12.task"), ("K7", "K9", "K10", "K11")),
}
"""The parts of every threat, each with its measures: what the record shows first. A gap that is not there on fresh
answers (or probably not, by the record) speaks of what fresh answers undo: requests, handling and judges. Rubric and
text travel with the task, so that the gap stays."""


@dataclass(frozen=True, slots=True)
class Weight:
    """What evidence of one threat comes to (`total`, in units of -ln p) and the detector that gives most of it."""

    total: float
    lead: str


def weigh_threats(log_p: Mapping[str, float], numbers: Mapping[str, float]) -> dict[Threat, Weight]:
    """T_h of every threat that anything speaks of.

    `log_p` is ln p_j by measure, `numbers` the measures themselves; what is in one only does not count. No T_h falls
    when a number rises or one is added.
    """
    weights = {name: _weigh(name, log_p[name], numbers[name]) for name in log_p.keys() & numbers.keys()}
    found = {}
    for threat, parts in THREATS.items():
        strongest = [max((weights.get(name, 0.0), name) for name in part) for part in parts]
        total = sum(weight for weight, _ in strongest)
        if total > 0:
            found[threat] = Weight(total, find_detector(max(strongest)[1]))
    return found


def _weigh(name: str, log_p: float, number: float) -> float:
    return max(0.0, -log_p * min(1.0, number / find_step(name)) - USUAL)
