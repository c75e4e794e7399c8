"""From evidence to one order of a batch: conformal p-values against clean tasks, summed by threat, and the rarest sum.

For each measure p_j = (1 + #{clean A: z >= z_j})/(n + 1). They add up to a T_h for every threat
(autodata.audit.threats), p_h = (1 + #{clean A: T_h >= T_h})/(n + 1), and T is the smallest p_h, so that every threat
has the same part of the level. p = (1 + #{clean B: T_b <= T})/(n_B + 1) and S = -log10 p, where B shares no task with A
and went through the same stages (Bates et al., https://arxiv.org/abs/2104.08279). Nothing is learned from sabotage.

Beyond the largest clean number p_j and p_h cannot fall, and with many of them one honest task in thirty lies there. So
that they do not all tie, they go on falling there with an exponential tail. T is calibrated on B like any statistic, so
p holds whatever T is made of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log10

from autodata.audit.catalogue import DETECTORS
from autodata.audit.checking import check_finite
from autodata.audit.clean import CalibrationSet
from autodata.audit.conformal import FULL_ENOUGH, Calibration, calibrate
from autodata.audit.discovery import DEFAULT_Q, find_discoveries
from autodata.audit.measures import COUNTED, MEASURES, Group, find_detector
from autodata.audit.tails import Tail, fit_tail, rank_batch
from autodata.audit.threats import THREATS, Threat, Weight, weigh_threats

WITHIN_RUN = "rank within the run"
"""The basis of a rank without clean tasks: an order, no test."""

VIOLATION = "violation"
"""The basis of a rank that bytes prove."""

ABOVE_ALL = 10.0
"""Added to S for a violation: more than any number of clean tasks could give."""

FEWEST_CLEAN = 20
"""Clean tasks below which a measure, or a stage, has nothing to be compared with."""

NEARLY_ALL = 0.9
"""The part of p's level that goes to the comparison with clean tasks where some numbers are known of the run only."""

Evidence = Mapping[str, float]

_ASKING = frozenset(name for name, detector in DETECTORS.items() if detector.kind == "counterfactual")


@dataclass(frozen=True, slots=True)
class Rank:
    """How a task stands in its batch. It orders a queue; it is no probability of anything anybody did.

    `suspicion` S = -log10 `p`, 10 more for a violation. `p`: how often a clean task looks as bad, or with the basis
    WITHIN_RUN how much of the run looks as bad. `basis` says which, and what it cannot do. `lead` is the detector whose
    evidence is rarest ("" for none). `flagged` by Benjamini-Hochberg over the batch, or as a violation.
    """

    suspicion: float
    p: float
    basis: str
    lead: str
    flagged: bool

    @property
    def group(self) -> Group | None:
        """What the rarest evidence is about."""
        return next((measure.group for measure in MEASURES.values() if measure.detector == self.lead), None)


def rank_tasks(
    evidence: Mapping[str, Evidence],
    calibration: CalibrationSet | None,
    severities: Mapping[str, str] | None = None,
    *,
    q: float = DEFAULT_Q,
) -> dict[str, Rank]:
    """The rank of every task by id, in the order given.

    `evidence` as from `measure_evidence`; `severities` names each task's worst finding, and a `violation` bypasses the
    statistics. Without clean tasks (fewer than 20 in either half) every number is compared with the run's own, and
    nothing is flagged; below some 1000 clean tasks p orders, and nothing is flagged. Raises BadInput for a number that
    is not finite.
    """
    for task_id, numbers in evidence.items():
        check_finite(f"evidence of {task_id}", list(numbers.values()), fewest=0)
    proven = {task_id for task_id in evidence if (severities or {}).get(task_id) == "violation"}
    if calibration is None or min(len(calibration.first), len(calibration.second)) < FEWEST_CLEAN:
        places = {
            task_id: _Place(p, WITHIN_RUN, lead, False) for task_id, (p, lead) in rank_batch(evidence, proven).items()
        }
    else:
        places = _compare_with_clean(evidence, _Clean(calibration), proven)
    tests = {task_id: place.p if place.tested else 1.0 for task_id, place in places.items() if task_id not in proven}
    flagged = set[str]()
    if any(p < 1 for p in tests.values()):
        found = find_discoveries(list(tests.values()), q)
        flagged = {task_id for task_id, flag in zip(tests, found.flagged, strict=True) if flag}
    return {
        task_id: _prove(numbers, places[task_id]) if task_id in proven else places[task_id].close(task_id in flagged)
        for task_id, numbers in evidence.items()
    }


def name_stage(numbers: Evidence) -> frozenset[str]:
    """The checks with model calls that a task went through: what a clean task must share to be compared with it.

    Where the gap was certified (K1), which checks follow depends on what it showed: they belong to that stage, made or
    not. So no task is compared with others because of what was found.
    """
    asked = frozenset(detector for name in numbers if (detector := find_detector(name)) in _ASKING)
    return frozenset({"K1"}) if "K1" in asked else asked


@dataclass(frozen=True, slots=True)
class _Place:
    """A rank before the batch is looked at as a whole. `tested`: against enough clean tasks to flag it."""

    p: float
    basis: str
    lead: str
    tested: bool

    def close(self, flagged: bool) -> Rank:
        return Rank(_score(self.p), self.p, self.basis, self.lead if self.p < 1 else "", flagged)


def _prove(numbers: Evidence, place: _Place) -> Rank:
    lead = next((name for name in COUNTED if numbers.get(name, 0) > 0), place.lead)
    return Rank(ABOVE_ALL + _score(place.p), place.p, VIOLATION, lead, True)


def _score(p: float) -> float:
    return -log10(p) if p < 1 else 0.0


def _compare_with_clean(evidence: Mapping[str, Evidence], clean: _Clean, proven: set[str]) -> dict[str, _Place]:
    """Against clean tasks; numbers that no clean task has, against the run. Of several p the smallest, each divided by
    its part of the level (Bonferroni).
    """
    unknown = {task_id: clean.list_unknown(numbers) for task_id, numbers in evidence.items()}
    rest = {task_id: {name: evidence[task_id][name] for name in names} for task_id, names in unknown.items() if names}
    within = rank_batch(rest, proven & rest.keys())
    found = {}
    for task_id, numbers in evidence.items():
        places, note = clean.place(numbers), ""
        shares = [1 / len(places)] * len(places)
        if task_id in within:
            p, lead = within[task_id]
            names = ", ".join(dict.fromkeys(find_detector(name) for name in rest[task_id]))
            shares = [NEARLY_ALL * share for share in shares] + [1 - NEARLY_ALL]
            places.append(_Place(p, places[0].basis, lead, False))
            note = f"; {WITHIN_RUN} by {names}"
        p, best = min(
            ((place.p / share, place) for place, share in zip(places, shares, strict=True)), key=lambda pair: pair[0]
        )
        found[task_id] = _Place(min(1.0, p), best.basis + note, best.lead, best.tested)
    return found


class _Clean:
    """A calibration set prepared for many questions."""

    def __init__(self, calibration: CalibrationSet) -> None:
        self._first, self._second = calibration.first, calibration.second
        values: dict[str, list[float]] = {}
        for task in calibration.first:
            for name, value in task.evidence.items():
                values.setdefault(name, []).append(value)
        self._tails = {name: fit_tail(name, own) for name, own in values.items() if len(own) >= FEWEST_CLEAN}
        self._tails_of: dict[frozenset[str], dict[str, Tail]] = {}
        self._threats: dict[frozenset[str], dict[Threat, Tail]] = {}
        self._stages: dict[frozenset[str], Calibration] = {}

    def place(self, numbers: Evidence) -> list[_Place]:
        """Within the task's own stage; where most clean tasks did not come that far, also by what all went through.

        Which of them depends on how many clean tasks there are and never on what they show, so nothing is paid for it.
        """
        stage, everyone = name_stage(numbers), frozenset[str]()
        size = self._compare(stage).size
        if size >= min(FULL_ENOUGH, self._compare(everyone).size / 2):
            return [self._place(numbers, stage)]
        if size >= FEWEST_CLEAN:
            return [self._place(numbers, stage), self._place(numbers, everyone)]
        return [self._place(numbers, everyone)]

    def list_unknown(self, numbers: Evidence) -> list[str]:
        """Measures of a task with which too few clean tasks can be compared."""
        reached = self._compare(name_stage(numbers)).size >= FEWEST_CLEAN
        if reached and numbers.keys() <= self._tails.keys():
            return []
        return [n for n in numbers if n not in self._tails or not (reached or find_detector(n) not in _ASKING)]

    def _place(self, numbers: Evidence, stage: frozenset[str]) -> _Place:
        clean = self._compare(stage)
        statistic, lead = self._combine(numbers, stage)
        p = clean.find_lower_p(statistic) if statistic < 0 else 1.0
        return _Place(p, clean.note or f"calibrated on {clean.size:,} clean tasks", lead, not clean.note)

    def _compare(self, stage: frozenset[str]) -> Calibration:
        """T of the clean tasks that went through the stage, each by the stage's measures only."""
        if stage not in self._stages:
            passed = (task for task in self._second if name_stage(task.evidence) >= stage)
            self._stages[stage] = calibrate([self._combine(task.evidence, stage)[0] for task in passed])
        return self._stages[stage]

    def _combine(self, numbers: Evidence, stage: frozenset[str]) -> tuple[float, str]:
        """T as a logarithm, and the detector that gives most of it."""
        usual = self._find_usual(stage)
        found = ((usual[threat].find_log_p(own.total), own.lead) for threat, own in self._weigh(numbers, stage).items())
        return min(found, default=(0.0, ""))

    def _find_usual(self, stage: frozenset[str]) -> dict[Threat, Tail]:
        """What evidence of each threat comes to on clean tasks of the first half that went through the stage."""
        if stage not in self._threats:
            passed = [task for task in self._first if name_stage(task.evidence) >= stage]
            weights = [self._weigh(task.evidence, stage) for task in passed]
            nothing = Weight(0.0, "")
            self._threats[stage] = {
                threat: fit_tail(threat, [own.get(threat, nothing).total for own in weights]) for threat in THREATS
            }
        return self._threats[stage]

    def _weigh(self, numbers: Evidence, stage: frozenset[str]) -> dict[Threat, Weight]:
        if stage not in self._tails_of:
            self._tails_of[stage] = {n: tail for n, tail in self._tails.items() if _belongs(find_detector(n), stage)}
        tails = self._tails_of[stage]
        own = {name: value for name, value in numbers.items() if value > 0 and name in tails}
        return weigh_threats({name: tails[name].find_log_p(value) for name, value in own.items()}, own)


def _belongs(detector: str, stage: frozenset[str]) -> bool:
    """Whether a stage looks at a detector's numbers. A certified gap replaces the luck risk, a guess at the same."""
    if "K1" in stage:
        return detector != "Z1"
    return detector in stage or detector not in _ASKING
