"""What reviewers' labels say of the audit itself: how often a flag was right, what is missed, whether people agree.

A label names what somebody found who looked; it is the only place where a task is called sabotaged, and nothing here
turns it into a chance that another one is.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from autodata.audit.catalogue import DETECTORS
from autodata.audit.rates import Precision, Rate, bound_misses, estimate_miss_rate, measure_precision
from autodata.audit.reliability import TENTATIVE_FROM, Reliability, measure_reliability

LabelName = Literal["sabotage", "artefact", "luck", "invalid", "honest_hard", "unsure"]
LABELS: tuple[LabelName, ...] = LabelName.__args__  # type: ignore[attr-defined]

LABEL_WORDS: dict[LabelName, str] = {
    "sabotage": "somebody or something made the gap",
    "artefact": "a bug, truncation or another mishap made the gap",
    "luck": "the gap is chance",
    "invalid": "the task is wrong, ambiguous or cannot be solved",
    "honest_hard": "the task is in order and hard",
    "unsure": "cannot be told",
}

PROBLEMS: frozenset[str] = frozenset({"sabotage", "artefact", "luck", "invalid"})
"""Labels of tasks that are not worth training on."""

DOUBLED_SHARE = 0.20
"""Of the labelled tasks, by two reviewers."""

SEED = 1


@dataclass(frozen=True, slots=True)
class Label:
    """One reviewer's label in force. `detectors` flagged the task when it was given; `inclusion` is the chance with
    which it was drawn for a random look, None where it was not; `blind`: without seeing what the audit says.
    """

    task_id: str
    reviewer: str
    label: str
    detectors: tuple[str, ...] = ()
    inclusion: float | None = None
    blind: bool = False


@dataclass(frozen=True, slots=True)
class MissRate:
    """The share of cleared tasks that reviewers found not to be in order, from those drawn at random.

    `bound` is the one-sided 95 % bound of the share among `reviewed` tasks as if all had had one chance.
    """

    rate: Rate
    reviewed: int
    misses: int
    bound: float


@dataclass(frozen=True, slots=True)
class LabelReport:
    """`counts` of labels and of tasks; `precision` by detector; `disputed` tasks with labels that contradict.

    `agreement` is Krippendorff's alpha of the tasks that several labelled, and `reliable` whether it reaches 0.667;
    below that, or unknown, neither precision nor miss rate says much.
    """

    counts: Mapping[str, int]
    labels: int
    tasks: int
    blind: int
    doubled: int
    disputed: tuple[str, ...]
    precision: Mapping[str, Precision]
    misses: MissRate
    agreement: Reliability

    @property
    def reliable(self) -> bool:
        return self.agreement.alpha is not None and self.agreement.alpha >= TENTATIVE_FROM


def measure_labels(labels: Iterable[Label], cleared: int, drawn: Collection[str] | None = None) -> LabelReport:
    """Everything the labels say. One label per task and reviewer counts, the last given.

    `cleared` tasks have neither violation nor flag; `drawn` are those of them that were drawn for a random look, by
    default those with a label. A drawn task without a clear label counts as one that did not answer: the chances of
    the others shrink by the share that did.
    """
    own = list({(label.task_id, label.reviewer): label for label in labels}.values())
    by_task: dict[str, list[Label]] = defaultdict(list)
    for label in own:
        by_task[label.task_id].append(label)
    findings = {task_id: _agree(given) for task_id, given in by_task.items()}
    return LabelReport(
        counts={name: sum(label.label == name for label in own) for name in LABELS},
        labels=len(own),
        tasks=len(by_task),
        blind=sum(any(label.blind for label in given) for given in by_task.values()),
        doubled=sum(len(given) > 1 for given in by_task.values()),
        disputed=tuple(sorted(task_id for task_id, given in by_task.items() if _is_disputed(given))),
        precision=_measure_precision(by_task, findings),
        misses=_measure_misses(by_task, findings, cleared, drawn),
        agreement=_measure_agreement(by_task.values()),
    )


def is_confirmed(detector: str, label: str) -> bool:
    """Whether a label says that the detector was right to flag the task; `unsure` says neither.

    Luck makes a gap that is not real, which is what detectors of the difficulty look for, and nothing else.
    """
    if label == "luck":
        return detector in DETECTORS and DETECTORS[detector].axis == "difficulty"
    return label in PROBLEMS


def _agree(given: Sequence[Label]) -> str:
    """What those who could tell said, in one word; "" where nobody could, or they contradict each other."""
    said = {label.label for label in given if label.label != "unsure"}
    return next(iter(said)) if len(said) == 1 else ""


def _is_disputed(given: Sequence[Label]) -> bool:
    return len({label.label for label in given if label.label != "unsure"}) > 1


def _measure_precision(by_task: Mapping[str, list[Label]], findings: Mapping[str, str]) -> dict[str, Precision]:
    """Tasks that are disputed count for no detector."""
    confirmed: Counter[str] = Counter()
    refuted: Counter[str] = Counter()
    for task_id, given in by_task.items():
        if findings[task_id]:
            for detector in {name for label in given for name in label.detectors}:
                (confirmed if is_confirmed(detector, findings[task_id]) else refuted)[detector] += 1
    known = [*DETECTORS, *sorted((confirmed + refuted).keys() - DETECTORS.keys())]
    return {
        name: measure_precision(confirmed[name], refuted[name]) for name in known if confirmed[name] + refuted[name]
    }


def _measure_misses(
    by_task: Mapping[str, list[Label]], findings: Mapping[str, str], cleared: int, drawn: Collection[str] | None
) -> MissRate:
    chances = {
        task_id: next((label.inclusion for label in given if label.inclusion is not None), None)
        for task_id, given in by_task.items()
    }
    looked = {task_id: chance for task_id, chance in chances.items() if chance is not None}
    told = {task_id: chance for task_id, chance in looked.items() if findings[task_id]}
    everyone = looked.keys() | set(drawn or ())
    answered = len(told) / len(everyone) if told else 1.0
    misses = [findings[task_id] in PROBLEMS for task_id in told]
    inclusion = [chance * answered for chance in told.values()]
    rate = estimate_miss_rate(misses, inclusion, max(cleared, len(told)))
    return MissRate(rate, len(told), sum(misses), bound_misses(len(told), sum(misses)))


def _measure_agreement(tasks: Iterable[Sequence[Label]]) -> Reliability:
    """Nominal alpha; `unsure` is no value, for it says nothing about the task."""
    units = [[LABELS.index(one.label) for one in given if one.label != "unsure"] for given in tasks]
    return measure_reliability(units, "nominal", np.random.default_rng(SEED))
