"""What a file does not record, told from the values themselves: in none of its parts, or not in all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autodata.importing.values import ForeignRollout, ForeignTask, ForeignTrajectory, ParsedFile

SEATS = ("challenger", "weak", "strong", "judge")


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that `missing` of `total` parts do not record."""

    what: str
    missing: int
    total: int

    @property
    def words(self) -> str:
        """`answers`, or `answers (3 of 12)` where only some lack them."""
        return self.what if self.missing == self.total else f"{self.what} ({self.missing:,} of {self.total:,})"


def list_missing(parsed: ParsedFile) -> tuple[Missing, ...]:
    """Everything that is absent somewhere, in a fixed order, then what the format never records."""
    trajectories = parsed.trajectories
    tasks = [r.task for t in trajectories for r in t.rounds if r.task]
    rollouts = [rollout for t in trajectories for r in t.rounds for rollout in r.rollouts]
    found = [
        *_count_trajectories(trajectories),
        *_count_tasks(tasks),
        _count("quality reviews", [bool(r.reviews) for t in trajectories for r in t.rounds]),
        *_count_rollouts(rollouts),
    ]
    named = {entry.what for entry in found if entry.missing}
    always = [Missing(what, 1, 1) for what in parsed.gaps if what not in named]
    return (*(entry for entry in found if entry.missing), *always)


def _count_trajectories(trajectories: Sequence[ForeignTrajectory]) -> list[Missing]:
    models = [_count(f"the {seat} model", [seat in t.models for t in trajectories]) for seat in SEATS]
    return [
        _count("source text", [bool(t.source.text) for t in trajectories]),
        _count("the acceptance rule", [t.policy is not None for t in trajectories]),
        *models,
    ]


def _count_tasks(tasks: Sequence[ForeignTask]) -> list[Missing]:
    return [
        _count("contexts", [task.context is not None for task in tasks]),
        _count("reference answers", [task.reference_answer is not None for task in tasks]),
        _count("rubrics", [task.rubric is not None for task in tasks]),
    ]


def _count_rollouts(rollouts: Sequence[ForeignRollout]) -> list[Missing]:
    if not rollouts:
        return [Missing("answers and scores", 1, 1)]
    judged = [r for r in rollouts if r.graded_by == "judge" and not r.failure]
    return [
        _count("answers", [r.answer is not None for r in rollouts]),
        _count("scores", [r.score is not None or r.stated is not None or bool(r.marks) for r in rollouts]),
        _count("verdicts", [bool(r.marks) for r in judged]),
        _count("requests", [r.call is not None and r.call.request is not None for r in rollouts]),
        _count("judge requests", [r.judge is not None and r.judge.request is not None for r in judged]),
        _count("judge replies", [r.judge is not None and r.judge.response is not None for r in judged]),
        _count("finish reasons", [r.finish_reason is not None for r in rollouts]),
        _count("tokens", [r.call is not None and r.call.completion_tokens is not None for r in rollouts]),
        _count("costs", [r.call is not None and r.call.cost is not None for r in rollouts]),
    ]


def _count(what: str, present: Sequence[bool]) -> Missing:
    return Missing(what, sum(1 for there in present if not there), len(present))
