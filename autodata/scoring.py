"""Rubric verdicts to a score. Code does the arithmetic; a model only says met or not met.

score = clip((earned - penalty) / attainable, 0, 1)                                             (docs/method.md)

earned: sum of positive weights times verdict; penalty: sum of |negative weights| times verdict; attainable: sum of
positive weights. The three parts are kept so that other formulas can be recomputed from the record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from statistics import fmean

from autodata.errors import BadInput, MalformedReply
from autodata.model import Criterion, Score


def score_verdicts(rubric: Sequence[Criterion], verdicts: Mapping[str, float]) -> Score:
    """Score one answer.

    `verdicts` maps every criterion id of `rubric` to 1 (met, or the error happened) or 0; a fraction in [0, 1] only
    where a policy or an import allows it.

    Raises MalformedReply when ids are missing or unknown or a verdict is outside [0, 1] - a judge failure, never a
    zero - and BadInput when the rubric has no positive weight or one that is not a finite number.
    """
    known = {criterion.id for criterion in rubric}
    missing, unknown = sorted(known - verdicts.keys()), sorted(verdicts.keys() - known)
    if missing or unknown:
        raise MalformedReply(f"verdict ids do not match the rubric: missing {missing}, unknown {unknown}")
    outside = {key: value for key, value in verdicts.items() if not 0 <= value <= 1}
    if outside:
        raise MalformedReply(f"verdicts outside [0, 1]: {outside}")
    infinite = [c.id for c in rubric if not isfinite(c.weight)]
    if infinite:
        raise BadInput(f"the weights of {infinite} are not finite numbers")
    earned = sum(c.weight * verdicts[c.id] for c in rubric if c.weight > 0)
    penalty = sum(-c.weight * verdicts[c.id] for c in rubric if c.weight < 0)
    attainable = attainable_points(rubric)
    if attainable <= 0:
        raise BadInput("the rubric has no positive weight, so no answer can score above 0")
    value = min(1.0, max(0.0, (earned - penalty) / attainable))
    return Score(earned=earned, penalty=penalty, attainable=attainable, value=value)


def attainable_points(rubric: Sequence[Criterion]) -> float:
    """Sum of the positive weights."""
    return sum(c.weight for c in rubric if c.weight > 0)


def mean_score(scores: Sequence[float]) -> float | None:
    """Arithmetic mean in [0, 1]; None when nothing was measured (never 0)."""
    return fmean(scores) if scores else None


def measure_gap(weak: Sequence[float], strong: Sequence[float]) -> float | None:
    """Strong mean minus weak mean, in [-1, 1]; None when either side was not measured."""
    return fmean(strong) - fmean(weak) if weak and strong else None


def share_of_gap(
    rubric: Sequence[Criterion],
    weak: Sequence[Mapping[str, float]],
    strong: Sequence[Mapping[str, float]],
) -> dict[str, float]:
    """What each criterion adds to the unclipped gap: weight * (strong rate - weak rate) / attainable.

    `weak` and `strong` hold one verdict mapping per graded rollout. The shares sum to the gap before clipping
    (docs/method.md). Empty when either side has no graded rollout or no weight is positive.
    """
    attainable = attainable_points(rubric)
    if not weak or not strong or attainable <= 0:
        return {}
    return {
        c.id: c.weight * (fmean([v[c.id] for v in strong]) - fmean([v[c.id] for v in weak])) / attainable
        for c in rubric
    }
