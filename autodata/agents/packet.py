"""The diagnostic packet: what a round's rollouts say about every criterion and every capability. Pure.

The loop judge reads it, and the writer gets the same values back (paper Fig 10). It holds verdicts and scores, no
answers.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from statistics import fmean, pstdev
from typing import Any

from autodata.agents.capabilities import Capabilities
from autodata.agents.filters import FilterHit
from autodata.agents.softening import find_softening
from autodata.model import Criterion, Rollout, Task
from autodata.scoring import attainable_points, mean_score, measure_gap

_DIGITS = 3


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """One criterion over all valid rollouts. Scores are verdicts: 1 met, or the error happened, else 0.

    Averages are None where a side has no valid rollout.
    """

    id: str
    criterion: str
    capability: str
    weight_class: str
    weight: float
    weak_scores_per_rollout: tuple[float, ...]
    weak_avg: float | None
    n_passed_weak: int
    strong_scores_per_rollout: tuple[float, ...]
    strong_avg: float | None
    n_passed_strong: int


@dataclass(frozen=True, slots=True)
class CapabilityResult:
    """One capability: the share of its positive points that each side earned, in [0, 1], and their difference.

    None where it has no positive criterion or a side no valid rollout. `n_criteria` counts negative ones too.
    """

    capability: str
    n_criteria: int
    weak: float | None
    strong: float | None
    gap: float | None


@dataclass(frozen=True, slots=True)
class EarlierRound:
    """A round that was weighed before, in one line. Means in [0, 1]; `suitability` is "" where no judge spoke."""

    round: int
    outcome: str
    weak_avg: float | None
    strong_avg: float | None
    gap: float | None
    suitability: str
    reason: str


@dataclass(frozen=True, slots=True)
class Packet:
    """Everything the loop judge reads about a round. Averages in [0, 1], the gap in [-1, 1], `weak_spread` the standard
    deviation (population) of the weak scores; None where not measured."""

    round: int
    target_capabilities: Capabilities | None
    num_valid_weak: int
    num_valid_strong: int
    weak_scores: tuple[float, ...]
    strong_scores: tuple[float, ...]
    weak_avg: float | None
    strong_avg: float | None
    gap: float | None
    weak_spread: float | None
    attainable: float
    body_length: int
    body_length_concern: bool
    case_recap_match: tuple[str, ...]
    softer_rubric: tuple[str, ...]
    capabilities: tuple[CapabilityResult, ...]
    """Those the weak side does worst on first."""
    criterion_diagnostics: tuple[CriterionResult, ...]
    previous_verdicts: tuple[EarlierRound, ...] = field(default=())


def build_packet(
    task: Task,
    weak: Sequence[Rollout],
    strong: Sequence[Rollout],
    *,
    target: Capabilities | None = None,
    hits: Sequence[FilterHit] = (),
    before: Sequence[Criterion] = (),
    earlier: Sequence[EarlierRound] = (),
) -> Packet:
    """The packet of one round. `weak` and `strong` are the valid rollouts, all with a score; `before` is the rubric of
    the round before, empty where there is none."""
    weak_scores, strong_scores = _list_scores(weak), _list_scores(strong)
    criteria = tuple(_diagnose(criterion, weak, strong) for criterion in task.rubric)
    return Packet(
        round=task.round,
        target_capabilities=target,
        num_valid_weak=len(weak),
        num_valid_strong=len(strong),
        weak_scores=weak_scores,
        strong_scores=strong_scores,
        weak_avg=mean_score(weak_scores),
        strong_avg=mean_score(strong_scores),
        gap=measure_gap(weak_scores, strong_scores),
        weak_spread=pstdev(weak_scores) if weak_scores else None,
        attainable=attainable_points(task.rubric),
        body_length=len(task.question),
        body_length_concern=any(hit.rule == "length" for hit in hits),
        case_recap_match=tuple(hit.found for hit in hits if hit.rule != "length"),
        softer_rubric=find_softening(before, task.rubric) if before else (),
        capabilities=_group(criteria),
        criterion_diagnostics=criteria,
        previous_verdicts=tuple(earlier),
    )


def describe_packet(packet: Packet) -> dict[str, Any]:
    """The packet as plain values, numbers rounded to three decimals: what is recorded and what the agents read."""
    values: dict[str, Any] = _round(asdict(packet))
    return values


def render_packet(packet: Packet) -> str:
    """The packet as JSON text, the same for the loop judge and the writer."""
    return json.dumps(describe_packet(packet), ensure_ascii=False, indent=1)


def _list_scores(rollouts: Sequence[Rollout]) -> tuple[float, ...]:
    return tuple(rollout.score.value for rollout in rollouts if rollout.score is not None)


def _diagnose(criterion: Criterion, weak: Sequence[Rollout], strong: Sequence[Rollout]) -> CriterionResult:
    sides = [_list_verdicts(criterion.id, rollouts) for rollouts in (weak, strong)]
    return CriterionResult(
        id=criterion.id,
        criterion=criterion.criterion,
        capability=criterion.capability,
        weight_class=criterion.weight_class,
        weight=criterion.weight,
        weak_scores_per_rollout=sides[0],
        weak_avg=mean_score(sides[0]),
        n_passed_weak=sum(met >= 1 for met in sides[0]),
        strong_scores_per_rollout=sides[1],
        strong_avg=mean_score(sides[1]),
        n_passed_strong=sum(met >= 1 for met in sides[1]),
    )


def _list_verdicts(criterion_id: str, rollouts: Sequence[Rollout]) -> tuple[float, ...]:
    return tuple(
        verdict.met for rollout in rollouts for verdict in rollout.verdicts if verdict.criterion_id == criterion_id
    )


def _group(criteria: Sequence[CriterionResult]) -> tuple[CapabilityResult, ...]:
    names = dict.fromkeys(result.capability for result in criteria if result.capability)
    results = []
    for name in names:
        own = [result for result in criteria if result.capability == name]
        weak, strong = (
            _share([(r.weight, side(r)) for r in own if r.weight > 0])
            for side in (lambda r: r.weak_avg, lambda r: r.strong_avg)
        )
        gap = None if weak is None or strong is None else strong - weak
        results.append(CapabilityResult(name, len(own), weak, strong, gap))
    return tuple(sorted(results, key=lambda r: (r.weak is None, r.weak or 0.0, r.capability)))


def _share(weighted: Sequence[tuple[float, float | None]]) -> float | None:
    measured = [(weight, rate) for weight, rate in weighted if rate is not None]
    points = sum(weight for weight, _ in measured)
    return fmean([rate for _, rate in measured], [weight for weight, _ in measured]) if points else None


def _round(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, _DIGITS)
    if isinstance(value, dict):
        return {key: _round(item) for key, item in value.items()}
    return [_round(item) for item in value] if isinstance(value, list | tuple) else value
