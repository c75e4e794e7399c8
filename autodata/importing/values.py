"""What a parser makes of a foreign file: values only. None always means *not recorded*, never zero and never clean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autodata.model import Criterion, Outcome, Solver, Source
from autodata.policy import Policy


@dataclass(frozen=True, slots=True)
class Unused:
    """A line, row or field that could not be used: where it stands in the file, and why."""

    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class StatedScore:
    """A score as its source states it, on the scale `low` to `high` under `formula`.

    `value` is None where the source stores a number that measures nothing, which `reason` then says. `comparable`: the
    formula is ours, so the value may be read as one of our scores after scaling to [0, 1]; where it is not, `reason`
    says why.
    """

    value: float | None
    formula: str
    low: float = 0.0
    high: float = 1.0
    comparable: bool = False
    reason: str = ""

    @property
    def scaled(self) -> float | None:
        """The value on [0, 1]; None where it is not comparable or outside its own scale."""
        if not self.comparable or self.value is None or not self.low <= self.value <= self.high:
            return None
        return (self.value - self.low) / (self.high - self.low)


@dataclass(frozen=True, slots=True)
class Mark:
    """A judge's word on one criterion, in [0, 1]; fractions are kept as they are."""

    met: float
    quote: str = ""


@dataclass(frozen=True, slots=True)
class ForeignCall:
    """One recorded model call. `ended` in epoch seconds, `seconds` its duration, `cost` in US dollars.

    `complete`: the request is all that was sent, so two of them may be compared; False where the source keeps only
    a part of it.
    """

    role: str
    purpose: str = "select"
    subject: str = ""
    attempt: int = 0
    model: str = ""
    request: Mapping[str, Any] | None = None
    complete: bool = True
    response: str | None = None
    reasoning: str = ""
    finish_reason: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    seconds: float | None = None
    ended: float | None = None
    cost: float | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class ForeignRollout:
    """One answer of a solver. `score` is a score under our formula that the source states without marks; `failure` says
    why the answer or its judging failed for technical reasons ("" where nothing says so)."""

    solver: Solver
    index: int
    answer: str | None = None
    finish_reason: str | None = None
    score: float | None = None
    stated: StatedScore | None = None
    marks: Mapping[str, Mark] = field(default_factory=dict)
    graded_by: str = "judge"
    purpose: str = "select"
    status: str | None = None
    failure: str = ""
    note: str = ""
    call: ForeignCall | None = None
    judge: ForeignCall | None = None


@dataclass(frozen=True, slots=True)
class ForeignReview:
    """A quality review of a task."""

    passed: bool
    feedback: str = ""
    by: str = "verifier"
    checks: Mapping[str, str] = field(default_factory=dict)
    purpose: str = "review"


@dataclass(frozen=True, slots=True)
class ForeignTask:
    """A task. `reference_answer` and `rubric` are None where not recorded; `flags` are sentences for the audit;
    `kept` holds fields our records have no place for."""

    question: str
    context: str | None = None
    reference_answer: str | None = None
    rubric: tuple[Criterion, ...] | None = None
    tags: tuple[str, ...] = ()
    question_type: str = ""
    flags: tuple[str, ...] = ()
    kept: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Claim:
    """How the source says a round ended, in our words. `outcome` is None where it does not say.

    `settled`: no number can overrule it (a failed judge, a quality review, an audit, a loop judge's word).
    `stated` keeps the source's own fields, such as its status, means and gap.
    """

    outcome: Outcome | None = None
    reason: str = ""
    settled: bool = False
    stated: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ForeignRound:
    """One round. `strong_run` is None where the source does not say whether the strong side was asked."""

    number: int
    task: ForeignTask | None = None
    rollouts: tuple[ForeignRollout, ...] = ()
    strong_run: bool | None = None
    reviews: tuple[ForeignReview, ...] = ()
    claim: Claim = Claim()
    feedback: str | None = None
    calls: tuple[ForeignCall, ...] = ()
    ended: float | None = None

    def of(self, solver: Solver) -> tuple[ForeignRollout, ...]:
        """The selecting rollouts of one side, by index."""
        own = [r for r in self.rollouts if r.solver == solver and r.purpose == "select"]
        return tuple(sorted(own, key=lambda rollout: rollout.index))


@dataclass(frozen=True, slots=True)
class ForeignTrajectory:
    """All rounds of one source. `where` says where it stands in the file; `policy` is None where not recorded."""

    where: str
    source: Source
    rounds: tuple[ForeignRound, ...]
    models: Mapping[str, str] = field(default_factory=dict)
    policy: Policy | None = None
    accepted_round: int | None = None
    reason: str = ""
    kept: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A whole file. `version` is the source's own; `simulated`: its scores come from no real model, as it says itself.
    `demo`: it says that it is a demonstration, never evidence. `gaps` names what the format never records."""

    format: str
    trajectories: tuple[ForeignTrajectory, ...]
    unused: tuple[Unused, ...] = ()
    version: str = ""
    domain: str = ""
    baseline: bool = False
    simulated: bool = False
    demo: bool = False
    gaps: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    kept: Mapping[str, Any] = field(default_factory=dict)
