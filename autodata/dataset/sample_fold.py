"""What the acceptance samples in the reviews journal say now: a pure fold over `sample` and `sample_verdict` records.

A sample bounds the share of defective tasks in what it was drawn from. The bound is exact (Clopper and Pearson 1934,
doi:10.1093/biomet/26.4.404) and holds only when every drawn task was judged: who may skip tasks chooses the result.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from autodata.binomial import find_lower_bound, find_upper_bound
from autodata.journal import Record

Finding = Literal["clean", "defect"]
FINDINGS: tuple[Finding, ...] = Finding.__args__  # type: ignore[attr-defined]

CONFIDENCE = 0.95

APPROVED_TASKS = "approved tasks"
"""The target of a sample that was drawn from no version."""


@dataclass(frozen=True, slots=True)
class SampleVerdict:
    """One person's verdict on one drawn task. `own`: they had voted on the task before. `t` is Unix seconds."""

    task_id: str
    verdict: str
    note: str
    reviewer: str
    own: bool
    t: float


@dataclass(frozen=True, slots=True)
class Sample:
    """Tasks drawn from a dataset version, or from all approved tasks (`name` and `version` are "").

    `task_ids` in the order in which they are looked at; `population` tasks there were to draw from; `by` drew it.
    """

    sample_id: str
    name: str
    version: str
    seed: str
    population: int
    task_ids: tuple[str, ...]
    by: str
    t: float
    verdicts: dict[tuple[str, str], SampleVerdict] = field(default_factory=dict, compare=False)

    @property
    def target(self) -> str:
        """What it was drawn from, in words."""
        return f"{self.name}/{self.version}" if self.name else APPROVED_TASKS


@dataclass(frozen=True, slots=True)
class SampleSummary:
    """A sample in numbers. A task with one verdict `defect` is defective, whatever others said of it.

    `upper` bounds the share of defective tasks from above with `confidence`, one-sided, `lower` from below; both are
    None until every drawn task was judged. `own` of the judged tasks were judged by nobody but people who had voted on
    them.
    """

    sample_id: str
    target: str
    seed: str
    population: int
    size: int
    judged: int
    defects: int
    disputed: int
    own: int
    upper: float | None
    lower: float | None
    confidence: float
    reviewers: int
    sentence: str

    @property
    def complete(self) -> bool:
        return self.judged == self.size


@dataclass(slots=True)
class SampleState:
    """The fold's state, by sample id in the order drawn."""

    samples: dict[str, Sample] = field(default_factory=dict)

    def apply(self, record: Record) -> None:
        """Take in the next record of the journal; other kinds change nothing."""
        r = record.data
        if record.kind == "sample":
            self.samples[r["sample_id"]] = Sample(
                sample_id=r["sample_id"],
                name=r.get("name") or "",
                version=r.get("version") or "",
                seed=str(r["seed"]),
                population=int(r["population"]),
                task_ids=tuple(r["task_ids"]),
                by=r.get("by") or "",
                t=record.t,
            )
        elif record.kind == "sample_verdict" and r.get("sample_id") in self.samples:
            sample = self.samples[r["sample_id"]]
            key = (r["task_id"], r["reviewer"])
            sample.verdicts[key] = SampleVerdict(
                r["task_id"], r["verdict"], r.get("note") or "", r["reviewer"], bool(r.get("own")), record.t
            )

    def find(self, name: str, version: str) -> list[Sample]:
        """Samples of one dataset version, or of the approved tasks, in the order drawn."""
        return [one for one in self.samples.values() if (one.name, one.version) == (name, version)]


def summarise_sample(sample: Sample, confidence: float = CONFIDENCE) -> SampleSummary:
    """What a sample proves so far. Where everything was looked at there is nothing to infer: the share is exact."""
    drawn = set(sample.task_ids)
    by_task: dict[str, list[SampleVerdict]] = {}
    for one in sample.verdicts.values():
        if one.task_id in drawn:
            by_task.setdefault(one.task_id, []).append(one)
    said = {task_id: {one.verdict for one in given} for task_id, given in by_task.items()}
    judged, defects = len(said), sum("defect" in words for words in said.values())
    size, upper, lower = len(sample.task_ids), None, None
    if judged == size:
        if size >= sample.population:
            upper = lower = defects / size
        else:
            upper = find_upper_bound(defects, size, confidence)
            lower = find_lower_bound(defects, size, confidence)
    return SampleSummary(
        sample_id=sample.sample_id,
        target=sample.target,
        seed=sample.seed,
        population=sample.population,
        size=size,
        judged=judged,
        defects=defects,
        disputed=sum(len(words) > 1 for words in said.values()),
        own=sum(all(one.own for one in given) for given in by_task.values()),
        upper=upper,
        lower=lower,
        confidence=confidence,
        reviewers=len({one.reviewer for given in by_task.values() for one in given}),
        sentence=_describe(judged, size, defects, upper, sample.population, confidence),
    )


def _describe(judged: int, size: int, defects: int, upper: float | None, population: int, confidence: float) -> str:
    if upper is None:
        return f"{judged:,} of {size:,} drawn tasks are judged; the bound is known when all are."
    clean = f"{size - defects:,} of {size:,} are clean"
    if size >= population:
        return f"{clean}; all tasks were looked at."
    return f"{clean}: fewer than {format_bound(upper)} of the tasks are defective, with {confidence:.0%} confidence."


def format_bound(share: float) -> str:
    """A bound as a percentage with one decimal, rounded up, because a bound may not be made smaller."""
    return f"{min(1000, -int(-share * 1000 // 1)) / 10:.1f} %"
