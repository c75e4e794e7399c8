"""What becomes of a task's votes: one decision is enough, or a quorum must agree, or a lead settles it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Standing = Literal["open", "skipped", "waiting", "approved", "rejected", "flagged", "disputed"]
"""Nobody voted; only skips; fewer votes than the quorum; settled; the quorum voted and does not agree."""

SETTLED: dict[str, Standing] = {"approve": "approved", "reject": "rejected", "flag": "flagged"}


@dataclass(frozen=True, slots=True)
class Vote:
    """One decision record that was not undone. `quorum` was in force when it was given.

    `second_opinion`: it met a decision that its screen had not shown. `adjudicates`: a lead settles the task with it.
    """

    decision_id: str
    reviewer: str
    verdict: str
    quorum: int = 1
    second_opinion: bool = False
    adjudicates: bool = False


@dataclass(frozen=True, slots=True)
class Settlement:
    """`deciding` is the vote whose verdict, reason and note stand for the task; None while nothing is settled.

    `given` people voted, `needed` must agree.
    """

    standing: Standing
    deciding: str | None
    given: int
    needed: int


def settle_votes(votes: Sequence[Vote]) -> Settlement:
    """What a task's votes, in the order of the journal, come to.

    The quorum is that of the latest vote: raising it later opens nothing again. With a quorum of one the latest vote
    that is no second opinion counts, a skip included. With more, each person's latest vote that is no skip counts once;
    a lead's adjudication stands whatever the others said.
    """
    counted = [vote for vote in votes if vote.verdict in SETTLED]
    adjudicated = next((vote for vote in reversed(counted) if vote.adjudicates), None)
    needed = counted[-1].quorum if counted else 1
    latest = {vote.reviewer: vote for vote in counted}
    if adjudicated:
        return Settlement(SETTLED[adjudicated.verdict], adjudicated.decision_id, len(latest), needed)
    if needed == 1:
        return _take_latest(votes)
    if not latest:
        return Settlement("skipped" if votes else "open", None, 0, needed)
    if len(latest) < needed:
        return Settlement("waiting", None, len(latest), needed)
    verdicts = {vote.verdict for vote in latest.values()}
    if len(verdicts) > 1:
        return Settlement("disputed", None, len(latest), needed)
    return Settlement(SETTLED[verdicts.pop()], counted[-1].decision_id, len(latest), needed)


def _take_latest(votes: Sequence[Vote]) -> Settlement:
    vote = next((vote for vote in reversed(votes) if not vote.second_opinion), None)
    people = len({one.reviewer for one in votes if one.verdict in SETTLED})
    if vote is None:
        return Settlement("open", None, people, 1)
    if vote.verdict not in SETTLED:
        return Settlement("skipped", vote.decision_id, people, 1)
    return Settlement(SETTLED[vote.verdict], vote.decision_id, people, 1)
