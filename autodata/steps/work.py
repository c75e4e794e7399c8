"""What the steps of one source hand to each other, and how a round ends."""

from __future__ import annotations

from dataclasses import dataclass, field

from autodata.acceptance import Acceptance, Graded
from autodata.agents.capabilities import Capabilities
from autodata.agents.challenger import Draft
from autodata.agents.extractor import Extract
from autodata.agents.feedback import FailedRound
from autodata.agents.loop_judge import LoopVerdict
from autodata.agents.request import make_nonce
from autodata.agents.weighing import Weighing
from autodata.context import LoopContext
from autodata.errors import ProviderFailure
from autodata.model import Outcome, Role, Rollout, Source, Task


@dataclass(slots=True)
class SourceWork:
    """One source on its way through the rounds. Rebuilt by replay on resume, never stored.

    `failures` are the failed rounds so far, oldest first; `waiting` the screened candidates not tried yet, best first.
    """

    source: Source
    context: LoopContext
    extract: Extract | None = None
    failures: list[FailedRound] = field(default_factory=list)
    waiting: list[Draft] = field(default_factory=list)
    weighings: list[Weighing] = field(default_factory=list)
    """What filters and loop judge said of the rounds so far, oldest first."""
    target: Capabilities | None = None
    """What the round's task is meant to train, where its writer says so."""

    def nonce(self, number: int, reader: Role) -> str:
        """The mark around untrusted text in every request to `reader` in round `number`."""
        return make_nonce(self.context.run_id, self.context.settings.seed, self.source.id, number, reader)


@dataclass(frozen=True, slots=True)
class RoundResult:
    """One round's end: its task when one was written, its outcome with the reason, and acceptance where measured.

    `stopped` says after how many answers a frugal round stopped. `detail` is what the challenger learns beyond scores,
    where the recipe's feedback says more than lists.
    """

    task: Task | None
    outcome: Outcome
    reason: str
    weak: tuple[Rollout, ...] = ()
    strong: tuple[Rollout, ...] | None = None
    acceptance: Acceptance | None = None
    verdict: LoopVerdict | None = None
    stopped: str = ""
    detail: str = ""


def grade(rollouts: tuple[Rollout, ...]) -> list[Graded]:
    """Rollouts as acceptance sees them."""
    return [Graded(rollout.status, rollout.score.value if rollout.score else None) for rollout in rollouts]


def diagnose_round(number: int, result: RoundResult) -> FailedRound:
    """What the challenger will be told about a failed round."""
    acceptance = result.acceptance
    return FailedRound(
        round=number,
        outcome=result.outcome,
        question_type=result.task.question_type if result.task else "",
        question=result.task.question if result.task else "",
        weak_mean=acceptance.weak_mean if acceptance else None,
        strong_mean=acceptance.strong_mean if acceptance else None,
        gap=acceptance.gap if acceptance else None,
        reason=result.reason,
        stopped=result.stopped,
        detail=result.detail,
    )


def is_passing(failure: ProviderFailure) -> bool:
    """Whether the failure may be of this call only: wrong keys and model names would fail every call of the run."""
    return failure.kind not in ("auth", "not_found")
