"""How a team reviews: whether its people agree, whether they agree with the judge, what they catch, at what pace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from autodata.home import Home
from autodata.index.database import Index
from autodata.index.queries.reviewers import (
    CriterionCheck,
    ReviewerWork,
    list_criterion_checks,
    list_own_votes,
    list_work,
)
from autodata.review.agreement import Agreement, compare_all, compare_clustered, compare_group, compare_two
from autodata.review.canaries import Recall, list_canaries, measure_recall
from autodata.review.shared import list_standing

STAMP_APPROVALS = 5
STAMP_SECONDS = 0.5
"""Approvals from this many on, of which half took less than this long, deserve a look at a sample."""

SEED = 0


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """Two people, by name, and Cohen's kappa over the tasks on which both voted without sight of the other."""

    first: str
    second: str
    agreement: Agreement


@dataclass(frozen=True, slots=True)
class ReviewerReport:
    """One person. `recall` is None where they decided on no canary. `quick`: see `is_quick`."""

    work: ReviewerWork
    recall: Recall | None
    quick: bool


@dataclass(frozen=True, slots=True)
class TeamReport:
    """`doubled` tasks have votes of at least two people that were given without sight of each other.

    `group` (Fleiss) is over the tasks that all voted on, None for fewer than three people; `everyone` (Krippendorff)
    over all. `judge` compares people with the judge by criterion: all answers, weak ones, strong ones. `planted` counts
    canaries.
    """

    doubled: int
    pairs: tuple[PairAgreement, ...]
    group: Agreement | None
    everyone: Agreement
    judge: tuple[tuple[str, Agreement], ...]
    reviewers: tuple[ReviewerReport, ...]
    planted: int


def measure_team(home: Home, index: Index) -> TeamReport:
    """Everything that can be said of the team from its votes; the index must be up to date."""
    return index.remember(("team report",), lambda: _measure(home, index))


def is_quick(work: ReviewerWork) -> bool:
    """Whether somebody approves faster than anybody reads. A reason to look at a sample, and no evidence of error."""
    return (
        work.approvals >= STAMP_APPROVALS
        and work.approval_seconds is not None
        and work.approval_seconds < STAMP_SECONDS
    )


def compare_with_judge(checks: Sequence[CriterionCheck]) -> tuple[tuple[str, Agreement], ...]:
    """Cohen's kappa between people and the judge over single criteria: `all`, `weak` and `strong` answers.

    The interval is over tasks drawn with replacement: criteria of one task stand and fall together.
    """
    found = []
    for side in ("all", "weak", "strong"):
        votes, tasks = {}, {}
        for one in checks:
            if side in ("all", one.solver):
                item = f"{one.task_id}|{one.solver}|{one.index}|{one.criterion_id}|{one.reviewer}"
                votes[item] = {"person": round(one.met, 3), "judge": round(one.judged, 3)}
                tasks[item] = one.task_id
        found.append((side, compare_clustered(votes, "person", "judge", tasks, np.random.default_rng(SEED))))
    return tuple(found)


def _measure(home: Home, index: Index) -> TeamReport:
    votes = list_own_votes(index)
    names = sorted({name for given in votes.values() for name in given})
    canaries = list_canaries(home)
    recalls = {recall.reviewer: recall for recall in measure_recall(canaries, list_standing(home))}
    pairs = [PairAgreement(one, other, compare_two(votes, one, other)) for one, other in combinations(names, 2)]
    return TeamReport(
        doubled=sum(len(given) > 1 for given in votes.values()),
        pairs=tuple(pair for pair in pairs if pair.agreement.items),
        group=compare_group(votes, names, np.random.default_rng(SEED)) if len(names) > 2 else None,
        everyone=compare_all(votes, np.random.default_rng(SEED)),
        judge=compare_with_judge(list_criterion_checks(index)),
        reviewers=tuple(ReviewerReport(work, recalls.get(work.reviewer), is_quick(work)) for work in list_work(index)),
        planted=len(canaries),
    )
